"""The visible part of replies as mail programs of our clients write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.mail.reply_text import split_reply

QUOTE = "> Добрый день!\n> Мастер приедет завтра.\n"


@pytest.mark.parametrize(
    "attribution",
    [
        "вт, 17 нояб. 2026 г. в 10:12, Северный Сервис <office@north-service.example>:",
        "17 ноября 2026 г., 10:12 пользователь Северный Сервис <office@north-service.example> написал:",
        "17.11.2026, 10:12, Северный Сервис <office@north-service.example>:",
        "Вторник, 17 ноября 2026, 10:12 +03:00 от Северный Сервис <office@north-service.example>:",
        "17.11.2026 10:12, Северный Сервис пишет:",
        "Вы писали 17 ноября 2026 г., 10:12:34:",
        "On Tue, Nov 17, 2026 at 10:12 AM North Service <office@north-service.example>\nwrote:",
        "On 17/11/2026 10:12, North Service wrote:",
    ],
)
def test_what_follows_an_attribution_is_the_quote(attribution: str) -> None:
    parts = split_reply(f"Согласен.\n\n{attribution}\n{QUOTE}")
    assert parts.reply == "Согласен."
    assert "Мастер приедет" in parts.quote


@pytest.mark.parametrize(
    "block",
    [
        "-----Исходное сообщение-----\nОт: Офис\nТема: Насос\nТекст",
        "From: Office <office@north-service.example>\nSent: Tuesday, November 17, 2026\nTo: Petr\nSubject: x\n\nT",
        "________________________________\nОт: Офис\nОтправлено: 17 ноября 2026\nКому: Пётр\nТема: Насос\n\nТекст",
        "-------- Original Message --------\nSubject: Pump\nText",
    ],
)
def test_a_copied_header_ends_the_reply(block: str) -> None:
    assert split_reply(f"Да, в 14:00.\n\n{block}").reply == "Да, в 14:00."


def test_an_answer_below_the_quote() -> None:
    assert split_reply(f"17.11.2026 10:12, Офис пишет:\n{QUOTE}\nСогласен.\n").reply == "Согласен."


def test_answers_between_quoted_lines_are_kept_whole() -> None:
    text = "17.11.2026 10:12, Офис пишет:\n> Когда?\nЗавтра.\n> Куда?\nНа склад."
    assert split_reply(text).reply == text


def test_a_bare_forward_is_kept_whole() -> None:
    text = "---------- Forwarded message ---------\nFrom: A <a@example.com>\nDate: x\nSubject: y\nTo: z\n\nText"
    assert split_reply(text).reply == text


def test_signatures() -> None:
    parts = split_reply("Согласен.\n-- \nПётр\nООО «Ромашка»")
    assert (parts.reply, parts.signature) == ("Согласен.", "-- \nПётр\nООО «Ромашка»")
    assert split_reply("Согласен.\n\nОтправлено с iPhone").reply == "Согласен."
    assert split_reply("Yes\n\nSent from my phone").reply == "Yes"
    assert split_reply("Согласен.\nС уважением,\nПётр").reply == "Согласен.\nС уважением,\nПётр"


@pytest.mark.parametrize(
    "text",
    [
        "C> dir\nработает",
        "Добрый день!\nМы писали вам 17.11.2026 и ждём ответа.",
        "Отправлено с завода вчера, ждём вас завтра в офисе. Позвоните за час до приезда.\nПётр\nа\nб\nв\nг",
        "Тема: насос\nСрок: завтра",
    ],
)
def test_plain_mail_is_left_alone(text: str) -> None:
    assert split_reply(text).reply == text


def test_only_a_quote_is_no_reply() -> None:
    assert split_reply(f"17.11.2026 10:12, Офис пишет:\n{QUOTE}").reply == ""


@given(st.text(alphabet=st.sampled_from("аб>|-_ :\n<@.17"), max_size=300))
def test_every_part_comes_from_the_text(text: str) -> None:
    parts = split_reply(text)
    lines = {line.strip() for line in text.split("\n")}
    kept = (line.strip() for part in (parts.reply, parts.quote) for line in part.split("\n"))
    assert all(line in lines for line in kept if line)
