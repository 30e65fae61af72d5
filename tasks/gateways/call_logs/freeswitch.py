"""FreeSWITCH: mod_cdr_csv by the template of cdr_csv.conf.xml, and mod_json_cdr's file per call.

The usual templates: `example` (caller_id_name, caller_id_number, destination_number, context, start_stamp,
answer_stamp, end_stamp, duration, billsec, hangup_cause, uuid, bleg_uuid, accountcode, read_codec, write_codec), and
`sql`, the same up to accountcode inside an INSERT. One row is the caller's leg (`legs="a"`). mod_json_cdr holds the
channel's variables; its *_epoch and *_uepoch need no zone. An answer without another leg was a machine's. Causes by
FreeSWITCH's hangup cause table: CALL_REJECTED is a failure, it stands for 401, 402, 403 and 407 of a trunk, too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from tasks.gateways.call_logs.columns import named, need, split_cells, unwrapped, whole_seconds
from tasks.gateways.call_logs.line_text import RefusedLineError, after
from tasks.gateways.call_logs.local_times import epoch_time
from tasks.gateways.call_logs.told_legs import Place, Source, Told, joined, leg_of, seconds_between
from tasks.rules.calls.parties import Parties, Switchboard, extension_of, plain_direction, told_parties
from tasks.rules.calls.records import Disposition, Leg

_SQL = (
    "caller_id_name", "caller_id_number", "destination_number", "context", "start_stamp", "answer_stamp",
    "end_stamp", "duration", "billsec", "hangup_cause", "uuid", "bleg_uuid", "accountcode",
)  # fmt: skip
_USUAL = {len(names): names for names in (_SQL, (*_SQL, "read_codec", "write_codec"))}
_UNANSWERED = frozenset(
    {"NORMAL_CLEARING", "ORIGINATOR_CANCEL", "NO_ANSWER", "NO_USER_RESPONSE", "ALLOTTED_TIMEOUT", "LOSE_RACE"}
    | {"PICKED_OFF", "SUBSCRIBER_ABSENT", "ATTENDED_TRANSFER", "BLIND_TRANSFER", "NO_PICKUP", "PROGRESS_TIMEOUT"}
)
_BUSY = frozenset({"USER_BUSY", "BUSY_EVERYWHERE", "DECLINE"})


def read_csv_leg(source: Source, place: Place) -> Leg:
    """One row of a template as a leg. Raises RefusedLineError."""
    cells = split_cells(unwrapped(place.raw))
    names = source.columns or _USUAL.get(len(cells))
    if names is None:
        usual = " or ".join(str(count) for count in _USUAL)
        raise RefusedLineError(
            f"the line has {len(cells)} columns, the usual templates have {usual}: put yours into `columns`"
        )
    return _leg(named(names, cells), source, place)


def read_json_leg(source: Source, place: Place) -> Leg:
    """One call's JSON as a leg. Raises RefusedLineError."""
    try:
        found = json.loads(place.raw)
        variables = found["variables"]
        cells = {str(name).casefold(): str(value) for name, value in variables.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RefusedLineError("it is no JSON of mod_json_cdr: there are no variables") from error
    for name, value in _caller_profile(found).items():
        cells.setdefault(str(name).casefold(), str(value))
    return _leg(cells, source, place)


def _caller_profile(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """The numbers as they were when the call came in: mod_json_cdr writes the newest profile first."""
    flows = found.get("callflow")
    last = flows[-1] if isinstance(flows, list) and flows else flows
    profile = last.get("caller_profile") if isinstance(last, dict) else None
    return profile if isinstance(profile, dict) else {}


def _leg(cells: Mapping[str, str], source: Source, place: Place) -> Leg:
    uuid = need(cells, "uuid")
    duration_seconds = whole_seconds(cells.get("duration", ""), "duration")
    talk_seconds = whole_seconds(cells.get("billsec", ""), "billsec")
    started_at, start_note = _moment(cells, "start", source)
    if started_at is None:
        raise RefusedLineError("start_stamp is missing")
    ended_at, end_note = _moment(cells, "end", source, after(started_at, duration_seconds))
    answered_at, answer_note = _moment(cells, "answer", source)
    numbers = (cells.get("caller_id_number", ""), cells.get("destination_number", ""))
    has_party = any(cells.get(name) for name in ("bleg_uuid", "bridge_uuid", "last_bridge_to", "signal_bond"))
    is_answered = answered_at is not None and has_party
    parties = _parties(cells, numbers, source.board)
    disposition: Disposition = "answered" if is_answered else _unanswered(cells.get("hangup_cause", ""))
    until = answered_at if is_answered and answered_at else ended_at
    ended_at = ended_at or after(started_at, duration_seconds)
    return leg_of(
        Told(
            key=uuid,
            linked_id=cells.get("call_uuid") or cells.get("originating_leg_uuid") or uuid,
            caller=numbers[0],
            callee=numbers[1],
            started_at=started_at,
            ended_at=ended_at,
            duration_seconds=duration_seconds,
            talk_seconds=talk_seconds if is_answered else 0,
            disposition=disposition,
            answered_at=answered_at if is_answered else None,
            wait_seconds=None if parties.queue else seconds_between(started_at, until or ended_at),
            recording=cells.get("record_path", "") or cells.get("recording_file", ""),
            note=joined(start_note, end_note, answer_note),
        ),
        parties,
        source,
        place,
    )


def _parties(cells: Mapping[str, str], numbers: tuple[str, str], board: Switchboard) -> Parties:
    """The desk is told by mod_callcenter's agent, the number dialled last, or the numbers themselves."""
    reached = (cells.get(name, "").partition("@")[0] for name in ("cc_agent", "dialed_user", "last_sent_callee_id"))
    desk = next((text for text in reached if extension_of(text)), "")
    direction = plain_direction(numbers, board)
    parties = told_parties(direction, numbers, board, extension=desk if direction == "in" else "")
    queue = cells.get("cc_queue", "").partition("@")[0]
    return replace(parties, queue=queue) if queue else parties


def _moment(
    cells: Mapping[str, str], name: str, source: Source, near: datetime | None = None
) -> tuple[datetime | None, str]:
    epoch = cells.get(f"{name}_epoch") or cells.get(f"{name}_uepoch", "")[:-6]
    if epoch:
        return epoch_time(epoch), ""
    text = cells.get(f"{name}_stamp", "")
    return source.times.read(text, near) if text.strip() else (None, "")


def _unanswered(cause: str) -> Disposition:
    if cause in _BUSY:
        return "busy"
    return "no_answer" if cause in _UNANSWERED else "failed"
