"""`./callout bench mail`: intake end to end beside a floor, on the same mailbox in the same run.

Floor: imapclient fetch + stdlib parse + one insert per mail. Ours: the intake-mail flow as the schedule runs it (raw
bytes kept, cursor, parse, rules, Great Expectations gate, leads, activities, events), warmed up on the first 100.
CPU is this process's; the IMAP server, and Prefect's, are processes of their own and are counted for neither.
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
from collections.abc import Callable
from dataclasses import asdict, dataclass
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

_PASSWORD = "bench"
_WARM_UP = 100
_BATCH = 100
_START = datetime(2026, 11, 17, 6, 0, tzinfo=UTC)
_END = _START + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Figure:
    """What one way of taking mail in took."""

    name: str
    mails: int
    wall_seconds: float
    cpu_seconds: float
    mails_per_second: float
    mails_per_cpu_second: float


def main() -> int:
    """Measure and print; returns 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="callout-bench-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        home.chmod(0o755)
        servers = Servers(home)
        # After Prefect's own exit handler, which wants to send its last logs.
        atexit.register(servers.stop)
        port = _fill_mailbox(home, servers, arguments.messages)
        floor = _measure("floor", arguments.messages, lambda: _take_floor(port, home / "floor.db"))
        ours = _measure_intake(home, servers, port, arguments.messages)
    _print(floor, ours, as_json=arguments.json)
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


def _measure_intake(home: Path, servers: Servers, port: int, count: int) -> Figure:
    os.environ |= {
        "CALLOUT_HOME": str(home),
        "CALLOUT_OFFICE": str(PROJECT / "deployments" / "office"),
        "CALLOUT_IMAP_HOST": "127.0.0.1",
        "CALLOUT_IMAP_PORT": str(port),
        "CALLOUT_SECRET_OFFICE_MAILBOX": _PASSWORD,
    }
    os.environ.pop("CALLOUT_DATABASE_URL", None)
    servers.start_prefect()
    os.environ["CALLOUT_PREFECT_PORT"] = str(servers.prefect_port)
    prepare_prefect(read_settings())
    from flows.intake import IntakeMailRequest, intake_mail

    asyncio.run(intake_mail(IntakeMailRequest(as_of=(_START + timedelta(minutes=30)).isoformat())))

    def take() -> int:
        summary = asyncio.run(intake_mail(IntakeMailRequest(as_of=_END.isoformat())))
        return summary.counts["fetched"]

    return _measure("callout intake", count, take)


def _measure(name: str, count: int, take: Callable[[], int]) -> Figure:
    wall, cpu = time.perf_counter(), time.process_time()
    taken = take()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    if taken != count:
        sys.exit(f"{name} took {taken} of {count} mails: this run measures nothing")
    return Figure(name, count, round(wall, 2), round(cpu, 2), round(count / wall), round(count / cpu))


def _print(floor: Figure, ours: Figure, *, as_json: bool) -> None:
    ratio = round(ours.mails_per_cpu_second / floor.mails_per_cpu_second, 2)
    if as_json:
        print(json.dumps({"floor": asdict(floor), "ours": asdict(ours), "ratio_to_floor_per_cpu": ratio}))
        return
    print(f"{'':<16}{'mails':>8}{'s':>8}{'CPU s':>8}{'mails/s':>10}{'mails/CPU s':>13}")
    for figure in (floor, ours):
        print(
            f"{figure.name:<16}{figure.mails:>8}{figure.wall_seconds:>8}{figure.cpu_seconds:>8}"
            f"{figure.mails_per_second:>10.0f}{figure.mails_per_cpu_second:>13.0f}"
        )
    print(f"intake works at {ratio} of the floor's speed per CPU-second")


if __name__ == "__main__":
    sys.exit(main())
