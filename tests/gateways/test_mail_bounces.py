"""Reports of mail systems as whole messages, and mail of people that only looks like one. All invented."""

from __future__ import annotations

import json

import pytest

from tasks.gateways.mail_parser import parse_mail
from tasks.rules.mail.parsed import DeliveryReport, ParsedMail
from tasks.rules.mail.surroundings import Surroundings
from tasks.rules.mail.verdict import classify
from tests.samples.mail_room import message

AROUND = Surroundings(frozenset(), "north-service.example")
ANNA, OUR_ID = "anna@client.example", "<0123456789abcdef@north-service.example>"
DAEMON = "From: Mail Delivery System <MAILER-DAEMON@mx.example.com>\r\nTo: office@north-service.example\r\n"
FIELDS = f"Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; {ANNA}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
RETURNED = f"From: office@north-service.example\r\nTo: {ANNA}\r\nMessage-ID: {OUR_ID}\r\n\r\nx\r\n"


def parsed(raw: str) -> ParsedMail:
    mail = parse_mail(raw.encode())
    assert isinstance(mail, ParsedMail)
    return mail


def report_of(raw: str) -> DeliveryReport:
    mail = parsed(raw)
    assert mail.report is not None
    assert classify(mail, AROUND).kind == ("bounce" if mail.report.outcome != "none" else "automatic")
    return mail.report


def parts(*bodies: tuple[str, str], kind: str = "mixed", boundary: str = "b", declared: str = "") -> str:
    inner = "".join(f"--{boundary}\r\nContent-Type: {of}\r\n\r\n{body}\r\n" for of, body in bodies)
    return f"Content-Type: multipart/{kind}; boundary={declared or boundary}\r\n\r\n{inner}--{boundary}--\r\n"


def dsn(fields: str = FIELDS) -> str:
    bodies = (("text/plain", "sorry"), ("message/delivery-status", fields), ("text/rfc822-headers", RETURNED))
    return parts(*bodies, kind="report; report-type=delivery-status")


def nested() -> str:
    inner = parts(("message/delivery-status", FIELDS), ("message/rfc822", RETURNED), boundary="i")
    kind, _, body = inner.removeprefix("Content-Type: ").partition("\r\n\r\n")
    return parts(("text/plain", "see below"), (kind, body))


@pytest.mark.parametrize(
    "body",
    [
        dsn(),
        nested(),
        dsn().replace("boundary=b", "boundary=other"),
        dsn().replace("\r\n--b\r\n", "\r\n  --b\r\n"),
        f"Content-Type: text/plain\r\n\r\nSorry.\r\n\r\n{FIELDS}\r\n{RETURNED}",
        dsn().replace("Action: failed\r\n", ""),
    ],
    ids=["rfc 3464", "nested", "wrong boundary", "indented boundary", "flattened", "no action"],
)
def test_rfc_3464_and_its_damaged_forms(body: str) -> None:
    found = report_of(f"{DAEMON}Subject: Undelivered Mail\r\n{body}")
    assert (found.failed, found.outcome) == ((ANNA,), "failed")
    assert OUR_ID in found.named_ids


@pytest.mark.parametrize(
    ("fields", "outcome", "failed", "late"),
    [
        (FIELDS.replace("failed", "delayed"), "late", (), (ANNA,)),
        (FIELDS.replace("failed", "relayed").replace("5.1.1", "2.0.0"), "none", (), ()),
        (FIELDS.replace("failed", "delivered"), "none", (), ()),
        (FIELDS.replace("failed", "expanded"), "none", (), ()),
        (FIELDS + "\r\n" + FIELDS.replace(ANNA, "b@client.example").replace("failed", "delayed"), "failed", (ANNA,),
         ("b@client.example",)),
        (FIELDS.replace("Action", "Original-Recipient: rfc822;a@client.example\r\nAction"), "failed",
         ("a@client.example",), ()),
    ],
)  # fmt: skip
def test_only_what_failed_for_good_failed(
    fields: str, outcome: str, failed: tuple[str, ...], late: tuple[str, ...]
) -> None:
    found = report_of(f"{DAEMON}Subject: Delivery Status Notification\r\n{dsn(fields)}")
    assert (found.outcome, found.failed, found.late) == (outcome, failed, late)


