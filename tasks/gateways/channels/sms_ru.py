"""SMS.RU: sms/send and sms/status with json=1, and the status codes of its documentation (sms.ru/api/send, /status).

It knows a message only by the id it gave itself: after an answer that never came there is nothing to ask it by.
"""

from __future__ import annotations

from typing import Any

from tasks.gateways.channels.channel import Delivery, Fate, Message, PermanentError, TemporaryError, one_line
from tasks.gateways.channels.sms_http import HttpGateway, OpenOutcomeError, post_form
from tasks.rules.errors import CredentialError, OutsideError
from tasks.rules.notify.channel_settings import SmsGateway

_ADDRESS = "https://sms.ru"
_TAKEN = 100
# about our account, not about this message: wrong key, account not confirmed, wrong token
_NOT_US = {200, 300, 301, 302}
# about our account for now: no money, daily limit
_NOT_NOW_FOR_ALL = {201, 206}
# 220 service unavailable; 230-233 limits per number; 303-305 confirmation codes; 500 their error
_NOT_NOW = {220, 230, 231, 232, 233, 500}
_ON_ITS_WAY = {100, 101, 102}
_DELIVERED = {103, 110}
_FAILED = {104, 105, 106, 107, 108, 150}


class SmsRu(HttpGateway):
    """One account at SMS.RU; `key` is its api_id."""

    def __init__(self, gateway: SmsGateway, key: str) -> None:
        self._gateway = gateway
        self._key = key
        super().__init__((gateway.url or _ADDRESS).rstrip("/"))

    async def send(self, message: Message) -> Delivery:
        """Hand one message over; see Channel.send."""
        fields = {"api_id": self._key, "to": message.to.lstrip("+"), "msg": message.text, "json": "1"}
        if self._gateway.sender:
            fields["from"] = self._gateway.sender
        try:
            answer = await post_form(self._client, f"{self._url}/sms/send", fields)
            _require_us(answer)
        except OpenOutcomeError as error:
            return Delivery(False, str(error))
        own = _own(answer, fields["to"])
        if own is None:
            return Delivery(False, f"the answer does not name the message: {one_line(answer)}")
        code = _code(own)
        if code == _TAKEN and own.get("sms_id"):
            return Delivery(True, "100", str(own["sms_id"]))
        if code in _ON_ITS_WAY or code is None:
            return Delivery(False, f"an answer without a message id: {one_line(own)}")
        said = f"{code} {one_line(own.get('status_text', ''))}".strip()
        raise TemporaryError(said) if code in _NOT_NOW else PermanentError(said)

    async def ask(self, message: Message, outside_id: str) -> Fate:
        """What SMS.RU knows of a message it named `outside_id`."""
        if not outside_id:
            return "unknown"
        fields = {"api_id": self._key, "sms_id": outside_id, "json": "1"}
        try:
            answer = await post_form(self._client, f"{self._url}/sms/status", fields)
            _require_us(answer)
        except (OpenOutcomeError, TemporaryError, PermanentError):
            return "unknown"
        code = _code(_own(answer, outside_id) or {})
        if code in _ON_ITS_WAY | _DELIVERED:
            return "received"
        return "failed" if code in _FAILED else "not_received" if code == -1 else "unknown"


def _require_us(answer: dict[str, Any]) -> None:
    """Whether the request as a whole was taken; what is said here is said of all messages."""
    code = _code(answer)
    if code is None:
        raise OpenOutcomeError(f"an answer without a code: {one_line(answer)}")
    said = f"SMS.RU: {code} {one_line(answer.get('status_text', ''))}".strip()
    if code in _NOT_US:
        raise CredentialError(said)
    if code in _NOT_NOW_FOR_ALL:
        raise OutsideError(said)
    if code in _NOT_NOW:
        raise TemporaryError(said)
    if code != _TAKEN:
        raise PermanentError(said)


def _own(answer: dict[str, Any], name: str) -> dict[str, Any] | None:
    listed = answer.get("sms")
    own = listed.get(name) if isinstance(listed, dict) else None
    return own if isinstance(own, dict) else None


def _code(said: dict[str, Any]) -> int | None:
    code = said.get("status_code")
    try:
        return int(code) if code is not None else None
    except (TypeError, ValueError):
        return None
