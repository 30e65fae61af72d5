"""What Prefect's automations, and whoever watches its event feed, are told; nothing of ours waits for these events.

They carry ids and counts only. `callout.outbox.filled`: a run has planned mails that may leave now.
`callout.mailbox.failed` and `callout.mailbox.recovered`: once for each row of failures of a mailbox.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from prefect.context import FlowRunContext
from prefect.events import emit_event

from tasks.desk import Desk
from tasks.gateways.store.connection import reading
from tasks.gateways.store.outbox_due import count_planned_now

_SENDS_ITSELF = "listener"


def tell_outbox_filled(desk: Desk, now: datetime) -> bool:
    """Say once, at the end of the run of the moment `now`, that it has planned mails that may leave; whether it did.

    A run in the listener says nothing: the listener looks at the outbox itself, and another process would find nothing.
    """
    run = FlowRunContext.get()
    if run is None or (run.flow_run is not None and _SENDS_ITSELF in run.flow_run.tags):
        return False
    with reading(desk.engine) as connection:
        count = count_planned_now(connection, now)
    if count:
        _tell("callout.outbox.filled", "callout.outbox", "the outbox", mails=count)
    return bool(count)


def tell_mailbox(what: Literal["failed", "recovered"], mailbox: str) -> None:
    """Say that a mailbox has begun to fail, or is well again."""
    if FlowRunContext.get() is not None:
        _tell(f"callout.mailbox.{what}", f"callout.mailbox.{mailbox}", f"mailbox {mailbox}", mailbox=mailbox)


def _tell(event: str, resource: str, shown_as: str, **payload: str | int) -> None:
    emit_event(event, {"prefect.resource.id": resource, "prefect.resource.name": shown_as}, payload=payload)
