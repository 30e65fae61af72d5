"""When two mails are the same mail.

A Message-ID alone fails (absent, empty, reused), raw bytes fail too (every hop adds trace headers): the same mail
has the same Message-ID, the same headers that its writer gave it, and the same body.
"""

from __future__ import annotations

import hashlib
import re

from tasks.rules.mail.header_block import RawMail

_WRITERS_HEADERS = frozenset(
    {b"message-id", b"date", b"from", b"sender", b"to", b"cc", b"subject", b"in-reply-to", b"references"}
)
_ID = re.compile(r"<([^<>\s]{1,500})>")
_BARE_ID = re.compile(r"[^<>\s@]{1,250}@[^<>\s@]{1,250}")


def message_ids(value: str) -> list[str]:
    """The Message-IDs in a header's value, with their angle brackets, in order, each once; `<>` is none."""
    found = [f"<{inner}>" for inner in _ID.findall(value)]
    if not found and (bare := _BARE_ID.fullmatch(value.strip())):
        found = [f"<{bare.group()}>"]
    return list(dict.fromkeys(found))


def message_id_of(mail: RawMail) -> str | None:
    """The mail's Message-ID, with its angle brackets; None when it has none that can be used."""
    text = mail.value(b"message-id").decode("ascii", "replace").replace("\ufffd", "?").replace("\x00", "")
    return next(iter(message_ids(text)), None)


def meaning_key(raw: bytes, mail: RawMail) -> str:
    """The same for the same mail whichever way it came: hash of the writer's headers and the body.

    Without Message-ID and Date there is nothing to tell two equal mails of a device apart: then all bytes count, the
    trace with its times included. `mail` is `raw` as `read_raw` parts it.
    """
    fields = [(name, b" ".join(value.split())) for name, value in mail.fields if name in _WRITERS_HEADERS]
    if not any(value for name, value in fields if name in (b"message-id", b"date")):
        return hashlib.sha256(raw).hexdigest()
    head = b"".join(name + b":" + value + b"\n" for name, value in sorted(fields))
    return hashlib.sha256(head + mail.body.replace(b"\r\n", b"\n").rstrip()).hexdigest()
