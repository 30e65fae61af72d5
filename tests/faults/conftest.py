"""What every test that breaks something needs: the process whose children are killed, and servers for mail."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.faults.victim import Victims, warm_victims
from tests.samples.mail_room import MailRoom, dovecot_room, pymap_room
from tests.samples.wayward_server import WaywardServer, wayward_server

_NUMBERS = count()


@pytest.fixture(scope="session")
def victims() -> Iterator[Victims]:
    """The warm process."""
    with warm_victims() as opened:
        yield opened


@pytest.fixture(scope="session")
def pymap_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailRoom]:
    """An IMAP server for all tests of the session."""
    with pymap_room(tmp_path_factory.mktemp("pymap")) as opened:
        yield opened


@pytest.fixture(scope="session")
def dovecot_server() -> Iterator[MailRoom]:
    """Dovecot. As root it reads mail as nobody, whom pytest's private folders do not let in."""
    with TemporaryDirectory(prefix="callout-", ignore_cleanup_errors=True) as base:
        Path(base).chmod(0o755)
        with dovecot_room(Path(base)) as opened:
            yield opened


@pytest.fixture
def folder(pymap_server: MailRoom) -> MailRoom:
    """An empty folder of its own for a test."""
    return pymap_server.new_folder(f"f{next(_NUMBERS)}")


@pytest.fixture
def dovecot_folder(dovecot_server: MailRoom) -> MailRoom:
    """An empty folder at Dovecot."""
    return dovecot_server.new_folder(f"f{next(_NUMBERS)}")


@pytest.fixture
def server() -> Iterator[WaywardServer]:
    """A mail server that fails as it is told to."""
    with wayward_server() as opened:
        yield opened
