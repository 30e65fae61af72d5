"""What stands before every page: known hosts, requests from our own pages only, sizes, safe headers, a quiet log."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deployments.door.faults import Fault
from deployments.door.room import Room
from tasks.rules.door.origins import is_from_own_page, is_known_host
from tasks.rules.door.visits import masked_path

_log = logging.getLogger("callout.door")
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src {scripts}; img-src 'self' data:; media-src {media}; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "geolocation=(), microphone=(), payment=()",
    "x-robots-tag": "noindex, nofollow",
    "cache-control": "no-store",
}
_TLS_ONLY = ("strict-transport-security", "max-age=31536000")
# the price form adds up while one types; no other page has a script, least of all one that acts
_SCRIPTED = "/price"
# the player of a recording; no other page has sound
_SOUNDING = "/recording/"
_SMALL, _LARGE = 256 * 1024, 25 * 1024 * 1024
_UPLOADS = ("/t/", "/item/", "/deal/")
_CORRECTED = re.compile(r"/(a|when)/[^/]+/act")
_FORMS = "/forms/"
_OPEN_TO_SITES = (_FORMS, "/telephony/", "/unsubscribe/")
_REFERENCE_BYTES = 5

Refuse = Callable[[Scope, Receive, Send, Fault], Awaitable[None]]


class Guard:
    """The outermost layer, so that even the page of a broken page has its headers."""

    def __init__(self, app: ASGIApp, room: Room, refuse: Refuse, cookie_name: Callable[[], str]) -> None:
        self._app = app
        self._room = room
        self._refuse = refuse
        self._cookie_name = cookie_name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state: MutableMapping[str, Any] = scope.setdefault("state", {})
        state["reference"] = secrets.token_hex(_REFERENCE_BYTES)
        answer = _Answer(scope, send, is_secure=self._room.is_secure)
        try:
            fault = self._fault(scope)
            if fault:
                await self._refuse(scope, receive, answer.send, fault)
            else:
                await self._app(scope, _limited(scope, receive, self._limit(scope["path"])), answer.send)
        finally:
            answer.log(state["reference"])

    def _limit(self, path: str) -> int:
        """The largest body in bytes; a form of a site has its own."""
        if not path.startswith(_FORMS):
            return size_limit(path)
        forms = self._room.office.forms
        own = (form.max_kilobytes for form in forms if form.name == path.removeprefix(_FORMS))
        return next(own, 0) * 1024 or _SMALL

    def _fault(self, scope: Scope) -> Fault | None:
        headers = Headers(scope=scope)
        path: str = scope["path"]
        if not is_known_host(headers.get("host", ""), self._room.url):
            return Fault("other_host")
        if path.startswith(_OPEN_TO_SITES):
            return None
        has_session = f"{self._cookie_name()}=" in headers.get("cookie", "")
        return None if is_from_own_page(scope["method"], headers, has_session=has_session) else Fault("other_site")


class _Answer:
    """The response on its way out: its headers are completed, its status is kept for the log."""

    def __init__(self, scope: Scope, send: Send, *, is_secure: bool) -> None:
        self._scope = scope
        self._send = send
        self._is_secure = is_secure
        self._begun = time.perf_counter()
        self._status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._complete(MutableHeaders(scope=message))
        await self._send(message)

    def _complete(self, headers: MutableHeaders) -> None:
        path: str = self._scope["path"]
        scripts = "'self'" if path.endswith(_SCRIPTED) else "'none'"
        media = "'self'" if path.startswith(_SOUNDING) else "'none'"
        headers.setdefault("content-security-policy", _POLICY.format(scripts=scripts, media=media))
        if path.startswith("/static/") and self._status == HTTPStatus.OK:
            headers.setdefault("cache-control", "public, max-age=31536000, immutable")
        for name, value in _HEADERS.items():
            headers.setdefault(name, value)
        if self._is_secure:
            headers.setdefault(*_TLS_ONLY)

    def log(self, reference: str) -> None:
        """One line per request: no query, no address, no token."""
        milliseconds = (time.perf_counter() - self._begun) * 1000
        path = masked_path(self._scope["path"])
        _log.info("%s %s %s %.0f ms %s", self._scope["method"], path, self._status, milliseconds, reference)


def _limited(scope: Scope, receive: Receive, limit: int) -> Receive:
    """`receive` that raises Fault too_large once the body is longer than this page takes (`limit` bytes)."""
    seen = 0
    said = Headers(scope=scope).get("content-length", "")
    is_too_long = said.isdigit() and int(said) > limit

    async def receive_within() -> Message:
        nonlocal seen
        if is_too_long:
            raise Fault("too_large")
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise Fault("too_large")
        return message

    return receive_within


def size_limit(path: str) -> int:
    """The largest body in bytes: papers come where tasks are done, and where what is voted on is corrected."""
    return _LARGE if path.startswith(_UPLOADS) or _CORRECTED.fullmatch(path) else _SMALL
