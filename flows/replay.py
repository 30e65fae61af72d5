"""The office's archive, read again with today's eyes."""

from __future__ import annotations

from prefect import flow
from pydantic import Field

from flows.opening import open_shift
from flows.run_request import RunRequest
from tasks.replay import replay_span, span_of
from tasks.rules.summary import RunSummary


class ReplayMailRequest(RunRequest):
    """Which stored mails are read again, and whether the differences are written / Что перечитать и записать ли."""

    first_day: str = Field(
        default="",
        title="From day",
        description="First day of receipt, e.g. 2026-11-17 / Первый день получения.",
    )
    last_day: str = Field(
        default="",
        title="To day",
        description="Last day, inclusive; empty: until yesterday, or the first day / Последний день включительно.",
    )
    ids: list[int] = Field(
        default=[],
        title="Items",
        description="Instead of days: numbers of intake items / Вместо дней: номера принятых писем.",
    )
    apply: bool = Field(
        default=False,
        title="Apply",
        description="Write the differences; off: they are only shown / Записать изменения; выключено: только показать.",
    )

    @property
    def which(self) -> str:
        """The mails and the deed in words, for the run's name."""
        mails = (
            f"{len(self.ids)} items" if self.ids else f"{self.first_day or 'no day'}…{self.last_day or self.first_day}"
        )
        return f"{'apply' if self.apply else 'preview'} {mails} as of {self.when}"


@flow(name="replay-mail", flow_run_name="{request.which}")
async def replay_mail(request: ReplayMailRequest = ReplayMailRequest()) -> RunSummary:
    """Stored mail through today's code: the differences shown, or written when asked. Nothing is ever sent by it.

    Повторный разбор сохранённой почты: показать отличия или записать их. Ничего не отправляет.
    """
    with open_shift("replay-mail", request) as shift:
        span = span_of(shift.desk, request.first_day, request.last_day, request.ids, shift.now)
        replayed = replay_span(shift.desk, span, shift.now, is_applied=request.apply)
        shift.add(**replayed.counts)
        shift.notes += replayed.notes
        return shift.summary()
