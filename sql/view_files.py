"""The views analysts read: one file each in sql/views, NAME.sql, or NAME.sqlite.sql beside NAME.postgresql.sql.

Which of them a store has, and from which files, the store says itself in a view more, `view_note`.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import sqlalchemy as sa

_FOLDER = Path(__file__).resolve().parent / "views"
_NOTE = "view_note"


def create_views(connection: sa.Connection) -> list[str]:
    """Make every view anew, in the order of their file names (a view may read those before it). Returns their names."""
    definitions = _definitions(connection.dialect.name)
    drop_views(connection)
    for name, body in definitions.items():
        connection.exec_driver_sql(f"CREATE VIEW {name} AS {body}")
    note = f"SELECT '{_digest(definitions)}' AS digest, '{' '.join(definitions)}' AS names"
    connection.exec_driver_sql(f"CREATE VIEW {_NOTE} AS {note}")  # both are ours: hexadecimal, and names of files
    return list(definitions)


def are_current(connection: sa.Connection) -> bool:
    """Whether the store's views were made of the files as they are now."""
    digest, _ = _noted(connection)
    return digest == _digest(_definitions(connection.dialect.name))


def drop_views(connection: sa.Connection) -> None:
    """Drop every view that was made here or is in the folder, last made first."""
    _, made = _noted(connection)
    for name in dict.fromkeys([_NOTE, *reversed(made), *reversed(_definitions(connection.dialect.name))]):
        connection.exec_driver_sql(f"DROP VIEW IF EXISTS {name}")


def _noted(connection: sa.Connection) -> tuple[str, list[str]]:
    """The digest of the files the store's views were made of, and their names; empty where none were."""
    if _NOTE not in sa.inspect(connection).get_view_names():
        return "", []
    note = sa.table(_NOTE, sa.column("digest"), sa.column("names"))
    row = connection.execute(sa.select(note)).one()
    return row.digest, row.names.split()


def _digest(definitions: dict[str, str]) -> str:
    return hashlib.sha256(repr(definitions).encode()).hexdigest()


def _definitions(dialect: str) -> dict[str, str]:
    """View name → SELECT text. Files are ordered by a number that is no part of the name: 10_call_day.sql."""
    found: dict[str, str] = {}
    for file in sorted(_FOLDER.glob("*.sql")):
        stem, _, engine = file.name.removesuffix(".sql").partition(".")
        if engine in ("", dialect):
            found[stem.partition("_")[2]] = file.read_text(encoding="utf-8").rstrip().rstrip(";")
    return found
