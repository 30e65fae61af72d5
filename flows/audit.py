"""The office's night watch: nothing lost, nothing stuck, and tables that keep their promises."""

from __future__ import annotations

from prefect import flow
from pydantic import Field

from flows.opening import open_shift
from flows.run_request import RunRequest
from tasks.audit import balance_sources, check_tables, compile_findings, find_left_overs, plan_alarm, publish_audit
from tasks.rules.summary import RunSummary


class AuditRequest(RunRequest):
    """What the nightly audit may be told."""

    kept_runs: int = Field(
        default=14,
        ge=1,
        le=366,
        title="Data Docs kept",
        description="How many audits stay readable in the Data Docs / Сколько последних сверок хранить.",
    )


@flow(name="audit-data", flow_run_name="audit as of {request.when}")
async def audit_data(request: AuditRequest = AuditRequest()) -> RunSummary:
    """Nightly audit: seen on the server = settled + quarantined + ignored, left-overs, and checks of all tables.

    Ночная сверка: всё увиденное разобрано, отложено или пропущено с причиной; застрявшее; проверки таблиц.
    Writes Data Docs that need no network; mails the chief and the administrator only when something differs.
    """
    with open_shift("audit-data", request) as shift:
        balances = balance_sources(shift.desk, shift.now)
        left_over = find_left_overs(shift.desk, shift.now)
        tables = check_tables(shift.desk, shift.now)
        findings = compile_findings(shift.desk, balances, left_over, tables)
        shift.files.append(str(publish_audit(shift.desk, findings, tables, shift.now, request.kept_runs)))
        shift.add(**findings.counts(), alarms=plan_alarm(shift.desk, findings, shift.now))
        return shift.summary()
