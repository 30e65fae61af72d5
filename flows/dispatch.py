"""The post leaves: what is due in the outbox is handed to the mail server, once."""

from __future__ import annotations

from typing import Literal

from prefect import flow
from pydantic import Field

from flows.opening import Shift, open_shift
from flows.run_request import RunRequest
from tasks.channels import all_of, other_channels, send_messages, take_next_steps
from tasks.invitations import plan_invitations
from tasks.outbox import look_at_outbox, send_batch
from tasks.outbox_desk import decide_mails
from tasks.rules.summary import RunSummary


class DispatchOutboxRequest(RunRequest):
    """Send what is due / Отправить всё, чему пришёл срок."""


@flow(name="dispatch-outbox", flow_run_name="dispatch as of {request.when}")
async def dispatch_outbox(request: DispatchOutboxRequest = DispatchOutboxRequest()) -> RunSummary:
    """Send every message that is due, by mail, chat and SMS side by side; a second run sends nothing.

    Each is claimed, sent and recorded. Mails whose acceptance is unknown are sent again with the same Message-ID, or
    shown to a person, as each one's policy says; an SMS is sent again only when its gateway never got it. Whom one way
    did not reach is told by the next.
    """
    with open_shift("dispatch-outbox", request) as shift:
        shift.add(sent=0, retry=0, refused=0, ambiguous=0, held=0)
        plan_invitations(shift.desk, shift.now)
        await _send_all(shift)
        while take_next_steps(shift.desk, shift.now):
            await _send_all(shift)
        left = look_at_outbox(shift.desk)
        shift.add(waiting=left.waiting)
        shift.notes.extend(left.notes)
        return shift.summary()


async def _send_all(shift: Shift) -> None:
    others = other_channels(shift.desk, shift.now)
    await all_of(_send_mails(shift), *(_send_messages(shift, channel) for channel in others))


async def _send_mails(shift: Shift) -> None:
    while (batch := await send_batch(shift.desk, shift.now)).claimed:
        shift.add(**batch.counts)
    shift.add(**batch.counts)


async def _send_messages(shift: Shift, channel: str) -> None:
    shift.add(**(await send_messages(shift.desk, channel, shift.now)).counts)


class DecideOutboxRequest(RunRequest):
    """Which ambiguous mails, what is known of them, and who says so / Какие письма, что о них известно, кто решает."""

    mails: list[int] = Field(
        default=[],
        title="Mails",
        description="Outbox numbers of mails that may or may not have been accepted, one each / "
        "Номера исходящих писем, по одному.",
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
