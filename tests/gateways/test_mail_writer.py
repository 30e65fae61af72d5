"""Wordings and mail: what is written can be read back, is the same every time, and carries no foreign header."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tasks.gateways.mail_parser import parse_mail
from tasks.gateways.mail_writer import message_id_of, write_mail
from tasks.rules.errors import OfficeError, UsageError
from tasks.rules.mail.parsed import ParsedMail
from tasks.rules.mail.reply_token import message_ids_in
from tasks.rules.office import Brand
from tasks.rules.outgoing import Attachment, Notice, Recipient
from tests.samples.small_office import small_office, write_wordings

NOW = datetime(2026, 11, 17, 6, 30, tzinfo=UTC)
SECRET = b"s" * 32
PICTURE = Attachment("chart.png", "image/png", b"\x89PNG" + bytes(range(256)), content_id="chart")
SHEET = Attachment("Отчёт за ноябрь.xlsx", "application/vnd.ms-excel", b"rows" * 500)


def notice(**changes: object) -> Notice:
    made = Notice(
        key="deal:7:told",
        kind="notice",
        to=Recipient("contact:5", "Пётр Кабельный", "pyotr@client-kabel.example", "ru"),
        wording="note",
        data={"text": "Мастер приедет <завтра>."},
        entity="deal",
        entity_id=7,
        not_before=NOW,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # test data


def read(folder: Path, one: Notice) -> EmailMessage:
    raw = write_mail(small_office(folder), one, SECRET, NOW).raw
    return message_from_bytes(raw, policy=default)  # type: ignore[return-value]  # by the policy's factory


def said(part: EmailMessage) -> str:
    """A text part's text; within an encoded body lines end as on the wire."""
    return str(part.get_content()).replace("\r\n", "\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_wordings(tmp_path)


def test_headers(folder: Path) -> None:
    mail = read(folder, notice())
    headers = {name: mail[name] for name in mail.keys() if not name.startswith(("Content", "MIME"))}  # noqa: SIM118
    assert headers == {
        "From": "Северный Сервис <office@north-service.example>",
        "To": "Пётр Кабельный <pyotr@client-kabel.example>",
        "Reply-To": "Северный Сервис <office@north-service.example>",
        "Subject": "Заметка для Пётр Кабельный",
        "Auto-Submitted": "auto-generated",
        "X-Callout-Wording": "note",
        "Date": "Tue, 17 Nov 2026 09:30:00 +0300",
        "Message-ID": message_id_of(SECRET, "deal:7:told", "north-service.example"),
    }


def test_a_token_in_the_address_leads_back_to_the_message(folder: Path) -> None:
    plain = small_office(folder)
    office = replace(plain, sender=replace(plain.sender, has_plus_addresses=True))
    mail = message_from_bytes(write_mail(office, notice(), SECRET, NOW).raw, policy=default)
    assert re.search(r"<office\+[0-9a-f]{32}@north-service\.example>", mail["Reply-To"])
    assert message_ids_in(f"Office <{mail['Reply-To']}>, other+tag@example.com") == (mail["Message-ID"],)
    answer = parse_mail(f"From: petr@example.com\r\nTo: {mail['Reply-To']}\r\nSubject: x\r\n\r\nyes".encode())
    assert isinstance(answer, ParsedMail)
    assert answer.answers == (mail["Message-ID"],)


def test_parts(folder: Path) -> None:
    mail = read(folder, notice(attachments=(PICTURE, SHEET)))
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "application/vnd.ms-excel",
    ]
    text, page, picture, sheet = (part for part in mail.walk() if not part.is_multipart())
    assert said(text) == "Добрый день!\nМастер приедет <завтра>.\n"
    assert page.get_content().strip() == "<p>Мастер приедет &lt;завтра&gt;.</p>"
    assert (picture["Content-ID"], picture.get_content()) == ("<chart>", PICTURE.content)
    assert (sheet.get_filename(), sheet.get_content()) == (SHEET.file_name, SHEET.content)


def test_the_same_notice_gives_the_same_bytes(folder: Path) -> None:
    office, one = small_office(folder), notice(attachments=(PICTURE, SHEET))
    assert write_mail(office, one, SECRET, NOW) == write_mail(office, one, SECRET, NOW)
    assert write_mail(office, one, b"other", NOW).message_id != write_mail(office, one, SECRET, NOW).message_id


def test_long_names_are_whole(folder: Path) -> None:
    name = "Людмила Аркадьевна Белова-Сосновская"
    raw = write_mail(
        small_office(folder), notice(to=Recipient("contact:5", name, "l@example.com", "ru")), SECRET, NOW
    ).raw
    written = message_from_bytes(raw)["To"]
    assert str(make_header(decode_header(written))) == f"{name} <l@example.com>"
    assert message_from_bytes(raw, policy=default)["To"].addresses[0].display_name.split() == name.split()


def test_language_of_the_recipient_else_of_the_office(folder: Path) -> None:
    english = read(folder, notice(to=Recipient("contact:6", "James", "james@example.com", "en")))
    assert english["Subject"] == "A note for James"
    assert english.get_content_type() == "text/plain"
    (folder / "en" / "note.txt.j2").unlink()
    fallback = replace(notice(), to=Recipient("contact:6", "James", "james@example.com", "en"))
    assert read(folder, fallback)["Subject"] == "Заметка для James"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=120), st.text(max_size=300))
