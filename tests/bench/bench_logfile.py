"""`./callout bench logfile`: one very large, dirty call log; every line accounted for, memory flat.

A Master.csv of --megabytes (1024) is written: a byte order mark, day after day of calls, one line in a hundred of
DIRT's kinds in turn, and at its end a line that is not finished. Then the stages of intake-calls (read, gate, keep) go
over it portion by portion, as the flow does. What was refused must be what was written so, each with its reason, and
all the rest must be stored. Floor: csv.reader over the same file.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
import sqlalchemy as sa

from sql import schema
from tasks.calls import BATCH_LINES, leg_rows
from tasks.gateways.call_logs.portions import read_portion
from tasks.gateways.quality_gate import GATE, gate_rows
from tasks.gateways.store.call_lines import keep_portion, read_cursors
from tasks.gateways.store.connection import reading
from tasks.gateways.store.quarantine import BadRow
from tasks.rules.calls.parties import Switchboard
from tasks.rules.office import CallLog
from tests.bench.call_files import write_master
from tests.bench.call_generator import LINE, QUEUES, SECOND_LINE, CallGenerator
from tests.bench.contact_store import bench_engine
from tests.bench.dirty_lines import DIRT
from tests.bench.measuring import print_figures

_MEGABYTE = 1024**2
_CALLS_A_DAY = 6000
_LINES_A_DIRT = 100
_NOW = datetime(2036, 1, 1, tzinfo=UTC)


def main() -> int:
    """Write, take in, compare; 1 when a line is not accounted for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=1024)
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    with TemporaryDirectory(prefix="callout-bench-") as folder:
        file = Path(folder) / "Master.csv"
        expected = write_dirty(file, arguments.megabytes * _MEGABYTE)
        figures: dict[str, Any] = {"megabytes": file.stat().st_size // _MEGABYTE, "lines": expected.total()}
        figures["floor: lines/s by csv.reader"] = round(expected.total() / _floor_seconds(file))
        with bench_engine(arguments.engine) as engine:
            figures |= _take_in(engine, file)
            found = _found(engine)
    figures["every line stored or refused for its own reason"] = found == expected
    figures["refused"] = found.total() - found[""]
    if found != expected:
        figures["missing"], figures["too many"] = dict(expected - found), dict(found - expected)
    print_figures(figures, as_json=arguments.json)
    return 0 if found == expected else 1


def write_dirty(file: Path, size: int) -> Counter[str]:
    """The file; how many lines must be refused, by the beginning of the reason, and under '' how many taken."""
    generator, expected, day, dirty = CallGenerator(1), Counter[str](), date(2026, 1, 1), 0
    file.write_bytes(b"\xef\xbb\xbf")
    while file.stat().st_size < size:
        legs = next(generator.days(day, 1, _CALLS_A_DAY)).legs
        generator.truth.forget_single_calls()
        write_master(file.parent, legs)
        expected[""] += len(legs)
        with file.open("ab") as opened:
            for _ in range(len(legs) // _LINES_A_DIRT):
                dirt = DIRT[dirty % len(DIRT)]
                opened.write(dirt.line(dirty))
                expected[dirt.reason] += 1
                dirty += 1
        day += timedelta(days=1)
    with file.open("ab") as opened:
        opened.write(DIRT[0].line(dirty).rstrip())
    return expected


def _floor_seconds(file: Path) -> float:
    began = time.perf_counter()
    with file.open(encoding="utf-8", errors="backslashreplace", newline="") as opened:
        for _ in csv.reader(line.replace("\0", "") for line in opened):
            pass
    return time.perf_counter() - began


def _take_in(engine: sa.Engine, file: Path) -> dict[str, Any]:
    """Portion after portion; how fast, and the memory when a tenth was done, and at most."""
    log = CallLog("asterisk", str(file.parent), "Europe/Moscow")
    board = Switchboard("RU", frozenset({LINE, SECOND_LINE}), frozenset(QUEUES))
    began, size = time.perf_counter(), file.stat().st_size
    lines, early, most = 0, 0, 0
    while True:
        portion = read_portion(log, file.parent, board, read_cursors(engine, log.name), _NOW, BATCH_LINES)
        if not portion.parts:
            break
        verdict = gate_rows("call_legs", leg_rows(portion))
        judged = [BadRow(log.name, portion.legs[at].file_line, "; ".join(why), "") for at, why in verdict.bad.items()]
        good = [portion.legs[at] for at in verdict.good]
        lines += keep_portion(engine, portion, good, [*portion.refused, *judged], _NOW)["lines"]
        most = max(most, _resident())
        early = early if portion.parts[0].end["offset"] > size / 10 else most
    seconds = time.perf_counter() - began
    return {
        "lines taken in": lines,
        "lines/s": round(lines / seconds),
        "memory with the gate's process, a tenth done, MB": early,
        "memory with the gate's process, at most, MB": most,
    }


def _resident() -> int:
    pids = [os.getpid(), *([GATE.child_pid] if GATE.child_pid else [])]
    return sum(int(psutil.Process(pid).memory_info().rss) for pid in pids) // _MEGABYTE


def _found(engine: sa.Engine) -> Counter[str]:
    """As `write_dirty` tells it, from the store."""
    reasons = {dirt.reason for dirt in DIRT if dirt.reason}
    held = schema.quarantine_row
    with reading(engine) as connection:
        told = connection.execute(sa.select(held.c.reason, sa.func.count()).group_by(held.c.reason)).all()
        found = Counter({"": connection.scalar(sa.select(sa.func.count()).select_from(schema.call_leg))})
    for reason, count in told:
        found[next((begin for begin in reasons if reason.startswith(begin)), reason)] += count
    return found


if __name__ == "__main__":
    sys.exit(main())
