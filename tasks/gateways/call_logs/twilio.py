"""Twilio's calls: CSV of the console with a heading, or the objects of GET /2010-04-01/Accounts/AC…/Calls.json.

Fields by Twilio's description of the Call resource (twilio.com/docs/voice/api/call-resource): sid, parent_call_sid,
from, to, status (queued, ringing, in-progress, canceled, completed, failed, busy, no-answer), direction, start_time
(empty when it was never dialled: date_created then) and end_time (RFC 2822 in the API, ISO 8601 in exports; always with
an offset), duration. An incoming call is a parent that a program answered; the person's leg is its child
(outbound-dial). A SIP trunk tells its calls from outside as trunking-originating, those to the outside as
trunking-terminating, one leg each. How long it rang is not told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from tasks.gateways.call_logs.columns import json_cells, named, need, split_cells, whole_seconds
from tasks.gateways.call_logs.line_text import RefusedLineError, after
from tasks.gateways.call_logs.local_times import iso_time
from tasks.gateways.call_logs.told_legs import Place, Source, Told, leg_of
from tasks.rules.calls.log_columns import columns_of
from tasks.rules.calls.parties import Parties, Switchboard, told_parties
from tasks.rules.calls.records import Direction, Disposition, Leg
from tasks.rules.phones import to_e164

_STATUSES: dict[str, Disposition] = {
    "completed": "answered",
    "busy": "busy",
    "failed": "failed",
    "no-answer": "no_answer",
    "canceled": "no_answer",
}
_RUNNING = ("queued", "ringing", "in-progress", "initiated")
_SAME = {"call_sid": "sid", "parent_sid": "parent_call_sid", "starttime": "start_time", "endtime": "end_time"}


def read_leg(source: Source, place: Place) -> Leg | None:
    """One row or object as a leg; None for the heading. Raises RefusedLineError."""
    cells = _cells(source, place)
    if cells is None:
        return None
    status = need(cells, "status").casefold()
    if status in _RUNNING:
        raise RefusedLineError(f"the call was not over yet ({status}): export it again")
    disposition = _STATUSES.get(status)
    if disposition is None:
        raise RefusedLineError("status is none that Twilio documents")
    sid, parent = need(cells, "sid"), cells.get("parent_call_sid", "")
    seconds = whole_seconds(cells.get("duration") or "0", "duration")
    started_at = _moment(cells.get("start_time") or need(cells, "date_created"))
    if disposition == "answered" and not parent and cells.get("direction") == "inbound":
        disposition = "no_answer"
    told = Told(
        key=sid,
        linked_id=parent or sid,
        caller=cells.get("from", ""),
        callee=cells.get("to", ""),
        started_at=started_at,
        ended_at=_moment(cells["end_time"]) if cells.get("end_time") else after(started_at, seconds),
        duration_seconds=seconds,
        talk_seconds=seconds if disposition == "answered" else 0,
        disposition=disposition,
    )
    return leg_of(told, _parties(cells, source), source, place)


def running_since(row: Mapping[str, Any]) -> datetime | None:
    """When a call of the API began that is not over yet; None for one that is. Raises RefusedLineError."""
    if str(row.get("status", "")).casefold() not in _RUNNING:
        return None
    return _moment(str(row.get("start_time") or row.get("date_created") or ""))


def _cells(source: Source, place: Place) -> Mapping[str, str] | None:
    if place.raw.lstrip().startswith("{"):
        return json_cells(place.raw)
    heading = tuple(_SAME.get(name, name) for name in columns_of(place.head))
    if not source.columns and not {"sid", "status"} <= set(heading):
        raise RefusedLineError("the file has no heading that names sid and status: put its columns into `columns`")
    if place.raw == place.head and "sid" in heading:
        return None
    return named(source.columns or heading, split_cells(place.raw))


def _parties(cells: Mapping[str, str], source: Source) -> Parties:
    caller, callee = _plain(cells.get("from", "")), _plain(cells.get("to", ""))
    return told_parties(_direction(cells, caller, callee, source.board), (caller, callee), source.board)


def _direction(cells: Mapping[str, str], caller: str, callee: str, board: Switchboard) -> Direction:
    """A child leg of an incoming call shows the caller's number; of ours it shows one of our lines."""
    if cells.get("direction") == "inbound":
        return "in" if to_e164(caller, board.country) else "internal"
    if cells.get("direction") == "trunking-originating":
        return "in"
    is_ours = to_e164(caller, board.country) in board.lines
    if cells.get("parent_call_sid") and not is_ours and to_e164(caller, board.country):
        return "in"
    return "out" if to_e164(callee, board.country) else "internal"


def _plain(address: str) -> str:
    """'sip:101@north.example' and 'client:101' → '101'."""
    return re.sub(r"^(?:sips?|client):", "", address).partition("@")[0]


def _moment(text: str) -> datetime:
    """A time of the API (RFC 2822) or of an export (ISO 8601). Raises RefusedLineError."""
    if text[:1].isdigit():
        return iso_time(text)
    try:
        moment = parsedate_to_datetime(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError) as error:
        raise RefusedLineError("a time is written neither as RFC 2822 nor as ISO 8601") from error
