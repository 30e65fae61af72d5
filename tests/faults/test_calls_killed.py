"""Call logs read while the process is killed again and again: every line once, and the calls as if nothing had been.

CALLOUT_FAULT_KILLS says how often on each engine (a fifth of it here).
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sql import schema
from tasks.gateways.call_logs.portions import read_portion
from tasks.gateways.store.call_lines import keep_portion, read_cursors
from tasks.gateways.store.calls import fold_waiting
from tasks.gateways.store.connection import open_store, reading
from tasks.rules.calls.folding import fold_call
from tasks.rules.calls.parties import Switchboard
from tasks.rules.office import CallLog
from tests.bench.call_files import write_master
from tests.bench.call_generator import CallGenerator
from tests.faults.chance import KILLS, chance

pytestmark = pytest.mark.faults

NOW = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
LINES_AT_ONCE = 10
_NEW_LINES = 60
_CALLS = 1500
_BAD_LINES = ("broken", "a,b", "")
_LONGEST_SECONDS = 0.3


def take_in(url: str, folder: str) -> None:
    """What an intake does with a call log: portion after portion, then the folding."""
    engine = open_store(url)
    log, board = CallLog("asterisk", folder, "Europe/Moscow"), Switchboard("RU", queues=frozenset({"600", "601"}))
    has_more = True
    while has_more:
        portion = read_portion(log, Path(folder), board, read_cursors(engine, log.name), NOW, LINES_AT_ONCE)
        keep_portion(engine, portion, portion.legs, portion.refused, NOW)
        # also when nothing was left to read: a run before may have been killed between the two
        fold_waiting(engine, lambda legs, events: fold_call(legs, events, "RU"), NOW)
        has_more = bool(portion.parts)
    engine.dispose()


def test_killed_at_random(engine: sa.Engine, sqlite_template: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pbx"
    made = next(CallGenerator(9).days(NOW.date().replace(day=17), 1, _CALLS))
    url, luck = engine.url.render_as_string(hide_password=False), chance("calls")
    kills = told = 0
    while kills < KILLS / 5 and told < len(made.legs):
        write_master(folder, made.legs[told : told + _NEW_LINES])
        told += _NEW_LINES
        kills += _killed(url, folder, luck)
    write_master(folder, made.legs[told:])
    with (folder / "Master.csv").open("a") as file:
        file.write("".join(f"{line}\n" for line in _BAD_LINES))
    take_in(url, str(folder))
    calm = tmp_path / "calm.db"
    calm.write_bytes(sqlite_template.read_bytes())
    take_in(f"sqlite:///{calm}", str(folder))
    print(f"killed {kills} times over {len(made.legs)} legs")
    assert kills
    undisturbed = _state(open_store(f"sqlite:///{calm}"))
    assert _state(engine) == undisturbed
    assert len(undisturbed["call_leg"]) == len(made.legs)
    assert len(undisturbed["quarantine_row"]) == len(_BAD_LINES)


def _killed(url: str, folder: Path, luck: random.Random) -> bool:
    """Whether it was killed before it had come to its end; what it left undone is the next one's."""
    code = "import sys; from tests.faults.test_calls_killed import take_in; print(flush=True); take_in(*sys.argv[1:])"
    victim = subprocess.Popen([sys.executable, "-c", code, url, str(folder)], stdout=subprocess.PIPE)
    assert victim.stdout is not None
    victim.stdout.readline()
    try:
        victim.wait(luck.uniform(0.005, _LONGEST_SECONDS))
    except subprocess.TimeoutExpired:
        victim.send_signal(signal.SIGKILL)
    return victim.wait() == -signal.SIGKILL


def _state(engine: sa.Engine) -> dict[str, list[Any]]:
    """The rows without their ids, which a killed run may have used up; a leg's call by its name."""
    leg, call, cursor, bad = schema.call_leg, schema.call, schema.source_cursor, schema.quarantine_row
    queries = {
        "call_leg": sa.select(*(one for one in leg.c if one.name not in ("id", "call_id")), call.c.linked_id)
        .join_from(leg, call, leg.c.call_id == call.c.id)
        .order_by(leg.c.natural_key),
        "call": sa.select(*(one for one in call.c if one.name != "id")).order_by(call.c.linked_id),
        "quarantine_row": sa.select(bad.c.row_key, bad.c.reason).order_by(bad.c.row_key),
        "source_cursor": sa.select(cursor.c.position, cursor.c.seen_total).order_by(cursor.c.source),
        "fact_touch": sa.select(schema.fact_touch.c.hour_at).order_by("hour_at"),
    }
    with reading(engine) as connection:
        return {name: [tuple(row) for row in connection.execute(query)] for name, query in queries.items()}
