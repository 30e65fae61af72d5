"""The office's reports: what the telephone did, and what the staff achieved."""

from __future__ import annotations

from typing import Literal

from prefect import flow
from pydantic import Field

from flows.opening import Shift, open_shift
from flows.run_request import RunRequest
from tasks.call_facts import LAST_DAYS, refresh_call_facts
from tasks.reporting import ReportWish, mail_report, publish_report, write_report
from tasks.rules.report_wish import TelephonyWish
from tasks.rules.summary import RunSummary


class ReportRequest(RunRequest):
    """Which days, in which language, and who gets it."""

    first_day: str = Field(
        default="",
        title="First day",
        pattern=r"^(\d{4}-\d{2}-\d{2})?$",
        description="ISO day, e.g. 2026-11-17; empty: the last day / Первый день, пусто: как последний.",
    )
    last_day: str = Field(
        default="",
        title="Last day",
        pattern=r"^(\d{4}-\d{2}-\d{2})?$",
        description="ISO day, included; empty: the last whole day before the moment / "
        "Последний день включительно, пусто: последний полный день.",
    )
    language: Literal["", "ru", "en"] = Field(
        default="",
        title="Language",
        description="Language of the report; empty: the office's own / Язык отчёта, пусто: язык офиса.",
    )
    mail_to_chief: bool = Field(
        default=True,
        title="Mail to the chief",
        description="Send it to the chief, once per report and period / Отправить руководителю, один раз за период.",
    )

    @property
    def wish(self) -> ReportWish:
        """What the report is asked for beyond its days."""
        return ReportWish()

    @property
    def days(self) -> str:
        """The days in words, for the run's name."""
        if self.first_day and self.last_day:
            return f"{self.first_day} to {self.last_day}"
        return self.first_day or self.last_day or "the last whole day"


class ReportTelephonyRequest(ReportRequest):
    """A telephony report: of which calls, beside which period."""

    line: str = Field(
        default="",
        title="Line",
        description="Only this number of ours, E.164; empty: all / Только эта линия, пусто: все.",
    )
    queue: str = Field(
        default="",
        title="Queue",
        description="Only this queue, by number or name; empty: all / Только эта очередь, пусто: все.",
    )
    employee: str = Field(
        default="",
        title="Employee",
        description="Only calls of this employee: key, name or extension; empty: all / "
        "Только звонки этого сотрудника, пусто: все.",
    )
    compare: Literal["", "previous"] = Field(
        default="",
        title="Compare",
        description="previous: beside the period of the same length before / Рядом с предыдущим периодом.",
    )
    levels: Literal["", "own"] = Field(
        default="",
        title="Service levels",
        description="own: only the office's definition; empty: the four usual ones side by side / "
        "own: только определение офиса, пусто: все четыре.",
    )
    pdf: bool = Field(
        default=True,
        title="PDF",
        description="Print it as PDF too, where there is a Chromium / Ещё и PDF, если есть Chromium.",
    )

    @property
    def wish(self) -> ReportWish:
        """What the report is asked for beyond its days."""
        return ReportWish(TelephonyWish(self.line, self.queue, self.employee, self.compare, self.levels), self.pdf)


class ReportStaffRequest(ReportRequest):
    """A staff report."""


@flow(name="report-telephony", flow_run_name="telephony of {request.days} as of {request.when}")
async def report_telephony(request: ReportTelephonyRequest = ReportTelephonyRequest()) -> RunSummary:
    """Telephony report: offered, answered, missed, service level, waiting, talking, call-backs, repeat callers.

    By day, hour and weekday, queue, line, employee and client, with busy lines and the people needed; as a page, PDF,
    a workbook and CSV; shown as an artifact, mailed to the chief.
    """
    with open_shift("report-telephony", request) as shift:
        shift.add(**refresh_call_facts(shift.desk, shift.now, LAST_DAYS))
        _make_report(shift, "report-telephony", "telephony", request)
        return shift.summary()


@flow(
    name="report-staff-efficiency",
    flow_run_name="staff of {request.days} as of {request.when}",
)
async def report_staff_efficiency(request: ReportStaffRequest = ReportStaffRequest()) -> RunSummary:
    """Staff efficiency report: requests handled and what they brought, response, deadlines kept, open work.

    Medians stand beside their number of observations; as a page, a workbook and CSV, an artifact, mailed to the chief.
    """
    with open_shift("report-staff-efficiency", request) as shift:
        _make_report(shift, "report-staff-efficiency", "staff", request)
        return shift.summary()


def _make_report(shift: Shift, flow: str, name: Literal["telephony", "staff"], request: ReportRequest) -> None:
    """Write the report `name`, show it as the artifact of its `flow`, and mail it."""
    days = (request.first_day, request.last_day, request.language, shift.now)
    report = write_report(shift.desk, name, *days, request.wish)
    publish_report(report, flow)
    mails = mail_report(shift.desk, report, shift.now, is_wanted=request.mail_to_chief)
    shift.add(reports_written=1, mails_planned=mails)
    shift.files.extend(report.paths)
    shift.notes.extend(report.remarks)
