"""Versions of processes that only watch: what they would have done beside what was done."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert

_run, _act = schema.shadow_run, schema.shadow_act


@dataclass(frozen=True, slots=True)
class ShadowRun:
    """One watching version; `seen_id` is the last recorded event it has looked at. `ended_at` None: it watches."""

    run_id: int
    process: str
    version: int
    raw: Mapping[str, Any]
    started_at: datetime
    started_by: str
    ended_at: datetime | None
    seen_id: int


@dataclass(frozen=True, slots=True)
class ShadowAct:
    """One event both ways, as plain decisions."""

    item_id: int
    key: str
    at: datetime
    would: Sequence[Mapping[str, Any]]
    did: Sequence[Mapping[str, Any]]

    @property
    def is_same(self) -> bool:
        """Whether the watching version would have done the same."""
        return list(self.would) == list(self.did)


def start_run(connection: sa.Connection, raw: Mapping[str, Any], by: str, now: datetime, seen_id: int) -> int:
    """Begin to watch by a process file; the number of the run."""
    values = {
        "process": str(raw["process"]),
        "version": int(raw["version"]),
        "content": json.dumps(raw, ensure_ascii=False, default=float),
        "started_at": now,
        "started_by": by,
        "seen_id": seen_id,
    }
    return int(connection.execute(sa.insert(_run).values(values).returning(_run.c.id)).scalar_one())


def end_run(connection: sa.Connection, run_id: int, now: datetime) -> bool:
    """Stop watching; False when it had stopped, or there is no such run."""
    query = sa.update(_run).where(_run.c.id == run_id, _run.c.ended_at.is_(None)).values(ended_at=now)
    return connection.execute(query).rowcount == 1


def read_runs(connection: sa.Connection, *, is_all: bool = True) -> list[ShadowRun]:
    """Every run, or those that watch."""
    query = sa.select(_run).order_by(_run.c.id)
    rows = connection.execute(query if is_all else query.where(_run.c.ended_at.is_(None)))
    return [
        ShadowRun(
            run_id=row.id,
            process=row.process,
            version=row.version,
            raw=json.loads(row.content),
            started_at=row.started_at,
            started_by=row.started_by,
            ended_at=row.ended_at,
            seen_id=row.seen_id,
        )
        for row in rows
    ]


def newest_course(connection: sa.Connection) -> int:
    """The last recorded event of any item; 0 for none."""
    return int(connection.scalar(sa.select(sa.func.max(schema.process_course.c.id))) or 0)


def keep_acts(connection: sa.Connection, run_id: int, acts: Sequence[ShadowAct], seen_id: int) -> int:
    """Write what a run would have done, each event once, and how far it has looked; how many events were new."""
    there = {
        (row.item_id, row.key)
        for start in range(0, len(acts), 500)
        for row in connection.execute(
            sa.select(_act.c.item_id, _act.c.key).where(
                _act.c.run_id == run_id, _act.c.item_id.in_({one.item_id for one in acts[start : start + 500]})
            )
        )
    }
    fresh = [one for one in acts if (one.item_id, one.key) not in there]
    if fresh:
        rows = [
            {
                "run_id": run_id,
                "item_id": one.item_id,
                "key": one.key,
                "at": one.at,
                "would": list(one.would),
                "did": list(one.did),
                "is_same": one.is_same,
            }
            for one in fresh
        ]
        connection.execute(insert(connection, _act).on_conflict_do_nothing(), rows)
    connection.execute(sa.update(_run).where(_run.c.id == run_id, _run.c.seen_id < seen_id).values(seen_id=seen_id))
    return len(fresh)


def count_acts(connection: sa.Connection, run_id: int) -> tuple[int, int]:
    """How many events a run has watched, and in how many of them it would have done something else."""
    differs = sa.func.sum(sa.case((_act.c.is_same, 0), else_=1))
    row = connection.execute(sa.select(sa.func.count(), differs).where(_act.c.run_id == run_id)).one()
    return int(row[0]), int(row[1] or 0)


def differing_acts(connection: sa.Connection, run_id: int, limit: int) -> list[ShadowAct]:
    """The events in which a run would have done something else, the newest first."""
    query = sa.select(_act).where(_act.c.run_id == run_id, _act.c.is_same.is_(False)).order_by(_act.c.id.desc())
    rows = connection.execute(query.limit(limit))
    return [ShadowAct(row.item_id, row.key, row.at, row.would, row.did) for row in rows]
