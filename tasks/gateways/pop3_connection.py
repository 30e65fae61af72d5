"""One session with a POP3 maildrop (RFC 1939), and errors that say which mailbox failed and how.

Lines are read here, not by poplib: it refuses those over 2,048 bytes, and real mail has them.
"""

from __future__ import annotations

import poplib
import re
import ssl
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tasks.gateways.imap_connection import CONNECT_SECONDS, READ_SECONDS, refuse_open_line
from tasks.gateways.mail_tokens import access_token, forget_token, xoauth2_response
from tasks.rules.errors import CredentialError, OutsideError
from tasks.rules.office import Mailbox

ServerErrors = (poplib.error_proto, OSError, EOFError, ValueError)
_LINE_BYTES = 64 * 1024
# RFC 2449 and 3206: the password is right, and the mailbox cannot be opened now
_TEMPORARY = re.compile(rb"\[(?:IN-USE|LOGIN-DELAY|SYS/TEMP|SYS/PERM)\]|lock|tempor", re.IGNORECASE)


class Drop:
    """An opened maildrop. What a method cannot get because the server refuses it is None; a lost line raises."""

    def __init__(self, client: poplib.POP3) -> None:
        self._client = client

    def uidls(self) -> list[tuple[int, str]] | None:
        """Every message's number and unique id, in the server's order; None for a server without UIDL."""
        return [(int(number), uidl) for number, uidl in self._listing("UIDL")] if self._ask("UIDL") else None

    def sizes(self) -> Iterator[tuple[int, int]]:
        """Every message's number and size in bytes; to be read to the end."""
        if self._ask("LIST"):
            yield from ((int(number), int(size)) for number, size in self._listing("LIST"))

    def retrieve(self, number: int, max_bytes: int) -> bytes | None:
        """The whole message; of one that is larger than the server said, the first `max_bytes`."""
        return self._collected(max_bytes) if self._ask(f"RETR {number}") else None

    def headers(self, number: int, max_bytes: int) -> bytes | None:
        """The message's header."""
        return self._collected(max_bytes) if self._ask(f"TOP {number} 0") else None

    def delete(self, number: int) -> None:
        """Mark the message to be deleted when the session ends well."""
        self._ask(f"DELE {number}")

    def sign_in_by_token(self, response: bytes) -> None:
        """SASL XOAUTH2 (RFC 5034); a refusal may come as a challenge that is answered with nothing."""
        self._send("AUTH XOAUTH2")
        line = self._line()
        if line.startswith(b"+") and not line.startswith(b"+OK"):
            self._send(b64encode(response).decode())
            line = self._line()
        if line.startswith(b"+ "):
            self._send("")
            line = self._line()
        if not line.startswith(b"+OK"):
            raise poplib.error_proto(line)

    def _ask(self, command: str) -> bool:
        self._send(command)
        return self._line().startswith(b"+OK")

    def _send(self, command: str) -> None:
        self._client.sock.sendall(command.encode("ascii") + b"\r\n")

    def _line(self) -> bytes:
        line = bytes(self._client.file.readline(_LINE_BYTES))
        if not line:
            raise ConnectionAbortedError("the server closed the line")
        return line

    def _lines(self) -> Iterator[bytes]:
        """The lines of an answer up to its final dot; a dot more at a line's beginning is taken off (RFC 1939, 3)."""
        is_start = True
        while True:
            line = self._line()
            if is_start and line.startswith(b"."):
                line = line[1:]
                if line in (b"\r\n", b"\n"):
                    return
            is_start = line.endswith(b"\n")
            yield line

    def _listing(self, command: str) -> Iterator[tuple[str, str]]:
        for line in self._lines():
            number, _, rest = line.decode("ascii", "backslashreplace").strip().partition(" ")
            value = rest.split(" ")[0]
            if not number.isdigit() or not value:
                raise ValueError(f"{command} answers {line[:60]!r}")
            yield number, value

    def _collected(self, max_bytes: int) -> bytes:
        found = bytearray()
        for line in self._lines():
            if len(found) < max_bytes:
                found += line
        return bytes(found)


@contextmanager
def open_drop(mailbox: Mailbox, secret: str) -> Iterator[Drop]:
    """Sign in to the mailbox; deletions are done by the server at the end, unless the block is left by an error.

    Raises OutsideError for an unreachable, busy or failing server, CredentialError for a refused login.
    """
    client = _connect(mailbox)
    try:
        drop = Drop(client)
        _sign_in(client, drop, mailbox, secret)
        try:
            yield drop
            client.quit()
        except ServerErrors as error:
            raise OutsideError(f"mailbox {mailbox.name}: the server failed: {_said(error)}") from error
    finally:
        with suppress(OSError):
            client.close()


def _connect(mailbox: Mailbox) -> poplib.POP3:
    refuse_open_line(mailbox)
    context = ssl.create_default_context() if mailbox.security != "plain" else None
    try:
        if mailbox.security == "tls":
            client: poplib.POP3 = poplib.POP3_SSL(mailbox.host, mailbox.port, timeout=CONNECT_SECONDS, context=context)
        else:
            client = poplib.POP3(mailbox.host, mailbox.port, timeout=CONNECT_SECONDS)
        if mailbox.security == "starttls":
            client.stls(context)
    except ServerErrors as error:
        where = f"{mailbox.host}:{mailbox.port}"
        raise OutsideError(f"mailbox {mailbox.name}: cannot reach {where}: {_said(error)}") from error
    client.sock.settimeout(READ_SECONDS)
    return client


def _sign_in(client: poplib.POP3, drop: Drop, mailbox: Mailbox, secret: str) -> None:
    try:
        if mailbox.auth == "oauth2":
            drop.sign_in_by_token(xoauth2_response(mailbox.login, access_token(mailbox.name, secret)))
        else:
            client.user(mailbox.login)
            client.pass_(secret)
    except poplib.error_proto as error:
        forget_token(secret)
        said = _said(error)
        if _TEMPORARY.search(said.encode()):
            raise OutsideError(f"mailbox {mailbox.name}: {mailbox.host} cannot open it now: {said}") from error
        raise CredentialError(
            f"mailbox {mailbox.name}: {mailbox.host} refused the login {mailbox.login!r}: {said}"
        ) from error
    except ServerErrors as error:
        raise OutsideError(f"mailbox {mailbox.name}: the server failed: {_said(error)}") from error


def _said(error: BaseException) -> str:
    """The error in one short line."""
    first = error.args[0] if error.args else ""
    text = first.decode("utf-8", "replace") if isinstance(first, bytes) else str(error)
    return " ".join(text.removeprefix("-ERR").split())[:200] or type(error).__name__
