"""Each scenario has an office of its own: a store, a mailbox folder, a door; the servers around it are shared."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from deployments.settings import PROJECT
from tests.samples.mail_room import PASSWORD, MailRoom, free_port, pymap_room, running_server
from tests.scenarios.world import Shelf, World

_NUMBERS = count()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here is a scenario."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.scenarios)


@dataclass(frozen=True, slots=True)
class Street:
    """What is around every office: its provider's mailboxes, the mail server outside, the address of its door.

    `office` is the sample folder as it was when the scenarios began.
    """

    mail: MailRoom
    outside: Path
    smtp_port: int
    door_url: str
    office: Path


@pytest.fixture(scope="session")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """An IMAP server and an SMTP server for all scenarios."""
    outside, port = tmp_path_factory.mktemp("outside"), free_port()
    office = tmp_path_factory.mktemp("sample") / "office"
    shutil.copytree(PROJECT / "deployments" / "office", office)
    sink = [sys.executable, "-m", "deployments.demo.smtp_sink", "--port", str(port), "--folder", str(outside)]
    with pymap_room(tmp_path_factory.mktemp("imap")) as mail, running_server(sink, port):
        yield Street(mail, outside, port, f"http://127.0.0.1:{free_port()}", office)


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Offices as they stood after a course that many scenarios begin with."""
    return Shelf(tmp_path_factory.mktemp("shelf"))


@pytest.fixture
def world(
    tmp_path: Path,
    street: Street,
    shelf: Shelf,
    sqlite_template: Path,
    prefect_server: None,
    monkeypatch: pytest.MonkeyPatch,
) -> World:
    """The sample office on the morning of its sample day, with nobody's mail in it yet."""
    mailbox = street.mail.new_folder(f"s{next(_NUMBERS)}")
    office, home = tmp_path / "office", tmp_path / "home"
    shutil.copytree(street.office, office)
    boxes = office / "mailboxes.yaml"
    boxes.write_text(boxes.read_text("utf-8").replace("[INBOX]", f"[{mailbox.name}]"), "utf-8")
    home.mkdir()
    shutil.copyfile(sqlite_template, home / "callout.db")
    for name, value in {
        "HOME": home,
        "OFFICE": office,
        "IMAP_PORT": mailbox.port,
        "SMTP_PORT": street.smtp_port,
        "DOOR_URL": street.door_url,
        "SECRET_OFFICE_MAILBOX": PASSWORD,
    }.items():
        monkeypatch.setenv(f"CALLOUT_{name}", str(value))
    return World(mailbox, home, office, street.outside, shelf)
