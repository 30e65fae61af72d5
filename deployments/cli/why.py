"""`./callout why`: what caused a message, how it went, and why it did not leave. Nothing is written."""

from __future__ import annotations

import argparse
import json

from deployments.cli.desk import opened_desk
from tasks.gateways.store.connection import reading
from tasks.gateways.store.message_story import read_story
from tasks.rules.errors import UsageError
from tasks.rules.message_words import story_json, story_lines


def tell_why(arguments: argparse.Namespace) -> int:
    """Print the story of one message. Raises UsageError when nothing is known by that name."""
    with opened_desk() as desk:
        with reading(desk.engine) as connection:
            story = read_story(connection, arguments.message)
        if story is None:
            raise UsageError(f"no message {arguments.message!r}: give an outbox number, a Message-ID or a key")
        lines = story_lines(story, desk.office.language, desk.office.zone)
    print(json.dumps(story_json(story), ensure_ascii=False) if arguments.json else "\n".join(lines))
    return 0
