"""The nightly audit: is everything accounted for, is anything left over, do the tables keep their promises."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.artifacts import publish_page
from tasks.desk import Desk
from tasks.gateways.store.balance import (
    count_held,
    count_logs,
    last_ended_runs,
    stuck_rows,
)
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.contacts import find_staff
from tasks.mail_balance import balance_mailbox
from tasks.outbox import plan_notices
from tasks.rules.audit import AuditFindings, TableCount, audit_markdown
from tasks.rules.audit_words import said
from tasks.rules.balance import Difference, SourceBalance, balance_log, missed_runs
from tasks.rules.office import Office
from tasks.rules.outgoing import Notice, Recipient

if TYPE_CHECKING:
    from tasks.gateways.quality_audit import TableAudit

_TOLD_DIFFERENCES = 20


@task(name="balance-sources", task_run_name="balance-sources", cache_policy=NO_CACHE)
def balance_sources(desk: Desk, now: datetime) -> tuple[SourceBalance, ...]:
    """Ask every active mailbox again and count every call log; one that cannot be asked does not stop the others."""
    active = [mailbox for mailbox in desk.office.mailboxes if mailbox.is_active]
    mailboxes = [balance for mailbox in active for balance in balance_mailbox(desk, mailbox, now)]
    logs = {log.name for log in desk.office.telephony.logs if log.is_active}
    with reading(desk.engine) as connection:
        counts = count_logs(connection, logs)
    return (*mailboxes, *(balance_log(count) for count in counts))


@task(name="find-left-overs", task_run_name="find-left-overs", cache_policy=NO_CACHE)
def find_left_overs(desk: Desk, now: datetime) -> tuple[Difference, ...]:
    """Stuck mail, events nobody has taken, and flows that have not run for a day."""
    with reading(desk.engine) as connection:
        stuck = stuck_rows(connection, now, datetime.now(UTC))
        last_ended = last_ended_runs(connection, now)
    return (*stuck, *missed_runs(_expected_flows(desk.office), last_ended, now))


def _expected_flows(office: Office) -> set[str]:
    """The flows that have work in this office at least once a day."""
    has_work = {
        "intake-mail": any(mailbox.is_active for mailbox in office.mailboxes),
        "intake-calls": any(log.is_active for log in office.telephony.logs),
        "fetch-recordings": any(log.recordings.way != "none" for log in office.telephony.logs),
        "advance-deals": bool(office.processes),
        "remind-expiry": bool(office.registers),
        "dispatch-outbox": True,
    }
    return {flow for flow, is_expected in has_work.items() if is_expected}


@task(name="check-tables", task_run_name="check-tables", cache_policy=NO_CACHE)
def check_tables(desk: Desk, now: datetime) -> list[TableAudit]:
    """Great Expectations over the tables. Raises QualityError when an expectation cannot be run."""
    from tasks.gateways.quality_audit import audit_tables

    return audit_tables(desk.engine, now)


def compile_findings(
    desk: Desk, balances: Sequence[SourceBalance], left_over: Sequence[Difference], tables: Sequence[TableAudit]
) -> AuditFindings:
    """One night's audit in one value."""
    with reading(desk.engine) as connection:
        held_rows = count_held(connection)
    counts = tuple(
        TableCount(one.table, one.row_count, one.bad_row_count, one.expectation_count, one.failed_count)
        for one in tables
    )
    broken = tuple(promise for one in tables for promise in one.broken)
    return AuditFindings(tuple(balances), tuple(left_over), counts, broken, held_rows)


@task(name="publish-audit", task_run_name="publish-audit", cache_policy=NO_CACHE)
def publish_audit(
    desk: Desk, findings: AuditFindings, tables: Sequence[TableAudit], now: datetime, kept_runs: int
) -> Path:
    """Write the Data Docs, keep the newest `kept_runs` of them, and show the audit as the artifact `audit-data`."""
    from tasks.gateways.data_docs import write_data_docs

    office = desk.office
    page = write_data_docs(
        desk.reports / "data-docs",
        findings,
        tables,
        now=now,
        zone=office.zone,
        language=office.language,
        kept_runs=kept_runs,
    )
    described = "The nightly balance and checks of all tables"
    publish_page("audit-data", audit_markdown(findings, "data-docs/index.html"), described)
    return page


@task(name="plan-alarm", task_run_name="plan-alarm", cache_policy=NO_CACHE)
def plan_alarm(desk: Desk, findings: AuditFindings, now: datetime) -> int:
    """Tell chiefs and administrators once per day, only when something does not add up; how many mails were planned."""
    if not findings.counts()["differences"]:
        return 0
    with writing(desk.engine) as connection:
        notices = [_alarm(desk.office, findings, to, now) for to in _told(desk.office, find_staff(connection))]
        return plan_notices(connection, desk.office, notices, now)


def _told(office: Office, staff: dict[str, int]) -> list[Recipient]:
    return [
        Recipient(f"person:{staff[one.mail]}", one.name, one.mail, one.language)
        for one in office.people
        if {"chief", "administrator"} & set(one.roles) and one.mail in staff
    ]


def _alarm(office: Office, findings: AuditFindings, to: Recipient, now: datetime) -> Notice:
    day = now.astimezone(office.zone).date()
    data: dict[str, Any] = {
        "at": now,
        "counts": findings.counts(),
        "differences": [
            {"source": one.source, "key": one.key, "what": said(one, to.language)}
            for one in findings.differences[:_TOLD_DIFFERENCES]
        ],
        "docs": "data-docs/index.html",
    }
    return Notice(
        key=f"audit:{day}:{to.ref}",
        kind="notice",
        to=to,
        wording="audit_alarm",
        data=data,
        entity="audit",
        entity_id=int(f"{day:%Y%m%d}"),
        not_before=now,
    )
