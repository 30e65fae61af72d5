"""One read-only visit to an IMAP folder, and errors that say which mailbox failed and how."""

from __future__ import annotations

import imaplib
import ipaddress
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import LoginError

from tasks.rules.errors import CredentialError, OutsideError
from tasks.rules.office import Mailbox

ServerErrors = (imaplib.IMAP4.error, OSError, ValueError)
"""What imapclient raises for a refused command (IMAP4.error), a lost line (IMAP4.abort, OSError with TLS and time-out
errors) and an answer it cannot read (ValueError)."""

_CONNECT_SECONDS = 15
_READ_SECONDS = 120
_TEMPORARY = re.compile(r"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG|CONTACTADMIN)\]|tempor", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Folder:
    """An opened folder: the client, and what the server said on opening it. `uid_next` None: it did not say."""

    client: IMAPClient
    uid_validity: int
    uid_next: int | None
    message_count: int


@contextmanager
def open_folder(mailbox: Mailbox, password: str) -> Iterator[Folder]:
    """Sign in and open the mailbox's folder without changing it (EXAMINE).

    Raises OutsideError for an unreachable server, CredentialError for a refused login. Errors of the server while the
    folder is open become OutsideError too.
    """
    client = _connect(mailbox)
    try:
        _sign_in(client, mailbox, password)
        try:
            yield _examine(client, mailbox)
        except ServerErrors as error:
            raise OutsideError(f"mailbox {mailbox.name}: the server failed: {_said(error)}") from error
    finally:
        _leave(client)


def _connect(mailbox: Mailbox) -> IMAPClient:
    where = f"{mailbox.host}:{mailbox.port}"
    if mailbox.security == "plain" and not is_loopback(mailbox.host):
        raise OutsideError(
            f"mailbox {mailbox.name}: {where} would carry the password unencrypted; use tls or starttls",
            is_permanent=True,
        )
    try:
        client = IMAPClient(
            mailbox.host,
            port=mailbox.port,
            ssl=mailbox.security == "tls",
            ssl_context=ssl.create_default_context() if mailbox.security == "tls" else None,
            timeout=SocketTimeout(_CONNECT_SECONDS, _READ_SECONDS),
        )
        # imapclient formats every response for a log nobody reads: six times the cost of fetching.
        client._imap.debug = 0
        client.normalise_times = False
        if mailbox.security == "starttls":
            client.starttls(ssl.create_default_context())
    except ServerErrors as error:
        raise OutsideError(f"mailbox {mailbox.name}: cannot reach {where}: {_said(error)}") from error
    return client


def _sign_in(client: IMAPClient, mailbox: Mailbox, password: str) -> None:
    try:
        client.login(mailbox.login, password)
    except LoginError as error:
        said = _said(error)
        if _TEMPORARY.search(said):
            raise OutsideError(f"mailbox {mailbox.name}: {mailbox.host} cannot sign in now: {said}") from error
        raise CredentialError(
            f"mailbox {mailbox.name}: {mailbox.host} refused the login {mailbox.login!r}: {said}"
        ) from error
    except ServerErrors as error:
        raise OutsideError(f"mailbox {mailbox.name}: the server failed: {_said(error)}") from error


def _examine(client: IMAPClient, mailbox: Mailbox) -> Folder:
    try:
        answer = client.select_folder(mailbox.folder, readonly=True)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise OutsideError(
            f"mailbox {mailbox.name}: folder {mailbox.folder!r} cannot be opened: {_said(error)}"
        ) from error
    return Folder(client, int(answer[b"UIDVALIDITY"]), answer.get(b"UIDNEXT"), int(answer[b"EXISTS"]))


def _leave(client: IMAPClient) -> None:
    try:
        client.logout()
    except ServerErrors:
        client.shutdown()


def is_loopback(host: str) -> bool:
    """Whether `host` is this very machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _said(error: Exception) -> str:
    """The error in one short line."""
    text = str(error.args[0] if error.args and isinstance(error.args[0], bytes | str) else error)
    return " ".join(text.removeprefix("b'").removesuffix("'").split())[:200] or type(error).__name__
