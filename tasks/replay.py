"""Replay: stored mail through today's code, compared with what is recorded, and applied when somebody says so.

A mail of which something was made is judged as of the moment it was settled: contacts that were made later (from this
very mail, perhaps) are not known, and the first of two equal mails stays the first. Staff, rules, spam labels and the
office folder are today's. A mail of which nothing was made is judged as of now, because it would be taken now. What a
person decided about stays as decided. A replay sends nothing: no mail is planned, the process engine hears nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

import sqlalchemy as sa
from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.artifacts import publish_table
from tasks.desk import Desk
from tasks.gateways.quality_gate import gate_rows
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.quarantine_decisions import read_mails
from tasks.gateways.store.replaying import RecordedMail, apply_replayed, lead_numbers, read_recorded, replayed_ids
from tasks.mail_interpreting import read_items, refuse_bad
from tasks.mail_lookups import Hindsight
from tasks.rules.errors import UsageError
from tasks.rules.lead_times import take_due_at
from tasks.rules.mail.settlement import Settlement
from tasks.rules.replay_diff import MailDiff, Replay, diff_mail, public_rows, would_be
from tasks.rules.report_period import day_bounds, report_days

_CHUNK_MAILS = 200
_LISTED_ROWS = 500


@dataclass(frozen=True, slots=True)
class Span:
    """Which mails: those of `ids`, else those received from `begins` until before `ends`."""

    begins: datetime
    ends: datetime
    ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Applied:
    """What applying did: counts, and remarks for people."""

    counts: dict[str, int]
    notes: tuple[str, ...] = ()


_Found = tuple[RecordedMail, MailDiff, Settlement]


def span_of(desk: Desk, first_day: str, last_day: str, ids: Sequence[int], now: datetime) -> Span:
    """The mails asked for: local days, inclusive, or numbers of items. Raises UsageError for neither and for both."""
    if bool(ids) == bool(first_day or last_day):
        raise UsageError("say which mails: from which day (to which day), or the numbers of items; not both")
    if last_day and not first_day:
        raise UsageError("say from which day")
    first, last = report_days(first_day, last_day, now, desk.office.zone)
    return Span(*day_bounds(first, last, desk.office.zone), tuple(ids))


def preview(desk: Desk, span: Span, now: datetime) -> Replay:
    """What would change. Nothing is written to any table."""
    return sum((replay for replay, _ in _chunks(desk, span, now)), Replay())


def replay_span(desk: Desk, span: Span, now: datetime, *, is_applied: bool) -> Applied:
    """Show what would change, or write it."""
    return apply_replay(desk, span, now) if is_applied else Applied(preview_replay(desk, span, now))


@task(name="preview-replay", task_run_name="preview-replay", cache_policy=NO_CACHE)
def preview_replay(desk: Desk, span: Span, now: datetime) -> dict[str, int]:
    """The preview's counts; its rows, without personal data, become the artifact `replay-mail`."""
    replay = preview(desk, span, now)
    _show(replay)
    return {"seen": replay.seen, "decided": replay.decided, "differing": len(replay.diffs)}


@task(name="apply-replay", task_run_name="apply-replay", cache_policy=NO_CACHE)
def apply_replay(desk: Desk, span: Span, now: datetime) -> Applied:
    """Write the differences, each item in a transaction of its own; a second run finds nothing to do."""
    counts: Counter[str] = Counter()
    made: list[str] = []
    for replay, found in _chunks(desk, span, now):
        counts.update(seen=replay.seen, decided=replay.decided)
        for was, diff, settlement in found:
            with writing(desk.engine) as connection:
                done = apply_replayed(connection, was, diff, settlement, now)
                made += lead_numbers(connection, [was.intake_id]) if done.get("leads") else []
            counts.update(done or {"changed_meanwhile": 1})
    told = f"made without telling anybody: {', '.join(made)}" if made else ""
    return Applied(dict(counts), (told,) if told else ())


def _chunks(desk: Desk, span: Span, now: datetime) -> Iterator[tuple[Replay, list[_Found]]]:
    last_id = 0
    while True:
        with reading(desk.engine) as connection:
            ids = replayed_ids(connection, span.begins, span.ends, span.ids, last_id, _CHUNK_MAILS)
            if not ids:
                return
            recorded = read_recorded(connection, ids)
            open_ones = [one for one in recorded if not one.is_decided]
            found = list(_differing(desk, connection, open_ones, now))
        last_id = ids[-1]
        decided = len(recorded) - len(open_ones)
        yield Replay(len(open_ones), decided, tuple(diff for _, diff, _ in found)), found


def _differing(
    desk: Desk, connection: sa.Connection, recorded: Sequence[RecordedMail], now: datetime
) -> Iterator[_Found]:
    settlements = _read_again(desk, connection, recorded)
    due_at = take_due_at(desk.office, now)
    for was in recorded:
        settlement = settlements[was.intake_id]
        diff = diff_mail(was.intake_id, was.mail, would_be(settlement, was.mail))
        if diff is not None:
            yield was, diff, replace(settlement, take_due_at=due_at) if settlement.makes_lead else settlement


def _read_again(desk: Desk, connection: sa.Connection, recorded: Sequence[RecordedMail]) -> dict[int, Settlement]:
    """Each mail as today's code and gate see it, as of the moment it is judged for."""
    found: dict[int, Settlement] = {}
    by_moment = sorted(recorded, key=lambda one: (one.known_at is not None, one.known_at or one.intake_id))
    for known_at, group in groupby(by_moment, key=lambda one: one.known_at):
        mails = read_mails(connection, [one.intake_id for one in group])
        chunk = read_items(desk, connection, mails, Hindsight(known_at))
        found |= {one.intake_id: one for one in refuse_bad(chunk, gate_rows("mail", chunk.gate_rows))}
    return found


def _show(replay: Replay) -> None:
    table = public_rows(replay, _LISTED_ROWS) or [{"intake_id": "", "field": "nothing differs"}]
    said = f"{replay.seen} mails read again, {len(replay.diffs)} differ. Words of people are not shown here."
    publish_table("replay-mail", table, said)
