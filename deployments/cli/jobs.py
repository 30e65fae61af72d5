"""Each job of the office by name: the same flows that the schedules run, from a shell."""

from __future__ import annotations

import argparse
import asyncio
import importlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from deployments.cli.output import print_summary
from deployments.cli.prefect_client import prepare_prefect
from deployments.settings import read_settings
from tasks.rules.errors import UsageError
from tasks.rules.summary import RunSummary


@dataclass(frozen=True, slots=True)
class Option:
    """One extra word of a job: the request's field, whether it takes many values, its help, and a shorter name."""

    field: str
    help: str
    is_list: bool = False
    also: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """A job: its name, the flow behind it (dotted), the request class beside the flow, and its own options."""

    name: str
    entrypoint: str
    request: str
    help: str
    options: tuple[Option, ...] = ()
    group: str = ""


_DAYS = (
    Option("first_day", "first day, e.g. 2026-11-17; empty: yesterday", also="--from"),
    Option("last_day", "last day, inclusive; empty: the first", also="--to"),
    Option("language", "ru or en; empty: the office's"),
)

_CALLS = (
    Option("line", "only this number of ours, E.164"),
    Option("queue", "only this queue, by number or name"),
    Option("employee", "only this employee: key, name or extension"),
    Option("compare", "previous: beside the period of the same length before"),
    Option("levels", "own: only the office's service level; empty: the four usual ones side by side"),
    Option("pdf", "no: without PDF; empty: with one where there is a Chromium"),
)

_ORDER = (
    Option("kind", "kind of order: first, periodic, urgent"),
    Option("dispatcher", "key or name; starts the order"),
    Option("answers", "answers of the form, one on a line: address: Lesnaya 5"),
    Option("who", "your key in people.yaml"),
)

JOBS = (
    Job(
        "intake-mail",
        "flows.intake.intake_mail",
        "IntakeMailRequest",
        "Take new mail in. / Принять почту.",
        (Option("mailboxes", "only these mailboxes", is_list=True),),
    ),
    Job(
        "intake-calls",
        "flows.calls.intake_calls",
        "IntakeCallsRequest",
        "Take call logs in. / Принять журналы звонков.",
        (Option("logs", "only these call logs", is_list=True),),
    ),
    Job(
        "fetch-recordings",
        "flows.recordings.fetch_recordings",
        "FetchRecordingsRequest",
        "Fetch recordings of calls, remove old ones. / Забрать записи разговоров.",
        (Option("logs", "only those of these call logs", is_list=True),),
    ),
    Job(
        "label-mail",
        "flows.spam.label_mails",
        "LabelMailRequest",
        "Say that mail is spam, or that it is not. / Спам или не спам.",
        (
            Option("mails", "numbers of the mails (intake ids)", is_list=True),
            Option("label", "spam or good; empty: spam"),
            Option("who", "your key in people.yaml"),
            Option("note", "why, for colleagues"),
        ),
    ),
    Job(
        "qualify-lead",
        "flows.leads.qualify_lead",
        "QualifyLeadRequest",
        "Take a lead, keep answers, make the order, close it. / Взять лид, анкета, в сделку, закрыть.",
        (
            Option("lead", "its number, like L-000012"),
            Option("action", "take, answer, qualify, junk, spam or good; empty: answer"),
            Option("reason", "for junk and spam"),
            *_ORDER,
        ),
    ),
    Job(
        "register-request",
        "flows.leads.register_client_request",
        "RegisterRequestRequest",
        "Write down what a client asked for. / Записать обращение клиента.",
        (
            Option("title", "what is asked for, in a few words"),
            Option("name", "the client's name"),
            Option("phone", "telephone, with the country code"),
            Option("mail", "mail address"),
            Option("company", "company; empty: a private person"),
            *_ORDER,
        ),
    ),
    Job(
        "start-process",
        "flows.acts.start_process",
        "StartProcessRequest",
        "Begin an item of any process. / Начать процесс.",
        (
            Option("process", "its name, e.g. hiring"),
            Option("title", "in a few words"),
            Option("values", "one on a line, name: value"),
            Option("who", "your key in people.yaml"),
        ),
    ),
    Job(
        "command-item",
        "flows.acts.command_item",
        "CommandItemRequest",
        "Give an item a command of its process. / Команда процесса.",
        (
            Option("number", "number of the order or item"),
            Option("command", "a command of the process file, e.g. submit"),
            Option("values", "one on a line, name: value"),
            Option("who", "your key in people.yaml"),
        ),
    ),
    Job("advance", "flows.deals.advance_deals", "AdvanceRequest", "Move leads and deals. / Двинуть лиды и сделки."),
    Job(
        "remind",
        "flows.expiry.remind_expiry",
        "RemindExpiryRequest",
        "Plan reminders before papers expire. / Напомнить о сроках.",
        (Option("registers", "only these registers", is_list=True),),
    ),
    Job("dispatch", "flows.dispatch.dispatch_outbox", "DispatchOutboxRequest", "Send what is due. / Отправить почту."),
    Job(
        "decide-outbox",
        "flows.dispatch.decide_outbox",
        "DecideOutboxRequest",
        "Say what became of ambiguous mails. / Решить, что с письмами, судьба которых неизвестна.",
        (
            Option("mails", "outbox numbers of the mails", is_list=True),
            Option("decision", "was_sent, send_again or give_up; empty: was_sent"),
            Option("who", "your key in people.yaml"),
            Option("note", "how you know, for colleagues"),
        ),
    ),
    Job("audit", "flows.audit.audit_data", "AuditRequest", "Balance and data checks. / Сверка и проверка данных."),
    Job(
        "telephony",
        "flows.reports.report_telephony",
        "ReportTelephonyRequest",
        "The telephony report. / Отчёт по телефонии.",
        (*_DAYS, *_CALLS),
        "report",
    ),
    Job(
        "staff",
        "flows.reports.report_staff_efficiency",
        "ReportStaffRequest",
        "The staff report. / Отчёт по сотрудникам.",
        _DAYS,
        "report",
    ),
)


