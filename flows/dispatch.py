"""The post leaves: what is due in the outbox is handed to the mail server, once."""

from __future__ import annotations

from typing import Literal

from prefect import flow
from pydantic import Field

from flows.opening import open_shift
from flows.run_request import RunRequest
from tasks.outbox import look_at_outbox, send_batch
from tasks.outbox_desk import decide_mails
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
        shift.add(sent=0, retry=0, refused=0, ambiguous=0, held=0)
        while (batch := await send_batch(shift.desk, shift.now)).claimed:
            shift.add(**batch.counts)
        shift.add(**batch.counts)
        left = look_at_outbox(shift.desk)
        shift.add(waiting=left.waiting)
        shift.notes.extend(left.notes)
        return shift.summary()


class DecideOutboxRequest(RunRequest):
    """Which ambiguous mails, what is known of them, and who says so."""

    mails: list[int] = Field(
        default=[],
        title="Mails",
        description="Outbox numbers of mails that may or may not have been accepted / Номера исходящих писем.",
    )
    decision: Literal["was_sent", "send_again", "give_up"] = Field(
        default="was_sent",
        title="Decision",
        description="was_sent: it arrived; send_again: with the same Message-ID; give_up: it shall not leave / "
        "Дошло, отправить ещё раз или больше не отправлять.",
    )
    who: str = Field(
        default="",
        title="Who decides",
        description="Key or mail address of the member of staff / Ключ или адрес сотрудника, который решает.",
    )
    note: str = Field(default="", title="Note", description="How you know, for colleagues / Откуда это известно.")

    @property
    def which(self) -> str:
        """The mails in words, for the run's name."""
        return f"mails {', '.join(map(str, self.mails))}" if self.mails else "no mails"


@flow(name="decide-outbox", flow_run_name="{request.decision} {request.which}")
async def decide_outbox(request: DecideOutboxRequest = DecideOutboxRequest()) -> RunSummary:
    """Decide about mails of which nobody knows whether they were accepted; who and why is recorded with each.

    Решение по письмам, о которых неизвестно, дошли ли они до почтового сервера.
    """
    with open_shift("decide-outbox", request) as shift:
        decided = decide_mails(shift.desk, request.mails, request.decision, request.who, request.note, shift.now)
        shift.add(**decided.counts)
        shift.notes.extend(decided.notes)
        return shift.summary()
