"""`./callout bench calls`: how long after a call ended its lead can be seen, through the real listener and door.

Calls of strangers end at random moments, one written by a PBX into its growing Master.csv, the next told to the door
by a program (POST /telephony/NAME), the third told live by the PBX's manager interface (AMI). The clock of each starts
before it is written, posted or told, and stops when a reader of the store sees the lead. Prefect's server, the listener
and the door run as in an office.
"""

from __future__ import annotations

import argparse
import atexit
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from deployments.prefect_environment import callout_environment
from deployments.prefect_server import free_port
from deployments.processes import start_child, stop_children
from deployments.settings import PROJECT
from sql.schema import lead
from tasks.gateways.store.connection import open_store, reading
from tasks.rules.calls.records import Leg
from tests.bench.bench_listener import Bench, open_office, percentile, wait_until_open
from tests.bench.call_files import cells_of, write_master
from tests.bench.measuring import print_figures
from tests.samples.manager_server import SECRET, ManagerServer, cdr_fields, event_bytes, manager_server
from tests.samples.waiting import wait_for

_LINE, _SOURCE, _TOKEN = "+79000000100", "own", "bench-token"
_WARM_UP = 2
_LOOK_SECONDS = 0.02
_PATIENCE_SECONDS = 120.0
_PAUSES_SECONDS = (0.3, 5.0)
_TALK = timedelta(seconds=40)
_POST_LOG = f"""logs:
  - name: {_SOURCE}
    kind: post
    time_zone: Europe/Moscow
    post_secret: bench
"""


@dataclass(frozen=True, slots=True)
class Exchange:
    """Where calls are told: a PBX's folder and its manager interface, and the door."""

    folder: Path
    door_url: str
    manager: ManagerServer

    def write_line(self, number: int, phone: str, ended_at: datetime) -> None:
        """As Asterisk's cdr_csv writes a finished call."""
        write_master(self.folder, [_leg(number, phone, ended_at)])

    def tell_live(self, number: int, phone: str, ended_at: datetime) -> None:
        """As Asterisk's cdr_manager tells it."""
        cells = [str(cell) for cell in cells_of(_leg(number, phone, ended_at))]
        self.manager.tell(event_bytes(cdr_fields(cells)))

    def post(self, number: int, phone: str, ended_at: datetime) -> None:
        """As a program tells it."""
        begun = (ended_at - _TALK).isoformat()
        told = {"id": f"bench-{number}", "direction": "in", "client": phone, "line": _LINE, "outcome": "answered"}
        told |= {"started_at": begun, "answered_at": begun, "ended_at": ended_at.isoformat(), "extension": "101"}
        headers = {"authorization": f"Bearer {_TOKEN}"}
        answer = httpx.post(f"{self.door_url}/telephony/{_SOURCE}", json=told, headers=headers, timeout=20)
        if answer.status_code != httpx.codes.CREATED:
            sys.exit(f"the door refused call {number}: {answer.status_code} {answer.text}")


def _leg(number: int, phone: str, ended_at: datetime) -> Leg:
    begun = ended_at - _TALK
    unique = f"{begun.timestamp():.0f}.{number}"
    told = (phone, phone, _LINE, _LINE, "101", None, _LINE, "in", "", "")
    seconds = int(_TALK.total_seconds())
    return Leg("asterisk", f"{unique}/1", unique, begun, begun, ended_at, seconds, seconds, "answered", *told)


def main() -> int:
    """Measure and print; returns 0."""
    parser = argparse.ArgumentParser(prog="callout bench calls", description=__doc__)
    parser.add_argument("--calls", type=int, default=20, help="how many by each of the three ways")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="callout-bench-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        home.chmod(0o755)
        with manager_server() as manager:
            bench, exchange = _open(home, manager)
            found = _call(bench, exchange, arguments.calls)
    print_figures({name: told(seconds) for name, seconds in found.items()}, as_json=arguments.json)
    return 0


def told(seconds: list[float]) -> dict[str, Any]:
    """The figures of one way in."""
    return {
        "calls": len(seconds),
        "p50 s": round(statistics.median(seconds), 2),
        "p95 s": round(percentile(seconds, 95), 2),
        "most s": round(max(seconds), 2),
    }


def _open(home: Path, manager: ManagerServer) -> tuple[Bench, Exchange]:
    office = Path(shutil.copytree(PROJECT / "deployments" / "office", home / "office"))
    telephony = office / "telephony.yaml"
    place = manager.place()
    live = f"    ami: {{address: '{place.address}', user: {place.user}, secret: {place.secret}}}\n    recordings:\n"
    text = telephony.read_text(encoding="utf-8").replace("    recordings:\n", live, 1)
    telephony.write_text(text.replace("logs:\n", _POST_LOG, 1), encoding="utf-8")
    pbx = home / "pbx"
    pbx.mkdir()
    own = {"CALLOUT_CALL_LOG_FOLDER": str(pbx), "CALLOUT_SECRET_BENCH": _TOKEN, "CALLOUT_DOOR_PORT": str(free_port())}
    own["CALLOUT_SECRET_PBX_MANAGER"] = SECRET
    bench = open_office(home, office, **own)
    argv = [sys.executable, "-m", "deployments.door"]
    env = callout_environment(bench.settings) | own
    door = start_child("door", argv, env, home / "logs" / "door.log", home / "run")
    atexit.register(stop_children, [door])
    wait_until_open(bench, "look for mail")
    _wait_for_door(exchange := Exchange(pbx, f"http://127.0.0.1:{own['CALLOUT_DOOR_PORT']}", manager))
    wait_for(lambda: manager.lines, _PATIENCE_SECONDS)
    return bench, exchange


def _wait_for_door(exchange: Exchange) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            httpx.get(f"{exchange.door_url}/health", timeout=5).raise_for_status()
            return
        except httpx.HTTPError:
            if time.monotonic() > end:
                sys.exit("the door does not answer")
            time.sleep(0.2)


def _call(bench: Bench, exchange: Exchange, count: int) -> dict[str, list[float]]:
    """Seconds of each call by way in; the first calls only warm the office up."""
    tellers = (("folder", exchange.write_line), ("door", exchange.post), ("manager", exchange.tell_live))
    ways: dict[str, Callable[[int, str, datetime], None]] = dict(tellers)
    found: dict[str, list[float]] = {name: [] for name in ways}
    engine, chance = open_store(bench.settings.store_url), random.Random(17)
    for number in range(_WARM_UP + count):
        for place, (name, tell) in enumerate(ways.items()):
            time.sleep(chance.uniform(*_PAUSES_SECONDS))
            seconds = _seconds_to_lead(bench, engine, tell, len(ways) * number + place)
            found[name] += [seconds] * (number >= _WARM_UP)
    engine.dispose()
    return found


def _seconds_to_lead(bench: Bench, engine: sa.Engine, tell: Callable[[int, str, datetime], None], number: int) -> float:
    phone = f"+7900001{number:04d}"
    begun = time.time()
    tell(number, phone, datetime.now(UTC).replace(microsecond=0))
    wanted = sa.select(lead.c.id).where(lead.c.phone == phone)
    while True:
        with reading(engine) as connection:
            if connection.scalar(wanted) is not None:
                return time.time() - begun
        if time.time() - begun > _PATIENCE_SECONDS:
            sys.exit(f"call {number} became no lead: {bench.log[-3000:]}")
        time.sleep(_LOOK_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
