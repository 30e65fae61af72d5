"""`./callout bench mail`: intake end to end beside a floor, on the same mailbox in the same run.

Floor: imapclient fetch + stdlib parse + one insert per mail. Ours: the intake-mail flow as the schedule runs it (raw
bytes kept, cursor, parse, rules, Great Expectations gate, leads, activities, events), warmed up on the first 100.
CPU and memory are this process's and its children's, the parser and the gate; the IMAP server, and Prefect's, are
counted for neither. With --stored the same again into a store that holds so many mails already.
"""

from __future__ import annotations

import argparse
import asyncio
import atexit
import json
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from deployments.cli.prefect_client import prepare_prefect
from deployments.demo.mail_servers import LOGIN, deliver, imap_command, prepare_mailbox
from deployments.demo.servers import Servers
from deployments.settings import PROJECT, read_settings
from tests.bench.mail_corpus import message
from tests.bench.mail_store import fill_store
from tests.bench.measuring import Memory, OwnTime, cpu_seconds

_PASSWORD = "bench"
_WARM_UP = 100
_BATCH = 100
_START = datetime(2026, 11, 17, 6, 0, tzinfo=UTC)
_END = _START + timedelta(days=1)
_MEGABYTE = 1024**2


@dataclass(frozen=True, slots=True)
class Figure:
    """What one way of taking mail in took. Memory by process in megabytes: before, the most, and by mails settled."""

    name: str
    mails: int
    wall_seconds: float
    cpu_seconds: float
    mails_per_second: float
    mails_per_cpu_second: float
    rss_before_mb: dict[str, int]
    rss_most_mb: dict[str, int]
    rss_course_mb: dict[int, dict[str, int]]
    prefect_share: float = 0.0


