"""Mail as it really comes: charsets, broken headers, HTML, reports; and bytes that are no mail at all."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.gateways.mail_parser import parse_mail
from tasks.rules.mail.parsed import ParsedMail, UnreadableMail
from tasks.rules.mail.reply_text import split_reply
from tasks.rules.mail.verdict import Surroundings, classify
from tests.samples.mail_room import message

AROUND = Surroundings(frozenset(), "north-service.example", ("mx.north-service.example",))
TEXT = "Здравствуйте, нужен ремонт насоса."


def parsed(raw: bytes) -> ParsedMail:
    mail = parse_mail(raw)
    assert isinstance(mail, ParsedMail)
    return mail


def body_in(charset: str, declared: str) -> bytes:
    head = f"From: a@example.com\r\nContent-Type: text/plain; charset={declared}\r\n\r\n"
    return head.encode() + TEXT.encode(charset)


@pytest.mark.parametrize(
    ("charset", "declared"),
    [
        ("utf-8", "utf-8"),
        ("cp1251", "windows-1251"),
        ("koi8-r", "koi8-r"),
        ("utf-8", "us-ascii"),
        ("cp1251", "x-no-such-charset"),
        ("utf-8", "koi8-r"),
        ("utf-16", "utf-16"),
    ],
)
def test_text_in_the_charsets_of_our_clients(charset: str, declared: str) -> None:
    assert parsed(body_in(charset, declared)).text == TEXT


@pytest.mark.parametrize(
    ("header", "subject"),
    [
        (b"=?utf-8?B?0KDQtdC80L7QvdGC?=", "Ремонт"),
        (b"=?windows-1251?Q?=D0=E5=EC=EE=ED=F2?= N 5", "Ремонт N 5"),
        (b"=?utf-8?B?0KDQtdC80L7QvdGC0K?=\r\n =?utf-8?B?A=?=", "Ремонт"),
        ("Ремонт".encode(), "Ремонт"),
        ("Ремонт насоса на складе".encode("cp1251"), "Ремонт насоса на складе"),
        (b"=?utf-8?q?hi=0ABcc=3A_x=40example.com?=", "hi Bcc: x@example.com"),
        (b"=?no-such?q?x?=", "x"),
        (b"", ""),
    ],
)
def test_subjects(header: bytes, subject: str) -> None:
    found = parsed(b"From: a@example.com\r\nSubject: " + header + b"\r\n\r\nx").subject
    assert found.startswith(subject)
    assert "\n" not in found


@pytest.mark.parametrize(
    ("header", "address", "name"),
    [
        ("Пётр Новиков <Petr@Example.com>", "petr@example.com", "Пётр Новиков"),
        ("=?utf-8?B?0J/RkdGC0YA=?= <petr@example.com>", "petr@example.com", "Пётр"),
        ('"Novikov, Petr" <petr@example.com>, b@example.com', "petr@example.com", "Novikov, Petr"),
        ("petr@example.com (Petr)", "petr@example.com", ""),
        ("<>", "", ""),
        ("undisclosed", "", ""),
        ("a@b@c", "", ""),
    ],
)
def test_senders(header: str, address: str, name: str) -> None:
    mail = parsed(f"From: {header}\r\nSubject: x\r\n\r\nx".encode())
    assert (mail.from_address, mail.from_name if name else name) == (address, name)


def test_html_becomes_lines_and_its_quote_is_marked() -> None:
    quote = "<blockquote type=cite>Когда?<p>Ждём</p></blockquote><script>x</script>"
    html = f"<p>Согласен,<br>завтра <b>в 14:00</b></p>{quote}"
    mail = parsed(f"From: a@example.com\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}".encode())
    assert mail.text.split("\n")[:2] == ["Согласен,", "завтра в 14:00"]
    assert "> Когда?" in mail.text
    assert split_reply(mail.text).reply == "Согласен,\nзавтра в 14:00"


def test_parts_become_text_and_files() -> None:
    pdf = base64.b64encode(b"%PDF-1.7").decode()
    raw = (
        "From: a@example.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n\r\nАкт\r\n--b\r\nContent-Type: application/pdf\r\n"
        "Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment;"
        f" filename*=utf-8''%D0%B0%D0%BA%D1%82.pdf\r\n\r\n{pdf}\r\n--b\r\n"
        "Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nx\r\n--b--\r\n"
    ).encode()
    mail = parsed(raw)
    assert mail.text == "Акт"
    assert [(file.name, file.content[:5]) for file in mail.files] == [("акт.pdf", b"%PDF-"), ("", b"Subje")]


def test_a_delivery_report_names_address_and_message() -> None:
    raw = (
        b"From: MAILER-DAEMON@mx.example.com\r\nSubject: Undelivered Mail\r\nReturn-Path: <>\r\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nno\r\n--b\r\n"
        b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
        b"Final-Recipient: rfc822; Anna@Example.com\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b\r\n"
        b"Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <ours@north-service.example>\r\n--b--\r\n"
    )
    report = parsed(raw).report
    assert report is not None
    assert report.failed == ("anna@example.com",)
    assert report.named_ids == ("<ours@north-service.example>",)
    delayed = parsed(raw.replace(b"Action: failed", b"Action: delayed")).report
    assert delayed is not None
    assert delayed.failed == ()


def test_a_bounce_without_a_report_is_understood() -> None:
    raw = (
        b"From: MAILER-DAEMON@mx.example.com\r\nReturn-Path: <>\r\nSubject: failure notice\r\n\r\n"
        b"Hi. This is the qmail-send program at mx.example.com.\r\n\r\n<anna@example.com>:\r\n"
        b"Sorry, no mailbox here by that name.\r\n\r\n--- Below this line is a copy of the message.\r\n\r\n"
        b"Message-ID: <ours@north-service.example>\r\n"
    )
    assert classify(parsed(raw), AROUND).kind == "bounce"
    assert parsed(raw).report is not None


def test_a_person_who_writes_about_a_failed_delivery_is_a_person() -> None:
    mail = parsed(message("x", subject="Delivery failure: груз не доставлен"))
    assert classify(mail, AROUND).kind == "unknown_sender"


@pytest.mark.parametrize("raw", [b"", b"\r\n\r\n", b"no header at all", b"\x00\xff\x00"])
def test_what_is_no_mail(raw: bytes) -> None:
    assert isinstance(parse_mail(raw), UnreadableMail)


def test_depth_without_end_ends() -> None:
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(3000))
    parse_mail(b"From: a@example.com\r\n" + nested)
    html = b"From: a@example.com\r\nContent-Type: text/html\r\n\r\n" + b"<div>" * 300_000 + b"x"
    assert parsed(html).text == "x"


HEADERS = st.sampled_from(
    [b"From", b"Subject", b"Message-ID", b"Content-Type", b"References", b"Content-Transfer-Encoding", b"Received"]
)
VALUES = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [
            b"multipart/report; boundary=b",
            b"text/html; charset=x",
            b"=?utf-8?b?/w==?=",
            b"base64",
            b"<>",
            b"a@b",
            b"<a@[>",
        ]
    ),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(HEADERS, VALUES), max_size=6), st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_with_a_reason(fields: list[tuple[bytes, bytes]], body: bytes) -> None:
    mail = parse_mail(b"".join(name + b": " + value + b"\r\n" for name, value in fields) + b"\r\n" + body)
    if isinstance(mail, UnreadableMail):
        assert mail.reason
        return
    assert classify(mail, AROUND).kind
    for text in (mail.subject, mail.text, mail.from_name, mail.from_address, split_reply(mail.text).reply):
        assert "\x00" not in text
        text.encode("utf-8")
