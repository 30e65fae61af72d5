"""Flows of no business, for tests of how runs are deployed, watched and closed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

_FLOWS = '''
"""Stand-in flows: one waits, one is quick."""
import asyncio
import sys

from prefect import flow, tags


@flow(name="wait", flow_run_name="wait {seconds} s")
async def wait(seconds: int = 600) -> None:
    """Wait."""
    await asyncio.sleep(seconds)


@flow(name="tick", flow_run_name="tick")
async def tick() -> None:
    """Do nothing."""


if __name__ == "__main__":
    from deployments.warm_runs import run_tags

    with tags(*run_tags("command")):
        asyncio.run(wait(int(sys.argv[1])))
'''


def write_stand_in_flows(folder: Path) -> None:
    """Write the module stand_in_flows_module.py into `folder`."""
    (folder / "stand_in_flows_module.py").write_text(_FLOWS, encoding="utf-8")


def stand_in(name: str, flow: str = "tick", **more: Any) -> dict[str, Any]:
    """A deployment of a stand-in flow, as prefect.yaml has it."""
    return {
        "name": name,
        "entrypoint": f"stand_in_flows_module.{flow}",
        "tags": ["callout"],
        "work_pool": {"name": "office", "job_variables": {"command": "python -m prefect.engine"}},
        "concurrency_limit": {"limit": 1, "collision_strategy": "CANCEL_NEW"},
        **more,
    }


def write_plan(file: Path, *deployments: dict[str, Any]) -> Path:
    """Write a prefect.yaml with these deployments."""
    from ruamel.yaml import YAML

    with file.open("w", encoding="utf-8") as stream:
        YAML(typ="safe").dump({"name": "callout", "pull": [], "deployments": list(deployments)}, stream)
    return file
