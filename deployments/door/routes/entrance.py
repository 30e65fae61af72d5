"""Signing in and out: a link by mail, a button that uses it, and the list of one's devices."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, BackgroundTasks, Form, Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from deployments.door.faults import Fault
from deployments.door.rendering import render
from deployments.door.visitors import (
    drop_cookie,
    own_place,
    require_visitor,
    room_of,
    set_cookie,
    visitor_of,
)
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.door_sessions import devices_of, end_sessions, may_sign_in, use_sign_in
from tasks.gateways.store.presence import note_signed_out
from tasks.rules.door.visits import SIGN_IN_MINUTES, device_name
from tasks.sign_in import send_sign_in

router = APIRouter()
_LONGEST_TOKEN = 100


class Place(BaseModel):
    """Where to go after signing in."""

    to: str = Field(default="/my", max_length=300)


class Address(Place):
    """Who wants to sign in."""

    mail: str = Field(min_length=1, max_length=254)


class DeviceChoice(BaseModel):
    """The session to end; 0: all of them."""

    session_id: int = Field(ge=0, le=2**62)


@router.get("/in")
def ask(request: Request, query: Annotated[Place, Query()]) -> Response:
    """The form for the address."""
    if visitor_of(request):
        return RedirectResponse(own_place(query.to), 303)
    return render(request, "sign_in.html.j2", to=own_place(query.to))


@router.post("/in")
def send(request: Request, form: Annotated[Address, Form()], background: BackgroundTasks) -> Response:
    """The same answer to every address; whether a mail is sent is decided after it, so that time tells nothing."""
    room = room_of(request)
    remote = request.client.host if request.client else ""
    place = own_place(form.to)
    background.add_task(send_sign_in, room.desk, form.mail, remote, room.url, room.now(), place)
    return render(request, "sign_in_sent.html.j2", minutes=SIGN_IN_MINUTES)


@router.get("/in/{token}")
def confirm(request: Request, token: str, query: Annotated[Place, Query()]) -> Response:
    """A button: programs that look into mail open links, and must not use them up."""
    room = room_of(request)
    with reading(room.desk.engine) as connection:
        if len(token) > _LONGEST_TOKEN or not may_sign_in(connection, token, room.now()):
            raise Fault("used")
    return render(request, "sign_in_confirm.html.j2", token=token, to=own_place(query.to))


@router.post("/in/{token}")
def enter(request: Request, token: str, form: Annotated[Place, Form()]) -> Response:
    """Use the link, once."""
    room = room_of(request)
    device = device_name(request.headers.get("user-agent", ""))
    with writing(room.desk.engine) as connection:
        cookie = use_sign_in(connection, token[:_LONGEST_TOKEN], device, room.now())
    if cookie is None:
        raise Fault("used")
    response = RedirectResponse(quote(own_place(form.to), safe="/?=&%:+."), 303)
    set_cookie(room, response, cookie)
    return response


@router.get("/devices")
def devices(request: Request) -> Response:
    """Where the visitor is signed in."""
    visitor, room = require_visitor(request), room_of(request)
    with reading(room.desk.engine) as connection:
        found = devices_of(connection, visitor.person_id, room.now())
    return render(request, "devices.html.j2", devices=found)


@router.post("/devices")
def sign_out(request: Request, form: Annotated[DeviceChoice, Form()]) -> Response:
    """End one session of one's own, or all."""
    visitor, room = require_visitor(request), room_of(request)
    with writing(room.desk.engine) as connection:
        own = [device.session_id for device in devices_of(connection, visitor.person_id, room.now())]
        ended = own if form.session_id == 0 else [one for one in own if one == form.session_id]
        end_sessions(connection, visitor.person_id, ended, room.now())
        if set(ended) == set(own):
            note_signed_out(connection, visitor.person_id)
    is_own_device = visitor.session_id in ended
    response = RedirectResponse("/in" if is_own_device else "/devices", 303)
    if is_own_device:
        drop_cookie(room, response)
    return response
