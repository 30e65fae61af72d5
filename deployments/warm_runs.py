"""Flow runs in a process that is warm already (the listener, a command, the demo), seen in the UI like any other run.

The run carries tags that say whose it is and in which process it lives; the upkeep of runs needs the last one to know
whether the process still lives, and never closes a run without it. The tags are the flow run's alone: `prefect.tags`
would put them on every task run too, and each task then asks the server for a concurrency limit per tag (0.2 s).
"""

from __future__ import annotations

from typing import Any

from prefect import Flow
from prefect.flow_engine import run_flow
from pydantic import BaseModel

from deployments.prefect_lines import prefect_lines
from tasks.gateways.running_processes import process_tag


def run_tags(origin: str) -> tuple[str, ...]:
    """Tags for a run started by `origin`: listener, command, demo."""
    return "callout", origin, process_tag()


async def run_warm(flow: Flow[Any, Any], request: BaseModel, origin: str, name: str = "") -> Any:
    """Run `flow` to its end in this process; its result. Errors of the flow are raised as they are.

    With a `name` the run is called so from the beginning, which saves a question to the server.
    """
    if name:
        flow = flow.with_options()
        flow.flow_run_name = None
    said = {"request": request.model_dump(mode="json")}
    async with prefect_lines() as client:
        run = await client.create_flow_run(flow, name or None, parameters=said, tags=run_tags(origin))
        result: Any = run_flow(flow, flow_run=run, parameters={"request": request})
        return await result
