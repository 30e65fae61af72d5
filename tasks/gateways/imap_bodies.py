"""The bytes of messages, as an IMAP server gives them.

Nearly every server answers alike, `1 (UID 7 BODY[] {42}`, the bytes, `)`: that is read directly, for the grammar of
any answer costs as much as storing the mail. What looks otherwise is imapclient's to read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from imapclient.response_parser import parse_fetch_response

from tasks.gateways.imap_connection import Folder, fetch_lines

WHOLE, HEADER = "BODY[]", "BODY[HEADER]"
# RFC 9051 7.5.2: the UID first, then the literal as the last of the answer's items.
_PLAIN = re.compile(rb"\d+ \(UID (\d+) BODY\[(?:HEADER)?\] \{\d+\}", re.IGNORECASE)


def fetch_bodies(folder: Folder, uids: Sequence[int], section: str) -> dict[int, bytes | None]:
    """By UID, those of the messages that are there; None for one without bytes. Raises as imapclient does."""
    found = bodies_in(fetch_lines(folder, uids, f"({section.replace('BODY', 'BODY.PEEK')})"), section)
    return {uid: found[uid] for uid in uids if uid in found}


def bodies_in(lines: Sequence[Any], section: str) -> dict[int, bytes | None]:
    """The bytes by UID in an answer as imaplib gives it. Raises ValueError for what nobody can read."""
    plain = _plain(lines)
    return _of_any_shape(lines, section) if plain is None else plain


def _plain(lines: Sequence[Any]) -> dict[int, bytes | None] | None:
    """None as soon as one answer is anything but its head with the bytes, and then the bracket."""
    found: dict[int, bytes | None] = {}
    ends = iter(lines[1::2])
    for head in lines[::2]:
        told = _PLAIN.fullmatch(head[0]) if isinstance(head, tuple) else None
        if told is None or next(ends, None) != b")":
            return None
        found[int(told[1])] = head[1]
    return found


def _of_any_shape(lines: Sequence[Any], section: str) -> dict[int, bytes | None]:
    answers = parse_fetch_response(list(lines), normalise_times=False, uid_is_key=True)
    contents = {uid: data.get(section.encode()) for uid, data in answers.items()}
    return {uid: content if isinstance(content, bytes) else None for uid, content in contents.items()}
