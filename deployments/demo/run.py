"""`./callout demo`: real servers, a sample day through the flows, one last screen.

State lies in the demo's home; a demo killed at any moment goes on there, and a finished one changes nothing.
"""

from __future__ import annotations

import asyncio
import atexit
import fcntl
import os
import signal
import sys
import time
from datetime import datetime
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import NoReturn

from deployments.cli.output import describe_counts
from deployments.cli.prefect_client import prepare_prefect
from deployments.demo import screen
from deployments.demo.day import MOSCOW, FlowName, Moment, Stage, play, run_in_process
from deployments.demo.mail_servers import LOGIN, imap_command, prepare_mailbox, smtp_command
from deployments.demo.servers import Servers
from deployments.settings import PROJECT, read_settings
from tasks.rules.errors import CalloutError, UsageError
from tasks.rules.summary import RunSummary

_PASSWORD = "demo-of-callout"  # noqa: S105 (of a mailbox on loopback that holds invented mail)
_TRIES = 4


def run_demo(home: Path, *, exit_after: bool, as_json: bool) -> int:
    """Run the day in `home`; afterwards stop everything, or stay up until Ctrl-C. Returns 0."""
    home.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    _only_one(home)
    _end_on_sigterm()
    servers = Servers(home)
    # last registered is first run: Prefect, imported later, still tells its server what it has to tell
    atexit.register(servers.stop)
    _say(as_json, f"The demo's home is {home}. Starting IMAP, SMTP and Prefect …")
    stage = _set_stage(home, servers)
    reports = asyncio.run(_play(stage, servers, as_json))
    _show_end(reports, servers, as_json, time.monotonic() - started)
    if not exit_after:
        _wait(as_json)
    return 0


def _set_stage(home: Path, servers: Servers) -> Stage:
    mailbox = home / "mailbox"
    maildir = prepare_mailbox(mailbox, _PASSWORD)
    sent = home / "outside"
    imap_port = servers.add("imap", lambda port: imap_command(mailbox, port, _PASSWORD))
    smtp_port = servers.add("smtp", lambda port: smtp_command(sent, port))
    os.environ.update(
        {
            "CALLOUT_HOME": str(home),
            "CALLOUT_OFFICE": str(PROJECT / "deployments" / "office"),
            "CALLOUT_IMAP_HOST": "127.0.0.1",
            "CALLOUT_IMAP_PORT": str(imap_port),
            "CALLOUT_SMTP_PORT": str(smtp_port),
            "CALLOUT_CALL_LOG_FOLDER": str(home / "pbx"),
            "CALLOUT_SECRET_OFFICE_MAILBOX": _PASSWORD,
        }
    )
    os.environ.pop("CALLOUT_DATABASE_URL", None)
    warming = Thread(target=import_module, args=("great_expectations",), daemon=True)
    warming.start()  # seconds of imports, while the server starts
    servers.start_prefect()
    warming.join()
    os.environ["CALLOUT_PREFECT_PORT"] = str(servers.prefect_port)
    prepare_prefect(read_settings())
    return Stage(maildir, home / "pbx", sent, f"{LOGIN}@north-service.example")


async def _play(stage: Stage, servers: Servers, as_json: bool) -> list[str]:
    reports: list[str] = []

    async def run_flow(flow: FlowName, at: datetime) -> RunSummary:
        return await _run_surely(flow, at, servers)

    def show(moment: Moment, summary: RunSummary) -> None:
        reports.extend(file for file in summary.files if file not in reports)
        local = moment.at.astimezone(MOSCOW)
        _say(as_json, f"{local:%d.%m %H:%M}  {summary.flow:<26} {describe_counts(summary.counts)}")
        for note in summary.notes:
            _say(as_json, f"{'':13}! {note}")

    await play(stage, run_flow, show)
    return reports


async def _run_surely(flow: FlowName, at: datetime, servers: Servers) -> RunSummary:
    """Run a flow; when it fails because a server died, start that server again and repeat (every step can be)."""
    for number in range(1, _TRIES + 1):
        try:
            return await run_in_process(flow, at)
        except Exception as error:
            if number == _TRIES or not servers.revive():
                raise CalloutError(f"{flow[0]} failed: {_one_line(error)}") from error
    raise AssertionError("the loop above returns or raises")


def _one_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _show_end(reports: list[str], servers: Servers, as_json: bool, seconds: float) -> None:
    from flows.opening import open_desk

    desk = open_desk()
    screen.show(screen.collect(desk.engine, reports, servers.ui_url), as_json=as_json, seconds=seconds)
    desk.engine.dispose()


def _wait(as_json: bool) -> None:
    _say(as_json, "\nEverything stays up. Ctrl-C ends it. / Ctrl-C — остановить.")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        _say(as_json, "\nStopping …")


def _say(as_json: bool, text: str) -> None:
    print(text, file=sys.stderr if as_json else sys.stdout, flush=True)


def _only_one(home: Path) -> None:
    """Two demos in one home would play the same day twice at once; the lock is held until this process ends."""
    lock = os.open(home / "demo.lock", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise UsageError(f"a demo is running in {home} already: end it, or give --home another folder") from error


def _end_on_sigterm() -> None:
    """SIGTERM ends the demo as Ctrl-C does: in order, its servers too."""

    def leave(*_unused: object) -> NoReturn:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, leave)
