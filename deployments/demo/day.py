"""The sample day: what reaches the office until each moment, and the flows that run then."""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from deployments.demo.mail_servers import deliver
from deployments.demo.people import answer_mail
from deployments.demo.sample_calls import append_until
from deployments.demo.sample_mail import mail_day
from tasks.rules.summary import RunSummary

MOSCOW = ZoneInfo("Europe/Moscow")
DAY = date(2026, 11, 17)
_SECOND_DISPATCH = timedelta(minutes=10)
_NEXT_DAY = DAY + timedelta(days=1)
_INTAKE = (
    ("flows.intake.intake_mail", "IntakeMailRequest"),
    ("flows.calls.intake_calls", "IntakeCallsRequest"),
    ("flows.deals.advance_deals", "AdvanceRequest"),
)
_DISPATCH = (("flows.dispatch.dispatch_outbox", "DispatchOutboxRequest"),)
_REMIND = (("flows.expiry.remind_expiry", "RemindExpiryRequest"),)
_AUDIT = (("flows.audit.audit_data", "AuditRequest"),)
_REPORTS = (
    ("flows.reports.report_telephony", "ReportTelephonyRequest"),
    ("flows.reports.report_staff_efficiency", "ReportStaffRequest"),
)
FlowName = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment of the day (aware UTC), what it is called, and the flows that run at it, in order."""

    at: datetime
    title: str
    flows: tuple[FlowName, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the day is played: the mailbox, the PBX's folder, the book of what left, the office's address."""

    maildir: Path
    call_logs: Path
    sent: Path
    office_mail: str


def moments() -> Iterator[Moment]:
    """The day's moments in order, from the first mail to the next morning."""
    for hour, minute in ((9, 30), (11, 0), (12, 30), (14, 0), (15, 30), (17, 0), (18, 30)):
        yield Moment(_at(DAY, hour, minute), "office hours", _INTAKE + _DISPATCH)
    yield Moment(_at(_NEXT_DAY, 2, 30), "the night: what expires", _REMIND)
    yield Moment(_at(_NEXT_DAY, 6, 0), "before work: reports", _REPORTS)
    yield Moment(_at(_NEXT_DAY, 9, 30), "the next morning", _INTAKE + _DISPATCH)
    yield Moment(_at(_NEXT_DAY, 9, 45), "the balance", _AUDIT)


async def play(
    stage: Stage,
    run_flow: Callable[[FlowName, datetime], Awaitable[RunSummary]],
    show: Callable[[Moment, RunSummary], None],
) -> None:
    """Play the whole day. Every part of it can be played again: what is there stays as it is."""
    letters = mail_day()
    for moment in moments():
        for letter in letters:
            if letter.at <= moment.at:
                deliver(stage.maildir, letter.key, letter.at, letter.raw)
        append_until(stage.call_logs, moment.at)
        for flow in moment.flows:
            summary = await run_flow(flow, moment.at)
            show(moment, summary)
            if summary.counts.get("waiting"):
                # what a dead mail server left is due again within minutes, before people read their mail
                show(moment, await run_flow(flow, moment.at + _SECOND_DISPATCH))
        answer_mail(stage.sent, stage.maildir, stage.office_mail, moment.at)


async def run_in_process(flow: FlowName, at: datetime) -> RunSummary:
    """Run one flow here, as of `at`."""
    module_name, _, name = flow[0].rpartition(".")
    module = importlib.import_module(module_name)
    request = getattr(module, flow[1])(as_of=at.isoformat())
    from deployments.warm_runs import run_warm

    summary: RunSummary = await run_warm(getattr(module, name), request, "demo")
    return summary


def _at(day: date, hour: int, minute: int) -> datetime:
    return datetime.combine(day, time(hour, minute), MOSCOW).astimezone(UTC)
