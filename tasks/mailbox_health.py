"""What is remembered and said of a mailbox that fails or is well again: row, event and alarm in one transaction.

Prefect is told after it, once when the failures begin and once when they end.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.alarms import raise_alarm
from tasks.artifacts import publish_table
from tasks.desk import Desk
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.events import NewEvent, record_event
from tasks.gateways.store.source_health import mailbox_source, note_failure, note_success, read_health
from tasks.prefect_events import tell_mailbox
from tasks.rules.office import Office
from tasks.rules.source_health import Health


def mailbox_is_well(desk: Desk, mailbox: str, now: datetime) -> bool:
    """Remember a success; returns whether the mailbox had been failing."""
    with writing(desk.engine) as connection:
        before = note_success(connection, mailbox_source(mailbox), now)
        if not before.failure_count:
            return False
        _record(connection, "mailbox-recovered", mailbox, before, now)
    tell_mailbox("recovered", mailbox)
    return True


def mailbox_fails(desk: Desk, mailbox: str, error: str, now: datetime) -> Health:
    """Remember a failure, and tell the administrators once when it lasts."""
    with writing(desk.engine) as connection:
        health = note_failure(connection, mailbox_source(mailbox), error, now)
        _record(connection, "mailbox-failed", mailbox, health, now)
        if health.is_alarm_due(now):
            _raise_alarm(connection, desk.office, mailbox, health, now)
    if health.failure_count == 1:
        tell_mailbox("failed", mailbox)
    return health


def _record(connection: sa.Connection, kind: str, mailbox: str, health: Health, now: datetime) -> None:
    """Once per row of failures, however long it is."""
    record_event(
        connection,
        NewEvent(
            key=f"{kind}:{mailbox}:{health.streak}",
            at=now,
            entity="mailbox",
            entity_id=0,
            kind=kind,
            actor="channel:mail",
            data={"mailbox": mailbox, "error": health.last_error, "failures": health.failure_count},
        ),
    )


def _raise_alarm(connection: sa.Connection, office: Office, mailbox: str, health: Health, now: datetime) -> None:
    data = {
        "mailbox": mailbox,
        "error": health.last_error,
        "failures": health.failure_count,
        "since": health.last_success_at,
        "next_try": health.next_try_at,
    }
    raise_alarm(connection, office, f"mailbox-failing:{mailbox}:{health.streak}", "mailbox_failing", data, now)


@task(name="show-mailbox-health", task_run_name="show-mailbox-health", cache_policy=NO_CACHE)
def show_mailbox_health(desk: Desk, now: datetime) -> None:
    """The artifact `mailbox-health`: every active mailbox, how it is and since when."""
    publish_table("mailbox-health", health_rows(desk, now), "The mailboxes after the last change")


def health_rows(desk: Desk, now: datetime) -> list[dict[str, str]]:
    """The table's rows, times in the office's zone."""
    zone = desk.office.zone
    sources = {box.name: mailbox_source(box.name) for box in desk.office.mailboxes if box.is_active}
    with reading(desk.engine) as connection:
        health = read_health(connection, list(sources.values()))

    def told(at: datetime | None, otherwise: str) -> str:
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else otherwise

    return [
        {
            "mailbox": name,
            "state": _state(health[source], now),
            "last read": told(health[source].last_success_at, "never"),
            "failures in a row": str(health[source].failure_count),
            "last error": health[source].last_error,
            "next try": told(health[source].next_try_at, "at the next run"),
        }
        for name, source in sources.items()
    ]


def _state(health: Health, now: datetime) -> str:
    if not health.failure_count:
        return "reads" if health.last_success_at else "not read yet"
    return "fails" if health.may_try(now) else "fails, waits"
