"""Keeping Prefect's own record straight: runs that a dead machine left open, slots it still holds, missed schedules.

Only runs tagged `callout` are looked at. What is still to be done is never decided here: our own tables know that.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import cast
from uuid import UUID

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas import FlowRun
from prefect.client.schemas.actions import GlobalConcurrencyLimitUpdate
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterTags,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import StateType
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.logging import get_logger
from prefect.states import Cancelled, Crashed

from tasks.gateways.running_processes import (
    WORK_POOL,
    host_name,
    host_of_worker,
    live_processes,
    read_process_tag,
)
from tasks.rules.left_overs import LateRun, OpenRun, OpenState, judge, superseded

OUR_TAG = "callout"
_OPEN = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]
_PAGE = 200
_LATE_SECONDS = 60
_SECOND_LOOK_SECONDS = 2.0


@contextmanager
def _prefect() -> Iterator[SyncPrefectClient]:
    with get_client(sync_client=True) as client:
        yield client


@task(name="close-left-overs", cache_policy=NO_CACHE)
def close_left_overs(grace_seconds: float) -> dict[str, int]:
    """Close open runs whose process is gone on this host; counts by verdict, the gone ones as closed or refused."""
    counts = {"closed": 0, "refused": 0, "alive": 0, "elsewhere": 0, "unknown": 0}
    with _prefect() as client:
        runs = _runs_in(client, _OPEN)
        processes = live_processes()  # after the runs: who ended in between has written its own end by now
        for run in runs:
            verdict = judge(_open_run(run), host_name(), processes, grace_seconds)
            counts[_close(client, run) if verdict == "gone" else verdict] += 1
    return counts


def _open_run(run: FlowRun) -> OpenRun:
    state = run.state
    if state is None or state.timestamp is None:
        raise ValueError(f"run {run.id} has no state")
    age = (datetime.now(UTC) - state.timestamp).total_seconds()
    kind = cast(OpenState, state.type.value)
    told = next((trace for trace in map(read_process_tag, run.tags) if trace), None)
    if told:
        return OpenRun(str(run.id), kind, age, *told)
    worker = str(run.labels.get("prefect.worker.name", ""))
    pid = run.infrastructure_pid
    return OpenRun(str(run.id), kind, age, host_of_worker(worker), int(pid) if pid else None)


def _close(client: SyncPrefectClient, run: FlowRun) -> str:
    """'closed'; 'alive' if the run has moved on since it was listed; 'refused' by the server, and tried again later."""
    message = "Its process is gone; what it left undone is taken up by the next run."
    try:
        fresh = client.read_flow_run(run.id).state
        if fresh is None or run.state is None or fresh.id != run.state.id:
            return "alive"
        end = Cancelled if fresh.type == StateType.CANCELLING else Crashed
        client.set_flow_run_state(run.id, end(message=message), force=True)
    except (PrefectHTTPStatusError, ObjectNotFound) as error:
        get_logger("callout.upkeep").warning("run %s cannot be closed: %s", run.id, error)
        return "refused"
    return "closed"


@task(name="skip-missed-runs", cache_policy=NO_CACHE)
def skip_missed_runs() -> int:
    """Cancel late scheduled runs that a later one of the same deployment covers; how many."""
    now = datetime.now(UTC)
    with _prefect() as client:
        late = [
            LateRun(str(run.id), str(run.deployment_id), run.next_scheduled_start_time)
            for run in _runs_in(client, [StateType.SCHEDULED])
            if run.auto_scheduled
            and run.next_scheduled_start_time
            and (now - run.next_scheduled_start_time).total_seconds() > _LATE_SECONDS
        ]
        skipped = superseded(late)
        for run_id in skipped:
            message = "Missed while nothing ran; a later run covers it."
            client.set_flow_run_state(UUID(run_id), Cancelled(name="Skipped", message=message), force=True)
    return len(skipped)


@task(name="free-stale-slots", cache_policy=NO_CACHE)
def free_stale_slots() -> int:
    """Free slots of deployment limits that no open run holds, seen twice two seconds apart; how many limits."""
    with _prefect() as client:
        suspects = _stale_limits(client)
        if not suspects:
            return 0
        time.sleep(_SECOND_LOOK_SECONDS)
        stale = suspects & _stale_limits(client)
        for limit_id in stale:
            client.update_global_concurrency_limit(limit_id, GlobalConcurrencyLimitUpdate(active_slots=0))
    return len(stale)


def _stale_limits(client: SyncPrefectClient) -> set[str]:
    ours = DeploymentFilter(tags=DeploymentFilterTags(all_=[OUR_TAG]))
    held = {
        str(deployment.id): str(limit.id)
        for deployment in client.read_deployments(deployment_filter=ours, limit=_PAGE)
        if (limit := deployment.global_concurrency_limit) and limit.active_slots
    }
    busy = {str(run.deployment_id) for run in _runs_in(client, _OPEN)} if held else set()
    return {limit for deployment, limit in held.items() if deployment not in busy}


def _runs_in(client: SyncPrefectClient, types: list[StateType]) -> list[FlowRun]:
    ours = FlowRunFilter(
        tags=FlowRunFilterTags(all_=[OUR_TAG]),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=types)),
    )
    found: list[FlowRun] = []
    while True:
        page = client.read_flow_runs(flow_run_filter=ours, limit=_PAGE, offset=len(found))
        found += page
        if len(page) < _PAGE:
            return found


def other_hosts_at_work() -> bool:
    """Whether a worker of another host serves the pool now."""
    with _prefect() as client:
        if WORK_POOL not in {pool.name for pool in client.read_work_pools()}:
            return False
        workers = client.read_workers_for_work_pool(WORK_POOL)
    return any(
        host_of_worker(worker.name) != host_name() and str(worker.status).upper().endswith("ONLINE")
        for worker in workers
    )
