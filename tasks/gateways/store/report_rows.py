"""What reports and notebooks read: the selects of sql/queries with their parameters, as typed rows.

SQLite gives times, days and money back as text and floats, so the columns' names say their types:
`…_at` is a time (aware UTC), `…_on` a day, `…amount` exact money, `is_…` a truth value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from sql.column_types import UtcDateTime
from tasks.gateways.store.connection import reading

if TYPE_CHECKING:
    import pandas as pd

_FOLDER = Path(__file__).resolve().parents[3] / "sql" / "queries"
_KOPECK = Decimal("0.01")
_EVERYTHING: dict[str, Any] = {"line": "", "queue": "", "person": 0}
_TYPES: dict[type, sa.types.TypeEngine[Any]] = {datetime: UtcDateTime(), str: sa.Text(), int: sa.BigInteger()}
_AT_ONCE = 2000


def read_rows(connection: sa.Connection, query: str, **values: datetime | str | int) -> list[dict[str, Any]]:
    """The rows of sql/queries/QUERY.sql; `values` are its parameters (from, until, as_of; line, queue, person).

    Those it has not are left; a filter that is not given means everything. Raises FileNotFoundError for no such query.
    """
    return _typed(connection.execute(_statement(query, values)))


def stream_rows(connection: sa.Connection, query: str, **values: datetime | str | int) -> Iterator[dict[str, Any]]:
    """The same rows one after the other, for more of them than memory should hold."""
    result = connection.execution_options(stream_results=True, yield_per=_AT_ONCE).execute(_statement(query, values))
    names = list(result.keys())
    for row in result:
        yield {name: _value(name, value) for name, value in zip(names, row, strict=True)}


def _statement(query: str, values: Mapping[str, Any]) -> sa.TextClause:
    statement = sa.text((_FOLDER / f"{query}.sql").read_text(encoding="utf-8"))
    known = statement.compile().params
    given = {name: value for name, value in (_EVERYTHING | dict(values)).items() if name in known}
    return statement.bindparams(
        *(sa.bindparam(name, value, type_=_TYPES[type(value)]) for name, value in given.items())
    )


def read_view(connection: sa.Connection, view: str) -> list[dict[str, Any]]:
    """All rows of a view of sql/views, ordered by its first column."""
    return _typed(connection.execute(sa.select(sa.text("*")).select_from(sa.table(view)).order_by(sa.text("1"))))


def read_frame(engine: sa.Engine, query: str, **moments: datetime) -> pd.DataFrame:
    """The same rows as `read_rows` as a pandas frame, for notebooks; whole numbers stay whole where none is missing."""
    import pandas as pd

    with reading(engine) as connection:
        return pd.DataFrame(read_rows(connection, query, **moments))


def _typed(result: sa.CursorResult[Any]) -> list[dict[str, Any]]:
    names = list(result.keys())
    return [{name: _value(name, value) for name, value in zip(names, row, strict=True)} for row in result]


def _value(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name.endswith("_at"):
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    if name.endswith("_on"):
        return date.fromisoformat(value) if isinstance(value, str) else value
    if name.endswith("amount"):
        return Decimal(str(value)).quantize(_KOPECK)
    return bool(value) if name.startswith("is_") else value
