"""An outbox with a real mail server behind it: planning, dispatching and looking at what became of it."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.desk import Desk
from tasks.gateways.store.connection import reading, writing
from tasks.outbox import plan_notices, send_batch
from tasks.rules.outgoing import AmbiguousPolicy, Notice, Recipient

NOW = datetime(2026, 11, 17, 6, 30, tzinfo=UTC)


def notice(name: str, number: int = 0, *, wording: str = "note", policy: AmbiguousPolicy = "retry") -> Notice:
    to = Recipient(f"contact:{number}", name, f"{name}@example.com", "ru")
    key = f"{name}:{number}"
    return Notice(key, "notice", to, wording, {"text": key}, "deal", number, NOW, policy=policy)


def plan(desk: Desk, *notices: Notice, now: datetime = NOW) -> int:
    with writing(desk.engine) as connection:
        return plan_notices(connection, desk.office, notices, now)


async def dispatch(desk: Desk, now: datetime = NOW) -> dict[str, int]:
    """Send all that may leave; counts by new state, and what the brakes held."""
    total: Counter[str] = Counter()
    while (batch := await send_batch.fn(desk, now)).claimed:
        total.update(batch.counts)
    total.update(batch.counts)
    return {state: count for state, count in total.items() if count}


def rows(desk: Desk, table: sa.Table = schema.outbox) -> list[Any]:
    with reading(desk.engine) as connection:
        return list(connection.execute(sa.select(table).order_by(table.c.id)).all())


def states(desk: Desk) -> dict[str, str]:
    return {row.key: row.state for row in rows(desk)}


def start_dispatcher(desk: Desk) -> subprocess.Popen[bytes]:
    url = desk.engine.url.render_as_string(hide_password=False)
    told = [url, desk.office.templates, str(desk.office.sender.port), NOW.isoformat()]
    return subprocess.Popen([sys.executable, "-m", "tests.samples.dispatch_all", *told])
