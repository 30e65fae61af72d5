"""Call legs in, folded, summed and reported, beside what the same engine does with bare SQL in the same run.

Run: ./callout bench telephony --legs 3000000 (SQLite; --engine postgresql; CI takes fewer). The rows come from
call_generator, whose noted answers the report must equal. Floors: executemany or COPY of the same rows for loading; one
hand-written INSERT … SELECT per fact table for the rebuild; hand-written SQL over the calls for the report.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, fields
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa

from sql import schema
from sql.view_files import create_views
from tasks.desk import Desk
from tasks.gateways.call_logs.portions import Portion
from tasks.gateways.office_folder import load_office
from tasks.gateways.secrets_source import SecretSource
from tasks.gateways.store.call_fact_rows import CallFilter, read_facts
from tasks.gateways.store.call_facts import refresh_facts
from tasks.gateways.store.call_lines import keep_portion
from tasks.gateways.store.calls import fold_waiting
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.office_sync import sync_office
from tasks.rules.calls.folding import fold_call
from tasks.rules.calls.records import Call, Leg, QueueEvent
from tasks.rules.metrics import local_days, telephony
from tasks.rules.report_wish import TelephonyWish
from tests.bench.call_generator import CallGenerator, Truth
from tests.bench.contact_store import bench_engine

OFFICE = Path(__file__).resolve().parents[2] / "deployments" / "office"
FIRST = date(2026, 1, 1)
_LEGS_A_CALL = 1.6
_DAYS = 300
_AT_ONCE = 5000
_TIMES = 3
_LEG_COLUMNS = tuple(field.name for field in fields(Leg))


def main() -> None:
    """Measure, check the answers, and print the figures."""
    parser = argparse.ArgumentParser(prog="callout bench telephony", description=__doc__)
    parser.add_argument("--legs", type=int, default=3_000_000, help="about how many legs")
    parser.add_argument("--days", type=int, default=_DAYS, help="over how many days")
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    with TemporaryDirectory(prefix="callout-bench-") as folder:
        figures = Bench(arguments.engine, Path(folder), arguments.legs, arguments.days).run()
    if arguments.json:
        print(json.dumps(figures, ensure_ascii=False))
        return
    for name, value in figures.items():
        print(f"{name:58} {value}")


class Bench:
    """One run on one engine."""

    def __init__(self, engine_name: str, folder: Path, legs: int, days: int) -> None:
        self.engine_name, self.folder, self.days = engine_name, folder, days
        self.calls_a_day = max(1, round(legs / days / _LEGS_A_CALL))
        self.figures: dict[str, Any] = {"engine": engine_name, "days": days}
        self.last = FIRST + timedelta(days=days - 1)
        self.now = datetime.combine(self.last + timedelta(days=2), datetime.min.time(), UTC)

    def run(self) -> dict[str, Any]:
        """Everything, in the order of the day's work."""
        with bench_engine(self.engine_name) as engine:
            self.engine = engine
            self.desk = Desk(load_office(OFFICE), engine, SecretSource(self.folder), self.folder, self.folder)
            with writing(engine) as connection:
                sync_office(connection, self.desk.office, self.now)
                create_views(connection)
            self._load_floor()
            truth = self._load()
            self._fold()
            self._rebuild()
            self._report(truth)
            self._one_more_day()
        self.figures["load of the machine, 1 minute"] = round(os.getloadavg()[0], 1)
        self.figures["most memory, MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        return self.figures

    def _load_floor(self) -> None:
        """The same legs into the same table by the driver alone: executemany, or COPY."""
        seconds = count = 0.0
        columns = ", ".join(_LEG_COLUMNS)
        for legs, _ in self._portions(CallGenerator(1)):
            rows = [_plain(leg, self.engine_name) for leg in legs]
            began = time.perf_counter()
            with self.engine.begin() as connection:
                driver = connection.connection.driver_connection
                assert driver is not None
                if self.engine_name == "sqlite":
                    places = ", ".join("?" * len(_LEG_COLUMNS))
                    driver.executemany(f"INSERT INTO call_leg ({columns}) VALUES ({places})", rows)  # noqa: S608
                else:
                    with driver.cursor().copy(f"COPY call_leg ({columns}) FROM STDIN") as copy:
                        for row in rows:
                            copy.write_row(row)
            seconds, count = seconds + time.perf_counter() - began, count + len(rows)
        self.figures["floor: legs/s by executemany or COPY"] = round(count / seconds)
        with writing(self.engine) as connection:
            connection.execute(sa.delete(schema.call_leg))

    def _load(self) -> Truth:
        generator = CallGenerator(1)
        seconds = legs_kept = events_kept = 0.0
        for legs, events in self._portions(generator):
            seconds += _timed(partial(self._keep, legs, ()))
            self._keep((), events)
            legs_kept, events_kept = legs_kept + len(legs), events_kept + len(events)
        self.figures |= {"legs": int(legs_kept), "queue entries": int(events_kept)}
        self.figures["load: legs/s"] = round(legs_kept / seconds)
        floor = self.figures["floor: legs/s by executemany or COPY"]
        self.figures["load: of the floor"] = round(legs_kept / seconds / floor, 2)
        return generator.truth

    def _keep(self, legs: Sequence[Leg], events: Sequence[QueueEvent]) -> None:
        keep_portion(self.engine, Portion("asterisk", (), tuple(legs), tuple(events)), legs, (), self.now)

    def _portions(self, generator: CallGenerator) -> Iterator[tuple[Sequence[Leg], Sequence[QueueEvent]]]:
        for made in generator.days(FIRST, self.days, self.calls_a_day):
            for start in range(0, max(len(made.legs), len(made.events)), _AT_ONCE):
                yield made.legs[start : start + _AT_ONCE], made.events[start : start + _AT_ONCE]

    def _fold(self) -> None:
        seconds = _timed(lambda: fold_waiting(self.engine, _folded, self.now))
        self.figures["fold: seconds"] = round(seconds, 2)
        self.figures["fold: legs/s"] = round(self.figures["legs"] / seconds)

    def _rebuild(self) -> None:
        """Every day anew, beside the same sums by hand-written SQL into bare tables."""
        zone = self.desk.office.zone
        began = time.process_time()
        seconds = _timed(lambda: refresh_facts(self.engine, zone, self.now))
        middle = time.process_time()
        floor = _timed(self._rebuild_by_hand)
        own, by_hand = middle - began, time.process_time() - middle
        self.figures["facts, full rebuild: seconds"] = round(seconds, 2)
        self.figures["floor: the same by hand-written SQL, seconds"] = round(floor, 2)
        self.figures["facts, full rebuild: times the floor"] = round(seconds / floor, 2)
        if self.engine_name == "sqlite":
            self.figures["facts, full rebuild: times the floor, by CPU time"] = round(own / by_hand, 2)

    def _rebuild_by_hand(self) -> None:
        with writing(self.engine) as connection:
            for number, text in enumerate(_FLOOR[self.engine_name]):
                connection.execute(sa.text(f"CREATE TEMPORARY TABLE floor_{number} AS {text}"))
            for number in range(len(_FLOOR[self.engine_name])):
                connection.execute(sa.text(f"DROP TABLE floor_{number}"))

    def _report(self, truth: Truth) -> None:
        zone, level = self.desk.office.zone, self.desk.office.telephony.service_level
        for name, first in (("whole period", FIRST), ("last 30 days", max(FIRST, self.last - timedelta(days=29)))):

            def compute(first: date = first) -> Any:
                with reading(self.engine) as connection:
                    facts = read_facts(connection, first, self.last, self.now, zone, CallFilter())
                return telephony(facts, local_days(first, self.last), level, zone)

            began = time.process_time()
            self.figures[f"report from facts, {name}: seconds"] = round(_best(compute), 3)
            self.figures[f"report from facts, {name}: CPU seconds"] = round((time.process_time() - began) / _TIMES, 3)
            self.figures[f"report from calls by SQL, {name}: seconds"] = round(_best(partial(self._by_hand, first)), 3)
            if name == "whole period":
                found = compute()
        counts = truth.counts
        shares = {name: share.percent for name, share in found.total.levels.items()}
        expected = (counts["offered"], counts["answered"], counts["abandoned"], counts["flow_out"], counts["talk"])
        total = found.total
        is_true = expected == (total.offered, total.answered, total.abandoned, total.flow_out, total.talk_seconds)
        is_true = is_true and all(abs((share or 0) - truth.level(name)) < 1e-9 for name, share in shares.items())
        self.figures["report equals what the generator noted"] = is_true
        from tasks.telephony_building import build_telephony

        whole = _timed(lambda: build_telephony(self.desk, FIRST, self.last, self.now, "ru", TelephonyWish()))
        self.figures["whole report with callers and clients, seconds"] = round(whole, 2)

    def _by_hand(self, first: date) -> None:
        begins = datetime.combine(first, datetime.min.time(), self.desk.office.zone).astimezone(UTC)
        with reading(self.engine) as connection:
            statement = sa.text(_REPORT_FLOOR).bindparams(
                sa.bindparam("begins", begins, type_=schema.call.c.started_at.type)
            )
            connection.execute(statement).all()

    def _one_more_day(self) -> None:
        """The next day's calls arrive: kept, folded, and the facts current again."""
        generator = CallGenerator(2)
        made = next(generator.days(self.last + timedelta(days=1), 1, self.calls_a_day))

        def arrive() -> None:
            for start in range(0, max(len(made.legs), len(made.events)), _AT_ONCE):
                self._keep(made.legs[start : start + _AT_ONCE], made.events[start : start + _AT_ONCE])
            fold_waiting(self.engine, _folded, self.now)
            refresh_facts(self.engine, self.desk.office.zone, self.now)

        self.figures["one more day: legs"] = len(made.legs)
        began = time.process_time()
        self.figures["one more day: seconds"] = round(_timed(arrive), 2)
        self.figures["one more day: CPU seconds"] = round(time.process_time() - began, 2)


def _folded(legs: Sequence[Leg], events: Sequence[QueueEvent]) -> Call:
    return fold_call(legs, events, "RU")


def _plain(leg: Leg, engine_name: str) -> tuple[Any, ...]:
    values = asdict(leg)
    if engine_name == "sqlite":
        for name in ("started_at", "answered_at", "ended_at"):
            moment = values[name]
            values[name] = None if moment is None else f"{moment:%Y-%m-%d %H:%M:%S.%f}"
    return tuple(values[name] for name in _LEG_COLUMNS)


def _timed(act: Callable[[], Any]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _best(act: Callable[[], Any]) -> float:
    return min(_timed(act) for _ in range(_TIMES))


def _bin(wait: str) -> str:
    return (
        f"CASE WHEN {wait} < 120 THEN {wait} WHEN {wait} < 600 THEN {wait} - {wait} % 5 + 4 "
        f"WHEN {wait} < 3600 THEN {wait} - {wait} % 30 + 29 ELSE {wait} - {wait} % 300 + 299 END"
    )


def _floor(hour: str, seconds: Callable[[str], str], day: str) -> Iterable[str]:
    """The facts' own sums with nothing around them; hours are UTC's."""
    flow = "(SELECT MAX(CASE WHEN e.kind IN ('EXITWITHTIMEOUT', 'EXITEMPTY', 'EXITWITHKEY') THEN 1 ELSE 0 END) "
    flow += "FROM queue_event AS e WHERE e.source = c.source AND e.call_key = c.linked_id)"
    yield (
        f"SELECT {hour} AS hour, source, line, queue, direction, outcome, {_bin('wait_seconds')} AS bin, "  # noqa: S608  # our own words
        "COUNT(*) AS n, "
        f"SUM(talk_seconds) AS talk, SUM(wait_seconds) AS wait, "
        f"SUM(CASE WHEN direction = 'in' AND queue IS NOT NULL THEN {flow} END) AS flow_out "
        "FROM call AS c GROUP BY 1, 2, 3, 4, 5, 6, 7"
    )
    yield (
        f"SELECT {hour} AS hour, queue, line, person_id, COUNT(*) AS n, SUM(talk_seconds) AS talk FROM call "  # noqa: S608
        "WHERE direction <> 'internal' GROUP BY 1, 2, 3, 4"
    )
    yield (
        "SELECT day, line, hour, MAX(on_line) AS peak, MAX(in_all) AS peak_in_all, SUM(held) AS held FROM ("  # noqa: S608
        "SELECT day, line, hour, held, SUM(step) OVER (PARTITION BY day, line ORDER BY at, step) AS on_line, "
        "SUM(step) OVER (PARTITION BY day ORDER BY at, step) AS in_all FROM ("
        f"SELECT {day} AS day, line, {hour} AS hour, {seconds('started_at')} AS at, 1 AS step, "
        f"{seconds('ended_at')} - {seconds('started_at')} AS held FROM call WHERE direction <> 'internal' UNION ALL "
        f"SELECT {day}, line, {hour}, {seconds('ended_at')}, -1, 0 FROM call WHERE direction <> 'internal') AS m"
        ") AS r GROUP BY day, line, hour"
    )


_FLOOR = {
    "sqlite": tuple(
        _floor(
            "substr(started_at, 1, 13)", lambda c: f"CAST(strftime('%s', {c}) AS INTEGER)", "substr(started_at, 1, 10)"
        )
    ),
    "postgresql": tuple(
        _floor(
            "date_trunc('hour', started_at)",
            lambda c: f"CAST(EXTRACT(EPOCH FROM {c}) AS BIGINT)",
            "date_trunc('day', started_at)",
        )
    ),
}
_REPORT_FLOOR = (
    "SELECT queue, line, COUNT(*) AS offered, SUM(CASE WHEN outcome = 'answered' THEN 1 ELSE 0 END) AS answered, "
    "SUM(CASE WHEN outcome = 'answered' AND wait_seconds <= 20 THEN 1 ELSE 0 END) AS within, "
    "SUM(CASE WHEN outcome = 'abandoned' AND wait_seconds < 5 THEN 1 ELSE 0 END) AS short, "
    "AVG(wait_seconds) AS wait, SUM(talk_seconds) AS talk "
    "FROM call WHERE direction = 'in' AND started_at >= :begins GROUP BY queue, line"
)

if __name__ == "__main__":
    main()
