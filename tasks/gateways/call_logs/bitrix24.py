"""Bitrix24's telephony: rows of voximplant.statistic.get, and the data of the event ONVOXIMPLANTCALLEND.

Fields by the REST description: CALL_ID, CALL_TYPE (1 out, 2 in, 3 in and sent on, 4 call back), PHONE_NUMBER (the
client), PORTAL_NUMBER (ours), PORTAL_USER_ID, CALL_DURATION, CALL_START_DATE (ISO 8601 with offset), CALL_FAILED_CODE.
Codes by dev.1c-bitrix.ru/rest_help/scope_telephony/codes_and_types.php: 200 talked, 304 missed, 603 declined, 603-S
cancelled, 480 not available now, 486 busy; failed: 402 no money, 403 forbidden, 404 wrong number, 423 locked, 484 and
503 no such direction, and OTHER. Neither waiting nor queue is told.
"""

from __future__ import annotations

from collections.abc import Mapping

from tasks.gateways.call_logs.columns import json_cells, need, whole_seconds
from tasks.gateways.call_logs.line_text import RefusedLineError, after
from tasks.gateways.call_logs.local_times import iso_time
from tasks.gateways.call_logs.told_legs import Place, Source, Told, leg_of
from tasks.rules.calls.parties import told_parties
from tasks.rules.calls.records import Direction, Disposition, Leg

_DIRECTIONS: dict[str, Direction] = {"1": "out", "2": "in", "3": "in", "4": "out"}
_TALKED = "200"
_CODES: dict[str, Disposition] = {
    _TALKED: "answered",
    "304": "no_answer",
    "603": "busy",
    "603-S": "no_answer",
    "480": "no_answer",
    "486": "busy",
}


def read_leg(source: Source, place: Place) -> Leg:
    """One call of the list or of the event as a leg. Raises RefusedLineError."""
    return leg_of_call(json_cells(place.raw), source, place)


def leg_of_call(cells: Mapping[str, str], source: Source, place: Place) -> Leg:
    """The same for fields by name (small letters)."""
    direction = _DIRECTIONS.get(need(cells, "call_type"))
    if direction is None:
        raise RefusedLineError(f"call_type {cells['call_type'][:9]!r} is none that Bitrix24 documents")
    call_id, client = need(cells, "call_id"), cells.get("phone_number", "")
    disposition = _CODES.get(need(cells, "call_failed_code"), "failed")
    seconds = whole_seconds(need(cells, "call_duration"), "call_duration")
    started_at = iso_time(need(cells, "call_start_date"))
    ours = cells.get("portal_number", "")
    numbers = (client, ours) if direction == "in" else (ours, client)
    desk = source.people.get(cells.get("portal_user_id", ""), "")
    told = Told(
        key=call_id,
        linked_id=call_id,
        caller=numbers[0],
        callee=numbers[1],
        started_at=started_at,
        ended_at=after(started_at, seconds),
        duration_seconds=seconds,
        # an unanswered call's duration is its ringing
        talk_seconds=seconds if disposition == "answered" else 0,
        disposition=disposition,
        recording=cells.get("record_file_id", "") or cells.get("call_record_url", ""),
    )
    return leg_of(told, told_parties(direction, numbers, source.board, extension=desk), source, place)
