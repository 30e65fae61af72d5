"""Messages that are passed on: who wrote them, and what was added."""

# A sample mail stays in one piece:
# ruff: noqa: E501

from __future__ import annotations

from dataclasses import replace

import pytest

from tasks.rules.mail.forwards import Forward, find_forward

PETR = Forward("Пётр Иванов", "petr@example.com", "Насос", "17.11.2026 10:12", "Течёт насос.\nПриезжайте.", "")
BODY = "Течёт насос.\nПриезжайте."
FROM = "Пётр Иванов <petr@example.com>"

MARKED = [
    f"---------- Forwarded message ---------\nОт: {FROM}\nDate: 17.11.2026 10:12\nSubject: Насос\nTo: <o@example.com>\n\n\n{BODY}",
    f"-------- Пересылаемое сообщение --------\n17.11.2026, 10:12\n\nОт: {FROM}\nТема: Насос\nДата: 17.11.2026 10:12\n\n{BODY}",
    f"-------- Перенаправленное сообщение --------\nТема: \tНасос\nДата: \t17.11.2026 10:12\nОт: \t{FROM}\nКому: \to@example.com\n\n\n\n{BODY}",
    f"----------- Пересланное сообщение ----------\nОт: {FROM}\nКому: o@example.com\nДата: 17.11.2026 10:12\nТема: Насос\n\n{BODY}",
    f"-------- Videresendt melding --------\nEmne: Насос\nDato: 17.11.2026 10:12\nFra: {FROM}\nTil: o@example.com\n\n{BODY}",
    f"Begin forwarded message:\n\nFrom: {FROM}\nSubject: Насос\nDate: 17.11.2026 10:12\nTo: o@example.com\n\n{BODY}",
    "> Начало переадресованного сообщения:\n> \n> От: Пётр Иванов <petr@example.com>\n> Тема: Насос\n> Дата: 17.11.2026 10:12\n"
    "> Кому: o@example.com\n> \n> Течёт насос.\n> Приезжайте.",
    f"Forwarded message:\n\n> From: {FROM}\n> To: o@example.com\n> Subject: Насос\n> Date: 17.11.2026 10:12\n>\n> Течёт насос.\n> Приезжайте.",
    f"   ----- Пересылаемое сообщение ----- От: {FROM}Кому: o@example.comОтправлено: 17.11.2026 10:12Тема: Насос\n{BODY}",
    f"-----Original Message-----\nFrom: \"Пётр Иванов\" [mailto:petr@example.com]\nSent: 17.11.2026 10:12\nTo: O\nSubject: Насос\n\n{BODY}",
    f"________________________________\nОт: {FROM}\nОтправлено: 17.11.2026 10:12\nКому: o@example.com\nТема: Насос\n\n{BODY}",
    f"Von: {FROM}\nDatum: 17.11.2026 10:12\nAn: o@example.com <o@example.com>,\n b@example.com\nBetreff: Насос\n{BODY}",
]  # fmt: skip


@pytest.mark.parametrize("text", MARKED)
@pytest.mark.parametrize("note", ["", "Посмотри, пожалуйста.\n\n"])
def test_a_forward_is_read(text: str, note: str) -> None:
    found = find_forward(note + text, "Fwd: Насос")
    assert found == replace(PETR, note=note.strip())


@pytest.mark.parametrize(
    "attribution",
    [
        "17.11.2026 10:12, Пётр Иванов <petr@example.com> пишет:",
        'Am 17.11.2026 10:12 schrieb "Пётр Иванов" <petr@example.com>:',
    ],
)
def test_a_forward_under_an_attribution(attribution: str) -> None:
    assert find_forward(f"{attribution}\n\n{BODY}") == replace(PETR, subject="")
    assert find_forward(f"См.\n\n{attribution}\n\n{BODY}", "FW: Насос") is not None
    assert find_forward(f"См.\n\n{attribution}\n\n{BODY}", "Насос") is None
    assert find_forward(f"{attribution}\n\n{BODY}", "Re: Насос") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Добрый день!",
        "Перешлите, пожалуйста, договор.",
        "Пересылаем договор:\nон во вложении.",
        "Да.\n\n17.11.2026 10:12, Офис пишет:\n> Когда?",
        "17.11.2026 10:12, Офис пишет:\n> Когда?\n\nЗавтра.",
        "-- forwarded to Petr\nText",
        "От: 5 штук",
    ],
)
def test_no_forward(text: str) -> None:
    assert find_forward(text) is None
    assert find_forward(text, "Re: Насос") is None


def test_a_reply_above_a_copied_header_is_none() -> None:
    block = "От: Офис <o@example.com>\nОтправлено: 17.11.2026\nКому: Пётр\nТема: Насос\n\nКогда?"
    assert find_forward(f"Завтра.\n\n{block}", "RE: Насос") is None
    assert find_forward(f"Завтра.\n\n{block}", "Насос") is not None


def test_of_a_chain_the_last_sender_is_named() -> None:
    chain = "From: A <a@example.com>\nDate: x\nSubject: s\n\nOne\n\nFrom: B <b@example.com>\nDate: y\nSubject: t\n\nTwo"
    found = find_forward(chain, "Fwd: s")
    assert found is not None
    assert (found.from_address, found.subject) == ("a@example.com", "s")
    assert found.body.endswith("Two")
