"""Reports for people: written to the reports folder, shown in the UI, mailed to the chief once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.artifacts import publish_page
from tasks.desk import Desk
from tasks.gateways.report_files import write_report_file
from tasks.gateways.store.connection import writing
from tasks.gateways.store.contacts import find_staff
from tasks.outbox import plan_notices
from tasks.rules.outgoing import Attachment, Notice, Recipient
from tasks.rules.report_format import moment, period, written
from tasks.rules.report_period import report_days
from tasks.rules.report_words import word

if TYPE_CHECKING:
    from tasks.rules.report_model import Report

ReportName = Literal["telephony", "staff"]
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """A report on disk: what it says, its files (html, xlsx, csv), its first picture as PNG (empty: it has none)."""

    report: Report
    files: tuple[Path, ...]
    picture: bytes

    @property
    def paths(self) -> list[str]:
        """The files as text, for the run's summary."""
        return [str(path) for path in self.files]


@task(name="write-report", task_run_name="write-report-{name}", cache_policy=NO_CACHE)
def write_report(
    desk: Desk, name: ReportName, first_day: str, last_day: str, language: str, as_of: datetime
) -> WrittenReport:
    """Write the report on these local days (ISO text, '' for the last whole day) as known at `as_of`.

    The same moment gives the same bytes again.
    Raises UsageError for days that cannot be meant, OutsideError when the folder cannot be written.
    """
    from tasks.gateways.charts import chart_png
    from tasks.gateways.report_pages import report_page
    from tasks.gateways.report_sheets import report_csv, report_workbook
    from tasks.report_building import build_staff, build_telephony

    first, last = report_days(first_day, last_day, as_of, desk.office.zone)
    spoken = language or desk.office.language
    build = {"telephony": build_telephony, "staff": build_staff}[name]
    report = build(desk, first, last, as_of, spoken)
    path = _path(desk, name, first, last, spoken)
    contents = {".html": report_page(report).encode(), ".xlsx": report_workbook(report), ".csv": report_csv(report)}
    for ending, content in contents.items():
        write_report_file(path.with_name(path.name + ending), content)
    charts = [chart for section in report.sections for chart in section.charts if chart.bars]
    files = tuple(path.with_name(path.name + ending) for ending in contents)
    return WrittenReport(report, files, chart_png(charts[0], spoken) if charts else b"")


@task(name="publish-report", task_run_name="publish-{key}", cache_policy=NO_CACHE)
def publish_report(written_report: WrittenReport, key: str) -> None:
    """Show the report's figures in the Prefect UI under a stable key; figures and file names only, nobody's data."""
    report = written_report.report
    title = f"{word(report.name, report.language)}: {period(report.first_day, report.last_day, report.language)}"
    publish_page(key, report_markdown(written_report), title)


@task(name="mail-report", task_run_name="mail-report", cache_policy=NO_CACHE)
def mail_report(desk: Desk, written_report: WrittenReport, as_of: datetime, *, is_wanted: bool) -> int:
    """Plan one mail per chief with the figures, the picture and the workbook; how many were new."""
    with writing(desk.engine) as connection:
        staff = find_staff(connection)
        chiefs = [
            Recipient(f"person:{staff[one.mail]}", one.name, one.mail, one.language)
            for one in desk.office.people
            if is_wanted and "chief" in one.roles and one.mail in staff
        ]
        notices = [_notice(written_report, chief, as_of) for chief in chiefs]
        return plan_notices(connection, desk.office, notices, as_of)


def report_markdown(written_report: WrittenReport) -> str:
    """The figures as a markdown table, the remarks and the file names."""
    report = written_report.report
    lines = [f"| {row['title']} | {row['value']} | {row['hint']} |" for row in _figures(report, report.language)]
    notes = [f"- {word(key, report.language, **values)}" for key, values in report.notes]
    known = word("as_of", report.language, moment=moment(report.as_of, report.language, ZoneInfo(report.zone)))
    files = [f"- `{path.parent.name}/{path.name}`" for path in written_report.files]
    head = [f"{period(report.first_day, report.last_day, report.language)}, {known}", "", "| | | |", "|---|---:|---|"]
    return "\n".join([*head, *lines, "", *notes, "", *files])


def _notice(written_report: WrittenReport, chief: Recipient, as_of: datetime) -> Notice:
    report, language = written_report.report, chief.language
    workbook = next(path for path in written_report.files if path.suffix == ".xlsx")
    days = f"{report.first_day:%Y-%m-%d}"
    days = days if report.first_day == report.last_day else f"{days}_{report.last_day:%Y-%m-%d}"
    attachments = [Attachment(f"{report.name}-{days}.xlsx", _XLSX, workbook.read_bytes())]
    if written_report.picture:
        attachments.append(Attachment("chart.png", "image/png", written_report.picture, f"chart-{report.name}"))
    return Notice(
        key=f"report:{report.name}:{report.first_day}:{report.last_day}:{chief.ref}",
        kind="report",
        to=chief,
        wording="report_ready",
        data={
            "title": word(report.name, language),
            "days": period(report.first_day, report.last_day, language),
            "known_at": moment(report.as_of, language, ZoneInfo(report.zone))[:-3],
            "figures": _figures(report, language),
            "notes": [word(key, language, **values) for key, values in report.notes],
            "picture": f"chart-{report.name}" if written_report.picture else "",
            "file_name": attachments[0].file_name,
        },
        entity="report",
        entity_id=int(f"{report.last_day:%Y%m%d}"),
        not_before=as_of,
        attachments=tuple(attachments),
    )


def _figures(report: Report, language: str) -> list[dict[str, str]]:
    """The head figures in words: title, value, remark."""
    zone = ZoneInfo(report.zone)

    def said(kind: str, value: object) -> str:
        return written(kind, value, language, zone, report.currency)

    return [
        {
            "title": word(one.key, language),
            "value": said(one.kind, one.cell.value),
            "hint": word(one.hint.key, language, value=said(one.hint.kind, one.hint.value)) if one.hint else "",
        }
        for one in report.figures
    ]


def _path(desk: Desk, name: str, first: date, last: date, language: str) -> Path:
    """Without ending: the days' folder, the report's name, and the language when it is not the office's own."""
    folder = desk.reports / (f"{last}" if first == last else f"{first}_{last}")
    return folder / (name if language == desk.office.language else f"{name}.{language}")
