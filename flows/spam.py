"""Spam: what people say about mail, and what the office learns from it."""

from __future__ import annotations

from typing import Literal

from prefect import flow
from pydantic import Field

from flows.opening import open_shift
from flows.run_request import RunRequest
from tasks.rules.summary import RunSummary
from tasks.spam import label_mail


class LabelMailRequest(RunRequest):
    """Which mails are spam or are not, and who says so / Какие письма спам или не спам, и кто это говорит."""

    mails: list[int] = Field(
        default=[],
        title="Mails",
        description="Numbers of the mails (intake ids), one each; ./callout why and find name them / "
        "Номера писем, по одному.",
    )
    label: Literal["spam", "good"] = Field(
        default="spam",
        title="What they are",
        description="spam closes the lead the mail made; good opens it again, or releases the mail from quarantine / "
        "Спам или нет: spam закрывает лид, good возвращает.",
    )
    who: str = Field(
        default="",
        title="Who says so",
        description="Key or mail address of the member of staff, e.g. olga / Ключ или адрес сотрудника, например olga.",
    )
    note: str = Field(
        default="",
        title="Note",
        description="Why, for colleagues; kept in the record / Пояснение для коллег.",
    )

    @property
    def which(self) -> str:
        """The mails and the word in short, for the run's name."""
        return f"{len(self.mails)} mails {self.label}"


@flow(name="label-mail", flow_run_name="{request.which} as of {request.when}")
async def label_mails(request: LabelMailRequest = LabelMailRequest()) -> RunSummary:
    """Remember that mail is spam, or that it is not; its lead is closed or opened again, quarantined mail is released.

    Запоминает, что письмо спам или не спам; закрывает или возвращает лид, выпускает письмо из карантина.
    """
    with open_shift("label-mail", request) as shift:
        done = label_mail(shift.desk, request.mails, request.label, request.who, request.note, shift.now)
        shift.add(**done.counts)
        shift.notes += done.notes
        return shift.summary()
