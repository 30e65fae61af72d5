"""The migrations give the schema, on both engines, and lose nothing of what they do not touch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from sql import schema
from sql.view_files import drop_views
from tasks.gateways.store.connection import open_store, reading, writing
from tasks.gateways.store.contacts import create_contact
from tasks.gateways.store.leads import NewLead, create_leads
from tasks.gateways.store.revision import (
    current_revision,
    differences,
    downgrade,
    newest_revision,
    require_current,
    upgrade,
)
from tasks.rules.errors import StoreError

NOON = datetime(2026, 11, 17, 12, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """A store with nothing in it, not even a revision."""
    url = (
        f"sqlite:///{tmp_path / 'store.db'}"
        if request.param == "sqlite"
        else request.getfixturevalue("postgres_server")
    )
    engine = open_store(url)
    _empty(engine)
    yield engine
    _empty(engine)
    engine.dispose()


def _empty(engine: sa.Engine) -> None:
    with writing(engine) as connection:
        drop_views(connection)
        schema.metadata.drop_all(connection)
        connection.exec_driver_sql("DROP TABLE IF EXISTS alembic_version")


def _fill(engine: sa.Engine) -> None:
    with writing(engine) as connection:
        contact_id = create_contact(
            connection,
            name="Иван",
            points=[("mail", "ivan@example.com", "Ivan@Example.com")],
            company_id=None,
            language="ru",
            at=NOON,
        )
        create_leads(connection, [NewLead("mail:1", "mail", "Ремонт", "Иван", None, None, "ru", None, NOON, NOON)])
        connection.execute(
            sa.insert(schema.register_entry).values(
                register="policies",
                number="P-1",
                contact_id=contact_id,
                issued_on=date(2026, 1, 1),
                valid_until=date(2026, 12, 1),
            )
        )


def test_the_migrations_give_the_schema_of_the_code(bare_engine: sa.Engine) -> None:
    upgrade(bare_engine)
    assert current_revision(bare_engine) == newest_revision()
    assert differences(bare_engine) == []


def test_up_down_and_up_again_keeps_what_the_steps_do_not_touch(bare_engine: sa.Engine) -> None:
    upgrade(bare_engine)
    _fill(bare_engine)
    downgrade(bare_engine, "0003")
    upgrade(bare_engine)
    assert differences(bare_engine) == []
    with reading(bare_engine) as connection:
        assert connection.scalar(sa.select(schema.lead.c.person_name)) == "Иван"
        assert connection.scalar(sa.select(schema.contact_point.c.value)) == "ivan@example.com"
        assert connection.scalar(sa.select(sa.func.count()).select_from(schema.register_entry)) == 0
    downgrade(bare_engine, "base")
    upgrade(bare_engine)
    assert differences(bare_engine) == []


def test_a_store_newer_than_the_code_is_refused_in_one_line(bare_engine: sa.Engine) -> None:
    upgrade(bare_engine)
    with writing(bare_engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match=r"newer than this code.*9999"):
        require_current(bare_engine)


def test_an_unreachable_database_is_one_line() -> None:
    engine = open_store("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(StoreError, match=r"^the database failed: [^\n]+$"):
        require_current(engine)
