"""The office's counter: a colleague acts on a lead, or writes down what a client asked for."""

from __future__ import annotations

from typing import Literal

from prefect import flow
from pydantic import Field

from flows.opening import open_shift
from flows.run_request import RunRequest
from tasks.lead_desk import order_lead, register_request
from tasks.rules.leads.lead_order import LeadOrder, Request
from tasks.rules.summary import RunSummary


class QualifyLeadRequest(RunRequest):
    """Which lead, what becomes of it, and who says so / Какой лид, что с ним, кто решает."""

    lead: str = Field(default="", title="Lead", description="Its number, like L-000012 / Номер лида.")
    action: Literal["take", "answer", "qualify", "junk", "spam", "good"] = Field(
        default="answer",
        title="What happens",
        description="take: into work; answer: keep the answers below; qualify: make contact, company and order; "
        "junk or spam: close it; good: open it again / Взять, записать ответы, в сделку, мусор, спам, вернуть.",
    )
    who: str = Field(
        default="",
        title="Who acts",
        description="Key or mail address of the member of staff / Ключ или адрес сотрудника.",
    )
    answers: str = Field(
        default="",
        title="Answers of the form",
        description="One on a line, as in a mail: address: Lesnaya 5 / По одному в строке, например: адрес: Лесная, 5.",
        json_schema_extra={"format": "textarea"},
    )
    kind: str = Field(
        default="", title="Kind of order", description="With qualify: first, periodic or urgent / Вид заказа."
    )
    dispatcher: str = Field(
        default="", title="Dispatcher", description="With qualify: key or name; starts the order / Диспетчер."
    )
    reason: str = Field(default="", title="Reason", description="For junk or spam / Причина для мусора и спама.")

    @property
    def which(self) -> str:
        """The lead in words, for the run's name."""
        return self.lead or "a lead"


class RegisterRequestRequest(RunRequest):
    """What a client asked for, and how they can be reached / Что нужно клиенту и как с ним связаться."""

    who: str = Field(default="", title="Who writes it down", description="Key or mail address / Ключ или адрес.")
    title: str = Field(default="", title="What is asked for", description="In a few words / Коротко, о чём речь.")
    name: str = Field(default="", title="Client's name", description="As they say it / Как представился клиент.")
    phone: str = Field(default="", title="Telephone", description="With the country code / Телефон клиента.")
    mail: str = Field(default="", title="Mail address", description="Or the telephone above / Почта клиента.")
    company: str = Field(default="", title="Company", description="Empty: a private person / Компания, если есть.")
    kind: str = Field(default="", title="Kind of order", description="first, periodic or urgent / Вид заказа.")
    dispatcher: str = Field(default="", title="Dispatcher", description="Key or name / Диспетчер, если известен.")
    answers: str = Field(
        default="",
        title="Answers of the form",
        description="One on a line: address: Lesnaya 5 / По одному в строке.",
        json_schema_extra={"format": "textarea"},
    )


@flow(name="qualify-lead", flow_run_name="{request.action} {request.which}")
async def qualify_lead(request: QualifyLeadRequest = QualifyLeadRequest()) -> RunSummary:
    """Take, answer, qualify or close a lead: the same rule as for an answer by mail.

    Взять лид в работу, записать ответы анкеты, превратить в сделку или закрыть.
    """
    with open_shift("qualify-lead", request) as shift:
        order = LeadOrder(
            request.lead,
            request.action,
            request.who,
            request.answers,
            request.kind,
            request.dispatcher,
            request.reason,
        )
        acted = order_lead(shift.desk, order, "prefect", shift.now)
        shift.add(**acted.counts)
        shift.notes += acted.refused
        return shift.summary()


@flow(name="register-request", flow_run_name="request as of {request.when}")
async def register_client_request(request: RegisterRequestRequest = RegisterRequestRequest()) -> RunSummary:
    """Write down what a client asked for: a known client's request is an order at once, a new one's a lead.

    Записать обращение клиента: знакомому сразу заказ, новому лид.
    """
    with open_shift("register-request", request) as shift:
        asked = Request(
            request.who,
            request.title,
            request.name,
            request.phone,
            request.mail,
            request.company,
            request.kind,
            request.dispatcher,
            request.answers,
        )
        acted = register_request(shift.desk, asked, shift.now)
        shift.add(**acted.counts)
        shift.notes += [*acted.numbers, *acted.refused]
        return shift.summary()
