"""A door over an empty store of the sample company, with a clock that the test moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from deployments.door.app import build_door
from deployments.door.room import Room, open_room
from deployments.settings import PROJECT
from tasks.desk import Desk
from tasks.gateways.office_folder import load_office
from tasks.gateways.secrets_source import SecretSource
from tests.door.visiting import Visits

URL = "http://127.0.0.1:8420"
NOON = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)  # a Tuesday, twelve o'clock in Moscow


class Clock:
    """The moment at the door."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **span: float) -> None:
        """Let time go by."""
        self.at += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def door_desk(engine: sa.Engine, folder: Path, **door: object) -> Desk:
    """The sample company at `engine`; `door` changes its door."""
    office = load_office(PROJECT / "deployments" / "office")
    changed = replace(office.door, **door)  # type: ignore[arg-type]  # test data
    return Desk(
        replace(office, door=changed), engine, SecretSource(folder / "secrets"), folder / "files", folder / "reports"
    )


@pytest.fixture
def room(engine: sa.Engine, tmp_path: Path, clock: Clock) -> Room:
    """The door on both engines."""
    return open_room(door_desk(engine, tmp_path), URL, clock)


@pytest.fixture
def lite_room(sqlite_engine: sa.Engine, tmp_path: Path, clock: Clock) -> Room:
    """The door where the engine does not matter."""
    return open_room(door_desk(sqlite_engine, tmp_path), URL, clock)


@pytest.fixture
def visits() -> Iterator[Callable[[Room], Visits]]:
    """Opens a browser without a page at a room, as often as the test likes."""
    opened: list[TestClient] = []

    def visit(room: Room) -> Visits:
        client = TestClient(
            build_door(room),
            base_url=URL,
            raise_server_exceptions=False,
            follow_redirects=False,
            headers={"accept-language": "en"},
        )
        client.__enter__()
        opened.append(client)
        return Visits(client, room)

    yield visit
    for client in opened:
        client.__exit__(None, None, None)
