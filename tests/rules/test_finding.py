"""What fits the words that people type, and what fits better."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.errors import UsageError
from tasks.rules.finding import Rank, found_lines, has_points, rank_of, read_query
from tasks.rules.keyboard_layout import to_english


def rank(query: str, text: str, mail: str | None = None, phone: str | None = None) -> Rank | None:
    asked = read_query(query)
    return rank_of(asked, text, has_points(asked, mail, phone))


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("ив пет", "Пётр Иванов"),
        ("петр", "Пётр Иванов"),
        ("Пётр", "петр иванов"),
        ("bdfyjd", "Пётр Иванов"),
        (",tkjd", "Белов"),
        ("ИВАНОВ", "иванов"),
        ("шмфт", "Ivan Petrov"),
        ("иван gtn", "Пётр Иванов"),
        ("салтыков-щ", "Салтыков-Щедрин"),
        ("щедр", "Салтыков-Щедрин"),
        ("Белов,", "Белов Игорь"),
        ("bjorn", "Bjørn"),
        ("l-12", "Ремонт L-12"),
        ("12", "Ремонт L-12"),
    ],
)
def test_first_letters_find(query: str, text: str) -> None:
    assert rank(query, text)


@pytest.mark.parametrize(
    ("query", "text"), [("ванов", "Иванов"), ("ив сид", "Иванов Пётр"), ("ghbdtn", "Пока"), ("2", "L-12")]
)
def test_the_middle_of_a_word_and_half_a_query_do_not(query: str, text: str) -> None:
    assert rank(query, text) is None


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("+7 900 000-02-01", True),
        ("8 (900) 000-02-01", True),
        ("89000000201", True),
        ("000201", True),
        ("0201", True),
        ("201", False),
        ("9990000", False),
        ("anna@", True),
        ("ann", True),
        ("фттф", True),
        ("@client", True),
        ("client", False),
        ("анн +79000000201", True),
    ],
)
def test_phones_by_digits_and_mails_by_their_beginning(query: str, is_found: bool) -> None:
    text = "Анна" if query.startswith("анн") else "Сергеева"
    assert bool(rank(query, text, "anna@client.example", "+79000000201")) == is_found


def test_what_fits_better_comes_first() -> None:
    texts = ["Иванович Пётр", "Сергей Иван", "Иван", "Пётр Иванович"]
    assert sorted(texts, key=lambda text: rank("иван", text) or Rank(9, 9, 9, 9)) == [
        "Иван",
        "Сергей Иван",
        "Иванович Пётр",
        "Пётр Иванович",
    ]
    typed, other = rank("иван", "Иванов"), rank("bdfy", "Иванов")
    assert typed is not None
    assert other is not None
    assert typed < other


@pytest.mark.parametrize("text", ["", "  ", "…", "—- !"])
def test_no_letter_and_no_digit_is_no_question(text: str) -> None:
    with pytest.raises(UsageError, match="say what to find"):
        read_query(text)


def test_what_was_searched_for_is_said() -> None:
    assert found_lines(read_query("ghbdtn vbh"), [], "ru") == ["Ничего не найдено; искали: ghbdtn vbh / привет мир"]
    assert found_lines(read_query("0201"), [], "en") == ["Nothing found; searched for: 0201"]


NAMES = st.text(alphabet="абвгдежзийклмнопрстуфхцчшщъыьэюя", min_size=1, max_size=12)


@given(st.lists(NAMES, min_size=1, max_size=4), st.data())
def test_any_beginnings_find_in_either_layout(names: list[str], data: st.DataObject) -> None:
    starts = [name[: data.draw(st.integers(1, len(name)))] for name in names]
    text = " ".join(names)
    assert rank(" ".join(starts), text)
    assert rank(" ".join(to_english(start) for start in starts), text)


@given(st.text(max_size=40), st.text(max_size=80))
def test_any_words_and_any_text_have_an_answer(query: str, text: str) -> None:
    try:
        rank(query, text, text, text)
    except UsageError:
        assert not any(character.isalnum() for character in query)
