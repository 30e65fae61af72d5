"""As many mails as a test wants, of every kind that the intake tells apart, each with a number of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

from tests.samples.mail_desk import OUR_ID
from tests.samples.mail_room import message

_SPAM = "Authentication-Results: mx.north-service.example; spf=fail\nX-Spam-Flag: YES\n"
_BOUNCE = (
    "From: MAILER-DAEMON@mx.example.com\r\nReturn-Path: <>\r\nSubject: Undelivered\r\n"
    "Message-ID: <b{0}@example.com>\r\n"
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n"
    "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
    "Final-Recipient: rfc822; nobody{0}@client.example\r\nAction: failed\r\n\r\n--b--\r\n"
)
_ATTACHED = (
    "From: Petr <petr{0}@example.com>\r\nSubject: act\r\nMessage-ID: <act{0}@example.com>\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee the act\r\n--b\r\nContent-Type: image/png\r\n"
    'Content-Disposition: attachment; filename="act.png"\r\n\r\n%PDF-1.7 act {0}\r\n--b--\r\n'
)
_ANNA, _WE = "anna@client.example", f"In-Reply-To: {OUR_ID}\n"
_LONG = "Нужен ремонт насоса, подробности ниже.\n" * 400
KINDS: tuple[Callable[[int], bytes], ...] = (
    lambda n: message(f"stranger{n}", f"stranger{n}@example.com"),
    lambda n: message(f"again{n}", "petr@example.com", f"Ещё о насосе {n}"),
    lambda n: message(f"client{n}", f"Анна <{_ANNA}>", "Вопрос по договору"),
    lambda n: message(f"staff{n}", "olga@north-service.example", "Отчёт"),
    lambda n: message(f"reply{n}", _ANNA, "Re: заявка", f"Да, согласна {n}\n", _WE),
    lambda n: message(f"claim{n}", f"boris{n}@example.com", "Re: заявка", headers=_WE),
    lambda n: message(f"vacation{n}", _ANNA, headers="Auto-Submitted: auto-replied\n"),
    lambda n: message(f"ours{n}", "office@north-service.example"),
    lambda n: message(f"spam{n}", f"win{n}@example.com", headers=_SPAM),
    lambda n: message(f"long{n}", f"long{n}@example.com", text=_LONG),
    lambda n: message("the-same-id", f"reused{n}@example.com"),
    lambda n: _ATTACHED.format(n).encode(),
    lambda n: _BOUNCE.format(n).encode(),
    lambda n: f"Subject: nobody {n}\r\n\r\nx".encode(),
    lambda n: b"\r\n\x00\xff\xfe no mail %d\r\n" % n,
)


def letters() -> Iterator[bytes]:
    """Mail without end, kind after kind."""
    return (KINDS[number % len(KINDS)](number) for number in count(1))