@pytest.mark.parametrize(
    ("head", "text"),
    [
        (DAEMON + "Subject: failure notice\r\n", f"Hi. This is the qmail-send program.\r\n\r\n<{ANNA}>:\r\nno"),
        (DAEMON + f"X-Failed-Recipients: {ANNA}\r\nSubject: x\r\n", "Created automatically."),
        (DAEMON + "Subject: Недоставленное сообщение\r\n", f"Письмо не доставлено адресату {ANNA}: ящик переполнен"),
        ("From: MAILER-DAEMON <>\r\nSubject: Mail delivery failed\r\n", f"error delivering your mail to <{ANNA}>."),
        ("From: no-reply@isp.example\r\nReturn-Path: <>\r\nSubject: Mail\r\n", f"Could not be delivered to: <{ANNA}>"),
        ("From: Mail_Service@isp.example\r\nSubject: Returned Mail\r\n", f"-- Failed Recipients --\r\n<{ANNA}>: no"),
        (DAEMON + "Subject: Undeliverable mail\r\n", f"Sorry.\r\n\r\n--- Returned message ---\r\nTo: {ANNA}\r\n\r\nx"),
    ],
    ids=["qmail", "exim", "russian", "dragonfly", "provider", "unmarked", "only the message"],
)  # fmt: skip
def test_what_is_written_for_people_only(head: str, text: str) -> None:
    found = report_of(f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n")
    assert (found.failed, found.outcome) == ((ANNA,), "failed")


def test_amazon_tells_by_json() -> None:
    told = json.dumps({"notificationType": "Bounce", "bounce": {"bouncedRecipients": [{"emailAddress": ANNA}]}})
    head = "From: no-reply@sns.example\r\nSubject: AWS Notification Message\r\n\r\n"
    assert report_of(head + told).failed == (ANNA,)
    delivered = parsed(head + told.replace("Bounce", "Delivery", 1))
    assert classify(delivered, AROUND).kind == "automatic"


@pytest.mark.parametrize(
    "body",
    [
        parts(("text/plain", "spam"), ("message/feedback-report", f"Feedback-Type: abuse\r\nOriginal-Rcpt-To: {ANNA}"),
              ("message/rfc822", RETURNED), kind="report; report-type=feedback-report"),
        parts(("message/feedback-report", "Feedback-Type: abuse"), ("message/rfc822", RETURNED)),
    ],
)  # fmt: skip
def test_a_complaint_names_who_complained_and_about_what(body: str) -> None:
    mail = parsed(f"From: abuse@isp.example\r\nSubject: FW: spam\r\n{body}")
    assert mail.feedback is not None
    assert (mail.feedback.kind, mail.feedback.recipients, mail.feedback.named_ids) == ("abuse", (ANNA,), (OUR_ID,))
    assert classify(mail, AROUND).kind == "complaint"


def test_the_old_form_of_a_complaint_is_told_by_its_subject() -> None:
    body = parts(("message/rfc822", RETURNED))
    head = "From: staff@provider.example\r\nSubject: complaint about message from 192.0.2.1\r\n"
    assert classify(parsed(head + body), AROUND).kind == "complaint"
    person = parsed(f"From: petr@example.com\r\nSubject: complaint about message from you\r\n{body}")
    assert classify(person, AROUND).kind == "unknown_sender"


@pytest.mark.parametrize(
    "raw",
    [
        f"From: petr@example.com\r\nSubject: Fwd: Undelivered Mail\r\n{parts(('text/plain', 'Почему не доходит?'))}",
        f"From: petr@example.com\r\nSubject: Письмо вернулось\r\n"
        f"{parts(('text/plain', 'Вот отчёт, посмотрите.'), ('message/rfc822', DAEMON + dsn()), boundary='outer')}",
        f"From: petr@example.com\r\nSubject: Fwd: Undelivered\r\n"
        f"{parts(('text/plain', 'Почему вы не получаете мои письма?'), ('message/delivery-status', FIELDS))}",
        message("x", subject="Delivery failure: груз не доставлен").decode(),
        message("x", subject="Возврат", text="Насос не доставлен, адрес не найден, верните деньги.").decode(),
    ],
    ids=["forward", "attached report", "forward with parts", "parcel", "goods"],
)
def test_people_who_write_about_failures_stay_people(raw: str) -> None:
    assert classify(parsed(raw), AROUND).kind == "unknown_sender"


@pytest.mark.parametrize(
    "text", ["Меня нет в офисе, не смогу отправить документы до понедельника.", "I am away, replies will be delayed."]
)
def test_an_absence_notice_is_no_bounce(text: str) -> None:
    head = "From: anna@client.example\r\nReturn-Path: <>\r\nAuto-Submitted: auto-replied\r\nSubject: Re: x\r\n"
    mail = parsed(f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}")
    assert (mail.report, classify(mail, AROUND).kind) == (None, "automatic")


def test_a_read_receipt_is_automatic_a_refusal_of_the_mailbox_is_a_bounce() -> None:
    def receipt(disposition: str) -> str:
        fields = f"Final-Recipient: rfc822; {ANNA}\r\nDisposition: {disposition}\r\n"
        bodies = (("text/plain", "Your message"), ("message/disposition-notification", fields))
        return "From: anna@client.example\r\nSubject: x\r\n" + parts(
            *bodies, kind="report; report-type=disposition-notification"
        )

    shown = parsed(receipt("manual-action/MDN-sent-manually; displayed"))
    assert classify(shown, AROUND).kind == "automatic"
    assert report_of(receipt("automatic-action/MDN-sent-automatically; deleted")).failed == (ANNA,)
