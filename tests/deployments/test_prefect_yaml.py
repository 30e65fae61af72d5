"""Every deployment of prefect.yaml really loads, and its form in the Prefect UI can be read by those who fill it in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from prefect import Flow
from prefect.flows import load_flow_from_entrypoint
from prefect.utilities.callables import parameter_schema

from deployments.apply import AUTOMATION_PREFIX, read_plan
from deployments.settings import PROJECT

PLAN = read_plan(PROJECT / "prefect.yaml")
BY_NAME = {str(one["name"]): one for one in PLAN}


@pytest.fixture(params=sorted(BY_NAME))
def deployment(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Each deployment in turn."""
    return BY_NAME[request.param]


def _flow(deployment: dict[str, Any]) -> Flow[..., Any]:
    return load_flow_from_entrypoint(deployment["entrypoint"], use_placeholder_flow=False)


def test_names_are_unique_and_said_in_lower_case_words() -> None:
    assert len(BY_NAME) == len(PLAN)
    assert all(re.fullmatch(r"[a-z]+(-[a-z0-9]+)+", name) for name in BY_NAME)
    triggers = [trigger["name"] for one in PLAN for trigger in one.get("triggers", [])]
    assert len(set(triggers)) == len(triggers)
    assert all(name.startswith(AUTOMATION_PREFIX) for name in triggers)


def test_it_loads_and_takes_its_parameters(deployment: dict[str, Any]) -> None:
    assert re.fullmatch(r"flows(\.\w+){2}", deployment["entrypoint"])
    flow = _flow(deployment)
    assert flow.validate_parameters(deployment["parameters"])
    for trigger in deployment.get("triggers", []):
        assert flow.validate_parameters(trigger["parameters"])
    with pytest.raises(Exception, match="no_such_field"):
        flow.validate_parameters({"request": {"no_such_field": 1}})


def test_it_gives_way_and_keeps_the_offices_time(deployment: dict[str, Any]) -> None:
    is_form = not deployment["schedules"]
    strategy = "ENQUEUE" if is_form else "CANCEL_NEW"  # what a person sent waits; a later scheduled run sees the same
    assert deployment["concurrency_limit"] == {"limit": 1, "collision_strategy": strategy}
    assert "callout" in deployment["tags"]
    assert deployment["description"]
    assert deployment["work_pool"]["name"] == "office"
    for schedule in deployment["schedules"]:
        assert schedule["timezone"] == "{{ $CALLOUT_TIME_ZONE }}"
        assert schedule["slug"]


def test_the_nights_jobs_say_their_hour_in_their_name() -> None:
    for name, deployment in BY_NAME.items():
        hour = re.search(r"-(\d\d)(\d\d)$", name)
        if hour:
            minute, hours = deployment["schedules"][0]["cron"].split()[:2]
            assert f"{int(hours):02}{int(minute):02}" == hour[1] + hour[2]


def test_its_form_and_its_runs_can_be_read(deployment: dict[str, Any]) -> None:
    flow = _flow(deployment)
    assert flow.isasync
    assert flow.description
    assert len(flow.description) > 30
    assert isinstance(flow.flow_run_name, str)
    run_name = flow.flow_run_name.format(**flow.validate_parameters(deployment["parameters"]))
    assert re.fullmatch(r"\S.*\w", run_name), f"a scheduled run is called {run_name!r}"
    assert not run_name.endswith((" of", " at", " to"))
    assert ".. " not in run_name
    schema = parameter_schema(flow).model_dump()
    assert list(schema["properties"]) == ["request"]
    fields = list(_fields(schema["definitions"]))
    assert fields
    for where, field in fields:
        assert field.get("title"), where
        assert field.get("description"), where
        assert re.search("[а-яё]", field["description"]), f"{where}: no Russian"
        assert "anyOf" not in field, f"{where}: an Optional has no usable form field"


def test_its_form_says_what_it_is_for_and_asks_for_the_moment_last(deployment: dict[str, Any]) -> None:
    schema = parameter_schema(_flow(deployment)).model_dump()
    request = schema["definitions"][schema["properties"]["request"]["$ref"].rpartition("/")[2]]
    assert list(request["properties"])[-1] == "as_of"
    for_people = not deployment["schedules"]
    assert re.search("[а-яё]", request["description"]) or not for_people, "people fill it in, and it has no Russian"


def _fields(definitions: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, model in definitions.items():
        for field, schema in model.get("properties", {}).items():
            yield f"{name}.{field}", schema
