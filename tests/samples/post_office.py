"""A real SMTP server on loopback that behaves as the recipient's name asks, and keeps what it accepted."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from ssl import SSLContext
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

_AT_RCPT = {"busy": "451 4.3.0 try later", "gone": "550 5.1.1 no such user", "ending": "421 4.3.2 shutting down"}
_AT_DOT = {"full": "452 4.2.2 mailbox full", "never": "554 5.7.1 not wanted"}


class Post:
    """What the server saw: `accepted` Message-IDs in order, and `connections`.

    It ends a connection after `per_connection` mails, and keeps the answer to the first mail for hold@ to itself.
    """

    def __init__(self, per_connection: int = 0) -> None:
        self.accepted: list[str] = []
        self.raw: list[bytes] = []
        self.connections = 0
        self.refuse_sender = False
        self.drop_once = False
        self.per_connection = per_connection
        self.port = 0
        self.is_holding = threading.Event()

    @property
    def counts(self) -> Counter[str]:
        """How often each Message-ID was accepted."""
        return Counter(self.accepted)

    async def handle_MAIL(self, server: SMTP, _s: Session, envelope: Envelope, address: str, _options: Any) -> str:  # noqa: N802 (aiosmtpd)
        if self.refuse_sender:
            return "550 5.7.1 you may not send"
        if self.per_connection and server.mails_taken >= self.per_connection:
            return "421 4.7.0 too many mails in one connection"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: SMTP, _s: Session, envelope: Envelope, address: str, _options: Any) -> str:  # noqa: N802 (aiosmtpd)
        name = address.partition("@")[0]
        if name == "drop-at-rcpt":
            server.transport.abort()
        if name in _AT_RCPT:
            return _AT_RCPT[name]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd)
        name = envelope.rcpt_tos[0].partition("@")[0]
        if name in _AT_DOT:
            return _AT_DOT[name]
        self.raw.append(envelope.original_content)
        self.accepted.append(message_from_bytes(envelope.original_content)["Message-ID"])
        server.mails_taken += 1
        if name.startswith("hold") and self.accepted.count(self.accepted[-1]) == 1:
            self.is_holding.set()
            await asyncio.sleep(600)
        if name == "drop-after-dot" or (name == "drop-once" and self.drop_once):
            self.drop_once = False
            server.transport.abort()
        return "250 2.0.0 accepted"


class _Server(SMTP):  # type: ignore[misc]  # aiosmtpd is untyped
    mails_taken = 0

    def connection_made(self, transport: Any) -> None:
        self.event_handler.connections += 1
        super().connection_made(transport)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 (aiosmtpd)
        if self.envelope.rcpt_tos and self.envelope.rcpt_tos[0].startswith("drop-at-data"):
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


def _check_login(_server: Any, _session: Any, _envelope: Any, _mechanism: str, login: Any) -> AuthResult:
    return AuthResult(success=login == LoginPassword(b"office", b"right"), handled=False)


@contextmanager
def open_post_office(
    post: Post, *, starttls: SSLContext | None = None, tls: SSLContext | None = None
) -> Iterator[Post]:
    """Serve on a free loopback port, told in `post.port`, until the block ends."""
    loop = asyncio.new_event_loop()
    options = {"authenticator": _check_login, "auth_require_tls": False, "tls_context": starttls}
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    made = loop.create_server(lambda: _Server(post, loop=loop, **options), "127.0.0.1", 0, ssl=tls)
    server = asyncio.run_coroutine_threadsafe(made, loop).result(20)
    post.port = server.sockets[0].getsockname()[1]
    try:
        yield post
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
