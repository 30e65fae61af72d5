"""Stored mail through today's code: what was recorded beside what would be, row by row.

Compared are the item's state, verdict and reason, and of what was made from it the words: the activity's subject,
body, reply text, and what it answers; the lead's title, name and phone while the lead is open. Not compared is what
others may have changed since: links to contact, company and deal, the responsible person, a closed lead. What was made
once stays made: a mail whose verdict changes to ignored keeps its lead and its activity, and the state settled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from tasks.rules.mail.settlement import Settlement
from tasks.rules.text_table import text_table

Made = Literal["", "activity", "lead"]
Value = str | int | bool | None
_CELL_CHARS = 44
_SHOWN = frozenset({"state", "verdict", "reason", "makes"})
"""Fields whose values hold no personal data."""
_HEAD = {"en": ("item", "field", "was", "would be"), "ru": ("письмо", "поле", "было", "стало бы")}
_WORDS = {
    "en": {
        "same": "{seen} mail(s) read again: nothing would change.",
        "differ": "{seen} mail(s) read again, {changed} would change. Nothing was written; --apply writes it.",
        "decided": "{count} were decided by a person and are left as decided.",
        "none": "No interpreted mail was received in this time, or has these numbers.",
    },
    "ru": {
        "same": "Перечитано писем: {seen}, изменений нет.",
        "differ": "Перечитано писем: {seen}, изменилось бы: {changed}. Ничего не записано; записывает --apply.",
        "decided": "Решено человеком и оставлено как есть: {count}.",
        "none": "За это время разобранных писем нет, или таких номеров нет.",
    },
}


@dataclass(frozen=True, slots=True)
class MailState:
    """One mail as recorded, or as it would be. `words` are named activity.FIELD and lead.FIELD."""

    state: str
    verdict: str | None
    reason: str | None
    makes: Made = ""
    words: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs."""

    field: str
    was: Value
    would: Value


@dataclass(frozen=True, slots=True)
class MailDiff:
    """What would change about one item."""

    intake_id: int
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Replay:
    """A replay's outcome: how many mails were read again, how many a person had decided about, and what differs."""

    seen: int = 0
    decided: int = 0
    diffs: tuple[MailDiff, ...] = ()

    def __add__(self, other: Replay) -> Replay:
        """Both together."""
        return Replay(self.seen + other.seen, self.decided + other.decided, self.diffs + other.diffs)


def would_be(settlement: Settlement, was: MailState) -> MailState:
    """What today's code makes of the mail, given what was made of it already."""
    letter = settlement.letter
    if was.makes and letter is None:
        return replace(was, verdict=settlement.kind, reason=settlement.reason)
    words: dict[str, Value] = {}
    if letter is not None:
        words = {
            "activity.subject": letter.subject,
            "activity.body_text": letter.body_text,
            "activity.reply_text": letter.reply_text,
            "activity.is_reply_verified": letter.is_verified,
            "activity.answers_id": letter.answered.outbox_id if letter.answered is not None else None,
        }
        lead = {"lead.title": letter.subject, "lead.person_name": letter.from_name, "lead.phone": letter.phone}
        makes_lead = settlement.makes_lead and not was.makes
        words |= {name: value for name, value in lead.items() if makes_lead or name in was.words}
    makes: Made = was.makes or ("" if letter is None else "lead" if settlement.makes_lead else "activity")
    return MailState(settlement.state, settlement.kind, settlement.reason, makes, words)


def diff_mail(intake_id: int, was: MailState, would: MailState) -> MailDiff | None:
    """What differs, None for nothing. A verdict that was not written down then is no difference by itself."""
    pairs: list[tuple[str, Value, Value]] = [
        ("state", was.state, would.state),
        ("verdict", was.verdict or would.verdict, would.verdict),
        ("reason", was.reason, would.reason),
        ("makes", was.makes, would.makes),
        *((name, was.words.get(name), would.words.get(name)) for name in sorted({*was.words, *would.words})),
    ]
    changes = tuple(Change(name, old, new) for name, old, new in pairs if old != new)
    return MailDiff(intake_id, changes) if changes else None


def replay_lines(replay: Replay, language: str) -> list[str]:
    """The preview for the person who asked: a row per changed field, and a sentence."""
    words = _WORDS[language]
    if not replay.seen and not replay.decided:
        return [words["none"]]
    rows = [
        (diff.intake_id, one.field, _cell(one.was), _cell(one.would)) for diff in replay.diffs for one in diff.changes
    ]
    said = words["differ" if rows else "same"].format(seen=replay.seen, changed=len(replay.diffs))
    lines = [*text_table(_HEAD[language], rows), *([""] if rows else []), said]
    return [*lines, words["decided"].format(count=replay.decided)] if replay.decided else lines


def replay_json(replay: Replay) -> dict[str, Any]:
    """The preview for a script, values whole."""
    return {"seen": replay.seen, "decided": replay.decided, "changed": changes_json(replay.diffs)}


def changes_json(diffs: Sequence[MailDiff]) -> list[dict[str, Any]]:
    """Differences as plain data."""
    return [
        {
            "intake_id": diff.intake_id,
            "changes": [{"field": one.field, "was": one.was, "would": one.would} for one in diff.changes],
        }
        for diff in diffs
    ]


def public_rows(replay: Replay, limit: int) -> list[dict[str, Any]]:
    """The preview without personal data: of words only that they differ."""
    rows = [
        {
            "intake_id": diff.intake_id,
            "field": one.field,
            "was": _cell(one.was) if one.field in _SHOWN else "…",
            "would": _cell(one.would) if one.field in _SHOWN else "…",
        }
        for diff in replay.diffs
        for one in diff.changes
    ]
    return rows[:limit]


def _cell(value: Value) -> str:
    text = "—" if value is None or value == "" else " ".join(str(value).split())
    return text if len(text) <= _CELL_CHARS else f"{text[: _CELL_CHARS - 1]}…"
