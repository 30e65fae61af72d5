"""The store's revision: migrations up and down, and a clear word when code and database do not match."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import sql.migrations
from sql.schema import metadata
from sql.view_files import are_current, create_views, drop_views
from tasks.gateways.store.connection import reading, writing
from tasks.rules.errors import StoreError

_FOLDER = Path(next(iter(sql.migrations.__path__)))


def current_revision(engine: sa.Engine) -> str | None:
    """The revision the store is at; None for an empty one."""
    with reading(engine) as connection:
        return MigrationContext.configure(connection).get_current_revision()


@cache
def newest_revision() -> str:
    """The newest revision this code knows; reading them all takes as long as taking in a mail."""
    return _scripts().get_current_head() or ""


def upgrade(engine: sa.Engine, target: str = "head") -> None:
    """Migrate forward in one transaction and make the views anew. Raises StoreError for a store newer than the code."""
    _refuse_newer(engine)
    _migrate(engine, lambda config: command.upgrade(config, target))


def downgrade(engine: sa.Engine, target: str) -> None:
    """Migrate back to `target` ('base' empties the store). Views belong to the newest revision and are gone then."""
    _migrate(engine, lambda config: command.downgrade(config, target))


def require_current(engine: sa.Engine) -> None:
    """Bring an older or empty store up to date; raise StoreError for one that is newer than the code."""
    if current_revision(engine) != newest_revision():
        upgrade(engine)


def remake_views(engine: sa.Engine) -> bool:
    """Make the views anew when their files have changed since; whether they had. The store is at the newest revision.

    Not for every run: while the code is being changed, two versions of it would make them in turns.
    """
    with reading(engine) as connection:
        if are_current(connection):
            return False
    with writing(engine) as connection:
        create_views(connection)
    return True


def differences(engine: sa.Engine) -> list[Any]:
    """What the store lacks against the schema in the code; empty when the migrations are complete."""
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))


def _migrate(engine: sa.Engine, action: Callable[[Config], None]) -> None:
    with writing(engine) as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        drop_views(connection)
        action(_config(connection))
        if MigrationContext.configure(connection).get_current_revision() == newest_revision():
            create_views(connection)


def _refuse_newer(engine: sa.Engine) -> None:
    found = current_revision(engine)
    known = {script.revision for script in _scripts().walk_revisions()}
    if found is not None and found not in known:
        raise StoreError(
            f"the database is newer than this code (it is at revision {found}, the code knows {newest_revision()}): "
            "update the code, or give another CALLOUT_DATABASE_URL"
        )


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config(None))


def _config(connection: sa.Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    return config
