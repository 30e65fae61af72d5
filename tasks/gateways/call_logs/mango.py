"""Mango Office's statistics: rows with `;` and no heading, in the order of the fields that were asked for.

The fields of POST /vpbx/stats/request: records, start, finish, answer, from_extension, from_number, to_extension,
to_number, disconnect_reason, line_number, location, entry_id. Times are seconds since 1970, 0 for none; `records` is a
list in brackets. Calls with the same entry_id are the legs of one call. disconnect_reason by the appendix "Коды
результатов" of the description: 11xx ends of calls, 2xxx limits of the account, 3xxx wrong requests, 4xxx and 5xxx
actions that failed.
"""

from __future__ import annotations

from collections.abc import Mapping

from tasks.gateways.call_logs.columns import named_row, split_cells
from tasks.gateways.call_logs.line_text import RefusedLineError, line_hash
from tasks.gateways.call_logs.local_times import epoch_time
from tasks.gateways.call_logs.told_legs import Place, Source, Told, leg_of, require_order, seconds_between
from tasks.rules.calls.parties import Parties, told_parties
from tasks.rules.calls.records import Direction, Disposition, Leg

_FIELDS = (
    "records", "start", "finish", "answer", "from_extension", "from_number", "to_extension", "to_number",
    "disconnect_reason", "line_number", "location", "entry_id",
)  # fmt: skip
_FEWEST = 9
# busy, declined, do not disturb, everybody of the queue engaged or the queue full
_BUSY = ("1121", "1122", "1123", "1162", "1164")
# the number: restricted, unavailable, not served, unknown, sent on too often, region forbidden; the caller: restricted,
# black list, not in the white list; group failed, holding forbidden, scheme wrong, number inactive
_NOT_CONNECTED = (
    "1130", "1131", "1132", "1133", "1134", "1140", "1150", "1151", "1152", "1160", "1161", "1171", "1190", "1191",
    "1192",
)  # fmt: skip
_FAILURES = ("2", "3", "4", "5")


def read_leg(source: Source, place: Place) -> Leg:
    """One row as a leg. Raises RefusedLineError."""
    row = split_cells(place.raw, ";")
    cells = named_row(_FIELDS, _FEWEST, source.columns, row)
    started_at, ended_at = (epoch_time(cells[name]) for name in ("start", "finish"))
    answered_at = epoch_time(cells["answer"])
    if started_at is None or ended_at is None:
        raise RefusedLineError("start or finish is missing")
    require_order(started_at, answered_at, ended_at)
    entry = cells.get("entry_id", "") or f"h:{line_hash(place.raw)}"
    told = Told(
        key=f"{entry}/{cells['start']}-{cells['from_extension']}-{cells['to_extension']}-{cells['to_number']}",
        linked_id=entry,
        caller=cells["from_number"] or cells["from_extension"],
        callee=cells["to_number"] or cells["to_extension"],
        started_at=started_at,
        ended_at=ended_at,
        duration_seconds=seconds_between(started_at, ended_at),
        talk_seconds=seconds_between(answered_at, ended_at) if answered_at else 0,
        disposition="answered" if answered_at else _unanswered(cells["disconnect_reason"]),
        answered_at=answered_at,
        wait_seconds=seconds_between(started_at, answered_at or ended_at),
        recording=cells["records"].strip("[]"),
    )
    return leg_of(told, _parties(cells, source), source, place)


def _parties(cells: Mapping[str, str], source: Source) -> Parties:
    """An employee's extension on a side says that this side is ours."""
    caller_desk, callee_desk = cells["from_extension"], cells["to_extension"]
    direction: Direction = "in"
    if caller_desk:
        direction = "internal" if callee_desk else "out"
    # an employee's own telephone or SIP address behind an extension is no client's number
    numbers = (
        caller_desk or cells["from_number"],
        callee_desk or cells["to_number"],
    )
    desk = callee_desk if direction == "in" else caller_desk
    return told_parties(direction, numbers, source.board, extension=desk, shown_line=cells.get("line_number", ""))


def _unanswered(reason: str) -> Disposition:
    if reason in _BUSY:
        return "busy"
    return "failed" if reason in _NOT_CONNECTED or reason.startswith(_FAILURES) else "no_answer"
