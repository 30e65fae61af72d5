"""The office's second look: what was kept aside waits here for a person's word."""

from __future__ import annotations

from typing import Literal

from prefect import flow
from pydantic import Field

from flows.opening import open_shift
from flows.run_request import RunRequest
from tasks.quarantine_desk import decide_rows
from tasks.rules.mail_correction import checked_correction
from tasks.rules.summary import RunSummary


class DecideQuarantineRequest(RunRequest):
    """Which rows of the quarantine, what becomes of them, and who says so / Какие строки, что с ними, кто решает."""

    rows: list[int] = Field(
        default=[],
        title="Rows",
        description="Numbers of the quarantine rows, one each; ./callout quarantine list shows them / "
        "Номера строк карантина, по одному.",
    )
    decision: Literal["release", "fix", "reject"] = Field(
        default="release",
        title="Decision",
        description="release: take it as it is; fix: take it with the correction below; reject: leave it out / "
        "Принять как есть, принять с исправлением или отклонить.",
    )
    who: str = Field(
        default="",
        title="Who decides",
        description="Key or mail address of the member of staff / Ключ или адрес сотрудника, который решает.",
    )
    sender: str = Field(
        default="",
        title="Sender's address",
        description="For a fix: the address the mail really came from / Для исправления: верный адрес отправителя.",
    )
    charset: str = Field(
        default="",
        title="Charset",
        description="For a fix: the text's real charset, e.g. windows-1251 / Для исправления: верная кодировка.",
    )
    note: str = Field(
        default="",
        title="Note",
        description="Why; needed for a rejection / Причина; для отклонения обязательна.",
    )

    @property
    def which(self) -> str:
        """The rows in words, for the run's name."""
        return f"rows {', '.join(map(str, self.rows))}" if self.rows else "no rows"


@flow(name="decide-quarantine", flow_run_name="{request.decision} {request.which}")
async def decide_quarantine(request: DecideQuarantineRequest = DecideQuarantineRequest()) -> RunSummary:
    """Release, fix or reject rows in quarantine: a released mail makes its lead or activity, exactly once.

    Решение по строкам карантина: принять, исправить и принять, отклонить с причиной.
    """
    with open_shift("decide-quarantine", request) as shift:
        correction = checked_correction(request.sender, request.charset)
        ruled = decide_rows(
            shift.desk, request.rows, request.decision, request.who, correction, request.note, shift.now
        )
        shift.add(**ruled.counts)
        shift.notes += ruled.notes
        return shift.summary()
