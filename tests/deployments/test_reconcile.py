"""Runs left open by killed processes are closed, their slots are free again, and a living run is left alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prefect.client.schemas.actions import GlobalConcurrencyLimitUpdate
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Pending, Scheduled

from deployments.apply import apply_deployments
from deployments.processes import start_child, stop_children
from deployments.reconcile import reconcile_at_start
from tasks.gateways.running_processes import host_name, worker_name
from tests.deployments.conftest import OfficeServer
from tests.samples.stand_in_flows import stand_in, write_plan
from tests.samples.waiting import wait_for

pytestmark = pytest.mark.long

_WAIT_SECONDS = 90


@pytest.fixture(autouse=True)
def _client_of(office_server: OfficeServer) -> Iterator[None]:
    with temporary_settings({PREFECT_API_URL: office_server.address}):
        yield


@pytest.fixture(scope="module")
def deployments(office_server: OfficeServer) -> dict[str, Any]:
    """The stand-in deployments of these tests, by name."""
    night = stand_in("night", schedules=[{"interval": 3600}])
    plan = write_plan(
        office_server.folder / "plan.yaml", stand_in("blocked", "wait"), stand_in("claimed"), stand_in("leaked"), night
    )
    apply_deployments(office_server.env, "Europe/Moscow", plan)
    with office_server.client() as client:
        return {one.name: one for one in client.read_deployments()}


def _runs(server: OfficeServer, name: str) -> list[Any]:
    with server.client() as client:
        return [run for run in client.read_flow_runs() if run.name == name]


def _running(server: OfficeServer, name: str) -> Any:
    return next((run for run in _runs(server, name) if run.state.is_running()), None)


def test_a_run_in_a_killed_command_is_closed_and_one_in_a_living_command_is_not(office_server: OfficeServer) -> None:
    argv = [sys.executable, "-m", "stand_in_flows_module"]
    killed, living = (subprocess.Popen([*argv, seconds], env=office_server.env) for seconds in ("601", "602"))
    try:
        for name in ("wait 601 s", "wait 602 s"):
            wait_for(lambda name=name: _running(office_server, name), _WAIT_SECONDS)
        killed.kill()
        killed.wait()
        counts = reconcile_at_start()
        assert (counts["closed"], counts["alive"]) == (1, 1)
        assert _runs(office_server, "wait 601 s")[0].state.is_crashed()
        assert _running(office_server, "wait 602 s")
        assert reconcile_at_start()["closed"] == 0
    finally:
        living.terminate()
        living.wait()
        reconcile_at_start()


@contextmanager
def _worker(server: OfficeServer) -> Iterator[Any]:
    argv = [sys.executable, "-m", "prefect", "worker", "start", "--pool", "office", "--name", worker_name(host_name())]
    child = start_child("worker", argv, server.env, server.folder / "worker.log")
    try:
        yield child
    finally:
        stop_children([child])


def test_a_killed_worker_and_its_run_do_not_block_the_deployment_for_ever(
    office_server: OfficeServer, deployments: dict[str, Any]
) -> None:
    deployment = deployments["blocked"]
    with office_server.client() as client, _worker(office_server) as worker:
        first = client.create_flow_run_from_deployment(deployment.id, parameters={"seconds": 603})
        wait_for(lambda: _running(office_server, "wait 603 s"), _WAIT_SECONDS)
        assert reconcile_at_start()["closed"] == 0
        os.killpg(worker.process.pid, signal.SIGKILL)
        worker.process.wait()
        assert client.read_flow_run(first.id).state.is_running()

        counts = reconcile_at_start()
        assert (counts["closed"], counts["alive"]) == (1, 0)
        assert client.read_flow_run(first.id).state.is_crashed()
        assert client.read_deployment(deployment.id).global_concurrency_limit.active_slots == 0
    with office_server.client() as client, _worker(office_server):
        client.create_flow_run_from_deployment(deployment.id, parameters={"seconds": 1})
        wait_for(lambda: [run for run in _runs(office_server, "wait 1 s") if run.state.is_completed()], _WAIT_SECONDS)


def test_a_claimed_run_without_a_process_and_a_slot_nobody_holds_are_freed(
    office_server: OfficeServer, deployments: dict[str, Any]
) -> None:
    with office_server.client() as client:
        claimed, leaked = deployments["claimed"], deployments["leaked"]
        run = client.create_flow_run_from_deployment(claimed.id)
        client.set_flow_run_state(run.id, Pending())
        slots = GlobalConcurrencyLimitUpdate(active_slots=1)
        client.update_global_concurrency_limit(leaked.global_concurrency_limit.id, slots)

        counts = reconcile_at_start()

        assert client.read_flow_run(run.id).state.is_crashed()
        for one in (claimed, leaked):
            assert client.read_deployment(one.id).global_concurrency_limit.active_slots == 0
    assert counts["slots_freed"] == 1


def test_after_a_night_off_one_missed_run_stays_and_those_of_people_all_do(
    office_server: OfficeServer, deployments: dict[str, Any]
) -> None:
    deployment = deployments["night"]
    now = datetime.now(UTC)
    with office_server.client() as client:
        night = {"start_time": str(now - timedelta(hours=9)), "end_time": str(now), "max_runs": 9}
        client.request("POST", f"/deployments/{deployment.id}/schedule", json=night)
        asked = client.create_flow_run_from_deployment(
            deployment.id, state=Scheduled(scheduled_time=now - timedelta(hours=8))
        )

        def late() -> list[Any]:
            runs = [run for run in client.read_flow_runs() if run.deployment_id == deployment.id]
            return [run for run in runs if run.state.is_scheduled() and run.next_scheduled_start_time < now]

        newest = max(run.next_scheduled_start_time for run in late())
        assert len(late()) > 2
        reconcile_at_start()
        assert {run.id for run in late()} >= {asked.id}
        assert [run.next_scheduled_start_time for run in late() if run.auto_scheduled] == [newest]
