"""The post leaves: what is due in the outbox is handed to the mail server, once."""

from __future__ import annotations

from prefect import flow

from flows.opening import open_shift
from flows.run_request import RunRequest
from tasks.outbox import look_at_outbox, send_batch
from tasks.rules.summary import RunSummary


class DispatchOutboxRequest(RunRequest):
    """Send what is due / Отправить всё, чему пришёл срок."""


@flow(name="dispatch-outbox", flow_run_name="dispatch as of {request.when}")
async def dispatch_outbox(request: DispatchOutboxRequest = DispatchOutboxRequest()) -> RunSummary:
    """Send every mail that is due, batch by batch; each is claimed, sent and recorded, and a second run sends nothing.

    Mails whose acceptance is unknown are sent again with the same Message-ID, or shown to a person, as each one's
    policy says.
    """
    with open_shift("dispatch-outbox", request) as shift:
        shift.add(sent=0, retry=0, refused=0, ambiguous=0)
        while (batch := await send_batch(shift.desk, shift.now)).claimed:
            shift.add(**batch.counts)
        left = look_at_outbox(shift.desk)
        shift.add(waiting=left.waiting)
        shift.notes.extend(left.notes)
        return shift.summary()
