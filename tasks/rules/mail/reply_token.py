"""Our Message-ID carried in an address (RFC 5233 subaddress), for answers and bounces that lose the reference to it.

`office+TOKEN@north-service.example` stands for `<TOKEN@north-service.example>`; the token is the Message-ID's keyed
hash, so nobody can make one up. It only says what is answered: who answers is still judged by the sender.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\+([0-9a-f]{32})@([A-Za-z0-9.-]+)")
# Where the address a mail was sent to may stand (RFC 5322 3.6.3, RFC 9228, postfix).
TOKEN_HEADERS = frozenset({"to", "cc", "delivered-to", "x-original-to"})


def with_token(address: str, message_id: str) -> str:
    """`address` with the token of our Message-ID."""
    name, _, domain = address.rpartition("@")
    return f"{name}+{message_id.strip('<>').partition('@')[0]}@{domain}"


def message_ids_in(header: str) -> tuple[str, ...]:
    """The Message-IDs whose tokens stand in addresses of a header, in order."""
    if "+" not in header:
        return ()
    return tuple(f"<{token}@{domain.lower()}>" for token, domain in _TOKEN.findall(header))
