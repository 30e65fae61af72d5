"""`./callout replay`: stored mail through today's code, as a diff, or applied."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from typing import Any

from deployments.cli.desk import DIFFERENT_EXIT, opened_desk
from deployments.cli.jobs import Job, check_moment, run_named
from tasks.rules.replay_diff import replay_json, replay_lines

JOB = Job(
    "replay",
    "flows.replay.replay_mail",
    "ReplayMailRequest",
    "Stored mail through today's code: what would differ (exit 1), or --apply; never sends. / Разобрать почту заново.",
)


def run_replay(arguments: argparse.Namespace) -> int:
    """Show the differences (1 when there are any; nothing is written), or run the flow that applies them."""
    if arguments.apply:
        fields: dict[str, Any] = {"ids": arguments.ids, "apply": True}
        days = {"first_day": arguments.first_day, "last_day": arguments.last_day}
        return run_named(JOB, fields | {name: day for name, day in days.items() if day}, arguments)
    check_moment(arguments.as_of)
    now = datetime.fromisoformat(arguments.as_of).astimezone(UTC) if arguments.as_of else datetime.now(UTC)
    with opened_desk() as desk:
        from tasks.replay import preview, span_of

        span = span_of(desk, arguments.first_day, arguments.last_day, arguments.ids, now)
        replay = preview(desk, span, now)
        lines = replay_lines(replay, desk.office.language)
    print(json.dumps(replay_json(replay), ensure_ascii=False) if arguments.json else "\n".join(lines))
    return DIFFERENT_EXIT if replay.diffs else 0
