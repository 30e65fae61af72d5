"""The written reports: right figures, nothing from outside, text never a formula, the same bytes again, mailed once."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa

from sql import schema
from tasks.desk import Desk
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.report_rows import read_rows
from tasks.reporting import ReportName, WrittenReport, mail_report, report_markdown, write_report
from tasks.rules.errors import UsageError
from tasks.rules.report_model import Report
from tests.samples.plain_metrics import plain_calls, plain_deadlines, plain_median, plain_repeats
from tests.samples.report_day import AS_OF, FORMULA_NAME, open_filled_desk

DAY_BEGINS = datetime(2026, 11, 16, 21, 0, tzinfo=UTC)
DAY_ENDS = datetime(2026, 11, 17, 21, 0, tzinfo=UTC)
MOMENTS = {"from": DAY_BEGINS, "until": DAY_ENDS, "as_of": AS_OF}
Write = Callable[..., WrittenReport]


@pytest.fixture
def desk(engine: sa.Engine, tmp_path: Path) -> Desk:
    """The sample company after its day, on each engine."""
    return open_filled_desk(engine, tmp_path)


@pytest.fixture
def light_desk(sqlite_engine: sa.Engine, tmp_path: Path) -> Desk:
    """The same, where the engine does not matter."""
    return open_filled_desk(sqlite_engine, tmp_path)


def _write(desk: Desk, name: ReportName, **changes: Any) -> WrittenReport:
    given = {"first_day": "", "last_day": "", "language": "", "as_of": AS_OF} | changes
    return write_report.fn(desk, name, **given)


def _figures(report: Report) -> dict[str, Any]:
    return {figure.key: figure.cell.value for figure in report.figures}


class _Page(HTMLParser):
    """Ids, links, what would be loaded, and whether tags are closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids += [found["id"] or ""] if "id" in found else []
        self.links += [found["href"] or ""] if tag == "a" else []
        self.loads += [tag] if tag in ("script", "link", "img", "iframe", "object", "base", "use", "image") else []
        self.loads += [name for name in found if name == "src" or name.startswith("on")]
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_telephony_figures_equal_the_plain_computation(desk: Desk) -> None:
    with reading(desk.engine) as connection:
        calls, missed = read_rows(connection, "call_rows", **MOMENTS), read_rows(connection, "missed_rows", **MOMENTS)
    plain = plain_calls(calls, desk.office.telephony.service_level)
    report = _write(desk, "telephony").report
    found = _figures(report)
    assert {key: found[key] for key in ("offered", "answered", "missed")} == {
        key: plain[key] for key in ("offered", "answered", "missed")
    }
    assert found["service_level"] == pytest.approx(plain["offered_without_short_level"])
    assert (found["asa"], found["wait_p90"]) == (pytest.approx(plain["asa"]), plain["p90"])
    assert found["open"] == sum(row["state"] == "open" for row in missed)
    hours = next(s for s in report.sections if s.key == "hours").tables[0]
    assert sum(row[1].value for row in hours.rows[:-1]) == hours.rows[-1][1].value == plain["offered"]
    repeats = next(s for s in report.sections if s.key == "missed_course").tables[2]
    assert {row[0].value: row[2].value for row in repeats.rows} == plain_repeats(calls)


def test_staff_figures_equal_the_plain_computation(desk: Desk) -> None:
    with reading(desk.engine) as connection:
        leads, tasks = read_rows(connection, "lead_rows", **MOMENTS), read_rows(connection, "task_rows", **MOMENTS)
        deals = read_rows(connection, "deal_rows", **MOMENTS)
    found = _figures(_write(desk, "staff").report)
    won = [row for row in deals if row["outcome"] == "won" and DAY_BEGINS <= row["ended_at"] < DAY_ENDS]
    assert found["won_amount"] == sum(row["amount"] for row in won)
    kept, late = plain_deadlines(leads, tasks, DAY_BEGINS, DAY_ENDS)
    assert found["kept_percent"] == pytest.approx(100 * kept / (kept + late))
    # the whole sample day lies within the opening hours, so the clock's time is the working time
    waits = [(row["taken_at"] - row["created_at"]).total_seconds() for row in leads if row["taken_at"]]
    assert found["first_response"] == plain_median(waits)


@pytest.mark.parametrize("name", ["telephony", "staff"])
def test_each_figure_leads_to_its_rows_and_nothing_is_loaded(light_desk: Desk, name: ReportName) -> None:
    text = _write(light_desk, name).files[0].read_text(encoding="utf-8")
    page = _Page(text)
    assert page.open == []
    assert page.loads == []
    assert not re.search(r"https?:|url\(|@import", text)
    assert len(page.ids) == len(set(page.ids))
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert all(link.startswith("#") for link in page.links)


def test_rows_behind_each_figure_are_as_many_as_it_says(light_desk: Desk) -> None:
    report = _write(light_desk, "telephony").report
    anchors = {anchor for table in report.details for anchor in table.anchors}
    cells = [figure.cell for figure in report.figures if figure.kind == "count"]
    cells += [
        cell
        for section in report.sections
        for table in section.tables
        for row in table.rows
        for column, cell in zip(table.columns, row, strict=True)
        if column.kind == "count" and cell.rows and column.key != "needed"
    ]
    assert len(cells) > 50
    assert all(len(cell.rows) == cell.value and set(cell.rows) <= anchors for cell in cells)


