"""`./callout bench listener`: how long after a mail arrived its lead can be seen, through the real listener process.

A real IMAP server (Dovecot where it is installed, else pymap), Prefect's server and the listener run as in an office.
Mails are appended at random moments; the clock of each starts before its APPEND is sent and stops when a reader of the
store sees the lead. The parts are read from the listener's log and from Prefect's record of the runs afterwards.
"""

from __future__ import annotations

import argparse
import atexit
import json
import os
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from imapclient import IMAPClient

from deployments.demo.mail_servers import LOGIN, imap_command, prepare_mailbox, smtp_command
from deployments.demo.servers import Servers
from deployments.prefect_environment import api_address, callout_environment
from deployments.processes import Child, start_child, stop_children
from deployments.settings import PROJECT, Settings
from sql.schema import intake_item, lead
from tasks.gateways.store.connection import open_store, reading
from tests.bench.mail_corpus import message

_PASSWORD = "bench"
_WARM_UP = 3
_LOOK_SECONDS = 0.02
_PATIENCE_SECONDS = 120.0
_PAUSES_SECONDS = (0.3, 5.0)
_NOTICE = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) INFO \S+: mailbox office: look for mail", re.MULTILINE)
_PARTS = {
    "notice": "until the server tells (Dovecot waits half a second for more)",
    "start": "Prefect makes and starts the run, the office is opened",
    "fetch": "raw bytes into the ledger",
    "interpret": "parsing and rules",
    "gate": "Great Expectations",
    "settle": "until the lead is seen",
    "between": "Prefect between the tasks",
}


@dataclass(frozen=True, slots=True)
class Arrival:
    """One mail: when its APPEND began and when its lead was seen, in seconds since 1970."""

    number: int
    sent: float
    seen: float

    @property
    def seconds(self) -> float:
        """From arrival to lead."""
        return self.seen - self.sent


@dataclass(slots=True)
class Run:
    """One `intake-mail` run of the listener as Prefect recorded it: seconds since 1970."""

    created: float
    ended: float
    tasks: dict[str, tuple[float, float]] = field(default_factory=dict)


@dataclass(slots=True)
class Bench:
    """The office under measurement."""

    settings: Settings
    servers: Servers
    imap_port: int
    listener: Child

    @property
    def log(self) -> str:
        """What the listener said so far."""
        return self.listener.log_file.read_text(encoding="utf-8")


def main() -> int:
    """Measure and print; returns 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=60)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="callout-bench-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        home.chmod(0o755)
        bench = open_office(home)
        time.tzset()
        arrivals = _deliver_all(bench, arguments.messages)
        time.sleep(5)  # Prefect records task runs a moment after they ended
        runs = _read_runs(bench)
        notices = [_seconds_of(found) for found in _NOTICE.findall(bench.log)]
    _print(arrivals, [_parts(arrival, runs, notices) for arrival in arrivals], as_json=arguments.json)
    return 0


def open_office(home: Path, office: Path = PROJECT / "deployments" / "office", **env: str) -> Bench:
    """Servers, Prefect and a listener for `office`, which is told `env` besides."""
    os.environ["TZ"] = "UTC"
    os.environ.pop("CALLOUT_DATABASE_URL", None)
    servers = Servers(home)
    atexit.register(servers.stop)
    prepare_mailbox(home / "mailbox", _PASSWORD)
    imap_port = servers.add("imap", lambda port: imap_command(home / "mailbox", port, _PASSWORD))
    smtp_port = servers.add("smtp", lambda port: smtp_command(home / "sent", port))
    servers.start_prefect()
    settings = Settings(home=home, office=office, database_url="", prefect_port=servers.prefect_port)
    env |= callout_environment(settings) | {
        "CALLOUT_IMAP_HOST": "127.0.0.1",
        "CALLOUT_IMAP_PORT": str(imap_port),
        "CALLOUT_SMTP_HOST": "127.0.0.1",
        "CALLOUT_SMTP_PORT": str(smtp_port),
        "CALLOUT_SECRET_OFFICE_MAILBOX": _PASSWORD,
    }
    argv = [sys.executable, "-m", "deployments.listener"]
    listener = start_child("listener", argv, env, home / "logs" / "listener.log", home / "run")
    atexit.register(stop_children, [listener])
    return Bench(settings, servers, imap_port, listener)


def _deliver_all(bench: Bench, count: int) -> list[Arrival]:
    """The first mails only warm the office up: an office is started once a day, not once a mail."""
    wait_until_open(bench, "look for mail")
    engine = open_store(bench.settings.store_url)
    chance = random.Random(17)
    with IMAPClient("127.0.0.1", bench.imap_port, ssl=False) as client:
        client.login(LOGIN, _PASSWORD)
        for number in range(_WARM_UP):
            _deliver(client, engine, number, bench)
            time.sleep(3)
        arrivals = []
        for number in range(_WARM_UP, _WARM_UP + count):
            time.sleep(chance.uniform(*_PAUSES_SECONDS))
            arrivals.append(_deliver(client, engine, number, bench))
    engine.dispose()
    return arrivals


def wait_until_open(bench: Bench, word: str) -> None:
    """Until the listener has said `word`; ends the program when it does not."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while word not in bench.log:
        if time.monotonic() > end or not bench.listener.is_running:
            sys.exit(f"the listener did not open: {bench.log[-2000:]}")
        time.sleep(0.1)


