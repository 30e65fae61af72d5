"""When two mails are the same mail.

A Message-ID alone fails (absent, empty, reused), raw bytes fail too (every hop adds trace headers): the same mail
has the same Message-ID, the same headers that its writer gave it, and the same body.
"""

from __future__ import annotations

import hashlib
import re

_HEAD_END = re.compile(rb"\r?\n\r?\n|\A\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]+")
_LINE_END = re.compile(rb"\r?\n")
_WRITERS_HEADERS = frozenset(
    {b"message-id", b"date", b"from", b"sender", b"to", b"cc", b"subject", b"in-reply-to", b"references"}
)
_ID = re.compile(r"<([^<>\s]{1,500})>")
_BARE_ID = re.compile(r"[^<>\s@]{1,250}@[^<>\s@]{1,250}")


def split_mail(raw: bytes) -> tuple[bytes, bytes]:
    """Header block and body, parted at the first empty line (RFC 5322 2.1)."""
    end = _HEAD_END.search(raw)
    return (raw, b"") if end is None else (raw[: end.start()], raw[end.end() :])


def head_fields(head: bytes) -> list[tuple[bytes, bytes]]:
    """Header fields in order: lower-case names, unfolded values; lines that are no field are passed over."""
    fields = []
    for line in _LINE_END.split(_FOLD.sub(b" ", head)):
        name, colon, value = line.partition(b":")
        if colon and name.strip():
            fields.append((name.strip().lower(), b" ".join(value.split())))
    return fields


def message_ids(value: str) -> list[str]:
    """The Message-IDs in a header's value, with their angle brackets, in order, each once; `<>` is none."""
    found = [f"<{inner}>" for inner in _ID.findall(value)]
    if not found and (bare := _BARE_ID.fullmatch(value.strip())):
        found = [f"<{bare.group()}>"]
    return list(dict.fromkeys(found))


def message_id_of(head: bytes) -> str | None:
    """The Message-ID of a header block, with its angle brackets; None when it has none that can be used."""
    for name, value in head_fields(head):
        if name == b"message-id":
            text = value.decode("ascii", "replace").replace("\ufffd", "?").replace("\x00", "")
            return next(iter(message_ids(text)), None)
    return None


def meaning_key(raw: bytes) -> str:
    """The same for the same mail whichever way it came: hash of the writer's headers and the body.

    Without Message-ID and Date there is nothing to tell two equal mails of a device apart: then all bytes count, the
    trace with its times included.
    """
    head, body = split_mail(raw)
    fields = [(name, value) for name, value in head_fields(head) if name in _WRITERS_HEADERS]
    if not any(value for name, value in fields if name in (b"message-id", b"date")):
        return hashlib.sha256(raw).hexdigest()
    digest = hashlib.sha256()
    for name, value in sorted(fields):
        digest.update(name + b":" + value + b"\n")
    digest.update(body.replace(b"\r\n", b"\n").rstrip())
    return digest.hexdigest()