@pytest.mark.parametrize("name", ["telephony", "staff"])
def test_a_workbook_holds_values_and_no_formulas(light_desk: Desk, name: ReportName) -> None:
    book = openpyxl.load_workbook(io.BytesIO(_write(light_desk, name).files[1].read_bytes()))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    texts = {cell.value for cell in cells if cell.data_type == "s"}
    assert (FORMULA_NAME if name == "telephony" else "=1+1") in texts
    assert any(cell.is_date and isinstance(cell.value, datetime | timedelta) for cell in cells)
    assert all(sheet.freeze_panes and sheet.auto_filter.ref for sheet in book.worksheets[1:])


def test_csv_cells_cannot_become_formulas(light_desk: Desk) -> None:
    content = _write(light_desk, "telephony").files[2].read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    lines = content.decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + 175
    cells = [cell.strip('"') for line in lines for cell in line.split(";")]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "-"))]
    assert any(cell.startswith("'=HYPERLINK") for cell in cells)


@pytest.mark.parametrize("name", ["telephony", "staff"])
def test_the_same_moment_gives_the_same_bytes(light_desk: Desk, name: ReportName) -> None:
    first = [path.read_bytes() for path in _write(light_desk, name).files]
    assert [path.read_bytes() for path in _write(light_desk, name).files] == first


def test_a_report_of_an_earlier_moment_ignores_what_came_later(light_desk: Desk) -> None:
    before = _figures(_write(light_desk, "telephony", first_day="2026-11-17", as_of=AS_OF - timedelta(hours=18)).report)
    with writing(light_desk.engine) as connection:
        connection.execute(sa.delete(schema.missed_call).where(schema.missed_call.c.at > AS_OF - timedelta(hours=18)))
        late = schema.call.c.ended_at > AS_OF - timedelta(hours=18)
        kept = sa.select(schema.missed_call.c.resolved_by_id).where(schema.missed_call.c.resolved_by_id.is_not(None))
        connection.execute(sa.delete(schema.call).where(late, schema.call.c.id.not_in(kept)))
    after = _write(light_desk, "telephony", first_day="2026-11-17", as_of=AS_OF - timedelta(hours=18)).report
    assert 0 < before["offered"] < 151
    assert _figures(after) == before
    assert ("not_over", {}) in after.notes


def test_a_day_without_data_says_so(light_desk: Desk) -> None:
    written = _write(light_desk, "telephony", first_day="2026-11-10", last_day="2026-11-10")
    assert set(_figures(written.report).values()) == {None}
    assert "Нет данных" in written.files[0].read_text(encoding="utf-8")
    assert "| Поступило | н/д |" in report_markdown(written)
    assert written.picture == b""


def test_an_english_report_of_several_days_stands_beside(light_desk: Desk) -> None:
    written = _write(light_desk, "telephony", first_day="2026-11-16", last_day="2026-11-17", language="en")
    assert written.files[0].parts[-2:] == ("2026-11-16_2026-11-17", "telephony.en.html")
    text = written.files[0].read_text(encoding="utf-8")
    assert "Service level" in text
    assert "no row for 16 November 2026, Monday" in text


def test_days_that_cannot_be_meant_are_refused(light_desk: Desk) -> None:
    with pytest.raises(UsageError, match="before the first day"):
        _write(light_desk, "staff", first_day="2026-11-17", last_day="2026-11-16")
    with pytest.raises(UsageError, match="a day is written like"):
        _write(light_desk, "staff", first_day="2026-02-30")


def test_the_chief_gets_each_report_once(desk: Desk) -> None:
    for name in ("telephony", "staff"):
        written = _write(desk, name)
        assert [mail_report.fn(desk, written, AS_OF, is_wanted=True) for _ in range(2)] == [1, 0]
    assert mail_report.fn(desk, _write(desk, "staff", first_day="2026-11-16"), AS_OF, is_wanted=False) == 0
    with reading(desk.engine) as connection:
        rows = connection.execute(sa.select(schema.outbox)).all()
        assert connection.scalars(sa.select(schema.quarantine_row.c.reason)).all() == []
    assert [row.kind for row in rows] == ["report", "report"]
    assert {row.recipient for row in rows} == {"viktor@north-service.example"}
    assert "Телефония" in rows[0].subject


def test_the_artifact_names_nobody(light_desk: Desk) -> None:
    shown = report_markdown(_write(light_desk, "telephony")) + report_markdown(_write(light_desk, "staff"))
    assert "2026-11-17/telephony.xlsx" in shown
    assert "+7" not in shown
    assert not any(person.name.split()[0] in shown for person in light_desk.office.people)


def test_days_without_data_are_nowhere_zero(light_desk: Desk) -> None:
    report = _write(light_desk, "telephony", first_day="2026-11-16", last_day="2026-11-17").report
    tables = {table.key: table for section in report.sections for table in section.tables}
    heat = tables["heat_offered"]
    assert [column.key for column in heat.columns[1:]] == ["weekday.0", "weekday.1"]
    assert {row[1].value for row in heat.rows} == {row[1].value for row in tables["heat_levels"].rows} == {None}
    assert sum(row[2].value for row in heat.rows) == 151
    assert {cell.value for cell in tables["days"].rows[0][1:]} == {None}

    written = _write(light_desk, "telephony", first_day="2026-11-09", last_day="2026-11-10")
    tables = {table.key: table for section in written.report.sections for table in section.tables}
    assert {cell.value for row in tables.pop("days").rows for cell in row[1:]} == {None}
    assert not any(table.rows for table in tables.values())
    page = written.files[0].read_text(encoding="utf-8")
    assert page.count('<p class="empty">нет данных</p>') == len(tables) + len(written.report.details)
