"""Telephone: log lines taken in, legs folded into calls, calls settled as leads, activities and missed calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.desk import Desk
from tasks.gateways.call_logs.portions import Portion, read_portion
from tasks.gateways.call_logs.remote import read_remote_portion
from tasks.gateways.store.call_lines import keep_portion, read_cursors
from tasks.gateways.store.call_results import settle_waiting
from tasks.gateways.store.calls import fold_waiting
from tasks.gateways.store.quarantine import BadRow
from tasks.rules.calls.folding import fold_call
from tasks.rules.calls.parties import Switchboard
from tasks.rules.calls.records import Call, Leg, QueueEvent
from tasks.rules.errors import OutsideError, UsageError
from tasks.rules.gate import GateResult
from tasks.rules.office import CallLog, Office

# the gate needs half a second for a batch, whatever its rows
BATCH_LINES = 20_000


def new_portions(desk: Desk, names: Sequence[str], now: datetime) -> Iterator[Portion]:
    """Portion after portion of the named call logs (none: of all), until every log is read up to `now`.

    The caller keeps each portion before it asks for the next. Raises UsageError for a name that is no call log.
    """
    for log in _chosen(desk.office, names):
        while True:
            portion = read_call_log(desk, log, now)
            if portion.parts or portion.notes or portion.problems:
                yield portion
            if portion.is_last or not portion.parts:
                break


@task(name="read-call-log", task_run_name="read-{log.name}", cache_policy=NO_CACHE)
def read_call_log(desk: Desk, log: CallLog, now: datetime) -> Portion:
    """The next lines of one call log; a log that cannot be read is a portion without lines that says why."""
    board = switchboard_of(desk.office, log)
    cursors = read_cursors(desk.engine, log.name)
    try:
        if log.has_files:
            return read_portion(log, Path(log.folder), board, cursors, now, BATCH_LINES)
        secret = desk.secrets.read(log.secret) if log.secret else ""
        return read_remote_portion(log, secret, board, cursors, now, BATCH_LINES)
    except OutsideError as error:
        return Portion(log.name, problems=(str(error),))


def switchboard_of(office: Office, log: CallLog) -> Switchboard:
    """What must be known to read a record of this log."""
    telephony = office.telephony
    return Switchboard(log.country, frozenset(line.number for line in telephony.lines), frozenset(telephony.queues))


def leg_rows(portion: Portion) -> list[dict[str, Any]]:
    """The legs of a portion as the gate wants to see them."""
    names = ("file_line", "linked_id", "started_at", "ended_at", "duration_seconds", "talk_seconds")
    return [{name: getattr(leg, name) for name in (*names, "disposition", "direction")} for leg in portion.legs]


@task(name="keep-call-lines", task_run_name="keep-{portion.source}", cache_policy=NO_CACHE)
def keep_call_lines(desk: Desk, portion: Portion, verdict: GateResult, now: datetime) -> dict[str, int]:
    """Store a portion's good lines and quarantine the others, with the cursor, in one transaction."""
    good = [portion.legs[position] for position in verdict.good]
    bad = [_bad_leg(portion.legs[position], reasons) for position, reasons in verdict.bad.items()]
    logs = desk.office.telephony.logs
    is_told_live = any(log.name == portion.source and log.ami.address for log in logs)
    return keep_portion(desk.engine, portion, good, [*portion.refused, *bad], now, is_told_live=is_told_live)


@task(name="fold-calls", cache_policy=NO_CACHE)
def fold_calls(desk: Desk, now: datetime, *, is_early: bool = False) -> dict[str, int]:
    """Fold the legs of every quiet call into the call; counts new calls and those that late legs changed.

    `is_early`: calls that are surely over are not waited for.
    """
    telephony = desk.office.telephony
    countries = {log.name: log.country for log in telephony.logs}
    lines = frozenset(line.number for line in telephony.lines)

    def fold(legs: Sequence[Leg], events: Sequence[QueueEvent]) -> Call:
        return fold_call(legs, events, countries.get(legs[0].source, desk.office.hours.country), lines)

    new, changed = fold_waiting(desk.engine, fold, now, is_early=is_early)
    return {"calls": new, "changed_calls": changed}


@task(name="settle-calls", cache_policy=NO_CACHE)
def settle_calls(desk: Desk, now: datetime) -> dict[str, int]:
    """Make leads, activities and missed calls of the folded calls, and close the missed ones that were settled."""
    return settle_waiting(desk.engine, desk.office, now)


def require_readable(problems: Sequence[str]) -> None:
    """Raise OutsideError when a call log could not be read; the others were taken in by then."""
    if problems:
        raise OutsideError("; ".join(problems))


def _chosen(office: Office, names: Sequence[str]) -> list[CallLog]:
    logs = {log.name: log for log in office.telephony.logs}
    unknown = [name for name in names if name not in logs]
    if unknown:
        raise UsageError(f"there is no call log {unknown[0]!r}; the office has: {', '.join(logs) or 'none'}")
    chosen = [log for log in logs.values() if log.name in names or (not names and log.is_active)]
    return [log for log in chosen if log.kind != "post"]


def _bad_leg(leg: Leg, reasons: Sequence[str]) -> BadRow:
    return BadRow(leg.source, leg.file_line, "; ".join(reasons), leg.raw_line)
