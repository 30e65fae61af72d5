"""What must hold for chat and SMS: an account and a server that can be reached safely, and people who can be told."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.rules.notify.channel_settings import ChatLine, SmsGateway
from tasks.rules.office_checks import Flaw, is_this_machine
from tasks.rules.office_files import OfficeParts

_FILE = "office.yaml"
# RFC 7622: local@domain; letters of other scripts are allowed, spaces and the signs below are not
_JID = re.compile(r"[^\s\"&'/:<>@]{1,255}@[^\s\"&'/:<>@]{1,255}")
_SECRET = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_URL = re.compile(r"(?P<scheme>https?)://(?P<host>[^\s/:@?#]+)(:\d{1,5})?(/\S*)?")
_MAX_RECEIPT_SECONDS = 60  # a run waits so long for receipts, and the next ladder step with it
_MAX_PARTS = 8


def check_channels(parts: OfficeParts) -> Iterator[Flaw]:
    """Mistakes in `channels` of office.yaml, and in how people.yaml says its people are told."""
    if parts.head:
        channels = parts.head.channels
        if channels.idle_minutes < 1:
            yield Flaw(_FILE, ("channels", "idle_minutes"), "at least 1 minute")
        if channels.event_minutes < 1:
            yield Flaw(_FILE, ("channels", "event_minutes"), "at least 1 minute")
        if channels.chat.is_on:
            yield from _check_chat(channels.chat)
        if channels.sms.is_on:
            yield from _check_sms(channels.sms)
    for position, person in enumerate(parts.people.people if parts.people else ()):
        path = ("people", position)
        if person.jid and not _JID.fullmatch(person.jid):
            yield Flaw(
                "people.yaml", (*path, "jid"), f"{person.jid!r} is no XMPP address; write it like name@chat.example"
            )
        if person.takes_sms and not person.phone:
            yield Flaw("people.yaml", (*path, "takes_sms"), f"{person.key} takes SMS but has no phone")


def _check_chat(chat: ChatLine) -> Iterator[Flaw]:
    path = ("channels", "chat")
    if not _JID.fullmatch(chat.jid):
        yield Flaw(_FILE, (*path, "jid"), f"{chat.jid!r} is no XMPP address; write it like office@chat.example")
    yield from _secret_flaw((*path, "secret"), chat.secret)
    if chat.security == "plain" and not is_this_machine(chat.host):
        yield Flaw(_FILE, (*path, "security"), "plain is for this machine only (127.0.0.1); use tls or starttls")
    if not 1 <= chat.receipt_seconds <= _MAX_RECEIPT_SECONDS:
        yield Flaw(
            _FILE,
            (*path, "receipt_seconds"),
            f"receipt_seconds {chat.receipt_seconds} is not from 1 to {_MAX_RECEIPT_SECONDS}",
        )
    if chat.presence_minutes < 1:
        yield Flaw(_FILE, (*path, "presence_minutes"), "at least 1 minute")


def _check_sms(sms: SmsGateway) -> Iterator[Flaw]:
    path = ("channels", "sms")
    yield from _secret_flaw((*path, "secret"), sms.secret)
    if sms.gateway == "smsc" and not sms.login:
        yield Flaw(_FILE, (*path, "login"), "smsc wants a login beside the password")
    if sms.gateway == "http" and not sms.url:
        yield Flaw(_FILE, (*path, "url"), "gateway http wants the address to post messages to")
    for name, url in (("url", sms.url), ("http", sms.http.status_url)):
        found = _URL.fullmatch(url)
        if url and not found:
            yield Flaw(_FILE, (*path, name), f"{url!r} is no web address; write it like https://sms.example/send")
        elif found and found["scheme"] == "http" and not is_this_machine(found["host"]):
            yield Flaw(_FILE, (*path, name), "plain http is for this machine only; use https")
    if not 1 <= sms.max_parts <= _MAX_PARTS:
        yield Flaw(_FILE, (*path, "max_parts"), f"max_parts {sms.max_parts} is not from 1 to {_MAX_PARTS}")


def _secret_flaw(path: tuple[str | int, ...], secret: str) -> Iterator[Flaw]:
    if not secret:
        yield Flaw(_FILE, path, "name the secret that holds the password or key")
    elif not _SECRET.fullmatch(secret):
        yield Flaw(_FILE, path, "secret is a name, never the password; set CALLOUT_SECRET_NAME for it")
