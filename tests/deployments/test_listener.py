"""The quick path on real servers: a mail is appended, the listener notices, a lead is there, a notice goes out."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from imapclient import IMAPClient

from deployments.demo.mail_servers import LOGIN, prepare_mailbox
from deployments.prefect_server import free_port
from deployments.processes import Child, start_child, stop_children
from deployments.settings import PROJECT
from sql.schema import lead, outbox, source_health
from tasks.gateways.store.connection import open_store, reading
from tests.deployments.conftest import OfficeServer
from tests.samples.post_office import Post, open_post_office

_PASSWORD = "listener-test"
_MAIL = """From: {key} <{key}@somebody.example>
To: office@north-service.example
Subject: Boiler repair
Date: {date}
Message-ID: <{key}.1@somebody.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

Good morning, our boiler does not heat. Could you come this week?
"""


@dataclass(slots=True)
class Office:
    """A listener at work: its mailbox, its store, what left, and its log."""

    imap_port: int
    engine: sa.Engine
    post: Post
    listener: Child
    folder: Path

    def append(self, key: str) -> None:
        """Somebody writes to the office."""
        raw = _MAIL.format(date=datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S +0000"), key=key)
        with IMAPClient("127.0.0.1", self.imap_port, ssl=False) as client:
            client.login(LOGIN, _PASSWORD)
            client.append("INBOX", raw.encode())

    def count(self, table: sa.Table, *where: Any) -> int:
        """Rows of a table."""
        with reading(self.engine) as connection:
            return int(connection.scalar(sa.select(sa.func.count()).select_from(table).where(*where)) or 0)

    @property
    def log(self) -> str:
        """What the listener said so far."""
        return self.listener.log_file.read_text(encoding="utf-8")


def _wait_for(found: Callable[[], Any], office: Office, seconds: float = 90) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(0.2)
    raise AssertionError(f"nothing within {seconds} s; the listener said:\n{office.log[-3000:]}")


def _serve_imap(folder: Path, port: int) -> Child:
    serve = [
        sys.executable,
        "-m",
        "deployments.demo.serve_pymap",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--no-tls",
    ]
    return start_child("imap", [*serve, "maildir", str(folder)], _environment(), folder / "imap.log")


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(PROJECT)}


@pytest.fixture
def office(office_server: OfficeServer, tmp_path: Path) -> Iterator[Office]:
    prepare_mailbox(tmp_path / "mailbox", _PASSWORD)
    port = free_port()
    with open_post_office(Post()) as post:
        env = office_server.env | {
            "CALLOUT_HOME": str(tmp_path / "home"),
            "CALLOUT_OFFICE": str(shutil.copytree(PROJECT / "deployments" / "office", tmp_path / "office")),
            "CALLOUT_DATABASE_URL": "",
            "CALLOUT_IMAP_HOST": "127.0.0.1",
            "CALLOUT_IMAP_PORT": str(port),
            "CALLOUT_SMTP_PORT": str(post.port),
            "CALLOUT_SECRET_OFFICE_MAILBOX": _PASSWORD,
        }
        imap = _serve_imap(tmp_path / "mailbox", port)
        listener = start_child(
            "listener", [sys.executable, "-m", "deployments.listener"], env, tmp_path / "listener.log"
        )
        engine = open_store(f"sqlite:///{tmp_path / 'home' / 'callout.db'}")
        try:
            yield Office(port, engine, post, listener, tmp_path / "office")
        finally:
            engine.dispose()
            stop_children([listener, imap])


def test_a_mail_becomes_a_lead_and_a_notice_at_once(office: Office, office_server: OfficeServer) -> None:
    _wait_for(lambda: "look for mail" in office.log, office)
    office.append("first")
    _wait_for(lambda: office.count(lead) == 1, office)
    office.append("second")
    _wait_for(lambda: office.count(lead) == 2, office)
    _wait_for(lambda: office.count(outbox, outbox.c.state == "sent"), office)
    assert office.post.accepted

    with office_server.client() as client:
        runs = [run for run in client.read_flow_runs() if "listener" in run.tags]
    assert {"mail arrived in office", "deals after mail", "mail is due"} <= {run.name for run in runs}
    assert all({"callout", "listener"} <= set(run.tags) for run in runs)

    office.listener.process.terminate()
    assert office.listener.process.wait(20) == 0
    assert "stopped" in office.log


@pytest.mark.long
def test_the_office_folder_may_change_and_break_while_the_listener_runs(office: Office) -> None:
    file = office.folder / "mailboxes.yaml"
    declared = file.read_text(encoding="utf-8")
    _wait_for(lambda: "look for mail" in office.log, office)
    file.write_text(declared.replace("login:", "lgoin:"), encoding="utf-8")
    _wait_for(lambda: "the office folder is refused, the old one stays in force" in office.log, office)
    office.append("meanwhile")
    _wait_for(lambda: office.count(lead) == 1, office)
    second = declared[declared.index("  - name: office") :].replace("name: office", "name: second", 1)
    second = second.replace("address: office@", "address: second@", 1)
    file.write_text(f"{declared}\n{second}", encoding="utf-8")
    _wait_for(lambda: "mailbox second: look for mail" in office.log, office)
    heard = (source_health.c.source == "mail:office", source_health.c.beat_at.is_not(None))
    _wait_for(lambda: office.count(source_health, *heard), office)
    file.write_text(declared, encoding="utf-8")
    _wait_for(lambda: "mailbox second: left" in office.log, office)
    assert office.listener.is_running
