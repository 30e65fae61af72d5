"""The telephony report equals, to the last call, what the generator noted while it made the calls up."""

from __future__ import annotations

import csv
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sql import schema
from sql.view_files import create_views
from tasks import telephony_building
from tasks.call_facts import refresh_call_facts
from tasks.calls import fold_calls, settle_calls
from tasks.desk import Desk
from tasks.gateways.office_folder import load_office
from tasks.gateways.secrets_source import SecretSource
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.office_sync import sync_office
from tasks.reporting import ReportWish, WrittenReport, write_report
from tasks.rules.report_model import Report, Table
from tasks.rules.report_wish import TelephonyWish
from tests.bench.call_generator import CallGenerator, MadeDay
from tests.bench.call_truth import Truth
from tests.samples.frame_metrics import frame_figures, incoming_frame
from tests.samples.plain_metrics import plain_percentile
from tests.samples.report_day import OFFICE

FIRST, LAST = date(2026, 11, 17), date(2026, 11, 18)
NOW = datetime(2026, 11, 19, 3, 0, tzinfo=UTC)
CALLS = 160


def store_day(connection: sa.Connection, made: MadeDay) -> None:
    """The day's rows as the PBX's files brought them."""
    connection.execute(sa.insert(schema.call_leg), [asdict(leg) for leg in made.legs])
    connection.execute(
        sa.insert(schema.queue_event), [asdict(event) | {"data": list(event.data)} for event in made.events]
    )


def _filled(engine: sa.Engine, folder: Path) -> tuple[Desk, Truth]:
    desk = Desk(load_office(OFFICE), engine, SecretSource(folder), folder, folder / "reports")
    generator = CallGenerator(seed=5, zone=desk.office.zone)
    with writing(engine) as connection:
        sync_office(connection, desk.office, NOW)
        create_views(connection)
        for made in generator.days(FIRST, 2, CALLS):
            store_day(connection, made)
    fold_calls.fn(desk, NOW)
    settle_calls.fn(desk, NOW)
    return desk, generator.truth


def _write(desk: Desk, **wish: Any) -> WrittenReport:
    wished = ReportWish(TelephonyWish(**wish))
    return write_report.fn(desk, "telephony", str(FIRST), str(LAST), "en", NOW, wished)


def _table(report: Report, key: str) -> Table:
    return next(table for section in report.sections for table in section.tables if table.key == key)


def _rows(report: Report, key: str) -> list[dict[str, Any]]:
    table = _table(report, key)
    names = [column.key for column in table.columns]
    return [{name: cell.value for name, cell in zip(names, row, strict=True)} for row in table.rows]


def _assert_true(report: Report, truth: Truth) -> None:
    counts, total = truth.counts, _rows(report, "hours")[-1]
    assert {name: total[name] for name in ("offered", "answered", "abandoned", "flow_out", "talk")} == {
        name: counts[name] for name in ("offered", "answered", "abandoned", "flow_out", "talk")
    }
    assert (total["short_abandons"], total["missed"]) == (counts["short"], counts["offered"] - counts["answered"])
    levels = {row["level_definition"]: row["service_level"] for row in _rows(report, "levels")}
    assert levels == {f"level.{name}": pytest.approx(truth.level(name)) for name in _LEVELS}
    assert total["asa"] == pytest.approx(sum(truth.answer_waits) / len(truth.answer_waits))
    assert [total[f"wait_p{n}"] for n in (50, 90, 95)] == [plain_percentile(truth.waits, n) for n in (50, 90, 95)]
    course = {row["course"].partition(".")[2]: row["calls"] for row in _rows(report, "missed_course")}
    assert {name: course[name] for name in ("owed", "returned", "came_back", "open")} == {
        name: counts[name] for name in ("owed", "returned", "came_back", "open")
    }


_LEVELS = ("offered", "offered_without_short", "answered", "offered_with_abandoned")


def test_the_report_equals_the_truth_from_calls_and_from_facts(engine: sa.Engine, tmp_path: Path) -> None:
    desk, truth = _filled(engine, tmp_path)
    from_calls = _write(desk).report
    _assert_true(from_calls, truth)
    assert refresh_call_facts.fn(desk, NOW) == {"fact_days": 2}
    with reading(engine) as connection:
        assert len(connection.execute(sa.select(schema.fact_call_hour)).all()) > 10
    from_facts = _write(desk).report
    _assert_true(from_facts, truth)
    assert from_facts == from_calls


