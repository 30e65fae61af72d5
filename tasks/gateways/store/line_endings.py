"""Lines of ours that are given up: when that takes effect, and until then the way back."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert_new

_TABLE = schema.line_ending


def standing_endings(connection: sa.Connection) -> dict[str, datetime]:
    """Number → when it ends or ended, for every line that is given up."""
    query = sa.select(_TABLE.c.number, _TABLE.c.ends_at).where(_TABLE.c.cancelled_at.is_(None)).order_by(_TABLE.c.id)
    return {row.number: row.ends_at for row in connection.execute(query)}


def keep_ending(connection: sa.Connection, number: str, asked_at: datetime, ends_at: datetime) -> None:
    """Give the line up at `ends_at`."""
    insert_new(connection, _TABLE, [{"number": number, "asked_at": asked_at, "ends_at": ends_at}])


def cancel_ending(connection: sa.Connection, number: str, now: datetime) -> bool:
    """Keep the line; False when it is not being given up or ended already."""
    stands = (_TABLE.c.number == number, _TABLE.c.cancelled_at.is_(None), _TABLE.c.ends_at > now)
    return connection.execute(sa.update(_TABLE).where(*stands).values(cancelled_at=now)).rowcount > 0
