"""Alembic's entry: runs on the connection that tasks/gateways/store/revision.py hands over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context

from sql.schema import metadata


def _run() -> None:
    connection: sa.Connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


_run()