def test_queues_people_lines_callers_and_call_backs_are_true(sqlite_engine: sa.Engine, tmp_path: Path) -> None:
    desk, truth = _filled(sqlite_engine, tmp_path)
    refresh_call_facts.fn(desk, NOW)
    report = _write(desk).report
    queues = {str(row["queue"]).rpartition("(")[2].rstrip(")"): row for row in _rows(report, "queues")}
    for queue in ("600", "601"):
        for name in ("offered", "answered", "abandoned", "flow_out", "talk"):
            assert queues[queue][name] == truth.by_queue[name, queue]
    for row in _rows(report, "hours")[:-1]:
        assert row["offered"] == truth.by_hour["offered", int(row["hour"][:2])]
    extensions = {one.name: one.extension for one in desk.office.people}
    for row in _rows(report, "people"):
        desk_number = extensions[row["person"]]
        found = [row[name] for name in ("answered", "talk", "made", "reached")]
        assert found == [truth.by_desk[name, desk_number] for name in ("answered", "talk", "made", "reached")]
    assert {row["phone"]: row["calls"] for row in _rows(report, "repeats")} == {
        phone: count for phone, count in truth.callers.items() if count > 1
    }
    back = _rows(report, "call_back")[0]
    assert back["call_back_p50"] == plain_percentile(truth.call_backs, 50)
    assert back["call_back_p90"] == plain_percentile(truth.call_backs, 90)
    busy = _rows(report, "busy_lines")[-1]
    held = sum(ends > begins for begins, ends in truth.outside)
    assert (busy["line_calls"], busy["peak_calls"]) == (held, truth.most_at_once())
    assert busy["busy_time"] == sum((ends - begins).total_seconds() for begins, ends in truth.outside)
    heat = _rows(report, "heat_offered")
    assert sum(row[f"weekday.{n}"] or 0 for row in heat for n in (1, 2)) == truth.counts["offered"]
    assert not any("weekday.0" in row for row in heat)


def test_too_many_calls_to_list_go_to_the_csv_file(
    sqlite_engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, truth = _filled(sqlite_engine, tmp_path)
    refresh_call_facts.fn(desk, NOW)
    monkeypatch.setattr(telephony_building, "LISTED_CALLS", 10)
    written = _write(desk)
    _assert_true(written.report, truth)
    assert written.report.details == ()
    page = written.files[0].read_text(encoding="utf-8")
    assert 'href="telephony.en.csv" title="Direction = incoming; Outcome = answered"' in page
    with written.files[2].open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    answered = [row for row in rows if (row["Direction"], row["Outcome"]) == ("incoming", "answered")]
    assert len(answered) == truth.counts["answered"]
    assert sum(row["Flow-out"] == "yes" for row in rows) == truth.counts["flow_out"]


def test_one_queue_one_employee_and_the_day_before(sqlite_engine: sa.Engine, tmp_path: Path) -> None:
    desk, truth = _filled(sqlite_engine, tmp_path)
    refresh_call_facts.fn(desk, NOW)
    one = _write(desk, queue="Сервис")
    assert _rows(one.report, "hours")[-1]["offered"] == truth.by_queue["offered", "601"]
    assert one.files[0].name == "telephony.Сервис.en.html"
    olga = _write(desk, employee="olga").report
    assert _rows(olga, "hours")[-1]["answered"] == truth.by_desk["answered", "101"]
    wish = ReportWish(TelephonyWish(compare="previous"))
    later = write_report.fn(desk, "telephony", str(LAST), str(LAST), "en", NOW, wish).report
    first = write_report.fn(desk, "telephony", str(FIRST), str(FIRST), "en", NOW).report
    beside = {row["figure"]: row for row in _rows(later, "compare")}
    assert beside["offered"]["period_before"] == _rows(first, "hours")[-1]["offered"]
    assert beside["offered"]["this_period"] + beside["offered"]["period_before"] == truth.counts["offered"]


def test_plain_pandas_over_the_calls_agrees(engine: sa.Engine, tmp_path: Path) -> None:
    desk, _ = _filled(engine, tmp_path)
    refresh_call_facts.fn(desk, NOW)
    report, level = _write(desk).report, desk.office.telephony.service_level
    with reading(engine) as connection:
        frame = incoming_frame(connection, desk.office.time_zone)
    plain, total = frame_figures(frame, level), _rows(report, "hours")[-1]
    levels = {row["level_definition"].partition(".")[2]: row["service_level"] for row in _rows(report, "levels")}
    assert levels == pytest.approx(plain.pop("levels"))
    assert {name: total[name] for name in plain} == pytest.approx(plain)
    assert total["flow_out"] == frame["flow_out"].sum()
    for row in _rows(report, "queues"):
        queue = str(row["queue"]).rpartition("(")[2].rstrip(")") if isinstance(row["queue"], str) else ""
        own = frame_figures(frame[frame["queue"] == queue], level)
        assert (row["service_level"], row["wait_p90"]) == pytest.approx((own["levels"][level.counts], own["wait_p90"]))
    heat = frame.groupby(["weekday", "hour"]).size().to_dict()
    shown = {
        (day, int(row["hour"][:2])): row[f"weekday.{day}"] for row in _rows(report, "heat_offered") for day in (1, 2)
    }
    assert {cell: count for cell, count in shown.items() if count} == heat
