"""The flows the listener runs in its own warm process; Prefect shows them like any other run, tagged `listener`."""

from __future__ import annotations

import asyncio
import importlib
from typing import Any

from prefect import Flow
from pydantic import BaseModel

from deployments.listener.worklist import Job
from deployments.warm_runs import run_warm
from flows.deals import AdvanceRequest, advance_deals
from flows.dispatch import DispatchOutboxRequest, dispatch_outbox
from flows.intake import IntakeMailRequest, intake_mail


def warm_up() -> None:
    """Load what the first mail would have to wait for (Great Expectations, some ten seconds of imports)."""
    importlib.import_module("great_expectations")


def run_job(job: Job) -> None:
    """Do a job to its end; any error is the caller's. A flow's second run changes nothing, so a job may be repeated."""
    asyncio.run(_run(job))


async def _run(job: Job) -> None:
    if job.kind == "mail":
        await _named(intake_mail, f"mail arrived in {job.subject}", IntakeMailRequest(mailboxes=[job.subject]))
    elif job.kind == "deals":
        await _named(advance_deals, "deals after mail", AdvanceRequest())
    else:
        await _named(dispatch_outbox, "mail is due", DispatchOutboxRequest())


async def _named(flow: Flow[Any, Any], run_name: str, request: BaseModel) -> None:
    await run_warm(flow.with_options(flow_run_name=run_name), request, "listener")
