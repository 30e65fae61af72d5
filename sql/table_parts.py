"""The parts every table is made of, and the metadata they all belong to."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from sql.column_types import RowId

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def row_id() -> sa.Column[int]:
    """The integer key of a table."""
    return sa.Column("id", RowId, primary_key=True, autoincrement=True)


def link(name: str, target: str, null_means: str | None = None, *, index: bool = True) -> sa.Column[int]:
    """A reference to `target`; it may be empty when `null_means` says what that means."""
    return sa.Column(
        name, RowId, sa.ForeignKey(f"{target}.id"), nullable=null_means is not None, index=index, comment=null_means
    )


def optional(name: str, kind: sa.types.TypeEngine[Any] | type[sa.types.TypeEngine[Any]], means: str) -> sa.Column[Any]:
    """A column that may be empty; `means` says what its NULL means."""
    return sa.Column(name, kind, nullable=True, comment=f"NULL: {means}")


def words(name: str, default: str | None = "") -> sa.Column[str]:
    """A text for people, empty when nothing is said."""
    return sa.Column(name, sa.Text, nullable=False, server_default=default)
