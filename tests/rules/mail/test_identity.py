"""The same mail twice is one meaning; different mails are two."""

from __future__ import annotations

from tasks.rules.mail import identity
from tasks.rules.mail.header_block import read_raw
from tasks.rules.mail.identity import message_ids

MAIL = b"Message-ID: <a@example.com>\r\nDate: Tue, 17 Nov 2026 09:00:00 +0300\r\nSubject: x\r\n\r\nHello\r\n"


def meaning_key(raw: bytes) -> str:
    return identity.meaning_key(raw, read_raw(raw))


def message_id_of(raw: bytes) -> str | None:
    return identity.message_id_of(read_raw(raw))


def test_trace_headers_and_line_ends_do_not_count() -> None:
    other_way = b"Received: by mx.example\r\nX-Spam-Flag: NO\r\nDelivered-To: b@example.com\r\n" + MAIL
    assert meaning_key(other_way) == meaning_key(MAIL) == meaning_key(MAIL.replace(b"\r\n", b"\n"))


def test_a_reused_message_id_with_another_body_is_another_mail() -> None:
    assert meaning_key(MAIL) != meaning_key(MAIL.replace(b"Hello", b"Hallo"))


def test_a_device_that_repeats_itself_is_heard_each_time() -> None:
    alarm = b"From: boiler@example.com\r\nSubject: alarm\r\n\r\nhot\r\n"
    first, second = b"Received: a; 10:00\r\n" + alarm, b"Received: a; 10:05\r\n" + alarm
    assert meaning_key(first) != meaning_key(second)


def test_message_ids_as_they_are_written() -> None:
    assert message_ids("<a@x> <b@y>\t<a@x>") == ["<a@x>", "<b@y>"]
    assert message_ids("a@x") == ["<a@x>"]
    assert message_ids("<>") == message_ids("") == message_ids("nothing") == []


def test_message_id_of_a_head() -> None:
    assert message_id_of(b"message-ID:\r\n <a@example.com>\r\n") == "<a@example.com>"
    assert message_id_of(b"Message-ID: <>\r\n") is None
    assert message_id_of(b"Subject: x\r\n") is None
