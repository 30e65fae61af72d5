"""Nobody learns too late that a certificate, policy or licence ends."""

from __future__ import annotations

from prefect import flow
from pydantic import Field

from flows.opening import open_shift
from flows.run_request import RunRequest
from tasks.expiry import plan_reminders
from tasks.rules.summary import RunSummary


class RemindExpiryRequest(RunRequest):
    """Which registers to look at / Какие реестры проверить."""

    registers: list[str] = Field(
        default=[],
        title="Registers",
        description="Keys of registers.yaml, e.g. certificates; none means all / Ключи реестров, пусто: все.",
    )


@flow(name="remind-expiry", flow_run_name="reminders as of {request.when}")
async def remind_expiry(request: RemindExpiryRequest = RemindExpiryRequest()) -> RunSummary:
    """Plan reminders for papers that expire: one digest per person and client, the most urgent first.

    Each paper's ladder says who is told and when. Missed nights are caught up with one message that says how late it
    is, a renewed paper is left alone, and mails wait for the next working morning.
    """
    with open_shift("remind-expiry", request) as shift:
        shift.add(**plan_reminders(shift.desk, shift.now, request.registers))
        return shift.summary()
