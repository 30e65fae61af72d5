"""Handing mail to the office's mail server over SMTP, with the moment of doubt kept apart.

MAIL and RCPT are one step, DATA another: between them the caller writes down that from now on it cannot be known
whether the mail was accepted, until the server has answered the last dot.
"""

from __future__ import annotations

import ipaddress
from contextlib import suppress
from types import TracebackType
from typing import Self

import aiosmtplib

from tasks.rules.delivery import ServerReply
from tasks.rules.errors import CredentialError, OutsideError
from tasks.rules.office import Sender

# Below the outbox's lease of five minutes, so that nobody takes a mail up while we still wait for its answer.
_TIMEOUT_SECONDS = 120.0
_FIRST_REFUSAL = 400  # an answer below it that is no acceptance is nonsense, and the mail may have been taken
_CLOSING = 421  # the server ends the connection, often after so many mails (RFC 5321, 3.8)


class MailServer:
    """One connection to the office's mail server, made when first needed and used for many mails.

    `async with MailServer(sender, password) as server`. Raises OutsideError when the server cannot be reached or wants
    nothing from us at all, CredentialError when it refuses our sign-in: neither is a mail's fault.
    """

    def __init__(self, sender: Sender, password: str = "", timeout_seconds: float = _TIMEOUT_SECONDS) -> None:
        self._sender = sender
        self._password = password
        self._timeout_seconds = timeout_seconds
        self._connection: aiosmtplib.SMTP | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._connection is not None and self._connection.is_connected:
            with suppress(aiosmtplib.SMTPException, OSError):
                await self._connection.quit(timeout=5)
        self._drop()

    async def offer(self, recipient: str, return_path: str = "") -> ServerReply:
        """Name sender and recipient (MAIL, RCPT); nothing of the mail itself leaves.

        Bounces go to `return_path`, or else to the office's sender.
        """
        connection = await self._begin_envelope(return_path or self._sender.mail)
        try:
            answer = await connection.rcpt(recipient)
        except aiosmtplib.SMTPRecipientRefused as error:
            await self._end_envelope(error.code)
            return _refusal(error)
        except (ValueError, UnicodeError) as error:
            await self._end_envelope()
            return ServerReply("permanent", None, f"the address cannot be written in SMTP: {error}")
        except (aiosmtplib.SMTPException, OSError) as error:
            self._drop()
            return ServerReply("temporary", None, _one_line(error))
        return ServerReply("accepted", answer.code, answer.message)

    async def _begin_envelope(self, return_path: str) -> aiosmtplib.SMTP:
        """MAIL. A connection that ended since the last mail (421, or no answer) is made anew once."""
        was_used = self._connection is not None and self._connection.is_connected
        connection = await self._connected()
        try:
            await connection.mail(return_path)
        except (aiosmtplib.SMTPException, OSError) as error:
            self._drop()
            code = error.code if isinstance(error, aiosmtplib.SMTPSenderRefused) else _CLOSING
            if was_used and code == _CLOSING:
                return await self._begin_envelope(return_path)
            # it is our address or office that is refused, so every mail to come would be
            raise OutsideError(
                f"{self._name} takes no mail from us: {_one_line(error)}", is_permanent=code >= 500
            ) from error
        return connection

    async def deliver(self, raw: bytes) -> ServerReply:
        """Send the mail whose recipient was accepted (DATA). A lost connection leaves the outcome unknown."""
        if self._connection is None:
            raise RuntimeError("deliver() follows offer()")
        try:
            answer = await self._connection.data(raw)
        except aiosmtplib.SMTPResponseException as error:
            if error.code < _FIRST_REFUSAL:
                self._drop()
                return ServerReply("unknown", None, _one_line(error))
            await self._end_envelope(error.code)
            return _refusal(error)
        except (aiosmtplib.SMTPException, OSError) as error:
            self._drop()
            return ServerReply("unknown", None, str(error))
        return ServerReply("accepted", answer.code, answer.message)

    async def withdraw(self) -> None:
        """Forget the mail that was offered: it is not to be sent after all."""
        await self._end_envelope()

    @property
    def _name(self) -> str:
        return f"the mail server {self._sender.host}:{self._sender.port}"

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._connection is not None and self._connection.is_connected:
            return self._connection
        sender = self._sender
        if sender.security == "plain" and not _is_loopback(sender.host):
            raise OutsideError(f"{self._name}: mail without TLS is sent on loopback only", is_permanent=True)
        connection = aiosmtplib.SMTP(
            hostname=sender.host,
            port=sender.port,
            timeout=self._timeout_seconds,
            use_tls=sender.security == "tls",
            start_tls=sender.security == "starttls",
            # the domain says more than a host name behind NAT, and nothing is looked up
            local_hostname=sender.mail.rpartition("@")[2],
        )
        try:
            await connection.connect()
            if sender.login:
                await connection.login(sender.login, self._password)
            await connection.ehlo()
        except aiosmtplib.SMTPAuthenticationError as error:
            connection.close()
            if error.code < 500:
                raise OutsideError(f"{self._name} cannot check our sign-in now: {_one_line(error)}") from error
            raise CredentialError(f"{self._name} refuses login {sender.login!r}: {_one_line(error)}") from error
        except (aiosmtplib.SMTPException, OSError) as error:
            connection.close()
            raise OutsideError(f"{self._name} cannot be used: {_one_line(error)}") from error
        self._connection = connection
        return connection

    async def _end_envelope(self, code: int | None = None) -> None:
        """RSET; a connection that the server ends, or that cannot even do that, is given up."""
        try:
            if code == _CLOSING:
                self._drop()
            elif self._connection is not None:
                await self._connection.rset()
        except (aiosmtplib.SMTPException, OSError):
            self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def _refusal(error: aiosmtplib.SMTPResponseException) -> ServerReply:
    return ServerReply("permanent" if error.code >= 500 else "temporary", error.code, error.message)


def _is_loopback(host: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def _one_line(error: Exception) -> str:
    said = f"{error.code} {error.message}" if isinstance(error, aiosmtplib.SMTPResponseException) else str(error)
    return " ".join(said.split()) or type(error).__name__
