"""The flows the listener runs in its own warm process; Prefect shows them like any other run, tagged `listener`."""

from __future__ import annotations

import asyncio
import importlib
from typing import Any

from prefect import tags

from deployments.listener.worklist import Job
from deployments.run_tags import run_tags
from flows.deals import advance_deals
from flows.dispatch import dispatch_outbox
from flows.intake import IntakeMailRequest, intake_mail


def warm_up() -> None:
    """Load what the first mail would have to wait for (Great Expectations, some ten seconds of imports)."""
    importlib.import_module("great_expectations")


def run_job(job: Job) -> None:
    """Do a job to its end; any error is the caller's. A flow's second run changes nothing, so a job may be repeated."""
    with tags(*run_tags("listener")):
        asyncio.run(_flow_of(job))


async def _flow_of(job: Job) -> None:
    if job.kind == "mail":
        await _named(intake_mail, f"mail arrived in {job.subject}")(IntakeMailRequest(mailboxes=[job.subject]))
    elif job.kind == "deals":
        await _named(advance_deals, "deals after mail")()
    else:
        await _named(dispatch_outbox, "mail is due")()


def _named(flow: Any, run_name: str) -> Any:
    return flow.with_options(flow_run_name=run_name)
