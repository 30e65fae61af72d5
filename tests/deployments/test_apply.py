"""prefect.yaml reaches a real server, schedules there really make runs, and what was taken out is removed."""

from __future__ import annotations

from typing import Any

import pytest

from deployments.apply import apply_deployments
from tasks.rules.errors import OutsideError
from tests.deployments.conftest import OfficeServer
from tests.samples.stand_in_flows import stand_in, write_plan
from tests.samples.waiting import wait_for

pytestmark = pytest.mark.long

_WAIT_SECONDS = 60

_EVENT = {"name": "callout: bell rang", "type": "event", "expect": ["callout.bell"], "parameters": {}}
_NIGHTLY = {"slug": "nightly", "cron": "30 2 * * *", "timezone": "{{ $CALLOUT_TIME_ZONE }}"}
_OFTEN = {"slug": "net", "interval": 60}


def test_a_schedule_really_makes_runs_in_the_offices_zone(office_server: OfficeServer) -> None:
    plan = write_plan(
        office_server.folder / "schedules.yaml",
        stand_in("often", schedules=[_OFTEN]),
        stand_in("nightly", schedules=[_NIGHTLY]),
    )
    applied = apply_deployments(office_server.env, "Asia/Novosibirsk", plan)
    assert applied.deployments == ("nightly", "often")
    with office_server.client() as client:
        runs = wait_for(lambda: _scheduled(client, 2), _WAIT_SECONDS)
    assert len(runs["often"]) >= 3
    assert {(at.hour, at.minute) for at in runs["nightly"]} == {(19, 30)}  # 02:30 in Novosibirsk, in UTC


def _scheduled(client: Any, deployments: int) -> dict[str, list[Any]]:
    names = {one.id: one.name for one in client.read_deployments()}
    found: dict[str, list[Any]] = {}
    for run in client.read_flow_runs():
        if run.auto_scheduled and run.deployment_id in names:
            found.setdefault(names[run.deployment_id], []).append(run.next_scheduled_start_time)
    return found if len(found) >= deployments else {}


def test_applying_twice_changes_nothing_and_a_renamed_one_goes_with_its_automation(office_server: OfficeServer) -> None:
    file = office_server.folder / "renamed.yaml"
    write_plan(file, stand_in("old", schedules=[_NIGHTLY], triggers=[_EVENT]), stand_in("kept"))
    first = apply_deployments(office_server.env, "Europe/Moscow", file)
    before = _picture(office_server)
    again = apply_deployments(office_server.env, "Europe/Moscow", file)
    assert (again.deployments, again.removed) == (first.deployments, ())
    assert _picture(office_server) == before
    assert before["automations"] == ["callout: bell rang"]

    with office_server.client() as client:
        foreign = client.create_flow_from_name("tick")
        client.create_deployment(foreign, "somebody-elses")
    write_plan(file, stand_in("new", schedules=[_NIGHTLY]), stand_in("kept"))
    renamed = apply_deployments(office_server.env, "Europe/Moscow", file)
    assert renamed.deployments == ("kept", "new")
    assert "old" in renamed.removed
    after = _picture(office_server)
    assert sorted(after["deployments"]) == ["kept", "new", "somebody-elses"]
    assert after["automations"] == []


def _picture(server: OfficeServer) -> dict[str, Any]:
    with server.client() as client:
        return {
            "deployments": {
                one.name: (one.id, [(s.id, s.slug, str(s.schedule)) for s in one.schedules], one.concurrency_options)
                for one in client.read_deployments()
            },
            "automations": sorted(one.name for one in client.read_automations()),
            "pools": [pool.name for pool in client.read_work_pools()],
        }


def test_a_flow_that_cannot_be_imported_is_a_loud_failure(office_server: OfficeServer) -> None:
    plan = write_plan(office_server.folder / "broken.yaml", {**stand_in("broken"), "entrypoint": "no_such_module.tick"})
    with pytest.raises(OutsideError, match="no_such_module"):
        apply_deployments(office_server.env, "Europe/Moscow", plan)


def test_a_zone_nobody_knows_is_a_loud_failure(office_server: OfficeServer) -> None:
    plan = write_plan(office_server.folder / "zone.yaml", stand_in("zone", schedules=[_NIGHTLY]))
    with pytest.raises(OutsideError, match="Middle/Earth"):
        apply_deployments(office_server.env, "Middle/Earth", plan)
