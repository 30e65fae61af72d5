"""PostgreSQL ends a connection of ours, as it does when it is restarted or when an administrator ends a session."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.pool import NullPool


def lose_line(engine: sa.Engine, nth: int) -> None:
    """At the `nth` statement or commit from now on the server ends the connection that was about to send it."""
    others = sa.create_engine(engine.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    left = nth

    def strike(connection: sa.Connection) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            pid = connection.connection.driver_connection.info.backend_pid  # type: ignore[union-attr]  # psycopg's
            with others.connect() as other:
                other.execute(sa.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})

    sa.event.listen(engine, "before_cursor_execute", lambda connection, *_rest: strike(connection))
    sa.event.listen(engine, "commit", strike)
