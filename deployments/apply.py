"""Bringing the server in line with prefect.yaml: the work pool, every deployment and trigger, and nothing else of ours.

Prefect's own `deploy` does the work in a process of its own, so that a flow that cannot be imported ends it with an
error. What it leaves behind (deployments and automations that were renamed or taken out) is removed here.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deployments.prefect_environment import api_address, callout_environment
from deployments.prefect_server import is_healthy
from deployments.settings import PROJECT, Settings
from tasks.gateways.office_folder import load_office
from tasks.rules.errors import OutsideError

AUTOMATION_PREFIX = "callout: "
_PAGE = 200


@dataclass(frozen=True, slots=True)
class Applied:
    """Names of the deployments in force, and of the deployments and automations that were removed."""

    deployments: tuple[str, ...]
    removed: tuple[str, ...]


def read_plan(prefect_file: Path) -> list[dict[str, Any]]:
    """The deployments of a prefect.yaml as they are written."""
    from ruamel.yaml import YAML

    return list(YAML(typ="safe").load(prefect_file.read_text(encoding="utf-8"))["deployments"])


def apply_deployments(env: Mapping[str, str], time_zone: str, prefect_file: Path = PROJECT / "prefect.yaml") -> Applied:
    """Deploy all of `prefect_file` to the server that `env` names, schedules in `time_zone`, and remove the rest.

    Applying twice changes nothing. Raises OutsideError with Prefect's own words when a flow cannot be imported or the
    server ends up with other deployments than the file names.
    """
    plan = read_plan(prefect_file)
    wanted = {str(one["name"]) for one in plan}
    automations = {str(trigger["name"]) for one in plan for trigger in one.get("triggers", [])}
    pools = {str(one["work_pool"]["name"]) for one in plan}
    address = env["PREFECT_API_URL"]
    _create_pools(address, pools)
    _deploy({**env, "CALLOUT_TIME_ZONE": time_zone}, prefect_file)
    removed = _prune(address, wanted, automations)
    found = _deployment_names(address)
    if found != wanted:
        raise OutsideError(f"the server holds other deployments than prefect.yaml: {sorted(found ^ wanted)}")
    return Applied(tuple(sorted(found)), tuple(removed))


def apply(settings: Settings) -> list[str]:
    """Apply prefect.yaml to the running server of this installation; the names in force.

    Raises OutsideError when no server answers, OfficeError for a bad office folder.
    """
    address = api_address(settings.prefect_port)
    if not is_healthy(address):
        raise OutsideError(f"no Prefect server answers at {address}: start it with ./callout up")
    return list(apply_deployments(callout_environment(settings), load_office(settings.office).time_zone).deployments)


def _deploy(env: Mapping[str, str], prefect_file: Path) -> None:
    argv = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all", "--prefect-file", str(prefect_file)]
    wide = {**env, "COLUMNS": "1000"}  # Prefect folds its words to the terminal's width
    done = subprocess.run(argv, env=wide, cwd=PROJECT, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise OutsideError(f"prefect.yaml cannot be deployed: {_reason(done.stdout + done.stderr)}", is_permanent=True)


def _reason(output: str) -> str:
    """The last line that says something: Prefect draws boxes around its words, pydantic ends with an address."""
    lines = [line.strip(" │╭╰╮╯─") for line in output.splitlines()]
    telling = [line for line in lines if line and not line.startswith("For further information")]
    return telling[-1] if telling else "no reason given"


def _create_pools(address: str, names: Iterable[str]) -> None:
    from prefect.client.schemas.actions import WorkPoolCreate
    from prefect.exceptions import ObjectAlreadyExists

    with _client(address) as client:
        for name in names:
            with suppress(ObjectAlreadyExists):
                client.create_work_pool(WorkPoolCreate(name=name, type="process"))


def _prune(address: str, deployments: set[str], automations: set[str]) -> list[str]:
    removed = []
    with _client(address) as client:
        for deployment in _ours(client):
            if deployment.name not in deployments:
                client.delete_resource_owned_automations(f"prefect.deployment.{deployment.id}")
                client.delete_deployment(deployment.id)
                removed.append(deployment.name)
        for automation in client.read_automations():
            if automation.name.startswith(AUTOMATION_PREFIX) and automation.name not in automations:
                client.delete_automation(automation.id)
                removed.append(automation.name)
    return removed


def _deployment_names(address: str) -> set[str]:
    with _client(address) as client:
        return {deployment.name for deployment in _ours(client)}


def _ours(client: Any) -> list[Any]:
    from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterTags

    ours = DeploymentFilter(tags=DeploymentFilterTags(all_=["callout"]))
    return list(client.read_deployments(deployment_filter=ours, limit=_PAGE))


def _client(address: str) -> Any:
    from prefect.client.orchestration import SyncPrefectClient

    return SyncPrefectClient(address)
