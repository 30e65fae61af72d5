"""One written form per mailbox, so that the same person is found however the address was typed."""

from __future__ import annotations

import re
from functools import lru_cache

# RFC 5322 atext, and letters of any script (RFC 6531); symbols and quoted names are no mailbox of a person.
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[^@\s<>,;:\"()\[\]\\]{1,253}")
_DOMAIN = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_GMAIL = frozenset({"gmail.com", "googlemail.com"})
_YANDEX = re.compile(r"ya\.ru|yandex\.(?:ru|com|net|by|kz|ua|uz|az|ee|fr|lt|lv|md|tj|tm|co\.il|com\.(?:am|ge|tr))")


@lru_cache(maxsize=8192)
def plain_mail(raw: str) -> str | None:
    """The bare address in lower case, still deliverable as written; 'Name <address>' is understood.

    A domain in other letters is written in its ASCII form (RFC 5891). None for what is no address.
    """
    text = raw.strip()
    if text.endswith(">") and "<" in text:
        text = text[text.rindex("<") + 1 : -1].strip()
    if not _ADDRESS.fullmatch(text):
        return None
    local, _, domain = text.lower().rpartition("@")
    ascii_domain = _ascii_domain(domain.rstrip("."))
    return f"{local}@{ascii_domain}" if ascii_domain else None


@lru_cache(maxsize=8192)
def canonical_mail(raw: str) -> str | None:
    """The form identities are compared by: lower case, no +tag, no dots in a Gmail name, one domain for Yandex.

    mail.ru, bk.ru, inbox.ru and list.ru stay apart: there the same name belongs to different people.
    """
    address = plain_mail(raw)
    if address is None:
        return None
    local, _, domain = address.rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _GMAIL:
        return f"{local.replace('.', '') or local}@gmail.com"
    return f"{local}@{'yandex.ru' if _YANDEX.fullmatch(domain) else domain}"


def _ascii_domain(domain: str) -> str | None:
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    return domain if _DOMAIN.fullmatch(domain) else None
