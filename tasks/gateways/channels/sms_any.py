"""Any other SMS gateway that takes one POST per message and answers in JSON, as the office folder describes it.

2xx with the message's id is an acceptance; 401 and 403 are our key's fault, 402 our purse's; other 4xx refuse the
message for good. Everything else leaves the outcome open, and the gateway is asked, if it has an address for that.
"""

from __future__ import annotations

from typing import Any

from tasks.gateways.channels.channel import Delivery, Fate, Message, PermanentError, TemporaryError, one_line
from tasks.gateways.channels.sms_http import (
    HttpGateway,
    OpenOutcomeError,
    answer_of,
    post_form,
    post_json,
    require_tls,
)
from tasks.rules.errors import CredentialError, OutsideError
from tasks.rules.notify.channel_settings import SmsGateway

_OUR_KEY, _OUR_PURSE = (401, 403), 402
_REFUSED, _NOT_THERE = 400, 404


class AnySms(HttpGateway):
    """One account at a gateway spoken to as `gateway.http` says; `token` goes into its header."""

    def __init__(self, gateway: SmsGateway, token: str) -> None:
        self._gateway = gateway
        self._form = gateway.http
        self._status_url = require_tls(self._form.status_url) if self._form.status_url else ""
        super().__init__(gateway.url, {self._form.auth_header: f"{self._form.auth_prefix}{token}"})

    async def send(self, message: Message) -> Delivery:
        """Hand one message over; see Channel.send."""
        form = self._form
        fields = {form.to: message.to, form.text: message.text, form.our_id: message.our_id}
        if self._gateway.sender:
            fields[form.sender] = self._gateway.sender
        post = post_json if form.body == "json" else post_form
        try:
            answer = await post(self._client, self._url, fields)
        except OpenOutcomeError as error:
            return Delivery(False, str(error))
        _require_accepted(answer)
        outside_id = _at(answer, form.id_at)
        if outside_id in (None, "") or answer["http_status"] >= 300:
            return Delivery(False, f"an answer without a message id: {one_line(answer)}")
        return Delivery(True, f"HTTP {answer['http_status']}", str(outside_id))

    async def ask(self, message: Message, outside_id: str) -> Fate:
        """What the gateway knows of a message, by our own id where it has not named it."""
        form = self._form
        if not self._status_url:
            return "unknown"
        asked = self._client.build_request("GET", self._status_url, params={form.our_id: outside_id or message.our_id})
        try:
            answer = await answer_of(self._client, asked)
        except (OpenOutcomeError, TemporaryError):
            return "unknown"
        state = str(_at(answer, form.status_at))
        if answer["http_status"] == _NOT_THERE or state in form.not_received:
            return "not_received"
        if state in (*form.delivered, *form.on_its_way):
            return "received"
        return "failed" if state in form.failed else "unknown"


def _require_accepted(answer: dict[str, Any]) -> None:
    status = answer["http_status"]
    said = f"HTTP {status} {one_line({name: part for name, part in answer.items() if name != 'http_status'})}"
    if status in _OUR_KEY:
        raise CredentialError(f"the SMS gateway: {said}")
    if status == _OUR_PURSE:
        raise OutsideError(f"the SMS gateway: {said}")
    if status >= _REFUSED:
        raise PermanentError(said)


def _at(answer: dict[str, Any], path: str) -> object:
    """What stands at a path like data.id; None when there is nothing."""
    found: object = answer
    for name in path.split("."):
        if isinstance(found, list) and name.isdigit() and int(name) < len(found):
            found = found[int(name)]
        elif isinstance(found, dict):
            found = found.get(name)
        else:
            return None
    return found
