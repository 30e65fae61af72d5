"""Reports for people: written to the reports folder, shown in the UI, mailed to the chief once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
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
from tasks.rules.errors import OutsideError
from tasks.rules.outgoing import Attachment, Notice, Recipient
from tasks.rules.report_format import moment, period, written
from tasks.rules.report_period import report_days
from tasks.rules.report_wish import TelephonyWish
from tasks.rules.report_words import word

if TYPE_CHECKING:
    from tasks.rules.report_model import Report

ReportName = Literal["telephony", "staff"]
_NO_NAME = re.compile(r"[^\w+-]+")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class ReportWish:
    """What a report is asked for beyond its days: which calls, compared with what, and whether on paper too."""

    telephony: TelephonyWish = field(default_factory=TelephonyWish)
    pdf: bool = False


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """A report on disk: what it says, its files (html, xlsx, csv, pdf), its first picture as PNG (empty: none).

    `remarks` tell whoever ran it what could not be made.
    """

    report: Report
    files: tuple[Path, ...]
    picture: bytes
    remarks: tuple[str, ...] = ()

    @property
    def paths(self) -> list[str]:
        """The files as text, for the run's summary."""
        return [str(path) for path in self.files]


@task(name="write-report", task_run_name="write-report-{name}", cache_policy=NO_CACHE)
def write_report(
    desk: Desk,
    name: ReportName,
    first_day: str,
    last_day: str,
    language: str,
    as_of: datetime,
    wish: ReportWish | None = None,
) -> WrittenReport:
    """Write the report on these local days (ISO text, '' for the last whole day) as known at `as_of`.

    The same moment gives the same bytes again. With `wish` the telephony report is about some calls only, compared, and
    printed where there is a Chromium. Raises UsageError for days that cannot be meant, OutsideError when the folder
    cannot be written.
    """
    from tasks.gateways.charts import chart_png
    from tasks.gateways.report_pages import report_page
    from tasks.gateways.report_sheets import report_workbook

    first, last = report_days(first_day, last_day, as_of, desk.office.zone)
    spoken = language or desk.office.language
    wished = wish or ReportWish()
    report = _build(desk, name, first, last, as_of, spoken, wished)
    path = _path(desk, name, first, last, spoken, wished)
    report = replace(report, rows_file=f"{path.name}.csv" if report.rows_file else "")
    page = report_page(report)
    contents: dict[str, bytes | Iterable[bytes]] = {".html": page.encode(), ".xlsx": report_workbook(report)}
    for ending, content in contents.items():
        write_report_file(path.with_name(path.name + ending), content)
    files = [path.with_name(path.name + ending) for ending in (*contents, ".csv")]
    _write_rows(desk, report, files[-1], wished)
    remarks: tuple[str, ...] = ()
    if wished.pdf:
        printed, remarks = _printed(page, path.with_name(f"{path.name}.pdf"), as_of)
        files += printed
    charts = [chart for section in report.sections for chart in section.charts if chart.bars]
    return WrittenReport(report, tuple(files), chart_png(charts[0], spoken) if charts else b"", remarks)


def _build(
    desk: Desk, name: ReportName, first: date, last: date, as_of: datetime, language: str, wish: ReportWish
) -> Report:
    if name == "staff":
        from tasks.report_building import build_staff

        return build_staff(desk, first, last, as_of, language)
    from tasks.telephony_building import build_telephony

    return build_telephony(desk, first, last, as_of, language, wish.telephony)


def _write_rows(desk: Desk, report: Report, path: Path, wish: ReportWish) -> None:
    """The CSV file: the rows the report lists, or all of them from the store where they are too many to list."""
    from tasks.gateways.report_csv import csv_parts, report_csv

    if not report.rows_file:
        write_report_file(path, report_csv(report))
        return
    from tasks.telephony_building import rows_form, telephony_rows

    with telephony_rows(desk, report.first_day, report.last_day, report.as_of, wish.telephony) as rows:
        write_report_file(path, csv_parts(report, rows_form(desk.office).columns, rows))


def _printed(page: str, path: Path, as_of: datetime) -> tuple[list[Path], tuple[str, ...]]:
    """The page as PDF; without a Chromium that prints there is only a remark: the report does not wait for paper."""
    from tasks.gateways.report_paper import print_page

    try:
        write_report_file(path, print_page(page, as_of))
    except OutsideError as error:
        return [], (str(error),)
    return [path], ()


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


def _path(desk: Desk, name: str, first: date, last: date, language: str, wish: ReportWish) -> Path:
    """Without ending: the days' folder, the report's name, what it is only about, the language when it is another."""
    folder = desk.reports / (f"{last}" if first == last else f"{first}_{last}")
    only = [_NO_NAME.sub("-", part).strip("-") for part in wish.telephony.only if part]
    return folder / ".".join([name, *only, *([] if language == desk.office.language else [language])])
