"""What the last round knew of the office: who stood in for whom, and which hours counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.upserts import upsert

_ROW = "office-state"


@dataclass(frozen=True, slots=True)
class OfficeState:
    """The state, how often it has changed, and the moment it was about."""

    state: Mapping[str, Any]
    version: int
    at: datetime


def read_office_state(connection: sa.Connection) -> OfficeState | None:
    """The last state; None before the first round."""
    table = schema.source_cursor
    row = connection.execute(sa.select(table).where(table.c.source == _ROW)).first()
    return OfficeState(row.position["state"], row.position["version"], row.updated_at) if row else None


def keep_office_state(connection: sa.Connection, state: Mapping[str, Any], version: int, at: datetime) -> None:
    """Keep the state of a round."""
    row = {"source": _ROW, "position": {"state": dict(state), "version": version}, "updated_at": at}
    upsert(connection, schema.source_cursor, ("source",), [row])
