"""How each source is doing, remembered between runs and shared by all processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert
from tasks.rules.source_health import Health, pause_after

_MAX_ERROR_CHARS = 300


def mailbox_source(mailbox: str) -> str:
    """A mailbox's name among the sources."""
    return f"mail:{mailbox}"


def manager_source(log_name: str) -> str:
    """A call log's manager interface among the sources."""
    return f"ami:{log_name}"


def read_health(connection: sa.Connection, sources: Sequence[str]) -> dict[str, Health]:
    """These sources as they are; one that was never tried is well."""
    table = schema.source_health
    rows = connection.execute(sa.select(table).where(table.c.source.in_(sources)))
    known = {row.source: _health(row) for row in rows}
    return {source: known.get(source, Health(source)) for source in sources}


def may_try(connection: sa.Connection, source: str, now: datetime) -> bool:
    """Whether the source is in no pause after failures."""
    return read_health(connection, [source])[source].may_try(now)


def note_success(connection: sa.Connection, source: str, now: datetime) -> Health:
    """Remember that the source was read; returns how it was before."""
    before = _locked(connection, source)
    last = max(now, before.last_success_at or now)
    _write(connection, replace(before, failure_count=0, last_error="", next_try_at=None, last_success_at=last))
    return before


def note_failure(connection: sa.Connection, source: str, error: str, now: datetime) -> Health:
    """Remember that the source failed, and when it may be tried again; returns how it is now."""
    before = _locked(connection, source)
    count = before.failure_count + 1
    pause = pause_after(count)
    after = replace(
        before,
        failure_count=count,
        last_error=error[:_MAX_ERROR_CHARS],
        next_try_at=now + pause if pause else None,
    )
    _write(connection, after)
    return after


def _locked(connection: sa.Connection, source: str) -> Health:
    """The row, held against other processes until the caller's transaction ends."""
    table = schema.source_health
    connection.execute(insert(connection, table).on_conflict_do_nothing(), [{"source": source}])
    return _health(connection.execute(sa.select(table).where(table.c.source == source).with_for_update()).one())


def _write(connection: sa.Connection, health: Health) -> None:
    table = schema.source_health
    values = {
        "failure_count": health.failure_count,
        "last_error": health.last_error,
        "last_success_at": health.last_success_at,
        "next_try_at": health.next_try_at,
    }
    connection.execute(sa.update(table).where(table.c.source == health.source).values(values))


def _health(row: sa.Row[tuple[object, ...]]) -> Health:
    return Health(row.source, row.failure_count, row.last_error, row.last_success_at, row.next_try_at)
