"""Calls that are posted to the door: read like any log's record, kept with their raw body, refused with a reason."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from tasks.calls import switchboard_of
from tasks.desk import Desk
from tasks.gateways.call_logs.kinds import READERS, source_of
from tasks.gateways.call_logs.line_text import SHOWN_CHARS, RefusedLineError
from tasks.gateways.call_logs.told_legs import Place
from tasks.gateways.store.posted_calls import Kept, keep_posted
from tasks.gateways.store.quarantine import BadRow
from tasks.rules.calls.leg_checks import leg_flaws
from tasks.rules.calls.records import Leg
from tasks.rules.office import CallLog

PLACE = "post"


@dataclass(frozen=True, slots=True)
class TakenCall:
    """What became of a posted call; `reason` says why it was refused."""

    kept: Kept
    reason: str = ""


def take_call(desk: Desk, log: CallLog, text: str, now: datetime) -> TakenCall:
    """Keep a posted call (its JSON, without any token). It is committed when this returns. Raises StoreError."""
    record = _read(desk, log, text)
    kept = keep_posted(desk.engine, text.encode("utf-8", "surrogatepass"), record, now)
    return TakenCall(kept, record.reason if isinstance(record, BadRow) else "")


def _read(desk: Desk, log: CallLog, text: str) -> Leg | BadRow:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    place = f"{PLACE}:{digest}"
    try:
        record = READERS[log.kind](source_of(log, switchboard_of(desk.office, log)), Place(place, text))
        if not isinstance(record, Leg):
            raise RefusedLineError("it is no call")
        flaws = leg_flaws(record)
        if flaws:
            raise RefusedLineError("; ".join(flaws))
        return record
    except RefusedLineError as error:
        return BadRow(log.name, place, str(error), text[:SHOWN_CHARS])
