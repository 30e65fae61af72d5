"""Column types that SQLite and PostgreSQL keep alike: aware UTC times, exact money, JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """Aware in, aware UTC out; a naive time is a programming error and is refused (SQLite drops the zone)."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    # SQLite keeps text. Written and read in one step here: the library's way there takes three, at every value.
    def bind_processor(self, dialect: sa.Dialect) -> Any:
        return sqlite_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Any:
        return _from_sqlite if dialect.name == "sqlite" else super().result_processor(dialect, coltype)

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else _in_utc(value)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError(f"a naive time cannot be stored: {value!r}")
    return value.astimezone(UTC)


def sqlite_text(value: datetime | None) -> str | None:
    """As SQLAlchemy writes a time for SQLite, `2026-11-17 06:00:00.000000`. Raises ValueError for a naive one."""
    return None if value is None else _in_utc(value).replace(tzinfo=None).isoformat(" ", "microseconds")


def from_sqlite_text(text: str) -> datetime:
    """Such a text as aware UTC."""
    return datetime.fromisoformat(text + "Z")  # five times as fast as setting the zone afterwards


def _from_sqlite(value: str | None) -> datetime | None:
    return None if value is None else from_sqlite_text(value)


# Row keys: SQLite autoincrements only a plain INTEGER primary key.
RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# Exact to the kopeck on both engines; SQLite has no decimal type, SQLAlchemy converts through text-safe scale.
Money: sa.types.TypeEngine[Any] = sa.Numeric(14, 2)
Json: sa.types.TypeEngine[Any] = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
# Compared byte by byte on both engines, so that a range of it is a search for first letters.
SortedText: sa.types.TypeEngine[Any] = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
# JSON that keeps the order of its keys: PostgreSQL's JSONB does not
OrderedJson: sa.types.TypeEngine[Any] = sa.JSON()
