"""What answers mean; and that a careless "yes" is never read out of a sentence."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.reply_command import Position, ReplyCommand, document_kind, interpret


@pytest.mark.parametrize(
    ("text", "verb", "reason"),
    [
        ("Готово!", "done", ""),
        ("готово, документы во вложении", "done", ""),
        ("готово, документы приложены", "done", ""),
        ("DONE", "done", ""),
        ("да", "yes", ""),
        ("Добрый день!\n\nПодтверждаю.\n\nС уважением,\nИван Петров\n+7 900 000-02-01", "yes", ""),
        ("Hello,\nyes, confirmed, thank you\n-- \nJohn", "yes", ""),
        ("+", "yes", ""),
        ("Беру в работу.", "take", ""),
        ("taking it", "take", ""),
        ("нет: время не подходит", "no", "время не подходит"),
        ("Отклонить: дорого\nи долго", "no", "дорого\nи долго"),
        ("decline - too expensive", "no", "too expensive"),
        ("Не согласен.", "no", ""),
        ("спам", "spam", ""),
        ("Это не спам!", "good", ""),
        ("not spam, thank you", "good", ""),
        ("не лид: ошиблись адресом", "junk", "ошиблись адресом"),
        ("оплачено", "paid", ""),
        ("Отменить: клиент передумал", "cancel", "клиент передумал"),
        ("lost: no answer", "lose", "no answer"),
        ("старт", "start", ""),
        ("> да\nготово", "done", ""),
    ],
)
def test_commands_in_both_languages(text: str, verb: str, reason: str) -> None:
    command = interpret(text)
    assert command is not None
    assert (command.verb, command.reason) == (verb, reason)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Да, но только после обеда",
        "Yes\nBut call me first",
        "да, если будет скидка",
        "Не готово",
        "Нет, всё в порядке, приезжайте",
        "No problem, come",
        "да\nнет",
        "Когда будет готово?",
        "готово ли?",
        "Позвоните мне, пожалуйста",
        "Спасибо",
    ],
)
def test_what_a_person_must_read_is_no_command(text: str) -> None:
    assert interpret(text) is None


def test_fields_and_positions_in_both_languages() -> None:
    command = interpret(
        "Готово\nпозиция: visit x 2\nпозиция: Прокладки = 1 500,50 х 3\nитого: дорого\nИсполнитель: egor\n"
        "time: 2026-11-19 10:00\n- position: Filter = 500"
    )
    assert command == ReplyCommand(
        "done",
        fields=(("executor", "egor"), ("work_at", "2026-11-19 10:00")),
        positions=(
            Position("visit", Decimal(2), None),
            Position("Прокладки", Decimal(3), Decimal("1500.50")),
            Position("Filter", Decimal(1), Decimal(500)),
        ),
        others=(("итого", "дорого"),),
    )


def test_fields_alone_are_no_verb() -> None:
    command = interpret("диспетчер: daria\nвид: first")
    assert command is not None
    assert (command.verb, dict(command.fields)) == ("", {"dispatcher": "daria", "kind": "first"})


def test_a_position_without_a_quantity_above_nothing_is_told() -> None:
    command = interpret("позиция: visit x 0")
    assert command is not None
    assert (command.positions, command.problems) == ((), ("visit x 0",))


@given(st.text(max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    interpret(text)


@given(st.sampled_from(["да", "yes", "подтверждаю"]), st.text(st.characters(categories=["Ll", "Lo"]), min_size=3))
def test_a_yes_with_other_words_behind_it_is_never_a_yes(yes: str, words: str) -> None:
    command = interpret(f"{yes}, {words} не")
    assert command is None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Акт_12.pdf", "act"),
        ("act-D-000001.pdf", "act"),
        ("Счёт на оплату.pdf", "invoice"),
        ("invoice_7.pdf", "invoice"),
        ("Договор.docx", "contract"),
        ("contract.pdf", "contract"),
        ("контакты.pdf", None),
        ("factory.pdf", None),
    ],
)
def test_the_kind_of_a_document_is_a_word_of_its_name(name: str, kind: str | None) -> None:
    assert document_kind(name) == kind
