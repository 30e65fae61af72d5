"""SMSC.RU: sys/send.php and sys/status.php with fmt=3, and the codes of its documentation (smsc.ru/api/http).

A message carries an id of ours (up to 40 letters, digits and `.-_`), by which it can be asked about at any time.
"""

from __future__ import annotations

from typing import Any

from tasks.gateways.channels.channel import Delivery, Fate, Message, PermanentError, TemporaryError, one_line
from tasks.gateways.channels.sms_http import HttpGateway, OpenOutcomeError, post_form
from tasks.rules.errors import CredentialError, OutsideError
from tasks.rules.notify.channel_settings import SmsGateway

_ADDRESS = "https://smsc.ru"
# 2 login or password; 3 no money; 4 our address is blocked for a while; 9 too many of the same, or at once
_LOGIN, _NO_MONEY, _BLOCKED, _TOO_MANY = 2, 3, 4, 9
_NOT_FOUND = 3  # of status.php
_ON_ITS_WAY = {-1, 0}
_DELIVERED = {1, 2, 4}  # delivered, read, link opened
_FAILED = {-2, 3, 20, 22, 23, 24, 25}
_UNKNOWN_THERE = -3


class Smsc(HttpGateway):
    """One account at SMSC.RU."""

    def __init__(self, gateway: SmsGateway, password: str) -> None:
        self._gateway = gateway
        self._account = {"login": gateway.login, "psw": password, "fmt": "3", "charset": "utf-8"}
        super().__init__((gateway.url or _ADDRESS).rstrip("/"))

    async def send(self, message: Message) -> Delivery:
        """Hand one message over; see Channel.send."""
        fields = {**self._account, "phones": message.to, "mes": message.text, "id": message.our_id}
        if self._gateway.sender:
            fields["sender"] = self._gateway.sender
        try:
            answer = await post_form(self._client, f"{self._url}/sys/send.php", fields)
        except OpenOutcomeError as error:
            return Delivery(False, str(error))
        code = _number(answer.get("error_code"))
        if code is not None:
            raise _refusal(code, answer)
        if "id" in answer and _number(answer.get("cnt")):
            return Delivery(True, f"{answer['cnt']} sent", str(answer["id"]))
        return Delivery(False, f"an answer without a message id: {one_line(answer)}")

    async def ask(self, message: Message, outside_id: str) -> Fate:
        """What SMSC.RU knows of a message, by our own id."""
        fields = {**self._account, "phone": message.to, "id": outside_id or message.our_id}
        try:
            answer = await post_form(self._client, f"{self._url}/sys/status.php", fields)
        except (OpenOutcomeError, TemporaryError):
            return "unknown"
        if _number(answer.get("error_code")) == _NOT_FOUND:
            return "not_received"
        status = _number(answer.get("status"))
        if status in _ON_ITS_WAY | _DELIVERED:
            return "received"
        return "failed" if status in _FAILED else "not_received" if status == _UNKNOWN_THERE else "unknown"


def _refusal(code: int, answer: dict[str, Any]) -> Exception:
    said = f"{code} {one_line(answer.get('error', ''))}".strip()
    if code == _LOGIN:
        return CredentialError(f"SMSC.RU: {said}")
    if code in (_NO_MONEY, _BLOCKED):
        return OutsideError(f"SMSC.RU: {said}")
    return TemporaryError(said) if code == _TOO_MANY else PermanentError(said)


def _number(value: object) -> int | None:
    try:
        return int(str(value))
    except ValueError:
        return None
