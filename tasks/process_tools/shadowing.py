"""Shadow runs: a new version looks at everything that happens and only writes down what it would have done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.desk import Desk
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.process_courses import items_after, read_courses, task_ids
from tasks.gateways.store.shadow_runs import (
    ShadowAct,
    ShadowRun,
    end_run,
    keep_acts,
    newest_course,
    read_runs,
    start_run,
)
from tasks.rules.errors import UsageError
from tasks.rules.process.decisions import Decision
from tasks.rules.process.definition import Definition
from tasks.rules.process.loader import read_definition
from tasks.rules.process.state import Event, Item
from tasks.rules.process_tools.playing import play_inputs
from tasks.rules.process_tools.recording import Course, decisions_plain


def start_shadow(desk: Desk, raw: Mapping[str, Any], by: str, now: datetime) -> int:
    """Let a process file watch from now on; the number of the run. Raises UsageError when it watches already."""
    with writing(desk.engine) as connection:
        for run in read_runs(connection, is_all=False):
            if (run.process, run.version) == (raw["process"], raw["version"]):
                raise UsageError(f"version {run.version} of {run.process} watches already, as run {run.run_id}")
        return start_run(connection, raw, by, now, newest_course(connection))


def stop_shadow(desk: Desk, run_id: int, now: datetime) -> None:
    """End a run; what it has written stays. Raises UsageError when no such run watches."""
    with writing(desk.engine) as connection:
        if not end_run(connection, run_id, now):
            raise UsageError(f"no run {run_id} watches; see ./callout shadow list")


@task(name="watch-shadows", task_run_name="watch-shadows", cache_policy=NO_CACHE)
def watch_shadows(desk: Desk, now: datetime) -> int:
    """Bring every watching version up to date; how many events were looked at. A second run finds nothing to do."""
    with reading(desk.engine) as connection:
        runs = read_runs(connection, is_all=False)
    return sum(_watch(desk, run, now) for run in runs)


def _watch(desk: Desk, run: ShadowRun, now: datetime) -> int:
    definition = read_definition(f"shadow run {run.run_id}", run.raw)
    with reading(desk.engine) as connection:
        items, seen_id = items_after(connection, run.process, run.seen_id)
        acts = [
            act
            for item_id, courses in read_courses(connection, items, now)
            for act in _acts(connection, definition, run, item_id, courses, now)
        ]
    with writing(desk.engine) as connection:
        return keep_acts(connection, run.run_id, acts, seen_id)


def _acts(
    connection: sa.Connection,
    definition: Definition,
    run: ShadowRun,
    item_id: int,
    courses: Sequence[Course],
    now: datetime,
) -> list[ShadowAct]:
    """One item under the watching version, from its beginning; only what came after the run's start is told."""
    if courses[0].kind != "begin":
        return []
    would: dict[str, tuple[datetime, list[dict[str, Any]]]] = {}

    def look(event: Event, decisions: Sequence[Decision], _item: Item) -> None:
        would[event.key] = (event.at, decisions_plain(decisions))

    play_inputs(definition, courses, task_ids(connection, item_id), now, look)
    did = {row.event.key: (row.event.at, list(row.decisions)) for row in courses}
    keys = {key: at for found in (would, did) for key, (at, _) in found.items() if at >= run.started_at}
    return [
        ShadowAct(item_id, key, at, would.get(key, (at, []))[1], did.get(key, (at, []))[1])
        for key, at in sorted(keys.items(), key=lambda one: one[1])
    ]
