"""Invented mail for measuring: Russian and English, plain and HTML, several charsets, 1 to 8 kB, always the same.

Every fifth answers others, every fiftieth is an earlier one come again, and senders write more than once.
"""

from __future__ import annotations

import random
from email.message import EmailMessage

_CHARSETS = ("utf-8", "koi8-r", "windows-1251", "utf-8")
_RUSSIAN = "Добрый день! Просим прислать мастера: не работает насос, течёт вода. Адрес и время уточним по телефону. "
_ENGLISH = "Good afternoon, please send an engineer, the boiler shows error 17 and stops after ten minutes. "


def message(number: int, *, may_repeat: bool = True) -> bytes:
    """The `number`-th letter of the corpus."""
    if may_repeat and number % 50 == 49:
        number -= 25
    chance = random.Random(number)
    is_russian = chance.random() < 0.7
    mail = EmailMessage()
    sender = f"client{number % 700}@customer{number % 90}.example"
    mail["From"] = f"{'Иван Петров' if is_russian else 'John Smith'} <{sender}>"
    mail["To"] = "office@north-service.example"
    mail["Subject"] = f"{'Заявка на ремонт' if is_russian else 'Repair request'} № {number}"
    mail["Message-ID"] = f"<bench-{number}@customer.example>"
    if number % 5 == 4:
        mail["In-Reply-To"] = f"<bench-{number - 1}@customer.example>"
        mail["References"] = " ".join(f"<bench-{earlier}@customer.example>" for earlier in range(number - 4, number))
    mail["Date"] = "Tue, 17 Nov 2026 09:00:00 +0300"
    mail["Received"] = "from mx.customer.example by mx.north-service.example; Tue, 17 Nov 2026 09:00:01 +0300"
    text = (_RUSSIAN if is_russian else _ENGLISH) * chance.randint(3, 25)
    charset = chance.choice(_CHARSETS) if is_russian else "us-ascii"
    mail.set_content(text, charset=charset, cte="base64" if is_russian else "7bit")
    if chance.random() < 0.5:
        mail.add_alternative(f"<html><body><p>{text}</p></body></html>", subtype="html", charset="utf-8", cte="base64")
        mail.set_boundary(f"bench-{number}")
    return mail.as_bytes()
