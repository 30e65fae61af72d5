"""One visit to an IMAP folder, and errors that say which mailbox failed and how."""

from __future__ import annotations

import imaplib
import ipaddress
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import LoginError

from tasks.gateways.mail_tokens import access_token, forget_token, xoauth2_response
from tasks.rules.errors import CredentialError, OutsideError
from tasks.rules.office import Mailbox

ServerErrors = (imaplib.IMAP4.error, OSError, ValueError)
"""What imapclient raises for a refused command (IMAP4.error), a lost line (IMAP4.abort, OSError with TLS and time-out
errors) and an answer it cannot read (ValueError)."""

CONNECT_SECONDS = 15
READ_SECONDS = 120
TEMPORARY = re.compile(r"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG|CONTACTADMIN)\]|tempor", re.IGNORECASE)


class FolderError(OutsideError):
    """One folder of a mailbox cannot be opened; the others may."""


@dataclass(frozen=True, slots=True)
class Folder:
    """An opened folder: the client, and what the server said on opening it. `uid_next` None: it did not say."""

    client: IMAPClient
    uid_validity: int
    uid_next: int | None
    message_count: int


def fetch_lines(folder: Folder, uids: Sequence[int], items: str) -> list[Any]:
    """What the server answers about these items of the messages, as imaplib gives it. Raises as imapclient does."""
    kind, lines = folder.client._imap.uid("FETCH", ",".join(map(str, uids)), items)
    if kind != "OK":
        raise imaplib.IMAP4.error(f"fetch failed: {lines[0]!r}")
    found: list[Any] = lines
    return found


@contextmanager
def open_folder(mailbox: Mailbox, secret: str, folder: str = "", *, is_changing: bool = False) -> Iterator[Folder]:
    """Sign in and open a folder of the mailbox (its first one without a name), by EXAMINE unless `is_changing`.

    Raises OutsideError for an unreachable server, CredentialError for a refused login. Errors of the server while the
    folder is open become OutsideError too.
    """
    client = _connect(mailbox)
    try:
        _sign_in(client, mailbox, secret)
        try:
            yield _open(client, mailbox, folder or mailbox.folders[0], is_changing=is_changing)
        except ServerErrors as error:
            raise OutsideError(f"mailbox {mailbox.name}: the server failed: {said_by_server(error)}") from error
    finally:
        _leave(client)


def _connect(mailbox: Mailbox) -> IMAPClient:
    where = f"{mailbox.host}:{mailbox.port}"
    refuse_open_line(mailbox)
    try:
        client = IMAPClient(
            mailbox.host,
            port=mailbox.port,
            ssl=mailbox.security == "tls",
            ssl_context=ssl.create_default_context() if mailbox.security == "tls" else None,
            timeout=SocketTimeout(CONNECT_SECONDS, READ_SECONDS),
        )
        # imapclient formats every response for a log nobody reads: six times the cost of fetching.
        client._imap.debug = 0
        client.normalise_times = False
        if mailbox.security == "starttls":
            client.starttls(ssl.create_default_context())
    except ServerErrors as error:
        raise OutsideError(f"mailbox {mailbox.name}: cannot reach {where}: {said_by_server(error)}") from error
    return client


def _sign_in(client: IMAPClient, mailbox: Mailbox, secret: str) -> None:
    try:
        if mailbox.auth == "oauth2":
            _sign_in_by_token(client, mailbox, secret)
        else:
            client.login(mailbox.login, secret)
    except LoginError as error:
        said = said_by_server(error)
        if TEMPORARY.search(said):
            raise OutsideError(f"mailbox {mailbox.name}: {mailbox.host} cannot sign in now: {said}") from error
        raise CredentialError(
            f"mailbox {mailbox.name}: {mailbox.host} refused the login {mailbox.login!r}: {said}"
        ) from error
    except ServerErrors as error:
        raise OutsideError(f"mailbox {mailbox.name}: the server failed: {said_by_server(error)}") from error


def _sign_in_by_token(client: IMAPClient, mailbox: Mailbox, secret: str) -> None:
    """SASL XOAUTH2; a refusal comes as a challenge that is answered with nothing."""
    token = access_token(mailbox.name, secret)
    answers = iter([xoauth2_response(mailbox.login, token)])
    try:
        client.sasl_login("XOAUTH2", lambda _challenge: next(answers, b""))
    except LoginError:
        forget_token(secret)
        raise


def _open(client: IMAPClient, mailbox: Mailbox, folder: str, *, is_changing: bool) -> Folder:
    try:
        answer = client.select_folder(folder, readonly=not is_changing)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise FolderError(
            f"mailbox {mailbox.name}: folder {folder!r} cannot be opened: {said_by_server(error)}"
        ) from error
    return Folder(client, int(answer[b"UIDVALIDITY"]), answer.get(b"UIDNEXT"), int(answer[b"EXISTS"]))


def _leave(client: IMAPClient) -> None:
    try:
        client.logout()
    except ServerErrors:
        client.shutdown()


def refuse_open_line(mailbox: Mailbox) -> None:
    """Raise OutsideError when the password would leave this machine unencrypted and the office does not say it may."""
    if mailbox.security == "plain" and not mailbox.allow_plain and not is_loopback(mailbox.host):
        raise OutsideError(
            f"mailbox {mailbox.name}: {mailbox.host}:{mailbox.port} would carry the password unencrypted;"
            " use tls or starttls",
            is_permanent=True,
        )


def is_loopback(host: str) -> bool:
    """Whether `host` is this very machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def said_by_server(error: Exception) -> str:
    """The error in one short line."""
    text = str(error.args[0] if error.args and isinstance(error.args[0], bytes | str) else error)
    return " ".join(text.removeprefix("b'").removesuffix("'").split())[:200] or type(error).__name__
