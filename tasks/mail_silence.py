"""Mailboxes that have gone silent: told once, and once more when they are heard again.

Looked at by the listener and by a schedule, so that a dead listener is noticed too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.alarms import raise_alarm
from tasks.desk import Desk
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.source_beats import (
    Signs,
    SilenceRecord,
    open_silences,
    read_arrivals,
    read_signs,
    record_heard_again,
    record_silence,
)
from tasks.rules.mail.silence import HISTORY, Days, norm_of, silence_of
from tasks.rules.office import Mailbox, Office
from tasks.rules.working_time import working_calendar

STALE_AFTER = timedelta(minutes=5)
_WORDING = "mailbox_silent"


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look at a mailbox found; `record` None: nothing unusual."""

    mailbox: Mailbox
    signs: Signs
    last_at: datetime | None
    record: SilenceRecord | None


@task(name="check-silence", task_run_name="check-silence", cache_policy=NO_CACHE)
def check_silence(desk: Desk, now: datetime) -> dict[str, int]:
    """Raise an alarm for every active mailbox that is silent against its own norm, or that nobody listens at any more.

    Returns counts: `silent` newly told, `heard_again`.
    """
    with reading(desk.engine) as connection:
        looks = list(_look(connection, desk.office, now))
        is_open = open_silences(connection)
        if not any(look.record for look in looks) and not is_open:
            return {"silent": 0, "heard_again": 0}
    with writing(desk.engine) as connection:
        return _tell(connection, desk.office, looks, now)


def _look(connection: sa.Connection, office: Office, now: datetime) -> Iterator[_Look]:
    mailboxes = [mailbox for mailbox in office.mailboxes if mailbox.is_active]
    signs = read_signs(connection, [mailbox.name for mailbox in mailboxes])
    arrivals = read_arrivals(connection, now - HISTORY, now)
    calendar = working_calendar(office.hours, office.zone)
    days = Days(office.zone, office.hours.weekdays, calendar.is_working_day)
    for mailbox in mailboxes:
        came = arrivals.get(mailbox.name, [])
        record = _stale(mailbox.name, signs[mailbox.name], now) or _silent(mailbox.name, came, days, now)
        yield _Look(mailbox, signs[mailbox.name], max(came, default=None), record)


def _stale(mailbox: str, signs: Signs, now: datetime) -> SilenceRecord | None:
    """A schedule has read the mailbox well since the last beat: the server is there, whoever should listen is not."""
    beat_at, read_at = signs.beat_at, signs.last_success_at
    if beat_at is None or read_at is None:
        return None
    is_stale = now - beat_at > STALE_AFTER and read_at - beat_at > STALE_AFTER and read_at <= now
    return SilenceRecord(mailbox, "beat", beat_at) if is_stale else None


def _silent(mailbox: str, arrivals: Sequence[datetime], days: Days, now: datetime) -> SilenceRecord | None:
    norm = norm_of(arrivals, days, now)
    silence = silence_of(max(arrivals), norm, now) if norm is not None else None
    return SilenceRecord(mailbox, "mail", silence.last_at) if silence is not None else None


def _tell(connection: sa.Connection, office: Office, looks: Sequence[_Look], now: datetime) -> dict[str, int]:
    """One alarm per silence; which silences are open is asked again inside the write transaction."""
    counts = {"silent": 0, "heard_again": 0}
    is_open = open_silences(connection)
    for look in looks:
        silence = is_open.get(look.mailbox.name)
        if silence is not None and _has_ended(silence, look, now):
            counts["heard_again"] += record_heard_again(connection, silence, now)
            silence = None
        if silence is None and look.record is not None and record_silence(connection, look.record, now):
            _alarm(connection, office, look.mailbox, look.record, now)
            counts["silent"] += 1
    return counts


def _has_ended(silence: SilenceRecord, look: _Look, now: datetime) -> bool:
    if silence.cause == "mail":
        return look.last_at is not None and look.last_at > silence.since
    beat_at = look.signs.beat_at
    return beat_at is not None and beat_at > silence.since and now - beat_at <= STALE_AFTER


def _alarm(connection: sa.Connection, office: Office, mailbox: Mailbox, record: SilenceRecord, now: datetime) -> None:
    data = {
        "mailbox": mailbox.name,
        "address": mailbox.address,
        "cause": record.cause,
        "since": record.since,
        "hours": round((now - record.since).total_seconds() / 3600, 1),
    }
    raise_alarm(connection, office, f"mailbox-silent:{record.key}", _WORDING, data, now)
