"""Damaged, hostile and endless mail: it is read, or refused with a reason, in a moment, and nothing is unpacked."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.gateways.attachment_files import content_type_of
from tasks.gateways.mail_parser import parse_mail
from tasks.gateways.safe_html import safe_html
from tasks.rules.mail.parsed import ParsedMail, UnreadableMail
from tasks.rules.mail.surroundings import Surroundings
from tasks.rules.mail.verdict import classify
from tests.samples.bad_mail import BAD, BOMB, bad_mail
from tests.samples.mail_kinds import DAY

AROUND = Surroundings(frozenset(), "north-service.example", ("mx.north-service.example",))
_SECONDS = 1.0


def read(raw: bytes) -> ParsedMail | UnreadableMail:
    """The mail, within a second of work, all its texts fit for every store."""
    started = time.process_time()
    mail = parse_mail(raw)
    assert time.process_time() - started < _SECONDS
    if isinstance(mail, UnreadableMail):
        assert mail.reason
        return mail
    assert classify(mail, AROUND).kind
    reported = [*mail.report.failed, *mail.report.late] if mail.report else []
    names = [file.name for file in mail.files]
    for text in (mail.subject, mail.text, mail.from_name, mail.from_address, *mail.answers, *reported, *names):
        assert "\x00" not in text
        text.encode("utf-8")
    assert "\n" not in mail.subject + mail.from_name + mail.from_address
    return mail


@pytest.mark.parametrize("name", BAD)
def test_bad_mail_is_read_or_refused(name: str) -> None:
    read(bad_mail(name))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("unknown charset", "Привет"),
        ("truncated base64", "Приве"),
        ("NUL bytes", "xy"),
        ("date garbage", "x"),
        ("64 KB header", "x"),
    ],
)
def test_what_can_be_read_is_read(name: str, text: str) -> None:
    mail = read(bad_mail(name))
    assert isinstance(mail, ParsedMail)
    assert mail.text.startswith(text)


def test_a_decoded_line_break_makes_no_header() -> None:
    mail = read(bad_mail("header injection").replace(b"Subject: bad\r\n", b""))
    assert isinstance(mail, ParsedMail)
    assert mail.subject == "hi Bcc: all@example.com body"
    assert mail.header("bcc") is None


def test_an_archive_is_known_by_its_first_bytes_and_never_unpacked() -> None:
    mail = read(bad_mail("zip bomb"))
    assert isinstance(mail, ParsedMail)
    assert [file.content for file in mail.files] == [BOMB]
    started = time.process_time()
    assert content_type_of(BOMB) == ("application/zip", ".zip")
    assert time.process_time() - started < 0.1


def test_a_program_is_called_a_program() -> None:
    mail = read(bad_mail("program as picture"))
    assert isinstance(mail, ParsedMail)
    assert content_type_of(mail.files[0].content)[1] == ".exe.bin"


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["flip", "cut", "double", "insert"]),
        st.floats(0, 1),
        st.floats(0, 0.3),
        st.sampled_from([b"\x00", b"\r\n", b"\r\n\r\n", b"--b", b"=?utf-8?b?", b"\xff", b"Content-Type: ", b";", b'"']),
    ),
    max_size=6,
)


def changed(raw: bytes, changes: list[tuple[str, float, float, bytes]]) -> bytes:
    for kind, where, share, piece in changes:
        at = int(where * max(len(raw) - 1, 0))
        end = at + int(share * len(raw))
        if kind == "flip" and raw:
            raw = raw[:at] + bytes([raw[at] ^ (1 << int(share * 20))]) + raw[at + 1 :]
        elif kind == "cut":
            raw = raw[:at] + raw[end:]
        elif kind == "double":
            raw = raw[:end] + raw[at:end] + raw[end:]
        else:
            raw = raw[:at] + piece + raw[at:]
    return raw


SMALL = [raw for raw in (*DAY.values(), *map(bad_mail, BAD)) if len(raw) < 20_000]


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(SMALL), CHANGES)
def test_real_looking_mail_bent_cut_and_doubled(raw: bytes, changes: list[tuple[str, float, float, bytes]]) -> None:
    bent = changed(raw, changes)
    read(bent)
    assert "<script" not in safe_html(bent)


UNITS = (
    b"a", b" ", b"\r\n ", b"\r\n", b"<", b">", b"=", b"=?utf-8?q?", b"?=", b"--b\r\n", b"--b--", b"\x00", b"@", b"a@b ",
    b";", b"%", b"(", b"\xd0\x9f", b"&amp;", b"<div>", b"<!--", b"<a href=", b"> ", b"On 1.1.2026, a@b wrote:\n",
    b"550 5.1.1 ", b"To: a\n", b"could not be delivered ", b"From: a\n",
)  # fmt: skip
HEADS = (
    b"Subject: ",
    b"From: ",
    b"Content-Type: ",
    b"References: ",
    b"\r\n",
    b"Content-Type: text/html\r\n\r\n",
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n",
    b"Return-Path: <>\r\nSubject: delivery failed\r\n\r\n",
    b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n\r\n",
)


@pytest.mark.parametrize("head", HEADS)
def test_much_of_anything_takes_little_time(head: bytes) -> None:
    """What grows with the square of the size is seen at 300 KB already: there it would take a minute."""
    for unit in UNITS:
        read(b"From: a@example.com\r\n" + head + unit * (300_000 // len(unit)))


@pytest.mark.parametrize("head", HEADS)
def test_a_megabyte_takes_no_second(head: bytes) -> None:
    read(b"From: a@example.com\r\n" + head + b"\r\n " * 300_000)
