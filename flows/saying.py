"""Somebody of the office has something to say: to a colleague, a role, a client group."""

from __future__ import annotations

from prefect import flow
from pydantic import Field

from flows.opening import open_shift
from flows.run_request import RunRequest
from tasks.rules.summary import RunSummary
from tasks.saying import say_to_people


class TellPeopleRequest(RunRequest):
    """What to say to whom, and who says it / Сообщение сотруднику, роли или группе клиентов."""

    to: list[str] = Field(
        default=[],
        title="To",
        description="Keys or mail addresses of people, a role, or a client group / Кому: сотрудник, роль, группа.",
    )
    text: str = Field(default="", title="Text", description="What to say, up to 4000 characters / Текст сообщения.")
    who: str = Field(default="", title="Who writes", description="Your key or mail address in people.yaml / Кто пишет.")
    sender: str = Field(
        default="",
        title="In whose name",
        description="Empty: your own; another's is for administrators only / От чьего имени, пусто: от своего.",
    )

    @property
    def whom(self) -> str:
        """The number of words that name people, for the run's name."""
        return f"{len(self.to)} named"


@flow(name="tell-people", flow_run_name="tell {request.whom}")
async def tell_people(request: TellPeopleRequest = TellPeopleRequest()) -> RunSummary:
    """Tell people something, each by the way that reaches them now: chat, inbox, mail or SMS.

    Сообщение человеку или группе: каждому тем путём, которым его можно застать.
    """
    with open_shift("tell-people", request) as shift:
        said = say_to_people(shift.desk, request.to, request.text, request.who, request.sender, shift.now)
        shift.add(told=said.told, unreachable=len(said.notes))
        shift.notes.extend(said.notes)
        return shift.summary()
