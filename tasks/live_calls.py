"""Records that Asterisk's manager interface tells live: kept as posted calls are, each committed when it was taken.

The log's own file or table tells the same records later; both know a leg by the PBX's ids, so it counts once.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from tasks.calls import switchboard_of
from tasks.desk import Desk
from tasks.gateways.call_logs.asterisk_manager import WANTED, event_text, read_live_record
from tasks.gateways.call_logs.kinds import source_of
from tasks.gateways.call_logs.line_text import SHOWN_CHARS, RefusedLineError
from tasks.gateways.call_logs.manager_line import Block
from tasks.gateways.call_logs.told_legs import Place
from tasks.gateways.store.connection import reading
from tasks.gateways.store.live_twins import has_other_keys
from tasks.gateways.store.posted_calls import keep_posted
from tasks.gateways.store.quarantine import BadRow
from tasks.posted_calls import TakenCall
from tasks.rules.calls.leg_checks import leg_flaws
from tasks.rules.calls.log_clock import clock_offset_seconds
from tasks.rules.calls.records import LIVE_PLACE, Leg, QueueEvent
from tasks.rules.office import CallLog


def take_live(desk: Desk, log: CallLog, block: Block, now: datetime) -> TakenCall | None:
    """Keep what one block of the manager interface tells; None for what nobody keeps. Raises StoreError."""
    if block.reason:
        return _keep(desk, block.text, _refused(log, block.text, block.reason), now)
    if block.fields.get("event", "").casefold() not in WANTED:
        return None
    text = event_text(block.fields, now)
    place = _place(text)
    try:
        record = read_live_record(source_of(log, switchboard_of(desk.office, log)), Place(place, text))
        if record is None:
            return None
        if isinstance(record, Leg):
            _require_meeting(desk, log, record)
    except RefusedLineError as error:
        return _keep(desk, text, _refused(log, text, str(error)), now)
    return _keep(desk, text, record, now)


def _require_meeting(desk: Desk, log: CallLog, leg: Leg) -> None:
    """Raise RefusedLineError for a leg that cannot be stored, or that its own log would tell under another key."""
    flaws = leg_flaws(leg)
    if flaws:
        raise RefusedLineError("; ".join(flaws))
    if clock_offset_seconds([leg]):
        raise RefusedLineError(f"its times contradict its channel's id when read as {log.time_zone}")
    with reading(desk.engine) as connection:
        if has_other_keys(connection, log.name):
            raise RefusedLineError(
                "this log's own records tell no sequence, so a live call would count twice: say newcdrcolumns = yes in "
                "cdr.conf (cdr_custom: map sequence)"
            )


def _keep(desk: Desk, text: str, record: Leg | QueueEvent | BadRow, now: datetime) -> TakenCall:
    kept = keep_posted(desk.engine, text.encode("utf-8", "surrogatepass"), record, now)
    return TakenCall(kept, record.reason if isinstance(record, BadRow) else "")


def _refused(log: CallLog, text: str, reason: str) -> BadRow:
    return BadRow(log.name, _place(text), reason, text[:SHOWN_CHARS])


def _place(text: str) -> str:
    return f"{LIVE_PLACE}{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
