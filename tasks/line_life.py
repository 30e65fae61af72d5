"""The life of a number: given up with a day of grace in which it works and can be kept; the office gets a mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from tasks.alarms import raise_alarm
from tasks.desk import Desk
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.events import NewEvent, record_event
from tasks.gateways.store.line_endings import cancel_ending, keep_ending, standing_endings
from tasks.rules.errors import UsageError
from tasks.rules.office import Line
from tasks.rules.phones import to_e164

GRACE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class LineStanding:
    """A line, and when it ends or ended; None: it is not given up."""

    line: Line
    ends_at: datetime | None


def line_standings(desk: Desk) -> list[LineStanding]:
    """Every line of the office folder."""
    with reading(desk.engine) as connection:
        endings = standing_endings(connection)
    return [LineStanding(line, endings.get(line.number)) for line in desk.office.telephony.lines]


def give_up_line(desk: Desk, number: str, now: datetime) -> datetime:
    """Give the line up; when that takes effect. Asked again it changes nothing. Raises UsageError for no line."""
    line = _line(desk, number)
    with writing(desk.engine) as connection:
        known = standing_endings(connection).get(line.number)
        if known is not None:
            return known
        ends_at = now + GRACE
        keep_ending(connection, line.number, now, ends_at)
        _tell(connection, desk, line.number, ends_at, now, is_cancelled=False)
    return ends_at


def keep_line(desk: Desk, number: str, now: datetime) -> None:
    """Keep a line that was to be given up. Raises UsageError when it is not, or when the grace is over."""
    line = _line(desk, number)
    with writing(desk.engine) as connection:
        ends_at = standing_endings(connection).get(line.number)
        if ends_at is None:
            raise UsageError(f"{line.number} is not being given up")
        if not cancel_ending(connection, line.number, now):
            raise UsageError(f"{line.number} was given up for good, its 24 hours are over")
        _tell(connection, desk, line.number, ends_at, now, is_cancelled=True)


def _line(desk: Desk, number: str) -> Line:
    lines = {line.number: line for line in desk.office.telephony.lines}
    found = lines.get(to_e164(number, desk.office.hours.country) or number)
    if found is None:
        raise UsageError(f"{number} is no line of ours; telephony.yaml has: {', '.join(lines) or 'none'}")
    return found


def _tell(
    connection: sa.Connection, desk: Desk, number: str, ends_at: datetime, now: datetime, *, is_cancelled: bool
) -> None:
    """The event, and the mail to the office."""
    kind = "line.kept" if is_cancelled else "line.given_up"
    key = f"{kind}:{number}:{now.isoformat()}"
    said = {"number": number, "ends_at": ends_at.isoformat()}
    record_event(connection, NewEvent(key, now, "line", 0, kind, "command", said))
    data = {"number": number, "ends_at": ends_at, "is_cancelled": is_cancelled}
    raise_alarm(connection, desk.office, key, "line_ending", data, now)