def describe(parser: argparse.ArgumentParser, job: Job) -> None:
    """Add the words every job takes, and the job's own."""
    parser.set_defaults(job=job)
    parser.add_argument("--as-of", default="", help="the moment the run is about, ISO with zone; empty: now")
    parser.add_argument("--json", action="store_true", help="print the summary as one JSON object")
    for option in job.options:
        names = [f"--{option.field.replace('_', '-')}", *([option.also] if option.also else [])]
        if option.is_list:
            parser.add_argument(*names, dest=option.field, nargs="+", default=[], help=option.help)
        else:
            parser.add_argument(*names, dest=option.field, default="", help=option.help)


def run_job(arguments: argparse.Namespace) -> int:
    """Run one job to its end and print what it did."""
    job: Job = arguments.job
    given = {option.field: getattr(arguments, option.field) for option in job.options}
    return run_named(job, {name: value for name, value in given.items() if value}, arguments)


def run_named(job: Job, fields: dict[str, Any], arguments: argparse.Namespace) -> int:
    """Run a job's flow with these fields of its request, and print what it did."""
    from flows.opening import open_desk

    check_moment(arguments.as_of)
    open_desk().engine.dispose()
    prepare_prefect(read_settings())
    print_summary(run_flow(job, {"as_of": arguments.as_of} | fields), as_json=arguments.json)
    return 0


def run_flow(job: Job, fields: dict[str, Any]) -> RunSummary:
    """Run a job's flow in this process. Prefect must be prepared; raises UsageError for a bad request."""
    module_name, _, flow_name = job.entrypoint.rpartition(".")
    module = importlib.import_module(module_name)
    try:
        request = getattr(module, job.request)(**fields)
    except ValidationError as error:
        first = error.errors()[0]
        raise UsageError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    from deployments.warm_runs import run_warm

    summary: RunSummary = asyncio.run(run_warm(getattr(module, flow_name), request, "command"))
    return summary


def check_moment(text: str) -> None:
    """Raises UsageError for what is no time with a zone; '' means now."""
    try:
        has_zone = not text or datetime.fromisoformat(text).tzinfo is not None
    except ValueError as error:
        raise UsageError(f"--as-of {text!r} is no time: write 2026-11-17T09:30:00+03:00") from error
    if not has_zone:
        raise UsageError(f"--as-of {text!r} has no zone: write 2026-11-17T09:30:00+03:00")
