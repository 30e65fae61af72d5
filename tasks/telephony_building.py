"""Reading what the telephony report is about and putting it together; nothing is written here.

The figures come from the facts. The single calls are read where they are few enough for people to look at; otherwise
they go to the report's CSV file, one after the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.desk import Desk
from tasks.gateways.store.call_fact_rows import CallFilter, read_facts
from tasks.gateways.store.connection import reading
from tasks.gateways.store.report_rows import read_rows, stream_rows
from tasks.report_building import Notes, unfinished_note
from tasks.rules import report_telephony
from tasks.rules.calls.facts import CallFacts
from tasks.rules.calls.row_keys import CallKeys
from tasks.rules.errors import UsageError
from tasks.rules.metrics import MissedFigures, Telephony, local_days, missed_figures, telephony
from tasks.rules.office import Office
from tasks.rules.report_format import period
from tasks.rules.report_model import Cell, Report, Section, Table
from tasks.rules.report_period import day_bounds
from tasks.rules.report_routing import RoutedCall, routed_calls, routing_section
from tasks.rules.report_telephony import Before, TelephonyContents, silent_days
from tasks.rules.report_telephony_groups import day_before
from tasks.rules.report_telephony_missed import client_name
from tasks.rules.report_telephony_rows import CallForm, call_table, missed_table
from tasks.rules.report_wish import TelephonyWish
from tasks.rules.report_words import word
from tasks.rules.working_time import working_calendar

ROWS_FILE = "telephony.csv"
LISTED_CALLS = 2000
"""A period with more calls than this has them in the CSV file instead of the page and the workbook."""


@dataclass(frozen=True, slots=True)
class _Period:
    """Local days as known at a moment, and which calls of them."""

    first: date
    last: date
    as_of: datetime
    wanted: CallFilter

    def values(self, office: Office) -> dict[str, Any]:
        """The parameters of the queries."""
        begins, ends = day_bounds(self.first, self.last, office.zone)
        return {"from": begins, "until": ends, "as_of": self.as_of, **self.wanted.values}


def build_telephony(desk: Desk, first: date, last: date, as_of: datetime, language: str, wish: TelephonyWish) -> Report:
    """The telephony report on local days, as known at `as_of`. Raises UsageError for an employee nobody knows."""
    office, level = desk.office, desk.office.telephony.service_level
    with reading(desk.engine) as connection:
        span = _Period(first, last, as_of, _filter(connection, office, wish))
        contents, call_count, details = _contents(connection, office, span, wish)
        routed = routed_calls(read_rows(connection, "route_rows", **span.values(office)))
    is_listed = contents.has_rows_listed
    return Report(
        name="telephony",
        office=office.name,
        language=language,
        zone=office.time_zone,
        currency=office.currency,
        first_day=first,
        last_day=last,
        as_of=as_of,
        figures=report_telephony.head_figures(contents),
        sections=(*report_telephony.sections(contents), *_routing(routed, is_listed=is_listed)),
        details=details,
        definitions=report_telephony.DEFINED,
        values=report_telephony.definition_values(office, word(f"level.{level.counts}", language)),
        notes=_notes(contents, span, wish, language, call_count),
        rows_file="" if is_listed else ROWS_FILE,
        has_data=contents.has_data,
    )


def _routing(routed: Sequence[RoutedCall], *, is_listed: bool) -> tuple[Section, ...]:
    """The chapter about what the PBX was answered, where it asked; its counts lead to calls that are listed."""
    shown = routed if is_listed else [replace(one, call_id=None) for one in routed]
    return (routing_section(shown),) if shown else ()


def rows_form(office: Office) -> CallForm:
    """How the CSV file lists the calls that are too many for the page."""
    return CallForm(office.door.url, has_courses=True)


@contextmanager
def telephony_rows(
    desk: Desk, first: date, last: date, as_of: datetime, wish: TelephonyWish
) -> Iterator[Iterator[tuple[Cell, ...]]]:
    """Every call of the report, one after the other, as cells of `rows_form`."""
    form = rows_form(desk.office)
    with reading(desk.engine) as connection:
        span = _Period(first, last, as_of, _filter(connection, desk.office, wish))
        yield (form.cells(row) for row in stream_rows(connection, "listed_calls", **span.values(desk.office)))


def _contents(
    connection: sa.Connection, office: Office, span: _Period, wish: TelephonyWish
) -> tuple[TelephonyContents, int, tuple[Table, ...]]:
    """What the report shows, how many calls it is about, and their rows where they are few enough."""
    facts, found, missed = _figures(connection, office, span)
    values, names = span.values(office), _names(connection)
    is_listed = facts.call_count <= LISTED_CALLS
    clients = read_rows(connection, "client_rows", **values)
    shown = {("person", person_id): name for person_id, name in names.items()}
    shown |= {("contact", row["contact_id"]): client_name(row) for row in clients}
    details, keys = _rows(connection, office, span, shown, "") if is_listed else ((), _no_keys(office, shown))
    before = None
    if wish.compare == "previous":
        before, rows = _before(connection, office, span, LISTED_CALLS - facts.call_count)
        details += rows
    contents = TelephonyContents(
        office=office,
        found=found,
        missed=missed,
        keys=keys,
        names=names,
        repeats=read_rows(connection, "repeat_rows", **values),
        clients=clients,
        withheld=read_rows(connection, "withheld_rows", **values)[0]["call_count"],
        before=before,
        has_rows_listed=is_listed,
        has_all_levels=wish.levels != "own",
    )
    return contents, facts.call_count, details


def _before(connection: sa.Connection, office: Office, span: _Period, room: int) -> tuple[Before, tuple[Table, ...]]:
    """The period before, and its rows where there is room for so many beside those of the period."""
    first, last = day_before(span.first, span.last)
    former = replace(span, first=first, last=last)
    facts, found, missed = _figures(connection, office, former)
    is_listed = facts.call_count <= room
    rows, keys = _rows(connection, office, former, {}, "_before") if is_listed else ((), _no_keys(office, {}))
    return Before(found, missed, keys, is_listed), rows


def _rows(
    connection: sa.Connection, office: Office, span: _Period, names: Mapping[tuple[str, Any], str], suffix: str
) -> tuple[tuple[Table, ...], CallKeys]:
    """The tables of a period's calls and missed calls, and what leads to them."""
    values = span.values(office)
    calls, missed = (read_rows(connection, query, **values) for query in ("listed_calls", "missed_rows"))
    form = CallForm(office.door.url if any(row["recording_id"] for row in calls) else "")
    listed = {row["call_id"] for row in calls}
    tables = (call_table(calls, form, f"call_rows{suffix}"), missed_table(missed, listed, f"missed_rows{suffix}"))
    return tables, CallKeys(calls, office.zone, office.telephony.service_level, names)


