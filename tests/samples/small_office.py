"""A small office for tests, as data: no folder needed but for its wordings."""

from __future__ import annotations

from datetime import time
from pathlib import Path

from tasks.rules.office import Hours, LeadTimes, Mailbox, Office, Register, Sender, Telephony

WORDINGS = {
    "ru/note.txt.j2": "Subject: Заметка для {{ recipient.name }}\n\nДобрый день!\n{{ text }}\n",
    "en/note.txt.j2": "Subject: A note for {{ recipient.name }}\n\nGood day!\n{{ text }}\n",
    "ru/note.html.j2": "<p>{{ text }}</p>",
    "ru/broken.txt.j2": "Subject: Сломано\n\n{% if text %}\n{{ nobody.knows }}\n{% endif %}\n",
}


def write_wordings(folder: Path, wordings: dict[str, str] = WORDINGS) -> Path:
    """Write template files below `folder` and return it."""
    for name, text in wordings.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def small_office(templates: Path, *, port: int = 1025, registers: tuple[Register, ...] = (), **sender: str) -> Office:
    """An office in Moscow that sends plain SMTP to a loopback port."""
    return Office(
        name="Северный Сервис",
        domain="north-service.example",
        time_zone="Europe/Moscow",
        language="ru",
        currency="RUB",
        hours=Hours(time(9), time(18)),
        sender=Sender(
            **{  # type: ignore[arg-type]  # one dict of mixed fields
                "mail": "office@north-service.example",
                "name": "Северный Сервис",
                "host": "127.0.0.1",
                "port": port,
                "security": "plain",
                **sender,
            }
        ),
        lead_times=LeadTimes(),
        mailboxes=(Mailbox("office", "office@north-service.example", "127.0.0.1", 1143, "office", "office-mailbox"),),
        telephony=Telephony(),
        people=(),
        clients=(),
        prices=(),
        registers=registers,
        processes={},
        templates=str(templates),
        digest=str(templates),
    )
