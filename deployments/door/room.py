"""What the door's pages have at hand: the office in force, the store, the moment, and the secret of the links."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event

from tasks.desk import Desk
from tasks.door_acts import carry_out_due
from tasks.gateways.store.connection import writing
from tasks.gateways.store.door_rates import forget_old
from tasks.gateways.store.office_sync import sync_office
from tasks.gateways.store.outbox import message_id_secret
from tasks.rules.errors import CalloutError, OfficeError
from tasks.rules.office import Office

_log = logging.getLogger("callout.door")
_OFFICE_LOOK_SECONDS = 10.0
_DECISION_LOOK_SECONDS = 1.0


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Room:
    """One door. `local_url` is where it listens itself; the office's own address, if it has one, stands in mails."""

    desk: Desk
    secret: bytes
    local_url: str
    now: Callable[[], datetime] = _utc_now
    stop: Event = field(default_factory=Event)
    news: Event = field(default_factory=Event)
    """Set when a decision was made, so that nobody waits for the next look at the clock."""

    @property
    def office(self) -> Office:
        """The office in force."""
        return self.desk.office

    @property
    def url(self) -> str:
        """Where people find this door."""
        return self.office.door.url or self.local_url

    @property
    def is_secure(self) -> bool:
        """Whether browsers come by TLS, so that cookies can be bound to it."""
        return self.url.startswith("https:")


def open_room(desk: Desk, local_url: str, now: Callable[[], datetime] = _utc_now) -> Room:
    """The door of this desk; staff and clients of the office folder are in the store afterwards."""
    with writing(desk.engine) as connection:
        sync_office(connection, desk.office, now())
        secret = message_id_secret(connection, now())
    return Room(desk, secret, local_url, now)


def carry_out_decisions(room: Room) -> None:
    """Let decisions take effect when they can no longer be taken back, until `room.stop`; also those before a crash."""
    while not room.stop.is_set():
        try:
            carry_out_due(room.desk, room.now())
        except CalloutError as error:
            _log.error("decisions wait: %s", error)
        room.news.wait(_DECISION_LOOK_SECONDS)
        room.news.clear()


def _forget_counts(room: Room) -> None:
    with writing(room.desk.engine) as connection:
        forget_old(connection, room.now())


def follow_office(room: Room, read_office: Callable[[], Office]) -> None:
    """Take up what the office folder says, until `room.stop`; a folder with a mistake changes nothing."""
    refused = ""
    while not room.stop.wait(_OFFICE_LOOK_SECONDS):
        try:
            _forget_counts(room)
            office = read_office()
            if office.digest != room.office.digest:
                with writing(room.desk.engine) as connection:
                    sync_office(connection, office, room.now())
                room.desk.office = office
            refused = ""
        except OfficeError as error:
            if str(error) != refused:
                _log.error("the office folder is refused, the old one stays in force: %s", error)
            refused = str(error)
        except CalloutError as error:
            _log.error("the office folder could not be taken up: %s", error)
