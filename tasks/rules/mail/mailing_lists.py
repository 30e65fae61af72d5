"""Mailing lists and newsletters (RFC 2919, RFC 2369)."""

from __future__ import annotations

from tasks.rules.mail.parsed import ParsedMail

_SIGNS = ("list-id", "list-post", "list-unsubscribe", "x-mailing-list", "mailing-list")


def list_sign(mail: ParsedMail, own_domain: str) -> str | None:
    """Which header says that the mail came through a list; None for a person's mail.

    A group address of our own (its List-Id ends with our domain) brings clients' mail and is no list.
    """
    list_id = (mail.header("list-id") or "").rstrip("> ").lower()
    if list_id.endswith((f".{own_domain}", f"@{own_domain}")):
        return None
    for name in _SIGNS:
        if mail.header(name) is not None:
            return f"header {name}"
    return "Precedence: list" if (mail.header("precedence") or "").strip().lower() == "list" else None
