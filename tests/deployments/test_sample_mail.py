"""The sample day is what the demo promises: enough letters of every kind, readable by any mail program."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from typing import cast

import pytest

from deployments.demo import sample_mail
from deployments.demo.sample_mail import SampleMail, mail_day
from tasks.gateways.office_folder import load_office

OFFICE = load_office(Path(sample_mail.__file__).resolve().parents[1] / "office")
CLIENTS = {mail for client in OFFICE.clients for contact in client.contacts for mail in contact.mails}
STAFF = {person.mail for person in OFFICE.people}
MALFORMED = {"broken-base64", "nul-bytes", "absurd-date"}
DAY = {mail.key: mail for mail in mail_day()}


def _parsed(mail: SampleMail) -> EmailMessage:
    return cast("EmailMessage", message_from_bytes(mail.raw, policy=policy.default))


def _sender(mail: SampleMail) -> str:
    return parseaddr(str(_parsed(mail)["From"]))[1].lower()


READABLE = {key: mail for key, mail in DAY.items() if key not in MALFORMED}
PARSED = {key: _parsed(mail) for key, mail in READABLE.items()}


def _is_of_a_machine(message: EmailMessage) -> bool:
    return bool({"Auto-Submitted", "List-Id"} & set(message.keys()))


def test_the_day_is_long_and_in_order() -> None:
    times = [mail.at for mail in mail_day()]
    assert len(DAY) == len(times) >= 90
    assert times == sorted(times)
    assert times[0] == datetime(2026, 11, 17, 5, 5, tzinfo=UTC)
    assert times[-1] == datetime(2026, 11, 17, 15, 20, tzinfo=UTC)


def test_the_bytes_are_the_same_every_time() -> None:
    again = {mail.key: mail.raw for mail in mail_day.__wrapped__()}
    assert again == {key: mail.raw for key, mail in DAY.items()}


def test_who_writes() -> None:
    people = {key: mail for key, mail in READABLE.items() if not _is_of_a_machine(PARSED[key])}
    senders = {key: _sender(mail) for key, mail in people.items()}
    spam = {key for key, message in PARSED.items() if "X-Spam-Score" in message}
    strangers = {s for key, s in senders.items() if s not in CLIENTS | STAFF and key not in spam}
    assert len(strangers - {OFFICE.sender.mail}) >= 28
    assert sum(sender in CLIENTS for sender in senders.values()) >= 25
    assert sum(sender in STAFF for sender in senders.values()) == 4
    assert len(spam) == 4


def test_machines_are_marked_as_the_standards_say() -> None:
    assert (
        sum(m.get("Auto-Submitted") is not None and m.get_content_type() != "multipart/report" for m in PARSED.values())
        == 3
    )
    assert sum(m.get("Precedence") == "bulk" and "List-Unsubscribe" in m for m in PARSED.values()) == 3
    reports = [m for m in PARSED.values() if m.get_content_type() == "multipart/report"]
    recipients = set()
    for report in reports:
        status = next(part for part in report.walk() if part.get_content_type() == "message/delivery-status")
        blocks = cast("list[EmailMessage]", status.get_payload())
        recipients.add(str(blocks[1]["Final-Recipient"]).partition(";")[2].strip())
        assert blocks[1]["Action"] == "failed"
    assert len(reports) == 2
    assert len(recipients & CLIENTS) == 1


def test_only_our_server_writes_above_its_own_line() -> None:
    for key, message in PARSED.items():
        names = [name.lower() for name in message]
        ours = names.index("received")
        is_above = "x-spam-flag" in names[:ours]
        assert is_above == key.startswith("spam-")
        assert ("x-spam-flag" in names[ours:]) == (key == "forged-verdict")


@pytest.mark.parametrize("key", sorted(READABLE))
def test_every_letter_can_be_read(key: str) -> None:
    message = PARSED[key]
    assert not [defect for part in message.walk() for defect in part.defects]
    assert message["Message-ID"]
    body = message.get_body(("plain", "html"))
    assert body is not None
    text = body.get_content()
    assert len(text.strip()) > 10
    assert "\ufffd" not in text + str(message["Subject"]) + str(message["From"])
    assert READABLE[key].raw.count(b"\n") == READABLE[key].raw.count(b"\r\n")
    assert max(map(len, READABLE[key].raw.split(b"\r\n"))) <= 998


def test_all_charsets_encodings_and_shapes_are_there() -> None:
    texts = [part for m in PARSED.values() for part in m.walk() if part.get_content_maintype() == "text"]
    charsets = Counter(str(part.get_content_charset()) for part in texts)
    encodings = {str(part["Content-Transfer-Encoding"]).lower() for part in texts}
    shapes = Counter(m.get_content_type() for m in PARSED.values())
    files = Counter(
        part.get_content_type() for m in PARSED.values() for part in m.iter_attachments() if part.get_filename()
    )
    assert {"utf-8", "koi8-r", "windows-1251", "iso-8859-5", "us-ascii"} <= set(charsets)
    assert min(charsets[name] for name in ("koi8-r", "windows-1251", "us-ascii")) >= 5
    assert {"7bit", "8bit", "base64", "quoted-printable"} <= encodings
    assert shapes["multipart/alternative"] >= 3
    assert shapes["text/html"] >= 3
    assert set(files) == {"application/pdf", "image/png", "text/plain"}


def test_repeated_mail_is_repeated_in_three_ways() -> None:
    assert DAY["bakery-oven-twice"].raw == DAY["bakery-oven"].raw
    first, other_way = DAY["gas-meter"].raw, DAY["gas-meter-other-way"].raw
    assert first != other_way
    assert first[first.index(b"\r\nFrom:") :] == other_way[other_way.index(b"\r\nFrom:") :]
    changed = PARSED["dacha-house-changed"]
    assert changed["Message-ID"] == PARSED["dacha-house"]["Message-ID"]
    assert changed.get_content() != PARSED["dacha-house"].get_content()


def test_the_malformed_are_malformed() -> None:
    assert b"\x00" in DAY["nul-bytes"].raw
    assert b"\r\n\r\n" not in DAY["nul-bytes"].raw
    assert b"Message-ID: <>\r\n" in DAY["absurd-date"].raw
    with pytest.raises(LookupError):
        "".encode(str(message_from_bytes(DAY["broken-base64"].raw).get_content_charset()))


def test_all_addresses_and_numbers_are_invented() -> None:
    for message in PARSED.values():
        domain = parseaddr(str(message["From"]))[1].lower().partition("@")[2]
        assert domain.endswith(".example") or domain == "example.com"
