"""Headers as senders write them, and those they get wrong; the standard library is the second opinion."""

from __future__ import annotations

from email import message_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.mail.header_block import read_raw, unfolded


@pytest.mark.parametrize(
    ("raw", "fields", "body"),
    [
        (b"A: b\n\nc\n\nd", [(b"a", b" b")], b"c\n\nd"),
        (b"A: b\r\n c\r\nD:\r\n\r\ne", [(b"a", b" b\r\n c"), (b"d", b"")], b"e"),
        (b"A: b", [(b"a", b" b")], b""),
        (b"A : b\n\nc", [(b"a", b" b")], b"c"),
        (b"\r\nbody", [], b"body"),
        (b"", [], b""),
        (b"From anna Tue Nov 17\nA: b\n\nc", [(b"a", b" b")], b"c"),
        (b" lost\nA: b\n: nameless\nC: d\n\ne", [(b"a", b" b"), (b"c", b" d")], b"e"),
        (b"A: b\nno field here\nC: d\n\ne", [(b"a", b" b")], b"no field here\nC: d\n\ne"),
        (b"no header at all", [], b"no header at all"),
    ],
)
def test_fields_and_body(raw: bytes, fields: list[tuple[bytes, bytes]], body: bytes) -> None:
    assert read_raw(raw) == (fields, body)


def test_a_value_is_unfolded() -> None:
    mail = read_raw(b"Subject:\r\n one\r\n\ttwo \r\nsubject: other\r\n\r\n")
    assert mail.value(b"subject") == b"one\ttwo"
    assert mail.value(b"to") == b""
    assert unfolded(b" a\r\n b\r\n ") == b"a b"


_LINES = st.sampled_from(
    [b"Subject: x", b"To: a@example.com", b" folded", b"\tfolded", b"X-1:", b"", b"plain words", b"text: y"]
)


@given(st.lists(_LINES, max_size=12), st.sampled_from([b"\n", b"\r\n"]))
def test_the_library_reads_the_same(lines: list[bytes], line_end: bytes) -> None:
    raw = b"Date: x" + line_end + line_end.join(lines)
    library = message_from_bytes(raw)
    mail = read_raw(raw)
    assert [(name.decode(), unfolded(value).decode()) for name, value in mail.fields] == [
        (name.lower(), unfolded(str(value).encode()).decode()) for name, value in library.items()
    ]
    assert mail.body.decode() == library.get_payload()
