"""The office's letter box."""

from __future__ import annotations

from prefect import flow
from pydantic import Field

from flows.opening import open_shift
from flows.run_request import RunRequest
from tasks.mail import fetch_mailboxes, mail_as_it_comes, show_health, take_chunk
from tasks.rules.summary import RunSummary


class IntakeMailRequest(RunRequest):
    """Which mailboxes to look into."""

    mailboxes: list[str] = Field(
        default=[],
        title="Mailboxes",
        description="Names of the office folder; none means every active one / Имена ящиков, пусто: все действующие.",
    )

    @property
    def which(self) -> str:
        """The mailboxes in words, for the run's name."""
        return ", ".join(self.mailboxes) or "all mailboxes"


@flow(name="intake-mail", flow_run_name="{request.which} as of {request.when}")
async def intake_mail(request: IntakeMailRequest = IntakeMailRequest()) -> RunSummary:
    """Take new mail raw into the store, then make leads, activities and replies of it, or say why not.

    Забирает почту, сохраняет как есть, затем разбирает: лиды, дела, ответы, карантин с причиной.
    """
    with open_shift("intake-mail", request) as shift:
        fetch = fetch_mailboxes(shift.desk, request.mailboxes, shift.now)
        for ids in mail_as_it_comes(shift.desk, fetch, shift.now):
            shift.add(**take_chunk(shift.desk, ids, shift.now))
        show_health(shift.desk, fetch, shift.now)
        shift.add(**fetch.counts)
        shift.notes += fetch.notes
        fetch.require_one()
        return shift.summary()
