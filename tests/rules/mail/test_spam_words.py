"""What the spam model sees of a mail: its words and facts, and nothing that names a person."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.mail.parsed import ParsedFile, ParsedMail
from tasks.rules.mail.spam_words import spam_words

MAIL = ParsedMail("<a@example.com>", "petr.novikov@shop.example", "Пётр Новиков", "", "")


def words(subject: str = "", text: str = "", **fields: object) -> set[str]:
    return set(spam_words(dataclasses.replace(MAIL, subject=subject, text=text, **fields)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("subject", "text", "found"),
    [
        ("Скидка", "", {"скидка", "subject:скидка"}),
        ("", "Всё ЕЩЁ дёшево", {"все", "еще", "дешево"}),
        ("", "Free money!!!", {"free", "money", "!!"}),
        ("", "скидка 70 %", {"скидка", "percent"}),
        ("", "go https://pay.win.example/x?u=17 now", {"go", "now", "link:win.example", "a link"}),
        ("", "http://192.0.2.7/pay", {"link to a bare number", "a link"}),
        ("", "BUY GOLD TODAY BEST PRICE EVER", {"shouts", "gold"}),
        ("", "пишите на ivan.petrov@mail.example", {"пишите", "address:mail.example"}),
    ],
)
def test_words_and_facts(subject: str, text: str, found: set[str]) -> None:
    assert found <= words(subject, text)


def test_nothing_that_names_a_person() -> None:
    text = "+7 900 000-05-01, ivan.petrov@mail.example, https://x.example/u/ivanpetrov, счёт 40817810099910004312"
    seen = " ".join(words("", text))
    for part in ("900", "0501", "ivan", "petrov", "novikov", "новиков", "408178"):
        assert part not in seen


def test_files_answers_and_senders_are_facts() -> None:
    seen = words("", "x", files=(ParsedFile("price.XLSX", b"x"),), answers=("<b@example.com>",))
    assert {"file:xlsx", "answers something", "no subject", "sender:shop.example", "sender zone:example"} <= seen
    assert "sender:none" in words("", "x", from_address="nobody")


@given(st.text(max_size=400), st.text(max_size=60))
def test_any_text_gives_the_same_words_each_time(text: str, subject: str) -> None:
    mail = dataclasses.replace(MAIL, subject=subject, text=text)
    found = spam_words(mail)
    assert found == sorted(set(found)) == spam_words(mail)
