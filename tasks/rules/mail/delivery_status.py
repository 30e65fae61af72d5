"""Fields of a delivery status notification (RFC 3464 2.3), also where a mail system wrote them into plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tasks.rules.mail_address import plain_mail

Outcome = Literal["failed", "delayed", "done"]

_FIELD = re.compile(
    r"(?P<name>original-recipient|final-recipient|action|status)[ \t]*:[ \t]*(?P<value>.*)", re.IGNORECASE
)
_ACTIONS: tuple[tuple[tuple[str, ...], Outcome], ...] = (
    (("fail", "error"), "failed"),
    (("delay",), "delayed"),
    (("deliver", "relay", "expand"), "done"),
)
_CLASSES: dict[str, Outcome] = {"5": "failed", "4": "delayed", "2": "done"}  # RFC 3463 2
_ADDRESS = re.compile(r"[^\s<>\"(),;:@]{1,64}@[^\s<>\"(),;:@]{1,253}")
_MAX_LINES = 5_000


@dataclass(frozen=True, slots=True)
class RecipientStatus:
    """What became of one recipient: `address` as the sender of the message wrote it, `also` the one it turned into."""

    outcome: Outcome
    address: str
    also: str = ""


def read_statuses(text: str) -> list[RecipientStatus]:
    """The per-recipient groups of a report, in order; those that say nothing of an outcome are left out.

    Groups are told apart by blank lines or by a field that comes again. The address that the sender used
    (Original-Recipient) goes before the one it was turned into (Final-Recipient): RFC 3464 2.3.1, 2.3.2. Action
    decides (2.3.3: failed; delayed is no failure; delivered, relayed and expanded neither); without one the class of
    the Status does. `address` is '' where the report names no mail address (a pipe, a file).
    """
    return [status for group in _groups(text) if (status := _status(group)) is not None]


def _groups(text: str) -> Iterator[dict[str, str]]:
    group: dict[str, str] = {}
    is_after_blank, last = False, ""
    for line in text.split("\n", _MAX_LINES)[:_MAX_LINES]:
        if not line.strip():
            is_after_blank, last = True, ""
            continue
        field = _FIELD.match(line)
        if field is None:
            if last and line[0] in " \t":
                group[last] += line
            else:
                last = ""
            continue
        last = field["name"].lower()
        if last in group or (is_after_blank and _is_whole(group)):
            yield group
            group = {}
        is_after_blank = False
        group[last] = field["value"].strip()
    if group:
        yield group


def _is_whole(group: dict[str, str]) -> bool:
    return any(name.endswith("recipient") for name in group) and ("action" in group or "status" in group)


def _status(group: dict[str, str]) -> RecipientStatus | None:
    outcome = _outcome(group)
    if outcome is None or not any(name.endswith("recipient") for name in group):
        return None
    original = _address(group.get("original-recipient", ""))
    final = _address(group.get("final-recipient", ""))
    return RecipientStatus(outcome, original or final, final if original and final != original else "")


def _outcome(group: dict[str, str]) -> Outcome | None:
    action = group.get("action", "").strip("\"' ").lower()
    for words, outcome in _ACTIONS:
        if action.startswith(words):
            return outcome
    return _CLASSES.get(group.get("status", "").strip()[:1])


def _address(value: str) -> str:
    """The address in `rfc822; user@host`, also with brackets, a comment or without the type."""
    text = value.rpartition(";")[2].strip()
    if (address := plain_mail(text)) is not None:
        return address
    found = _ADDRESS.search(text)
    return (plain_mail(found.group().strip("'")) or "") if found and not text.startswith(("|", "/", "@")) else ""