def _no_keys(office: Office, names: Mapping[tuple[str, Any], str]) -> CallKeys:
    """What says how to find the rows that are not listed."""
    return CallKeys((), office.zone, office.telephony.service_level, names, is_listed=False)


def _figures(connection: sa.Connection, office: Office, span: _Period) -> tuple[CallFacts, Telephony, MissedFigures]:
    """The facts of a period, what they say, and what became of its missed calls."""
    level = office.telephony.service_level
    facts = read_facts(connection, span.first, span.last, span.as_of, office.zone, span.wanted)
    found = telephony(facts, local_days(span.first, span.last), level, office.zone)
    calendar = working_calendar(office.hours, office.zone)
    missed = missed_figures(read_rows(connection, "missed_times", **span.values(office)), calendar, span.as_of)
    return facts, found, missed


def _filter(connection: sa.Connection, office: Office, wish: TelephonyWish) -> CallFilter:
    """Queues go by their own name or the office's, employees by key, name or extension."""
    queues = {title.casefold(): number for number, title in office.telephony.queues.items()}
    queue = queues.get(wish.queue.casefold(), wish.queue)
    return CallFilter(wish.line, queue, _person(connection, wish.employee) if wish.employee else 0)


def _person(connection: sa.Connection, who: str) -> int:
    table = schema.person
    asked = who.casefold()
    for row in connection.execute(sa.select(table.c.id, table.c.key, table.c.name, table.c.extension)):
        if asked in (row.key.casefold(), row.name.casefold(), row.extension):
            return int(row.id)
    raise UsageError(f"there is no employee {who!r}: give a key or name of people.yaml, or an extension")


def _names(connection: sa.Connection) -> dict[int, str]:
    return {row.id: row.name for row in connection.execute(sa.select(schema.person.c.id, schema.person.c.name))}


def _notes(contents: TelephonyContents, span: _Period, wish: TelephonyWish, language: str, call_count: int) -> Notes:
    ends = day_bounds(span.first, span.last, contents.office.zone)[1]
    filters = {"line": wish.line, "queue": wish.queue, "person": wish.employee}
    only = ", ".join(f"{word(name, language)} {value}" for name, value in filters.items() if value)
    notes: Notes = (("only", {"what": only}),) if only else ()
    notes += unfinished_note(ends, span.as_of)
    notes += tuple(("no_data", {"days": days}) for days in _silent(contents.found, language))
    if contents.before and (silent := _silent(contents.before.found, language)):
        notes += (("no_data_before", {"days": "; ".join(silent)}),)
    if unknown := contents.found.total.unknown_waits:
        notes += (("unknown_waits", {"count": unknown}),)
    if not contents.has_rows_listed:
        notes += (("unlisted", {"count": call_count, "file": ROWS_FILE}),)
    return notes


def _silent(found: Telephony, language: str) -> list[str]:
    """The stretches of days without a single row, in words."""
    stretches: list[list[date]] = []
    for day in silent_days(found):
        if stretches and (day - stretches[-1][-1]).days == 1:
            stretches[-1].append(day)
        else:
            stretches.append([day])
    return [period(days[0], days[-1], language) for days in stretches]
