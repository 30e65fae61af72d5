"""What ran, over what moment, with what result: our own record, independent of Prefect's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import writing


def start_run(engine: sa.Engine, flow: str, as_of: datetime) -> int:
    """Open a ledger row; a row that never ends tells of a run that died."""
    with writing(engine) as connection:
        row = {"flow": flow, "as_of": as_of, "started_at": datetime.now(UTC)}
        run_id: int = connection.execute(
            sa.insert(schema.flow_ledger).values(row).returning(schema.flow_ledger.c.id)
        ).scalar_one()
        return run_id


def end_run(engine: sa.Engine, run_id: int, result: Mapping[str, object]) -> None:
    """Close a ledger row with the run's counts."""
    table = schema.flow_ledger
    with writing(engine) as connection:
        connection.execute(
            sa.update(table).where(table.c.id == run_id).values(ended_at=datetime.now(UTC), result=dict(result))
        )
