"""Prefect's server on SQLite: two transactions that read first and write then come one after the other."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa
from prefect.server.database.configurations import AioSqliteConfiguration

from deployments.prefect_serving import lock_at_the_beginning


@pytest.fixture
def _locked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AioSqliteConfiguration, "begin_transaction", AioSqliteConfiguration.begin_transaction)
    lock_at_the_beginning()


async def _two_writers(file: Path) -> int:
    """Both read the counter, give the other time, and add one; the counter afterwards."""
    database = AioSqliteConfiguration(f"sqlite+aiosqlite:///{file}")
    engine = await database.engine()
    async with engine.begin() as connection:
        await connection.execute(sa.text("CREATE TABLE counter (n INTEGER)"))
        await connection.execute(sa.text("INSERT INTO counter VALUES (0)"))

    async def add() -> None:
        async with await database.session(engine) as session, database.begin_transaction(session):
            seen = (await session.execute(sa.text("SELECT n FROM counter"))).scalar_one()
            await asyncio.sleep(0.05)
            await session.execute(sa.text("UPDATE counter SET n = :n"), {"n": seen + 1})

    await asyncio.gather(add(), add())
    async with engine.connect() as connection:
        found: int = (await connection.execute(sa.text("SELECT n FROM counter"))).scalar_one()
    await engine.dispose()
    return found


@pytest.mark.usefixtures("_locked")
def test_two_that_read_first_and_write_then_both_write(tmp_path: Path) -> None:
    assert asyncio.run(_two_writers(tmp_path / "one.db")) == 2


def test_without_it_the_second_fails(tmp_path: Path) -> None:
    """When Prefect's server does not fail any more by itself, our change has had its time."""
    with pytest.raises(sa.exc.OperationalError, match="database is locked"):
        asyncio.run(_two_writers(tmp_path / "two.db"))
