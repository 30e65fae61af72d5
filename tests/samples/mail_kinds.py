"""One small mail of every kind that the intake tells apart."""

from __future__ import annotations

from tests.samples.mail_desk import OUR_ID
from tests.samples.mail_room import message

PDF = b"%PDF-1.7 act"
ATTACHED = (
    b"From: Petr <petr@example.com>\r\nSubject: act\r\nMessage-ID: <act@example.com>\r\n"
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee the act\r\n--b\r\nContent-Type: image/png\r\n"
    b'Content-Disposition: attachment; filename="../../act.png"\r\n\r\n' + PDF + b"\r\n--b--\r\n"
)
BOUNCE = (
    b"From: MAILER-DAEMON@mx.example.com\r\nReturn-Path: <>\r\nSubject: Undelivered\r\nMessage-ID: <b@example.com>\r\n"
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n"
    b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
    b"Final-Recipient: rfc822; anna@client.example\r\nAction: failed\r\n\r\n--b\r\n"
    b"Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: " + OUR_ID.encode() + b"\r\n--b--\r\n"
)
VOUCHED = "Authentication-Results: mx.north-service.example; spf=pass smtp.mailfrom=north-service.example\n"
SPAM = "Authentication-Results: mx.north-service.example; spf=fail\nX-Spam-Flag: YES\n"
DAY = {
    "stranger": message("stranger"),
    "again": message("again", subject="Ещё о насосе"),
    "client": message("client", "Анна <Anna+x@client.example>", "Вопрос по договору"),
    "staff": message("staff", "olga@north-service.example", "Отчёт", headers=VOUCHED),
    "reply": message("reply", "anna@client.example", "Re: заявка", headers=f"In-Reply-To: {OUR_ID}\n"),
    "claim": message("claim", "boris@example.com", "Re: заявка", headers=f"References: {OUR_ID}\n"),
    "vacation": message("vacation", "anna@client.example", headers="Auto-Submitted: auto-replied\n"),
    "news": message("news", "news@example.com", headers="List-Unsubscribe: <mailto:u@example.com>\n"),
    "ours": message("ours", "office@north-service.example"),
    "spam": message("spam", "win@example.com", headers=SPAM),
    "bounce": BOUNCE,
    "act": ATTACHED,
    "copy": b"Received: by mx2.example; now\r\n" + message("stranger"),
    "nobody": b"Subject: nobody\r\n\r\nx",
    "noise": b"\x00\xff\xfe no mail",
    "bad-date": message("bad", "bad@example.com", headers="Date: yesterday\nContent-Type: ;;;\n"),
}  # fmt: skip
