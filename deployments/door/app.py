"""The door as an ASGI application: its pages, what every refusal looks like, and the guard before all of it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from deployments.door.faces import Faces
from deployments.door.faults import FAULTS, Fault, fault_of_status
from deployments.door.form_line import FormLine
from deployments.door.guards import Guard
from deployments.door.rendering import FOLDER, render
from deployments.door.room import Room
from deployments.door.route_line import RouteLine
from deployments.door.routes import (
    absences,
    acting,
    answers,
    boards,
    call_routing,
    correcting,
    entrance,
    field_files,
    files,
    filling,
    finding,
    health,
    items,
    leads,
    likely,
    my,
    posted_calls,
    pricing,
    recordings,
    site_forms,
)
from deployments.door.staff_names import StaffNames
from deployments.door.visitors import SignInNeededError, cookie_name, sign_in_place
from tasks.door_inputs import WrongInputError
from tasks.rules.door.links import LinkError
from tasks.rules.errors import StoreError

_log = logging.getLogger("callout.door")
# more threads only wait for the one writer and for each other's memory: measured
THREADS = 4
_PROGRAMS = ("/forms/", "/telephony/")
_PARTS = (
    health,
    entrance,
    site_forms,
    posted_calls,
    call_routing,
    boards,
    acting,
    filling,
    my,
    absences,
    finding,
    pricing,
    correcting,
    field_files,
    items,
    answers,
    leads,
    likely,
    files,
    recordings,
)
Handler = Callable[[Request, Any], Awaitable[Response]]


def build_door(room: Room) -> ASGIApp:
    """The whole door of `room`."""
    app = FastAPI(title="Callout", docs_url=None, redoc_url=None, openapi_url=None, lifespan=_lifespan)
    app.state.room = room
    app.state.faces = Faces(room.desk.engine)
    app.state.staff_names = StaffNames(room)
    app.state.form_line = FormLine(room)
    app.state.route_line = RouteLine(room)
    for part in _PARTS:
        app.include_router(part.router)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=3)
    app.mount("/static", StaticFiles(directory=FOLDER / "static"))
    for kind, handler in _HANDLERS.items():
        app.add_exception_handler(kind, handler)

    async def refuse(scope: Scope, receive: Receive, send: Send, fault: Fault) -> None:
        request = Request({**scope, "app": app}, receive)
        await refused(request, fault)(scope, receive, send)

    return Guard(app, room, refuse, lambda: cookie_name(room))


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    current_default_thread_limiter().total_tokens = THREADS
    app.state.route_line.begin()
    yield
    app.state.form_line.end()
    app.state.route_line.end()


def refused(request: Request, fault: Fault, expired_token: str = "") -> Response:
    """The page of a refusal; a program that asked for JSON gets one line of it. An expired link can be made fresh."""
    reference = request.state.reference
    if request.url.path.startswith(_PROGRAMS) or "application/json" in request.headers.get("accept", ""):
        told = {"error": fault.name, "reason": fault.said or fault.name.replace("_", " "), "reference": reference}
        return JSONResponse(told, fault.status_code)
    said = {"fault": fault.name, "said": fault.said, "expired_token": expired_token}
    return render(request, "fault.html.j2", status=fault.status_code, **said)


async def _on_fault(request: Request, error: Fault) -> Response:
    return refused(request, error)


async def _on_http_error(request: Request, error: HTTPException) -> Response:
    name = fault_of_status(error.status_code)
    return refused(request, Fault(name) if name in FAULTS else Fault("bad_request"))


async def _on_wrong_input(request: Request, error: RequestValidationError) -> Response:
    fields = ", ".join(sorted({str(one["loc"][-1]) for one in error.errors()}))[:200]
    return refused(request, Fault("wrong_input", fields))


async def _on_wrong_field(request: Request, _error: WrongInputError) -> Response:
    return refused(request, Fault("wrong_input"))


async def _on_link_error(request: Request, error: LinkError) -> Response:
    token = request.path_params.get("token", "") if error.claim else ""
    return refused(request, Fault(error.reason), token)


async def _on_store_error(request: Request, error: StoreError) -> Response:
    _log.error("%s %s", request.state.reference, error)
    return refused(request, Fault("store"))


async def _on_sign_in_needed(_request: Request, error: SignInNeededError) -> Response:
    return RedirectResponse(sign_in_place(error.place), 303)


async def _on_crash(request: Request, error: Exception) -> Response:
    _log.error("%s failed", request.state.reference, exc_info=error)
    return refused(request, Fault("broken"))


_HANDLERS: dict[type[Exception] | int, Any] = {
    Fault: _on_fault,
    HTTPException: _on_http_error,
    RequestValidationError: _on_wrong_input,
    WrongInputError: _on_wrong_field,
    LinkError: _on_link_error,
    StoreError: _on_store_error,
    SignInNeededError: _on_sign_in_needed,
    Exception: _on_crash,
}
