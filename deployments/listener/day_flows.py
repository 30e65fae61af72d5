"""The flows the listener runs in its own warm process; Prefect shows them like any other run, tagged `listener`."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from prefect import Flow
from pydantic import BaseModel

from deployments.listener.call_watching import is_watched
from deployments.listener.worklist import Job
from deployments.warm_runs import run_warm
from flows.calls import IntakeCallsRequest, intake_calls
from flows.deals import AdvanceRequest, advance_deals
from flows.dispatch import DispatchOutboxRequest, dispatch_outbox
from flows.intake import IntakeMailRequest, intake_mail
from flows.opening import standing_office
from tasks.rules.office import Office


def warm_up() -> None:
    """Have ready what the first mail would wait for: the processes of the gate (seconds of imports) and the parser."""
    from tasks.gateways.mail_parsing import MAIL_PARSER
    from tasks.gateways.quality_gate import GATE, gate_rows

    GATE.stay()
    list(MAIL_PARSER.parse([b"Subject: warm\r\n\r\nup\r\n"]))
    now = datetime.now(UTC)
    row = {"intake_id": 0, "received_at": now, "fetched_at": now, "verdict": "new", "size_bytes": 1}
    gate_rows("mail", [{**row, "from_address": "warm@up.example", "subject": "", "text_chars": 2}])


def run_job(job: Job, office: Office) -> None:
    """Do a job to its end; any error is the caller's. A flow's second run changes nothing, so a job may be repeated.

    `office` is gone on with while the office folder has a mistake.
    """
    standing_office.set(office)
    asyncio.run(_run(job, office))


async def _run(job: Job, office: Office) -> None:
    if job.kind == "mail":
        await _named(intake_mail, f"mail arrived in {job.subject}", IntakeMailRequest(mailboxes=[job.subject]))
    elif job.kind == "calls":
        logs = [log.name for log in office.telephony.logs if is_watched(log)]
        await _named(intake_calls, "calls came", IntakeCallsRequest(logs=logs, early=True))
    elif job.kind == "deals":
        await _named(advance_deals, "deals after mail", AdvanceRequest())
    else:
        await _named(dispatch_outbox, "mail is due", DispatchOutboxRequest())


async def _named(flow: Flow[Any, Any], run_name: str, request: BaseModel) -> None:
    await run_warm(flow, request, "listener", run_name)
