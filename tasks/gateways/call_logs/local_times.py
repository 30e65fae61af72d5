"""The local times of a telephone system as UTC: over clock changes, and as spreadsheets leave them.

A spreadsheet loses the seconds and turns day and month around. What the channel's own id (its epoch) or the numbers
themselves prove is put right with a note; what nothing proves is refused, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from tasks.gateways.call_logs.line_text import RefusedLineError

ORDER_NOTE = "day and month as a spreadsheet writes them"
SECONDS_NOTE = "the seconds were lost in a spreadsheet"
FOUND_NOTE = "the seconds lost in a spreadsheet are those of the channel's id"
_FORM_CHARS = 19  # 2026-11-17 10:00:00
_MANGLED = re.compile(
    r"(\d{1,4})([-./])(\d{1,2})\2(\d{1,4})[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s*([AaPp])\.?[Mm]\.?)?", re.ASCII
)
_YEAR_DIGITS = 4
_NEAR = timedelta(hours=16)  # any two zones, and a call that took an hour to begin
_MINUTE = timedelta(minutes=1)
_NO_TIME = "a time is not written YYYY-MM-DD HH:MM:SS: are the columns those of this log, was the file saved elsewhere?"


class LocalTimes:
    """The clock of one source: its zone, with every hour's offset looked up once."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._offsets: dict[str, tuple[timedelta, ...]] = {}

    def utc(self, text: str, near: datetime | None = None) -> datetime:
        """'YYYY-MM-DD HH:MM:SS' as UTC; in the hour that a clock change repeats, the moment nearest to `near`.

        Raises RefusedLineError when it is written in another way.
        """
        if len(text) != _FORM_CHARS or text[4] != "-" or text[10] != " ":
            raise RefusedLineError(_NO_TIME)
        try:
            # five times as fast as setting the zone afterwards
            written = datetime.fromisoformat(text + "Z")
            moments = [written - offset for offset in self._offsets_of(text[:13], written)]
        except (ValueError, OverflowError) as error:
            raise RefusedLineError(_NO_TIME) from error
        if near is None or len(moments) == 1:
            return moments[0]
        return min(moments, key=lambda moment: abs(moment - near))

    def read(self, text: str, near: datetime | None = None) -> tuple[datetime, str]:
        """Any known way of writing a time as (UTC, note on what was put right or '').

        `near` is a moment known otherwise, by the channel's epoch or the call's length.
        Raises RefusedLineError for what is no time, and for days and months that nothing tells apart.
        """
        text = text.strip()
        if len(text) == _FORM_CHARS and text[4] == "-":
            return self.utc(text, near), ""
        found = _MANGLED.fullmatch(text)
        days = sorted(set(_days(found))) if found else []
        if found is None or not days:
            raise RefusedLineError(_NO_TIME)
        has_seconds = found[7] is not None
        moments = [self.utc(f"{day} {_clock(found)}", near) for day in days]
        moment = moments[0]
        if near is not None:
            moment = min(moments, key=lambda one: abs(one - near))
        if len(moments) > 1 and (near is None or abs(moment - near) > _NEAR):
            raise RefusedLineError("day and month cannot be told apart: export the log as YYYY-MM-DD HH:MM:SS")
        if has_seconds:
            return moment, ORDER_NOTE
        if near is not None and timedelta(0) <= near - moment < _MINUTE:
            return near, FOUND_NOTE
        return moment, SECONDS_NOTE

    def _offsets_of(self, hour: str, written: datetime) -> tuple[timedelta, ...]:
        """The offsets from UTC that a local hour can have: two where a clock change repeats or skips it."""
        offsets = self._offsets.get(hour)
        if offsets is None:
            local = written.replace(tzinfo=None)
            ends = (local.replace(minute=0, second=0), local.replace(minute=59, second=59))
            all_offsets = [_offset(end, fold, self._zone) for end in ends for fold in (0, 1)]
            offsets = tuple(dict.fromkeys(all_offsets))
            if len(offsets) > 1:
                # zones change at half past, too: such an hour is looked up time by time
                return tuple(dict.fromkeys(_offset(local, fold, self._zone) for fold in (0, 1)))
            self._offsets[hour] = offsets
        return offsets


def _offset(local: datetime, fold: int, zone: ZoneInfo) -> timedelta:
    return local.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta(0)


def epoch_time(text: str) -> datetime | None:
    """Seconds since 1970 as UTC; None for '' and 0. Raises RefusedLineError."""
    text = text.strip()
    if text in ("", "0"):
        return None
    if not re.fullmatch(r"\d{9,10}", text, re.ASCII):
        raise RefusedLineError("a time is no number of seconds since 1970")
    return datetime.fromtimestamp(int(text), UTC)


def iso_time(text: str) -> datetime:
    """A time with its offset ('2026-11-17T10:00:00+03:00') as UTC. Raises RefusedLineError."""
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is None:
            raise ValueError("no offset")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise RefusedLineError("a time is not written like 2026-11-17T10:00:00+03:00") from error


def _days(found: re.Match[str]) -> Iterator[str]:
    """The dates that the three numbers can mean. A dot is written between day, month and year in that order only."""
    first, mark, middle, last = found[1], found[2], found[3], found[4]
    if len(first) == _YEAR_DIGITS:
        orders = [(first, middle, last)]
    elif mark == ".":
        orders = [(last, middle, first)]
    else:
        orders = [(last, middle, first), (last, first, middle)]
    for year, month, day in orders:
        whole_year = int(year) + (2000 if len(year) <= 2 else 0)
        try:
            yield date(whole_year, int(month), int(day)).isoformat()
        except ValueError:
            continue


def _clock(found: re.Match[str]) -> str:
    hour = int(found[5])
    if found[8]:
        hour = hour % 12 + (12 if found[8] in "Pp" else 0)
    return f"{hour:02d}:{found[6]}:{found[7] or '00'}"
