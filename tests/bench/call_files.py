"""Made-up legs as the lines of a Master.csv that tells them, with all of cdr_csv's columns."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tasks.rules.calls.records import Leg

_ZONE = ZoneInfo("Europe/Moscow")
_SAID = {"answered": "ANSWERED", "no_answer": "NO ANSWER", "busy": "BUSY", "failed": "FAILED"}


def write_master(folder: Path, legs: Iterable[Leg]) -> None:
    """Append them to the file in `folder`, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "Master.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_NONNUMERIC).writerows(map(cells_of, legs))


def cells_of(leg: Leg) -> list[str | int]:
    """A leg's line, cell by cell."""
    desk = f"PJSIP/{leg.extension or 100}-0000001a"
    channels = ("PJSIP/mts-trunk-0000001b", desk) if leg.direction == "in" else (desk, "PJSIP/mts-trunk-0000001b")
    callee = leg.queue or leg.callee_raw
    last = ("Queue", f"{leg.queue},t,,,60") if leg.queue else ("Dial", f"PJSIP/{leg.extension}")
    unique_id, _, sequence = leg.natural_key.partition("/")
    times = [_local(moment) for moment in (leg.started_at, leg.answered_at, leg.ended_at)]
    lengths = (leg.duration_seconds, leg.talk_seconds, _SAID[leg.disposition], "DOCUMENTATION")
    name = f'"" <{leg.caller_raw}>'
    begin = ("", leg.caller_raw, callee, "from-trunk", name, *channels, *last)
    return [*begin, *times, *lengths, unique_id, leg.line or "", "", leg.linked_id, sequence]


def _local(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment.astimezone(_ZONE):%Y-%m-%d %H:%M:%S}"
