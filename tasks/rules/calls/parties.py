"""Who takes part in a leg: our desks by their channel names, the world outside by its numbers."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from tasks.rules.calls.records import Direction
from tasks.rules.phones import to_e164

_EXTENSION = re.compile(r"\d{2,6}")
# Applications that answer without a person: an answered leg that ended in one of these was no conversation.
MACHINES = frozenset(
    {"answer", "background", "congestion", "directory", "echo", "ivr", "musiconhold", "playback", "playtones", "read"}
    | {"record", "ringing", "voicemail", "voicemailmain", "wait", "waitexten"}
)


@dataclass(frozen=True, slots=True)
class Switchboard:
    """What must be known to read a leg: the country numbers are dialled in, our lines (E.164), our queues."""

    country: str
    lines: frozenset[str] = frozenset()
    queues: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Dialled:
    """One leg as the PBX wrote it: numbers and channels of both sides, and what the dial plan did last."""

    caller: str
    callee: str
    caller_channel: str
    callee_channel: str
    application: str
    application_data: str
    marks: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Parties:
    """Who a leg is between; see `Leg` for the fields."""

    direction: Direction
    caller_phone: str | None
    callee_phone: str | None
    extension: str | None
    queue: str | None
    line: str | None


def device_of(channel: str) -> str:
    """'PJSIP/101-0000001a' → '101', 'Local/101@from-queue-01;2' → '101', 'PJSIP/mts-trunk-0000001b' → 'mts-trunk'."""
    name = channel.partition("/")[2].partition("@")[0]
    return name.rpartition("-")[0] or name


def extension_of(text: str) -> str | None:
    """The text when it is an extension (2 to 6 digits), else None."""
    return text if _EXTENSION.fullmatch(text) else None


def read_parties(leg: Dialled, board: Switchboard) -> Parties:
    """The direction of a leg and who took part."""
    caller_phone, callee_phone = to_e164(leg.caller, board.country), to_e164(leg.callee, board.country)
    desk = _calling_desk(leg, caller_phone)
    queue = _queue(leg, board)
    line = _line(leg, board, (callee_phone, caller_phone))
    if desk is None:
        rung = extension_of(device_of(leg.callee_channel)) or _meant(leg, queue)
        return Parties("in", caller_phone, callee_phone, rung, queue, line)
    direction: Direction = "internal" if callee_phone is None else "out"
    return Parties(direction, caller_phone, callee_phone, desk, queue, line)


def told_parties(
    direction: Direction, numbers: tuple[str, str], board: Switchboard, *, extension: str = "", shown_line: str = ""
) -> Parties:
    """The parties of a leg whose source tells the direction itself; `numbers` are the caller's and the callee's.

    `shown_line` is our number as the source names it; without it the number of ours among the two is the line.
    """
    caller, callee = (to_e164(number, board.country) for number in numbers)
    own = next((text for text in (extension, *_ends(direction, numbers)) if extension_of(text)), None)
    queue = next((text for text in (numbers[1], extension) if text in board.queues), None)
    phones = (to_e164(shown_line, board.country) if shown_line else None, callee, caller)
    line = next((phone for phone in phones if phone in board.lines), None)
    return Parties(direction, caller, callee, None if own == queue else own, queue, line)


def plain_direction(numbers: tuple[str, str], board: Switchboard) -> Direction:
    """The direction by the numbers alone: a caller with an extension is one of us."""
    if extension_of(numbers[0]) is None:
        return "in"
    return "internal" if to_e164(numbers[1], board.country) is None else "out"


def _ends(direction: Direction, numbers: tuple[str, str]) -> tuple[str, ...]:
    """Where our own desk may stand."""
    return (numbers[1],) if direction == "in" else (numbers[0],)


def _calling_desk(leg: Dialled, caller_phone: str | None) -> str | None:
    """The desk that calls. A Local channel is only a bridge to a desk: there the caller's number decides."""
    if leg.caller_channel.startswith("Local/"):
        return extension_of(leg.caller) if caller_phone is None else None
    return extension_of(device_of(leg.caller_channel))


def _queue(leg: Dialled, board: Switchboard) -> str | None:
    if leg.application.casefold() == "queue":
        return leg.application_data.partition(",")[0].partition("|")[0] or None
    return leg.callee if leg.callee in board.queues else None


def _meant(leg: Dialled, queue: str | None) -> str | None:
    """A desk that was dialled but never reached has no channel: its number tells."""
    is_dial = leg.application.casefold() == "dial" and queue is None
    return extension_of(leg.callee) if is_dial else None


def _line(leg: Dialled, board: Switchboard, phones: tuple[str | None, ...]) -> str | None:
    """Our number: the one dialled or shown, or the one the dial plan noted in a free column."""
    noted = (to_e164(mark, board.country) for mark in leg.marks)
    return next((phone for phone in (*phones, *noted) if phone in board.lines), None)
