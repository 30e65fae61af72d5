"""Call legs in, folded, summed and reported, beside what the same engine does with bare SQL in the same run.

Run: ./callout bench telephony --legs 3000000 (SQLite; --engine postgresql; CI takes fewer). The rows come from
call_generator, whose noted answers the report must equal. Floors: executemany or COPY of the same rows, by turns with
the loading, into a table with the same indexes; one hand-written INSERT … SELECT per fact table for the rebuild;
hand-written SQL over the calls, and DuckDB's over the same calls as Parquet, for the report.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa

from sql import schema
from sql.view_files import create_views
from tasks.calls import leg_rows
from tasks.desk import Desk
from tasks.gateways.call_logs.portions import Portion, read_portion
from tasks.gateways.office_folder import load_office
from tasks.gateways.quality_gate import gate_rows
from tasks.gateways.secrets_source import SecretSource
from tasks.gateways.store.call_fact_rows import CallFilter, read_facts
from tasks.gateways.store.call_facts import refresh_facts
from tasks.gateways.store.call_lines import keep_portion
from tasks.gateways.store.calls import fold_waiting
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.office_sync import sync_office
from tasks.rules.calls.folding import fold_call
from tasks.rules.calls.parties import Switchboard
from tasks.rules.calls.records import Call, Leg, QueueEvent
from tasks.rules.metrics import local_days, telephony
from tasks.rules.office import CallLog
from tasks.rules.report_wish import TelephonyWish
from tests.bench.call_files import write_master
from tests.bench.call_generator import LINE, QUEUES, SECOND_LINE, CallGenerator
from tests.bench.call_truth import Truth
from tests.bench.contact_store import bench_engine
from tests.bench.telephony_floor import (
    FACTS_FLOOR,
    REPORT_FLOOR,
    drop_twin,
    floor_seconds,
    load_twin,
    make_twin,
    plain_rows,
)

OFFICE = Path(__file__).resolve().parents[2] / "deployments" / "office"
FIRST = date(2026, 1, 1)
_LEGS_A_CALL = 1.6
_DAYS = 300
_AT_ONCE = 20_000
_READ_CALLS = 12_500
_TIMES = 3


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
            self._read()
            truth = self._load()
            self._fold()
            self._rebuild()
            self._report(truth)
            self._one_more_day()
        self.figures["load of the machine, 1 minute"] = round(os.getloadavg()[0], 1)
        self.figures["most memory, MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        return self.figures

    def _load(self) -> Truth:
        """Portion after portion into the store, by turns with the same rows by the driver alone into the table's twin.

        The twin has the same indexes and grows alike, so that both meet the same load of the machine.
        """
        generator = CallGenerator(1)
        seconds: defaultdict[str, float] = defaultdict(float)
        legs_kept = events_kept = 0
        make_twin(self.engine)
        for legs, events in self._portions(generator):
            rows = plain_rows(legs, self.engine_name)
            for name, act in (
                ("floor", partial(load_twin, self.engine, rows)),
                ("load", partial(self._keep, legs, ())),
                ("events", partial(self._keep, (), events)),
            ):
                began = time.process_time()
                seconds[name] += _timed(act)
                seconds[f"{name} CPU"] += time.process_time() - began
            legs_kept, events_kept = legs_kept + len(legs), events_kept + len(events)
        drop_twin(self.engine)
        self.figures |= {
            "legs": legs_kept,
            "queue entries": events_kept,
            "floor: legs/s by executemany or COPY": round(legs_kept / seconds["floor"]),
            "load: legs/s": round(legs_kept / seconds["load"]),
            "load: of the floor": round(seconds["floor"] / seconds["load"], 2),
            "load: of the floor, by our CPU time": round(seconds["floor CPU"] / seconds["load CPU"], 2),
            "load: queue entries/s": round(events_kept / seconds["events"]),
        }
        return generator.truth

    def _read(self) -> None:
        """The stage before: lines of a Master.csv made legs, and a batch of them judged by the gate."""
        made = next(CallGenerator(3).days(FIRST, 1, _READ_CALLS))
        folder = self.folder / "log"
        write_master(folder, made.legs)
        log = CallLog("asterisk", str(folder), "Europe/Moscow")
        board = Switchboard("RU", frozenset({LINE, SECOND_LINE}), frozenset(QUEUES))
        began = time.process_time()
        found: list[Portion] = []
        seconds = _timed(lambda: found.append(read_portion(log, folder, board, {}, self.now, len(made.legs))))
        legs = found[0].legs
        self.figures["read: lines/s"] = round(len(made.legs) / seconds)
        self.figures["read: lines per CPU second"] = round(len(made.legs) / (time.process_time() - began))
        self.figures["read: lines refused"] = len(found[0].refused)
        gate_rows("call_legs", leg_rows(Portion("asterisk", legs=legs[:1])))
        seconds = _timed(lambda: gate_rows("call_legs", leg_rows(Portion("asterisk", legs=legs[:_AT_ONCE]))))
        self.figures["gate, in its own process: legs/s"] = round(len(legs[:_AT_ONCE]) / seconds)

    def _keep(self, legs: Sequence[Leg], events: Sequence[QueueEvent]) -> None:
        keep_portion(self.engine, Portion("asterisk", (), tuple(legs), tuple(events)), legs, (), self.now)

    def _portions(self, generator: CallGenerator) -> Iterator[tuple[Sequence[Leg], Sequence[QueueEvent]]]:
        for made in generator.days(FIRST, self.days, self.calls_a_day):
            generator.truth.forget_single_calls()
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
            for number, text in enumerate(FACTS_FLOOR[self.engine_name]):
                connection.execute(sa.text(f"CREATE TEMPORARY TABLE floor_{number} AS {text}"))
            for number in range(len(FACTS_FLOOR[self.engine_name])):
                connection.execute(sa.text(f"DROP TABLE floor_{number}"))

    def _report(self, truth: Truth) -> None:
        zone, level = self.desk.office.zone, self.desk.office.telephony.service_level
        lasts = [days for days in (365, 30) if days <= self.days]
        periods = [("whole period", FIRST)]
        periods += [(f"last {days} days", self.last - timedelta(days=days - 1)) for days in lasts]
        floors = floor_seconds(self.engine, [self._begins(first) for _, first in periods])
        for (name, first), floor in zip(periods, floors, strict=True):

            def compute(first: date = first) -> Any:
                with reading(self.engine) as connection:
                    facts = read_facts(connection, first, self.last, self.now, zone, CallFilter())
                return telephony(facts, local_days(first, self.last), level, zone)

            began = time.process_time()
            self.figures[f"report from facts, {name}: seconds"] = round(_best(compute), 3)
            self.figures[f"report from facts, {name}: CPU seconds"] = round((time.process_time() - began) / _TIMES, 3)
            self.figures[f"floor: by DuckDB from calls as Parquet, {name}: seconds"] = floor
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
        with reading(self.engine) as connection:
            statement = sa.text(REPORT_FLOOR).bindparams(
                sa.bindparam("begins", self._begins(first), type_=schema.call.c.started_at.type)
            )
            connection.execute(statement).all()

    def _begins(self, day: date) -> datetime:
        return datetime.combine(day, datetime.min.time(), self.desk.office.zone).astimezone(UTC)

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


def _timed(act: Callable[[], Any]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _best(act: Callable[[], Any]) -> float:
    return min(_timed(act) for _ in range(_TIMES))


if __name__ == "__main__":
    main()