def main() -> int:
    """Measure and print; returns 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=10_000, help="how many to take in")
    parser.add_argument("--stored", type=int, default=0, help="measure again with so many mails in the store")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="callout-bench-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        home.chmod(0o755)
        servers = Servers(home)
        # After Prefect's own exit handler, which wants to send its last logs.
        atexit.register(servers.stop)
        port = _fill_mailbox(home, servers, arguments.messages)
        figures = [_measure("floor", arguments.messages, lambda: _take_floor(port, home / "floor.db"))]
        servers.start_prefect()
        _furnish(home, servers, port)
        figures.append(_measure_intake("callout intake", home / "empty", arguments.messages, 0))
        if arguments.stored:
            name = f"with {arguments.stored:,} stored"
            figures.append(_measure_intake(name, home / "full", arguments.messages, arguments.stored))
    _print(figures, as_json=arguments.json)
    return 0


def _fill_mailbox(home: Path, servers: Servers, count: int) -> int:
    maildir = prepare_mailbox(home / "mailbox", _PASSWORD)
    for number in range(count + _WARM_UP):
        at = _START if number < _WARM_UP else _START + timedelta(hours=1)
        deliver(maildir, f"m{number}", at, message(number))
    return servers.add("imap", lambda port: imap_command(home / "mailbox", port, _PASSWORD))


def _take_floor(port: int, file: Path) -> int:
    from imapclient import IMAPClient

    store = sqlite3.connect(file)
    store.execute("PRAGMA journal_mode=WAL")
    store.execute("CREATE TABLE mail (uid INTEGER PRIMARY KEY, sender TEXT, subject TEXT, body TEXT, raw BLOB)")
    client = IMAPClient("127.0.0.1", port, ssl=False)
    client._imap.debug = 0
    client.login(LOGIN, _PASSWORD)
    client.select_folder("INBOX", readonly=True)
    parser = BytesParser(EmailMessage, policy=policy.default)
    uids = sorted(client.search())[_WARM_UP:]
    for start in range(0, len(uids), _BATCH):
        for uid, data in client.fetch(uids[start : start + _BATCH], ["BODY.PEEK[]"]).items():
            raw = data[b"BODY[]"]
            mail = parser.parsebytes(raw)
            body = mail.get_body(("plain", "html"))
            row = (uid, str(mail["From"]), str(mail["Subject"]), body.get_content() if body else "", raw)
            store.execute("INSERT INTO mail VALUES (?, ?, ?, ?, ?)", row)
        store.commit()
    client.logout()
    return len(uids)


def _furnish(home: Path, servers: Servers, port: int) -> None:
    os.environ |= {
        "CALLOUT_HOME": str(home),
        "CALLOUT_OFFICE": str(PROJECT / "deployments" / "office"),
        "CALLOUT_IMAP_HOST": "127.0.0.1",
        "CALLOUT_IMAP_PORT": str(port),
        "CALLOUT_SECRET_OFFICE_MAILBOX": _PASSWORD,
        "CALLOUT_PREFECT_PORT": str(servers.prefect_port),
    }
    os.environ.pop("CALLOUT_DATABASE_URL", None)
    prepare_prefect(read_settings())


def _measure_intake(name: str, home: Path, count: int, stored: int) -> Figure:
    os.environ["CALLOUT_HOME"] = str(home)
    from flows.intake import IntakeMailRequest, intake_mail

    asyncio.run(intake_mail(IntakeMailRequest(as_of=(_START + timedelta(minutes=30)).isoformat())))
    fill_store(read_settings().store_url, stored)
    own = OwnTime()
    own.watch_intake()

    def take() -> int:
        own.seconds, own.settled_count = 0.0, 0
        summary = asyncio.run(intake_mail(IntakeMailRequest(as_of=_END.isoformat())))
        return summary.counts["fetched"]

    figure = _measure(name, count, take, lambda: own.settled_count)
    return replace(figure, prefect_share=round(1 - own.seconds / figure.wall_seconds, 2))


def _measure(name: str, count: int, take: Callable[[], int], settled: Callable[[], int] = lambda: 0) -> Figure:
    with Memory(settled) as memory:
        wall, cpu = time.perf_counter(), cpu_seconds()
        taken = take()
        wall, cpu = time.perf_counter() - wall, cpu_seconds() - cpu
    if taken != count:
        sys.exit(f"{name} took {taken} of {count} mails: this run measures nothing")
    speed = (round(count / wall), round(count / cpu))
    return Figure(name, count, round(wall, 2), round(cpu, 2), *speed, memory.before, memory.most, memory.course)


def _print(figures: Sequence[Figure], *, as_json: bool) -> None:
    floor, ours = figures[:2]
    ratio = round(ours.mails_per_cpu_second / floor.mails_per_cpu_second, 2)
    if as_json:
        print(json.dumps({"figures": [asdict(figure) for figure in figures], "ratio_to_floor_per_cpu": ratio}))
        return
    print(f"{'':<24}{'mails':>8}{'s':>8}{'CPU s':>8}{'mails/s':>10}{'mails/CPU s':>13}")
    for figure in figures:
        print(
            f"{figure.name:<24}{figure.mails:>8}{figure.wall_seconds:>8}{figure.cpu_seconds:>8}"
            f"{figure.mails_per_second:>10.0f}{figure.mails_per_cpu_second:>13.0f}"
        )
    print(
        f"intake works at {ratio} of the floor's speed per CPU-second; Prefect's share of its wall time: "
        f"{ours.prefect_share:.0%}"
    )
    _print_memory(figures)
    for full in figures[2:]:
        print(
            f"{full.name}: {full.mails_per_cpu_second / ours.mails_per_cpu_second:.2f} of the speed on an empty store"
        )


def _print_memory(figures: Sequence[Figure]) -> None:
    """Megabytes resident: a process's most is its own, `together` is the most in one moment."""
    for figure in figures:
        steps = {"before": figure.rss_before_mb, "most": figure.rss_most_mb}
        steps |= {f"most until {mails:,} were settled": found for mails, found in figure.rss_course_mb.items()}
        for step, found in steps.items():
            print(f"MB, {figure.name}, {step}: {', '.join(f'{name} {size}' for name, size in found.items())}")


if __name__ == "__main__":
    sys.exit(main())
