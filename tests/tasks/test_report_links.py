"""Every figure of the telephony report leads to its rows: on the page, in the workbook, and where they are too many."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa

from sql import schema
from tasks import telephony_building
from tasks.desk import Desk
from tasks.gateways.store.connection import insert, writing
from tasks.reporting import ReportWish, WrittenReport, write_report
from tasks.rules.report_model import Cell, Report
from tasks.rules.report_wish import TelephonyWish
from tests.samples.desks import desk_with
from tests.samples.report_day import AS_OF, open_filled_desk

DOOR = "https://door.north-service.example"
NUMBERS = frozenset(("count", "decimal", "difference", "seconds", "percent", "change", "points"))
DAY = timedelta(days=1)


@pytest.fixture
def desk(sqlite_engine: sa.Engine, tmp_path: Path) -> Desk:
    """The sample day with the day before, what a queue and a router told, and recordings; its door is public."""
    desk = open_filled_desk(sqlite_engine, tmp_path)
    with writing(desk.engine) as connection:
        _repeat_the_day_before(connection)
        calls = connection.execute(sa.select(schema.call).order_by(schema.call.c.id)).all()
        flowed = next(call for call in calls if call.queue and call.outcome == "no_answer")
        told = {"source": "asterisk", "natural_key": "q1", "at": flowed.ended_at, "call_key": flowed.linked_id}
        told |= {
            "queue": "600",
            "agent": "NONE",
            "kind": "EXITWITHTIMEOUT",
            "data": [],
            "raw_line": "",
            "file_line": "q:1",
        }
        connection.execute(insert(connection, schema.queue_event), [told])
        for number, (call, state) in enumerate(zip(calls[:3], ("kept", "linked", "waiting"), strict=True), start=1):
            row = {"id": number, "call_id": call.id, "source": "asterisk", "name": f"r{number}", "state": state}
            moments = {"noted_at": call.ended_at, "ended_at": call.ended_at, "kept_at": call.ended_at}
            row |= moments if state != "waiting" else moments | {"kept_at": None}
            connection.execute(sa.insert(schema.recording), [row])
        queued = next(call for call in calls if call.queue and call.outcome == "answered" and call.id < 1000)
        asked = {"at": queued.started_at, "line": queued.line, "queue": queued.queue, "kind": "queue"}
        asked |= {"person_id": queued.person_id, "linked_id": queued.linked_id, "caller_phone": queued.client_phone}
        _add_route(connection, asked)
    return _with_door(desk, DOOR)


def _with_door(desk: Desk, url: str) -> Desk:
    return desk_with(desk, replace(desk.office, door=replace(desk.office.door, url=url)))


def _repeat_the_day_before(connection: sa.Connection) -> None:
    """The same calls a day earlier, all but every third."""
    rows = [dict(row._mapping) for row in connection.execute(sa.select(schema.call))]
    for row in rows:
        moments = {name: row[name] - DAY for name in ("started_at", "answered_at", "ended_at") if row[name]}
        row |= moments | {"id": row["id"] + 1000, "linked_id": f"b{row['linked_id']}"}
    connection.execute(sa.insert(schema.call), [row for row in rows if row["id"] % 3])


def _add_route(connection: sa.Connection, values: dict[str, Any]) -> None:
    known = {name: value for name, value in values.items() if name in schema.call_route.c}
    needed = {c.name: "" for c in schema.call_route.c if not c.nullable and c.server_default is None and c.name != "id"}
    connection.execute(sa.insert(schema.call_route), [needed | known])


def _write(desk: Desk, **wish: str) -> WrittenReport:
    wished = ReportWish(TelephonyWish(**{"compare": "previous"} | wish))
    return write_report.fn(desk, "telephony", "2026-11-17", "2026-11-17", "", AS_OF, wished)


def _cells(report: Report) -> Iterator[tuple[str, str, Cell]]:
    """Every figure of the report: where it stands, its kind, itself."""
    for figure in report.figures:
        yield f"head {figure.key}", figure.kind, figure.cell
        if figure.hint:
            hint = figure.hint
            yield f"hint {hint.key}", hint.kind, Cell(hint.value, hint.rows, None, hint.asked)
    for section in report.sections:
        for table in section.tables:
            for row in table.rows:
                for column, cell in zip(table.columns, row, strict=True):
                    yield f"{table.key} {column.key} {row[0].value}", cell.kind or column.kind, cell


def _has_none_for_a_reason(place: str, cell: Cell) -> bool:
    """Nothing was counted, nothing is known, it is a setting, or the log has no such call."""
    return cell.value in (None, "", 0) or place == "hint hint.target" or "routed.no_call" in place


def test_every_figure_leads_to_rows(desk: Desk) -> None:
    report = _write(desk).report
    anchors = {anchor for table in report.details for anchor in table.anchors}
    found = [one for one in _cells(report) if one[1] in NUMBERS]
    bare = [place for place, _, cell in found if not cell.rows and not _has_none_for_a_reason(place, cell)]
    assert bare == []
    assert all(set(cell.rows) <= anchors for _, _, cell in found)
    assert not any(cell.asked for _, _, cell in found)
    tables = {place.split()[0] for place, _, cell in found if cell.rows}
    assert tables >= {"head", "hint", "compare", "hours", "heat_offered", "heat_levels", "levels", "queues", "lines",
                      "busy_lines", "people", "staffing", "missed_course", "call_back", "repeats", "clients",
                      "routed", "routed_evenness"}  # fmt: skip


def test_a_mean_leads_to_the_rows_it_is_the_mean_of(desk: Desk) -> None:
    report = _write(desk).report
    shown = report.details[0]
    places = {column.key: place for place, column in enumerate(shown.columns)}
    rows = dict(zip(shown.anchors, shown.rows, strict=True))
    found = {place: cell for place, _, cell in _cells(report)}

    def values(place: str, column: str) -> list[Any]:
        return [rows[key][places[column]].value for key in found[place].rows]

    waits = values("head asa", "wait")
    assert found["head asa"].value == pytest.approx(sum(waits) / len(waits))
    waits = sorted(values("head wait_p90", "wait"))
    assert found["head wait_p90"].value == waits[-(-90 * len(waits) // 100) - 1]
    talks = values("staffing aht 10:00", "talk_time")
    assert found["staffing aht 10:00"].value == pytest.approx(sum(talks) / len(talks))
    for name in ("offered", "offered_without_short", "answered", "offered_with_abandoned"):
        assert found[f"levels base level.{name}"].value == len(found[f"levels base level.{name}"].rows)
    peak = next(cell for place, cell in found.items() if place.startswith("busy_lines peak_calls"))
    assert peak.value == len(peak.rows)
    hour = next(place for place in found if place.startswith("busy_lines peak_erlangs"))
    begins = {value.replace(minute=0, second=0, microsecond=0) for value in values(hour, "started")}
    assert len(begins) == 1
    change = found["compare change offered"]
    assert len(change.rows) == found["compare this_period offered"].value + found["compare period_before offered"].value


def test_the_workbook_leads_where_the_page_does(desk: Desk) -> None:
    written = _write(desk)
    book = openpyxl.load_workbook(written.files[1])
    linked = sum(bool(cell.rows) for _, _, cell in _cells(written.report))
    hints = sum(bool(one.hint and one.hint.rows) for one in written.report.figures)
    links = [
        (cell, cell.hyperlink.location)
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.hyperlink and cell.hyperlink.location
    ]
    assert len(links) == linked - hints > 500
    evidence = book.worksheets[-1]
    for cell, location in links:
        name, _, place = location.rpartition("!")
        assert name.strip("'") == evidence.title
        numbers = str(evidence[place.replace("A", "C")].value).split(", ")
        assert evidence[place.replace("A", "B")].value == len(numbers)
        if cell.number_format == "#,##0" and not cell.parent.title.startswith("Сколько людей"):
            assert cell.value == len(numbers)
    assert {type(cell.value) for cell, _ in links} <= {int, float, timedelta}


def test_too_many_calls_for_the_page_are_asked_for_in_the_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telephony_building, "LISTED_CALLS", 50)
    written = _write(desk)
    found = [one for one in _cells(written.report) if one[1] in NUMBERS]
    bare = [place for place, _, cell in found if not cell.asked and not _has_none_for_a_reason(place, cell)]
    assert {place.rpartition(" ")[0].split()[0] for place in bare} <= {
        "compare",
        "routed",
        "routed_people",
        "routed_evenness",
    }
    assert all("period_before" in place for place in bare if place.startswith("compare"))
    page, rows = (unescape(written.files[n].read_text(encoding="utf-8-sig")) for n in (0, 2))
    heads = set(rows.splitlines()[0].split(";"))
    asked = {
        part for title in re.findall(r'href="telephony[^"]*csv" title="([^"]+)"', page) for part in title.split("; ")
    }
    named = {re.split(r" [=≠<≤≥] ", part)[0].rpartition(" или ")[2] for part in asked}
    assert named - heads <= {"Час", "День недели", "День"}
    assert not re.search(r"missed_state|deadline|outcome|direction|person_id", "".join(asked))
    book = openpyxl.load_workbook(written.files[1])
    outside = [c.hyperlink for s in book.worksheets for r in s.iter_rows() for c in r if c.hyperlink]
    assert outside
    assert {link.target for link in outside} <= {written.files[2].name, None} | {
        link.target for link in outside if link.target.startswith(DOOR)
    }


def test_a_call_leads_to_its_recording_at_the_door(desk: Desk) -> None:
    written = _write(desk)
    page = written.files[0].read_text(encoding="utf-8")
    assert re.findall(rf'href="({DOOR}/[^"]+)"', page) == [f"{DOOR}/recording/1", f"{DOOR}/recording/2"]
    assert f"{DOOR}/recording/1" in written.files[2].read_text(encoding="utf-8-sig")
    book = openpyxl.load_workbook(written.files[1])
    targets = [c.hyperlink.target for s in book.worksheets for r in s.iter_rows() for c in r if c.hyperlink]
    assert [target for target in targets if target] == [f"{DOOR}/recording/1", f"{DOOR}/recording/2"]


def test_without_a_public_door_or_a_recording_there_is_no_such_link(desk: Desk) -> None:
    assert "/recording/" not in _write(_with_door(desk, "")).files[0].read_text(encoding="utf-8")
    with writing(desk.engine) as connection:
        connection.execute(sa.delete(schema.recording))
    report = _write(desk).report
    assert "recording" not in {column.key for column in report.details[0].columns}


def test_only_one_employees_calls_are_listed_and_nothing_leads_elsewhere(desk: Desk) -> None:
    report = _write(desk, employee="olga").report
    anchors = {anchor for table in report.details for anchor in table.anchors}
    assert all(set(cell.rows) <= anchors for _, _, cell in _cells(report))
    heads = [cell for table in report.details for row in table.rows for cell in row]
    assert all(set(cell.rows) <= anchors for cell in heads)
