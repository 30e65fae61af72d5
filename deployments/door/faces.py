"""The processes as pages show them, read again when a new version was kept; and who may see which."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Lock

import sqlalchemy as sa
from starlette.requests import Request

from deployments.door.faults import Fault
from deployments.door.visitors import room_of
from tasks.gateways.store.connection import reading
from tasks.gateways.store.door_sessions import Visitor
from tasks.gateways.store.process_definitions import read_definitions
from tasks.rules.door.process_face import ProcessFace, faces_of

_KEPT_SECONDS = 10.0


@dataclass(slots=True)
class Faces:
    """The faces of one store, at most some seconds old."""

    engine: sa.Engine
    _found: dict[str, ProcessFace] = field(default_factory=dict)
    _read_at: float = -_KEPT_SECONDS
    _lock: Lock = field(default_factory=Lock)

    def all(self) -> dict[str, ProcessFace]:
        """Every process by name."""
        with self._lock:
            if time.monotonic() - self._read_at >= _KEPT_SECONDS:
                with reading(self.engine) as connection:
                    self._found = faces_of(kept.raw() for kept in read_definitions(connection))
                self._read_at = time.monotonic()
            return self._found


def faces(request: Request) -> dict[str, ProcessFace]:
    """The processes of this door's store."""
    found: Faces = request.app.state.faces
    if found.engine is not room_of(request).desk.engine:
        raise AssertionError("the faces of another store")
    return found.all()


def may_see(visitor: Visitor, face: ProcessFace) -> bool:
    """Whether this process is shown to the visitor: the file names who may; administrators and the chief always may."""
    return not face.see or bool(visitor.roles & (face.see | {"administrator", "chief"}))


def seen_face(request: Request, visitor: Visitor, name: str) -> ProcessFace:
    """The process of this name. Raises Fault when there is none, or it is not for the visitor."""
    face = faces(request).get(name)
    if face is None:
        raise Fault("not_found")
    if not may_see(visitor, face):
        raise Fault("no_right")
    return face
