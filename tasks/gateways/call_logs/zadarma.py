"""Zadarma's PBX statistics: CSV with a heading, or the objects of GET /v1/statistics/pbx/.

Fields by the API's description (zadarma.com/en/support/api/): call_id (seconds since 1970 and a number), sip, callstart
(the account's local time), clid, destination, disposition, seconds (the talk), is_recorded, pbx_call_id (legs of one
call; in_… or out_…). The dispositions are those of the statistics and of NOTIFY_END; "no answered" is seen in use. How
long it rang is not told.
"""

from __future__ import annotations

from collections.abc import Mapping

from tasks.gateways.call_logs.columns import json_cells, named, need, split_cells, whole_seconds
from tasks.gateways.call_logs.line_text import RefusedLineError, after
from tasks.gateways.call_logs.told_legs import Place, Source, Told, leg_of
from tasks.rules.calls.log_clock import channel_epoch
from tasks.rules.calls.log_columns import columns_of
from tasks.rules.calls.parties import Parties, extension_of, plain_direction, told_parties
from tasks.rules.calls.records import Direction, Disposition, Leg

_FIELDS = (
    "call_id", "sip", "callstart", "clid", "destination", "disposition", "seconds", "is_recorded", "pbx_call_id",
)  # fmt: skip
_DISPOSITIONS: dict[str, Disposition] = {
    "answered": "answered",
    "no answer": "no_answer",
    "no answered": "no_answer",
    "cancel": "no_answer",
    "busy": "busy",
    "failed": "failed",
    "no money": "failed",
    "no money, no limit": "failed",
    "no limit": "failed",
    "no day limit": "failed",
    "line limit": "failed",
    "unallocated number": "failed",
}


def read_leg(source: Source, place: Place) -> Leg | None:
    """One row or object as a leg; None for the heading. Raises RefusedLineError."""
    cells = _cells(source, place)
    if cells is None:
        return None
    disposition = _DISPOSITIONS.get(need(cells, "disposition").casefold())
    if disposition is None:
        raise RefusedLineError("disposition is none that Zadarma documents")
    call_id, talk_seconds = need(cells, "call_id"), whole_seconds(need(cells, "seconds"), "seconds")
    started_at, note = source.times.read(need(cells, "callstart"), channel_epoch(call_id))
    is_answered = disposition == "answered"
    told = Told(
        key=call_id,
        linked_id=cells.get("pbx_call_id") or call_id,
        caller=cells.get("clid", ""),
        callee=cells.get("destination", ""),
        started_at=started_at,
        ended_at=after(started_at, talk_seconds),
        duration_seconds=talk_seconds,
        # an unanswered call's seconds are its ringing
        talk_seconds=talk_seconds if is_answered else 0,
        disposition=disposition,
        recording=call_id if cells.get("is_recorded") in ("true", "1", "True") else "",
        note=note,
    )
    return leg_of(told, _parties(cells, source), source, place)


def _cells(source: Source, place: Place) -> Mapping[str, str] | None:
    if place.raw.lstrip().startswith("{"):
        return json_cells(place.raw)
    mark = ";" if place.raw.count(";") > place.raw.count(",") else ","
    heading = columns_of(place.head)
    is_heading = {"call_id", "disposition"} <= set(heading)
    if is_heading and place.raw == place.head:
        return None
    return named(source.columns or (heading if is_heading else _FIELDS), split_cells(place.raw, mark))


def _parties(cells: Mapping[str, str], source: Source) -> Parties:
    numbers = (cells.get("clid", ""), cells.get("destination", ""))
    call = cells.get("pbx_call_id", "")
    direction: Direction = "in" if call.startswith("in_") else "out" if call.startswith("out_") else "internal"
    if direction == "internal":
        direction = plain_direction(numbers, source.board)
    sip = cells.get("sip", "")
    desk = sip if extension_of(sip) else sip.rpartition("-")[2]
    return told_parties(direction, numbers, source.board, extension=desk)
