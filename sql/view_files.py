"""The views analysts read: one file each in sql/views, NAME.sql, or NAME.sqlite.sql beside NAME.postgresql.sql."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

_FOLDER = Path(__file__).resolve().parent / "views"


def create_views(connection: sa.Connection) -> list[str]:
    """Make every view anew, in the order of their file names (a view may read those before it). Returns their names."""
    definitions = _definitions(connection.dialect.name)
    drop_views(connection)
    for name, body in definitions.items():
        connection.exec_driver_sql(f"CREATE VIEW {name} AS {body}")
    return list(definitions)


def drop_views(connection: sa.Connection) -> None:
    """Drop every view of the folder that is there, last made first."""
    for name in reversed(_definitions(connection.dialect.name)):
        connection.exec_driver_sql(f"DROP VIEW IF EXISTS {name}")


def _definitions(dialect: str) -> dict[str, str]:
    """View name → SELECT text. Files are ordered by a number that is no part of the name: 10_call_day.sql."""
    found: dict[str, str] = {}
    for file in sorted(_FOLDER.glob("*.sql")):
        stem, _, engine = file.name.removesuffix(".sql").partition(".")
        if engine in ("", dialect):
            found[stem.partition("_")[2]] = file.read_text(encoding="utf-8").rstrip().rstrip(";")
    return found
