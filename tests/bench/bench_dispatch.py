"""`./callout bench dispatch`: the outbox's whole way out beside bare aiosmtplib, to the same sink in the same run.

Floor: one aiosmtplib connection, bytes rendered beforehand, nothing recorded. Ours: the dispatch-outbox flow on SQLite
with the full ledger (claim, brakes, in doubt before DATA, attempt with the server's answer, state and event), warmed
up on 50 mails. CPU is this process's; the sink, and Prefect's server, are processes of their own and count for neither.
"""

from __future__ import annotations

import argparse
import asyncio
import atexit
import json
import os
import re
import shutil
import sqlite3
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from deployments.cli.prefect_client import prepare_prefect
from deployments.demo.servers import Servers
from deployments.settings import PROJECT, read_settings
from tasks.gateways.office_folder import load_office
from tasks.gateways.store.connection import open_store, writing
from tasks.gateways.store.revision import upgrade
from tasks.rules.outgoing import Notice, Recipient

_WARM_UP = 50
_START = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
_LATER = _START + timedelta(hours=1)
_RECIPIENTS = 700
_TEXT = "Просим прислать мастера: не работает насос, течёт вода. Адрес и время уточним по телефону. " * 8


@dataclass(frozen=True, slots=True)
class Figure:
    """What one way of sending took."""

    name: str
    mails: int
    wall_seconds: float
    cpu_seconds: float
    mails_per_second: float
    mails_per_cpu_second: float


def main() -> int:
    """Measure and print; returns 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=4000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="callout-bench-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        home.chmod(0o755)
        servers = Servers(home)
        # After Prefect's own exit handler, which wants to send its last logs.
        atexit.register(servers.stop)
        port = servers.add("sink", lambda free: _sink_command(home, free))
        servers.start_prefect()
        _prepare(home, port, servers.prefect_port, arguments.messages)
        mails = _rendered(home)
        floor = _measure("aiosmtplib", arguments.messages, lambda: asyncio.run(_send_bare(port, mails)))
        ours, prefect_seconds = _measure_dispatch(arguments.messages)
    _print(floor, ours, prefect_seconds, as_json=arguments.json)
    return 0


def _sink_command(home: Path, port: int) -> list[str]:
    """Postfix's smtp-sink where it is installed, else the demo's own."""
    program = shutil.which("smtp-sink", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program:
        user = ["-u", "nobody"] if os.geteuid() == 0 else []
        return [program, *user, f"127.0.0.1:{port}", "100"]
    folder = str(home / "sink")
    return [sys.executable, "-m", "deployments.demo.smtp_sink", "--port", str(port), "--folder", folder]


def _prepare(home: Path, port: int, prefect_port: int, count: int) -> None:
    """The sample office with the sink as its mail server and caps out of the way, and mails planned in its store."""
    office_folder = home / "office"
    shutil.copytree(PROJECT / "deployments" / "office", office_folder)
    office_file = office_folder / "office.yaml"
    office_file.write_text(re.sub(r"(_per_hour:) \d+", r"\1 1000000", office_file.read_text("utf-8")), "utf-8")
    (office_folder / "templates" / "ru" / "bench.txt.j2").write_text("Subject: Письмо {{ number }}\n\n{{ text }}\n")
    os.environ |= {
        "CALLOUT_HOME": str(home),
        "CALLOUT_OFFICE": str(office_folder),
        "CALLOUT_SMTP_HOST": "127.0.0.1",
        "CALLOUT_SMTP_PORT": str(port),
        "CALLOUT_PREFECT_PORT": str(prefect_port),
    }
    os.environ.pop("CALLOUT_DATABASE_URL", None)
    prepare_prefect(read_settings())
    from tasks.outbox import plan_notices

    office = load_office(office_folder)
    engine = open_store(read_settings().store_url)
    upgrade(engine)
    with writing(engine) as connection:
        plan_notices(connection, office, [_notice(number) for number in range(_WARM_UP)], _START)
        later = [replace(_notice(number), not_before=_LATER) for number in range(_WARM_UP, _WARM_UP + count)]
        plan_notices(connection, office, later, _START)
    engine.dispose()


def _notice(number: int) -> Notice:
    to = Recipient(f"contact:{number}", "Иван Петров", f"client{number % _RECIPIENTS}@customer.example", "ru")
    data = {"number": number, "text": _TEXT}
    return Notice(f"bench:{number}", "notice", to, "bench", data, "deal", number, _START)


def _rendered(home: Path) -> list[tuple[str, bytes]]:
    with closing(sqlite3.connect(home / "callout.db")) as store:
        rows = store.execute("SELECT recipient, raw FROM outbox WHERE not_before > planned_at ORDER BY id").fetchall()
    return [(recipient, zlib.decompress(raw)) for recipient, raw in rows]


async def _send_bare(port: int, mails: list[tuple[str, bytes]]) -> int:
    import aiosmtplib

    sent = 0
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, use_tls=False, start_tls=False) as server:
        await server.ehlo()
        for recipient, raw in mails:
            await server.mail("office@north-service.example")
            await server.rcpt(recipient)
            await server.data(raw)
            sent += 1
    return sent


def _measure_dispatch(count: int) -> tuple[Figure, float]:
    """The flow's figure, and how many of its seconds were not spent in the sending itself (Prefect's share)."""
    from flows.dispatch import DispatchOutboxRequest, dispatch_outbox
    from tasks.sending import Round

    own_seconds = [0.0]
    send = Round.send

    async def timed(self: Round, *words: object) -> None:
        began = time.perf_counter()
        await send(self, *words)  # type: ignore[arg-type]  # passed on as they came
        own_seconds[0] += time.perf_counter() - began

    asyncio.run(dispatch_outbox(DispatchOutboxRequest(as_of=_START.isoformat())))
    Round.send = timed  # type: ignore[method-assign, assignment]  # a stopwatch around it

    def work() -> int:
        summary = asyncio.run(dispatch_outbox(DispatchOutboxRequest(as_of=_LATER.isoformat())))
        return summary.counts["sent"]

    ours = _measure("callout dispatch", count, work)
    return ours, round(ours.wall_seconds - own_seconds[0], 2)


def _measure(name: str, count: int, work: Callable[[], int]) -> Figure:
    wall, cpu = time.perf_counter(), time.process_time()
    done = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    if done != count:
        sys.exit(f"{name} sent {done} of {count} mails: this run measures nothing")
    return Figure(name, count, round(wall, 2), round(cpu, 2), round(count / wall), round(count / cpu))


def _print(floor: Figure, ours: Figure, prefect_seconds: float, *, as_json: bool) -> None:
    ratio = round(ours.mails_per_second / floor.mails_per_second, 2)
    share = round(100 * prefect_seconds / ours.wall_seconds)
    if as_json:
        said = {"floor": asdict(floor), "ours": asdict(ours), "ratio_to_floor": ratio, "prefect_percent": share}
        print(json.dumps(said))
        return
    print(f"{'':<18}{'mails':>8}{'s':>8}{'CPU s':>8}{'mails/s':>10}{'mails/CPU s':>13}")
    for figure in (floor, ours):
        print(
            f"{figure.name:<18}{figure.mails:>8}{figure.wall_seconds:>8}{figure.cpu_seconds:>8}"
            f"{figure.mails_per_second:>10.0f}{figure.mails_per_cpu_second:>13.0f}"
        )
    print(
        f"with the full ledger at {ratio} of bare aiosmtplib's speed; Prefect and opening the office: {share} % of it"
    )


if __name__ == "__main__":
    sys.exit(main())
