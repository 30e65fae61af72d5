"""Corrections of a mail before it is read again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.gateways.mail_parser import parse_mail
from tasks.rules.errors import UsageError
from tasks.rules.mail.parsed import ParsedMail
from tasks.rules.mail_correction import Correction, checked_correction, corrected

TEXT = "Добрый день, нужен ремонт насоса."
HEAD = b"From: a@example.com\r\nSubject: x\r\n"


def read(raw: bytes, correction: Correction) -> ParsedMail:
    mail = parse_mail(corrected(raw, correction))
    assert isinstance(mail, ParsedMail)
    return mail


@pytest.mark.parametrize(
    "raw",
    [
        HEAD + b"Content-Type: text/plain; charset=iso-8859-1\r\n\r\n" + TEXT.encode("cp1251"),
        HEAD + b'Content-Type: text/plain;\r\n\tcharset="x-unknown"; format=flowed\r\n\r\n' + TEXT.encode("cp1251"),
        HEAD + b"content-type : TEXT/PLAIN\r\n\r\n" + TEXT.encode("cp1251"),
        HEAD + b"\r\n" + TEXT.encode("cp1251"),
        HEAD.replace(b"\r\n", b"\n") + b"Content-Type: text/plain; charset=latin1\n\n" + TEXT.encode("cp1251"),
        HEAD
        + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        + TEXT.encode("cp1251")
        + b"\r\n--b--\r\n",
    ],
)
def test_the_text_is_read_in_the_charset_that_a_person_names(raw: bytes) -> None:
    assert read(raw, checked_correction("", "windows-1251")).text == TEXT


@pytest.mark.parametrize(
    "head",
    [
        b"From: liar@example.com\r\nSubject: x\r\n",
        b"Subject: x\r\n",
        b"From: undisclosed\r\nSubject: x\r\nFrom: second@example.com\r\n",
        b"Subject: x\nFrom: folded\n <liar@example.com>\n",
    ],
)
def test_the_sender_is_the_one_that_a_person_names(head: bytes) -> None:
    mail = read(head + b"\r\nFrom: body@example.com\r\nis text", checked_correction("True@Example.com", ""))
    assert (mail.from_address, mail.subject) == ("true@example.com", "x")
    assert mail.text.startswith("From: body@example.com")


@pytest.mark.parametrize(("sender", "charset"), [("nobody", ""), ("", "windows-9"), ("", "base64"), ("", "a b\n")])
def test_what_cannot_be_used_is_refused(sender: str, charset: str) -> None:
    with pytest.raises(UsageError, match="is no"):
        checked_correction(sender, charset)


@given(st.binary(max_size=400))
def test_any_bytes_can_be_corrected_and_none_are_changed_without(raw: bytes) -> None:
    assert corrected(raw, Correction()) == raw
    corrected(raw, Correction("a@example.com", "utf-8"))
    assert read(corrected(raw, Correction("a@example.com")), Correction()).from_address == "a@example.com"
