"""Which of our messages a chat message answers: the one it names, else the only question that is open.

A chat has no threads and no tokens. So that nobody's "готово" ends the wrong work, an answer that could be meant for
several open questions is for none of them: its author is asked for the number.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tasks.rules.reply_command import interpret

_ANY = frozenset({"*"})
_NUMBER = re.compile(r"\s*[\[(]?([A-ZА-ЯЁ]{1,4}-[0-9]{6,9})[\])]?\s*[:,.—–-]*\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Heard:
    """A chat message as it came: `key` is its natural key, `sender` a bare jid, `raw` the whole stanza.

    `answers` is the id of the message it answers (XEP-0461), '' for none.
    """

    key: str
    sender: str
    text: str
    raw: bytes
    answers: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A message of ours: what it was about (`item_id` None: of no process), and the open work it asked for, if any."""

    outbox_id: int
    entity: str
    entity_id: int
    work_task_id: int | None
    number: str
    item_id: int | None = None

    @property
    def subject(self) -> tuple[str, int, int | None]:
        """What it was about."""
        return self.entity, self.entity_id, self.item_id


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is answered (None: nothing of ours), with which words; `unclear` are numbers it could be about."""

    asked: Asked | None
    text: str
    unclear: tuple[str, ...] = ()


def choose(text: str, named: Asked | None, is_open: Sequence[Asked]) -> Chosen:
    """What `text` answers: the message it `named`, else the open question of its number, else the only open one.

    `is_open` are the open questions that were put to its author in chat, oldest first. Several about one item are left
    to its process: it takes the answer when the author may answer only one of them so.
    """
    if named is not None:
        return Chosen(named, text)
    number, rest = _numbered(text)
    meant = [asked for asked in is_open if asked.number.upper() == number] if number else list(is_open)
    if not meant or interpret(rest, _ANY) is None:
        return Chosen(meant[-1] if number and meant else None, rest if number and meant else text)
    if len({asked.work_task_id for asked in meant}) == 1:
        return Chosen(meant[-1], rest)
    if len({asked.subject for asked in meant}) == 1:
        return Chosen(replace(meant[-1], work_task_id=None), rest)
    return Chosen(None, text, tuple(dict.fromkeys(asked.number for asked in meant if asked.number)))


def _numbered(text: str) -> tuple[str, str]:
    """The public number that the text begins with, and the rest; '' and the text without one."""
    match = _NUMBER.match(text)
    return (match[1].upper(), text[match.end() :]) if match else ("", text)
