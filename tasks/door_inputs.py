"""What was typed into an item's fields, as values the engine takes: the same reading as of an answer by mail."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from tasks.gateways.store.process_items import load_item
from tasks.office_round import OfficeRound
from tasks.rules.deal_answers import Given, read_values
from tasks.rules.reply_command import ReplyCommand


class WrongInputError(Exception):
    """Something that no page of the door sends."""


def read_inputs(connection: sa.Connection, run: OfficeRound, item_id: int, texts: Mapping[str, str]) -> Given:
    """The values of the typed texts; an emptied field becomes empty.

    Raises NoResultFound for an unknown item, WrongInputError for a text where a file belongs: nobody types a hash.
    """
    stored = load_item(connection, item_id)
    definition = run.definition(stored.process, stored.version)
    typed = tuple((name, text.replace("T", " ") if _is_time(text) else text) for name, text in texts.items() if text)
    known = set(definition.fields)
    if any(definition.fields[name].type == "file" for name in known & texts.keys()):
        raise WrongInputError
    command = ReplyCommand(
        "",
        fields=tuple((name, text) for name, text in typed if name in known),
        others=tuple((name, text) for name, text in typed if name not in known),
    )
    given = read_values(run.knowledge(definition), command, run.now)
    emptied = {name: None for name, text in texts.items() if not text and stored.item.fields.get(name) is not None}
    return Given({**given.sets, **emptied}, given.reasons) if not given.reasons else given


def _is_time(text: str) -> bool:
    """A browser's own writing of a local time: 2026-11-19T10:00."""
    return len(text) >= len("2026-11-19T10:00") and text[10:11] == "T" and text[:4].isdigit()