@example("x" * 2000, "y" * 3000)
@example("имя " * 300, "абв" * 3000)
def test_no_text_makes_a_header_or_breaks_the_mail(folder: Path, name: str, text: str) -> None:
    name, text = name + "\r\nBcc: all@example.com\r\n\r\n", text + "\n\n.\nSubject: no\n"
    mail = read(folder, notice(to=Recipient("contact:5", name, "p@example.com", "ru"), data={"text": text}))
    assert mail["Bcc"] is None
    assert mail["X-Callout-Wording"] == "note"
    assert [address.addr_spec for address in mail["To"].addresses] == ["p@example.com"]
    raw = write_mail(small_office(folder), notice(data={"text": text}), SECRET, NOW).raw
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) < 999
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_filters(tmp_path: Path) -> None:
    source = "Subject: x\n\n{{ day | day }} {{ at | moment }} {{ sum | money }} {{ office.name }}\n"
    folder = write_wordings(tmp_path, {"ru/note.txt.j2": source})
    data = {"day": date(2026, 12, 1), "at": NOW, "sum": Decimal("12500.5")}
    assert said(read(folder, notice(data=data))) == "01.12.2026 17.11.2026 09:30 12\u00a0500,50 Северный Сервис\n"


BAD_WORDINGS = {
    "Subject: x\n\n{{ missing }}\n": "note.txt.j2:3: 'missing' is undefined",
    "Subject: x\n{% if %}\n": "note.txt.j2:2: Expected an expression",
    "no subject\n": "note.txt.j2:1: the first line must be 'Subject: …'",
    "Subject: x\n\n{{ text.__class__.__mro__ }}\n": "note.txt.j2:3: access to attribute '__class__'",
    "Subject: x\n\n{{ 1 / 0 }}\n": "note.txt.j2:3: division by zero",
    "Subject: x\n\n{% include 'gone.txt.j2' %}\n": "note.txt.j2:3: there is no template 'gone.txt.j2'",
}


@pytest.mark.parametrize("source", BAD_WORDINGS)
def test_a_failing_wording_says_where(tmp_path: Path, source: str) -> None:
    folder = write_wordings(tmp_path, {"ru/note.txt.j2": source})
    with pytest.raises(OfficeError) as caught:
        read(folder, notice())
    assert BAD_WORDINGS[source] in caught.value.problems[0]


def test_a_missing_wording_and_a_bad_address(folder: Path) -> None:
    with pytest.raises(OfficeError, match=r"ru/nothing\.txt\.j2: there is no template"):
        read(folder, notice(wording="nothing"))
    with pytest.raises(UsageError, match="the mail to contact:5 cannot be written"):
        read(folder, notice(to=Recipient("contact:5", "x", "no address", "ru")))


LAYOUT = (
    "<b style='color:{{ brand.accent }}'>{{ brand.title }}</b>{% block title %}{% endblock %}"
    "|{% block body %}{% endblock %}|{{ footer }}"
)
BRAND = Brand("cert", "Северный Сертификат", "Сертификаты", footer={"ru": "Отдел сертификации"}, accent="#1f4e8c")
BRANDED = {
    "_layout.html.j2": LAYOUT,
    "ru/note.txt.j2": "Subject: {{ brand.title }}\n\n{{ text }}\n",
    "ru/own.txt.j2": "Subject: Общее\n\n{{ text }}\n",
    "ru/own.html.j2": "<p>Общее</p>",
    "cert/ru/own.txt.j2": "Subject: Своё\n\n{{ text }}\n",
    "ru/dressed.txt.j2": "Subject: Общее\n\n{{ text }}\n",
    "cert/ru/dressed.html.j2": "<p>Своё</p>",
}


def branded(folder: Path, wording: str, brand: Brand | None, text: str = "Текст <b>") -> tuple[EmailMessage, str, str]:
    """The mail, its text and its HTML."""
    office = replace(small_office(write_wordings(folder, BRANDED)), brands=(BRAND,))
    raw = write_mail(office, notice(wording=wording, data={"text": text}), SECRET, NOW, brand).raw
    mail: EmailMessage = message_from_bytes(raw, policy=default)
    parts = [said(part) for part in mail.walk() if isinstance(part, EmailMessage) and not part.is_multipart()]
    return mail, parts[0], parts[1]


def test_from_footer_and_colour_follow_the_brand(tmp_path: Path) -> None:
    mail, text, page = branded(tmp_path, "note", BRAND)
    assert mail["From"] == "Сертификаты <office@north-service.example>"
    assert mail["Reply-To"] == "Северный Сертификат <office@north-service.example>"
    assert mail["Subject"] == "Северный Сертификат"
    assert text == "Текст <b>\n\n-- \nОтдел сертификации\n"
    assert "color:#1f4e8c'>Северный Сертификат</b>" in page
    assert page.endswith("|Отдел сертификации")
    assert branded(tmp_path, "note", None)[1] == "Текст <b>\n"


def test_a_brand_words_and_dresses_mail_itself(tmp_path: Path) -> None:
    assert [branded(tmp_path, "own", brand)[0]["Subject"] for brand in (BRAND, None)] == ["Своё", "Общее"]
    # its own words never go with the company's HTML, but its HTML may go with the company's words
    assert "Общее" not in branded(tmp_path, "own", BRAND)[2]
    assert branded(tmp_path, "own", None)[2] == "<p>Общее</p>"
    assert [branded(tmp_path, "dressed", BRAND)[at] for at in (1, 2)][1] == "<p>Своё</p>"


def test_a_wording_of_text_gets_html_in_the_layout(tmp_path: Path) -> None:
    _, _, page = branded(tmp_path, "note", None, "Один <b>\n  два\n\n> три\n- четыре")
    body = page.split("|")[1]
    assert "Один &lt;b&gt;<br>\u00a0\u00a0два" in body
    assert re.search(r"<blockquote[^>]*>три</blockquote>", body)
    assert "<li>четыре</li>" in body
