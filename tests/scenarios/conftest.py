"""Each scenario has an office of its own: an empty store, a mailbox folder, a mail server outside, a door."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from deployments.settings import PROJECT
from tasks.gateways.store.connection import open_store
from tasks.gateways.store.revision import upgrade
from tests.samples.mail_room import PASSWORD, MailRoom, free_port, pymap_room, running_server
from tests.scenarios.world import World

MORNING = datetime(2026, 11, 17, 6, 30, tzinfo=UTC)  # a Tuesday, half past nine in Moscow
_NUMBERS = count()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here is a scenario."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.scenarios)


@pytest.fixture(scope="session")
def mail_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailRoom]:
    """An IMAP server for all scenarios."""
    with pymap_room(tmp_path_factory.mktemp("imap")) as opened:
        yield opened


@pytest.fixture
def world(
    tmp_path: Path, mail_server: MailRoom, prefect_server: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """The sample office on the morning of its sample day, with nobody's mail in it yet."""
    mailbox = mail_server.new_folder(f"s{next(_NUMBERS)}")
    office = tmp_path / "office"
    shutil.copytree(PROJECT / "deployments" / "office", office)
    boxes = office / "mailboxes.yaml"
    boxes.write_text(boxes.read_text("utf-8").replace("[INBOX]", f"[{mailbox.name}]"), "utf-8")
    outside, port = tmp_path / "outside", free_port()
    for name, value in {
        "HOME": tmp_path / "home",
        "OFFICE": office,
        "IMAP_PORT": mailbox.port,
        "SMTP_PORT": port,
        "DOOR_URL": f"http://127.0.0.1:{free_port()}",
        "SECRET_OFFICE_MAILBOX": PASSWORD,
    }.items():
        monkeypatch.setenv(f"CALLOUT_{name}", str(value))
    (tmp_path / "home").mkdir()
    store = open_store(f"sqlite:///{tmp_path / 'home' / 'callout.db'}")
    upgrade(store)
    store.dispose()
    sink = [sys.executable, "-m", "deployments.demo.smtp_sink", "--port", str(port), "--folder", str(outside)]
    with running_server(sink, port):
        yield World(MORNING, mailbox, outside)
