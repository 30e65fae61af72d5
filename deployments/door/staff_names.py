"""Who is on the staff, as the boards name people: read again when the office says something else, and now and then."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

from starlette.requests import Request

from deployments.door.room import Room
from tasks.gateways.store.connection import reading
from tasks.gateways.store.door_board import person_names

# another process may have taken up the office folder
_KEPT_SECONDS = 10.0


@dataclass(slots=True)
class StaffNames:
    """The staff of one door, at most some seconds old."""

    room: Room
    _found: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    _office: str = ""
    _read_at: float = -_KEPT_SECONDS
    _lock: Lock = field(default_factory=Lock)

    def all(self) -> Mapping[int, tuple[str, str]]:
        """Everybody's key and name by row id, in the order of their names."""
        with self._lock:
            office, at = self.room.office.digest, time.monotonic()
            if office != self._office or at - self._read_at >= _KEPT_SECONDS:
                with reading(self.room.desk.engine) as connection:
                    self._found = person_names(connection)
                self._office, self._read_at = office, at
            return self._found


def staff_names(request: Request) -> Mapping[int, tuple[str, str]]:
    """The staff of this request's door."""
    found: StaffNames = request.app.state.staff_names
    return found.all()
