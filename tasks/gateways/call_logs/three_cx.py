"""3CX's CDR output: one row a line, the fields chosen in the console, no heading.

The fields in the order of 3CX's own page on CDR (3cx.com/docs/cdr-call-data-records/): historyid … missed-queue-calls.
Rows begin with 'Call ' before the history id. Times are written 2026/11/17 10:00:00, in UTC unless the service says
otherwise: `time_zone` says it. `duration` (HH:MM:SS) is the talk. Where a queue or menu answered first, the waiting
cannot be told. The page names no reasons of an end; seen are two families: TerminatedBySrc, TerminatedByDst, Failed,
Failed_Cancelled (by the caller), NoAnswerTimeout, TargetBusy, RouteBusy, NoRouteExists, TargetNotFound; and
src_participant_terminated, dst_participant_terminated, busy, declined, no_route, not_found, timeout.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tasks.gateways.call_logs.columns import named_row, need, split_cells
from tasks.gateways.call_logs.line_text import RefusedLineError
from tasks.gateways.call_logs.told_legs import Place, Source, Told, leg_of, require_order, seconds_between
from tasks.rules.calls.parties import Parties, plain_direction, told_parties
from tasks.rules.calls.records import Direction, Disposition, Leg

_FIELDS = (
    "historyid", "callid", "duration", "time_start", "time_answered", "time_end", "reason_terminated", "from_no",
    "to_no", "from_dn", "to_dn", "dial_no", "reason_changed", "final_number", "final_dn", "bill_code", "bill_rate",
    "bill_cost", "bill_name", "chain", "from_type", "to_type", "final_type", "from_dispname", "to_dispname",
    "final_dispname", "missed_queue_calls",
)  # fmt: skip
_FEWEST = 11
_OUTSIDE = ("line", "provider", "externalline", "bridge", "inboundrule", "outboundrule", "external")
_ROBOTS = ("queue", "ivr", "ringgroup", "digitalreceptionist", "vmail", "voicemail", "fax", "conference", "script")
_BUSY, _FAILED = re.compile("busy|declined"), re.compile("fail|notfound|noroute|forbidden|notavailable")
_LENGTH = re.compile(r"(\d{1,3}):([0-5]\d):([0-5]\d)(?:\.\d+)?", re.ASCII)


def read_leg(source: Source, place: Place) -> Leg:
    """One row as a leg. Raises RefusedLineError."""
    row = split_cells(place.raw, ";" if place.raw.count(";") > place.raw.count(",") else ",")
    cells = named_row(_FIELDS, _FEWEST, source.columns, row)
    started_at = source.times.utc(need(cells, "time_start").replace("/", "-"))
    ended_at = source.times.utc(need(cells, "time_end").replace("/", "-"), started_at)
    answer = cells.get("time_answered", "").replace("/", "-")
    answered_at = source.times.utc(answer, started_at) if answer else None
    require_order(started_at, answered_at, ended_at)
    is_answered = answered_at is not None and not _is_robot(cells)
    disposition: Disposition = "answered" if is_answered else _unanswered(_kind(cells, "reason_terminated"))
    call_id = cells.get("callid") or need(cells, "historyid").removeprefix("Call").strip()
    has_robot = _kind(cells, "to_type") in _ROBOTS
    talk_seconds = _seconds(cells.get("duration", "")) if is_answered else 0
    told = Told(
        key=f"{call_id}/{cells['time_start']}-{cells['from_dn']}-{cells['to_dn']}",
        linked_id=call_id,
        caller=_plain(cells["from_no"]),
        callee=_plain(cells["to_no"]),
        started_at=started_at,
        ended_at=ended_at,
        duration_seconds=seconds_between(started_at, ended_at),
        talk_seconds=talk_seconds,
        disposition=disposition,
        answered_at=answered_at if is_answered else None,
        wait_seconds=None if has_robot else seconds_between(started_at, answered_at or ended_at),
    )
    return leg_of(told, _parties(cells, source), source, place)


def _parties(cells: Mapping[str, str], source: Source) -> Parties:
    numbers = (_plain(cells["from_no"]), _plain(cells["to_no"]))
    direction = _direction(cells, numbers, source)
    desk = _plain(cells.get("final_number", "")) or _plain(cells["to_dn"])
    return told_parties(
        direction,
        numbers,
        source.board,
        extension=desk if direction == "in" and not _is_robot(cells) else "",
        shown_line=cells.get("dial_no", ""),
    )


def _direction(cells: Mapping[str, str], numbers: tuple[str, str], source: Source) -> Direction:
    if _kind(cells, "from_type") in _OUTSIDE:
        return "in"
    if _kind(cells, "to_type") in _OUTSIDE and _kind(cells, "from_type"):
        return "out"
    return plain_direction(numbers, source.board)


def _is_robot(cells: Mapping[str, str]) -> bool:
    """Whether only a queue or menu was at the other end of the call."""
    return (_kind(cells, "final_type") or _kind(cells, "to_type")) in _ROBOTS


def _kind(cells: Mapping[str, str], name: str) -> str:
    return re.sub(r"[\s_-]", "", cells.get(name, "")).casefold()


def _plain(text: str) -> str:
    """'Ext.101' → '101'."""
    return text.strip().removeprefix("Ext.").strip()


def _unanswered(reason: str) -> Disposition:
    if _BUSY.search(reason):
        return "busy"
    return "failed" if _FAILED.search(reason) and "cancel" not in reason else "no_answer"


def _seconds(text: str) -> int:
    found = _LENGTH.fullmatch(text)
    if found is None:
        raise RefusedLineError("duration is not written HH:MM:SS")
    return int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3])