def _deliver(client: IMAPClient, engine: sa.Engine, number: int, bench: Bench) -> Arrival:
    raw = message(number, may_repeat=False)
    sent = time.time()
    client.append("INBOX", raw)
    wanted = (
        sa.select(lead.c.id)
        .join(intake_item, (intake_item.c.entity_id == lead.c.id) & (intake_item.c.entity == "lead"))
        .where(intake_item.c.message_id == f"<bench-{number}@customer.example>")
    )
    while True:
        with reading(engine) as connection:
            if connection.scalar(wanted) is not None:
                return Arrival(number, sent, time.time())
        if time.time() - sent > _PATIENCE_SECONDS:
            sys.exit(f"mail {number} became no lead: {bench.log[-3000:]}")
        time.sleep(_LOOK_SECONDS)


def _read_runs(bench: Bench) -> list[Run]:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

    runs = []
    with SyncPrefectClient(api_address(bench.settings.prefect_port)) as client:
        offset = 0
        while page := client.read_flow_runs(offset=offset, limit=200):
            offset += len(page)
            for run in page:
                if run.name.startswith("mail arrived") and run.created and run.end_time:
                    found = Run(run.created.timestamp(), run.end_time.timestamp())
                    wanted = FlowRunFilter(id=FlowRunFilterId(any_=[run.id]))
                    for one in client.read_task_runs(flow_run_filter=wanted):
                        if one.start_time and one.end_time:
                            name = one.name.partition("-")[0]
                            found.tasks[name] = (one.start_time.timestamp(), one.end_time.timestamp())
                    runs.append(found)
    return sorted(runs, key=lambda run: run.created)


def _parts(arrival: Arrival, runs: Sequence[Run], notices: Sequence[float]) -> dict[str, float]:
    """Where this mail's time went; empty when Prefect's record of its run is not whole."""
    notice = next((at for at in notices if at >= arrival.sent), None)
    run = next(
        (run for run in reversed(runs) if "settle" in run.tasks and run.tasks["settle"][0] <= arrival.seen), None
    )
    if notice is None or run is None or not {"fetch", "interpret", "gate", "settle"} <= run.tasks.keys():
        return {}
    parts = {"notice": notice - arrival.sent, "start": run.tasks["fetch"][0] - notice}
    for name in ("fetch", "interpret", "gate"):
        parts[name] = run.tasks[name][1] - run.tasks[name][0]
    parts["settle"] = arrival.seen - run.tasks["settle"][0]
    parts["between"] = arrival.seconds - sum(parts.values())
    return parts


def _seconds_of(text: str) -> float:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S,%f").replace(tzinfo=UTC).timestamp()


def percentile(values: Sequence[float], percent: int) -> float:
    """What so many per cent of the values do not exceed."""
    return sorted(values)[min(len(values) - 1, round(len(values) * percent / 100))]


def _print(arrivals: Sequence[Arrival], parts: Sequence[dict[str, float]], *, as_json: bool) -> None:
    seconds = [arrival.seconds for arrival in arrivals]
    known = [part for part in parts if part]
    means = {name: round(statistics.mean(part[name] for part in known), 3) for name in _PARTS} if known else {}
    figures: dict[str, Any] = {
        "mails": len(seconds),
        "p50_seconds": round(statistics.median(seconds), 2),
        "p95_seconds": round(percentile(seconds, 95), 2),
        "max_seconds": round(max(seconds), 2),
        "mean_parts_seconds": means,
        "explained_mails": len(known),
        "slowest": [
            {"mail": arrival.number, "seconds": round(arrival.seconds, 2)} | {n: round(v, 3) for n, v in part.items()}
            for arrival, part in sorted(zip(arrivals, parts, strict=True), key=lambda one: -one[0].seconds)[:3]
        ],
    }
    if as_json:
        print(json.dumps(figures))
        return
    print(f"mail arrived → lead visible, {len(seconds)} mails at random moments")
    print(f"p50 {figures['p50_seconds']} s, p95 {figures['p95_seconds']} s, max {figures['max_seconds']} s")
    print(f"where the time goes on average (s), of {len(known)} mails:")
    for name, value in means.items():
        print(f"  {name:<10}{value:>7.3f}  {_PARTS[name]}")
    for one in figures["slowest"]:
        print("slow:", ", ".join(f"{name} {value}" for name, value in one.items()))


if __name__ == "__main__":
    sys.exit(main())
