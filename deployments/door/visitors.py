"""Who is at the door: the session behind the cookie, and what a page may ask of its visitor."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import quote

from fastapi import Path
from starlette.requests import Request
from starlette.responses import Response

from deployments.door.faults import Fault
from deployments.door.room import Room
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.door_sessions import Visitor, find_visitor, note_visit
from tasks.gateways.store.presence import note_seen
from tasks.rules.door.visits import ABSOLUTE_DAYS

_PLACE = re.compile(r"/[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*(\?[A-Za-z0-9_=&.%:+-]*)?")
_LONGEST_PLACE = 300


RowId = Annotated[int, Path(ge=1, le=2**62)]
"""A row's number in an address: never more than the store can hold."""


class SignInNeededError(Exception):
    """Nobody is signed in; `place` is where the visitor wanted to go."""

    def __init__(self, place: str) -> None:
        self.place = place
        super().__init__(place)


def room_of(request: Request) -> Room:
    """The door this request came to."""
    room: Room = request.app.state.room
    return room


def cookie_name(room: Room) -> str:
    """Behind TLS the cookie is bound to this very host (RFC 6265bis 4.1.3.2); on plain http browsers would drop such a
    one, and plain http is this machine only.
    """
    return "__Host-callout" if room.is_secure else "callout-door"


def set_cookie(room: Room, response: Response, token: str) -> None:
    """Sign in on this device."""
    seconds = ABSOLUTE_DAYS * 24 * 3600
    response.set_cookie(
        cookie_name(room), token, max_age=seconds, path="/", secure=room.is_secure, httponly=True, samesite="lax"
    )


def drop_cookie(room: Room, response: Response) -> None:
    """Sign out on this device."""
    response.delete_cookie(cookie_name(room), path="/", secure=room.is_secure, httponly=True, samesite="lax")


def visitor_of(request: Request) -> Visitor | None:
    """Who is signed in; None for a stranger. The page is shown in the visitor's language afterwards."""
    room = room_of(request)
    token = request.cookies.get(cookie_name(room), "")
    if not token:
        return None
    with reading(room.desk.engine) as connection:
        visitor = find_visitor(connection, token, room.now())
    if visitor is None:
        return None
    if visitor.is_to_be_noted:
        with writing(room.desk.engine) as connection:
            note_visit(connection, visitor.session_id, room.now())
            note_seen(connection, visitor.person_id, room.now())
    request.state.visitor = visitor
    request.state.language = visitor.language
    return visitor


def require_visitor(request: Request) -> Visitor:
    """Who is signed in. Raises SignInNeededError."""
    visitor = visitor_of(request)
    if visitor is None:
        is_page = request.method == "GET"
        raise SignInNeededError(
            str(request.url.path) + (f"?{request.url.query}" if request.url.query and is_page else "")
        )
    return visitor


def require_roles(visitor: Visitor, roles: frozenset[str] | set[str]) -> None:
    """Raises Fault no_right when the visitor has none of `roles`; no roles: everybody of the staff may."""
    if roles and not visitor.roles & roles:
        raise Fault("no_right")


def own_place(place: str) -> str:
    """A place of this door to go to next; '/my' for whatever else was asked for."""
    return place if len(place) <= _LONGEST_PLACE and _PLACE.fullmatch(place) else "/my"


def sign_in_place(place: str) -> str:
    """Where to sign in, on the way to `place`."""
    return f"/in?to={quote(own_place(place), safe='')}"
