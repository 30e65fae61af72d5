"""Reading the rows of a report and putting it together; nothing is written here.

pandas is loaded with the rules that need it, so this module is imported by the task that builds a report.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from tasks.desk import Desk
from tasks.gateways.store.connection import reading
from tasks.gateways.store.report_rows import read_rows
from tasks.rules import report_staff
from tasks.rules.metrics import local_days
from tasks.rules.metrics_staff import Span, StaffRows, days_at_work, office_figures, staff_figures
from tasks.rules.office import Office
from tasks.rules.report_assignment import LEAD_ROLE, Share, assignment_section
from tasks.rules.report_model import Report
from tasks.rules.report_period import day_bounds
from tasks.rules.report_staff_rows import detail_tables
from tasks.rules.report_words import word
from tasks.rules.role_titles import role_title
from tasks.rules.working_time import working_calendar

Row = dict[str, Any]
Notes = tuple[tuple[str, dict[str, Any]], ...]


def build_staff(desk: Desk, first: date, last: date, as_of: datetime, language: str) -> Report:
    """The staff report on local days, as known at `as_of`."""
    office = desk.office
    span = Span(*day_bounds(first, last, office.zone), as_of)
    people, rows = _staff_rows(desk, span)
    calendar = working_calendar(office.hours, office.zone)
    keys: list[int | None] = [*people, None]
    found = zip(keys, staff_figures(rows, keys, span, calendar, office.currency), strict=True)
    total = office_figures(rows, span, calendar, office.currency)
    names = {person_id: name for person_id, (name, _) in people.items()}
    everybody = list(found)
    named = [
        (*_named(office, people, person_id, language), figures)
        for person_id, figures in everybody
        if report_staff.has_work(figures)
    ]
    days = [day for day in local_days(first, last) if calendar.is_working_day(day)]
    shares = [
        Share(names[person_id], figures.assigned, days_at_work(rows, person_id, days))
        for person_id, figures in everybody
        if person_id is not None and (figures.assigned or LEAD_ROLE in people[person_id][1])
    ]
    return Report(
        name="staff",
        office=office.name,
        language=language,
        zone=office.time_zone,
        currency=office.currency,
        first_day=first,
        last_day=last,
        as_of=as_of,
        figures=report_staff.head_figures(total),
        sections=(*report_staff.sections(named, total), assignment_section(shares)),
        details=detail_tables(rows, names),
        definitions=report_staff.DEFINED,
        notes=unfinished_note(span.end, as_of) + _money_notes(rows, office.currency),
    )


def _staff_rows(desk: Desk, span: Span) -> tuple[dict[int, tuple[str, list[str]]], StaffRows]:
    """Everybody (row id → name, roles) and all rows the figures need, in one consistent view of the store."""
    moments = {"from": span.start, "until": span.end, "as_of": span.as_of}
    people: dict[int, tuple[str, list[str]]] = {}
    with reading(desk.engine) as connection:
        for row in read_rows(connection, "staff_rows"):
            roles = people.setdefault(row["person_id"], (row["person_name"], []))[1]
            roles += [row["role"]] if row["role"] else []
        names = ("lead_rows", "deal_rows", "task_rows", "incident_rows", "work_rows", "absence_rows")
        return people, StaffRows(*(read_rows(connection, name, **moments) for name in names))


def _named(
    office: Office, people: dict[int, tuple[str, list[str]]], person_id: int | None, language: str
) -> tuple[str, str]:
    name, roles = people[person_id] if person_id is not None else (word("nobody", language), [])
    return name, ", ".join(role_title(office, role, language) for role in roles)


def unfinished_note(ends: datetime, as_of: datetime) -> Notes:
    """The remark on a period that is not over at the report's moment."""
    return (("not_over", {}),) if as_of < ends else ()


def _money_notes(rows: StaffRows, currency: str) -> Notes:
    other = sum(row["currency"] != currency for row in rows.deals)
    return (("other_currency", {"count": other}),) if other else ()
