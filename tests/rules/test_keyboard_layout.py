"""Words typed in the other keyboard layout."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.keyboard_layout import other_layouts, to_english, to_russian

CYRILLIC = "йцукенгшщзхъфывапролджэячсмитьбюёЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮЁ"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ghbdtn", "привет"),
        (",tkjd", "белов"),
        ("`krf", "ёлка"),
        ('"kkf', "Элла"),
        ("'rcgthn", "эксперт"),
        ("Cthutq", "Сергей"),
        ("gtnhjd", "петров"),
        ("шмфт", "ivan"),
        ("Ащкв", "Ford"),
    ],
)
def test_the_same_keys(typed: str, meant: str) -> None:
    assert meant in other_layouts(typed)


@pytest.mark.parametrize("word", ["anna@client.example", "L-12", "79000000201", "привет2", "—", "№"])
def test_addresses_numbers_and_signs_are_left_alone(word: str) -> None:
    assert other_layouts(word) == ()


def test_a_word_of_both_alphabets_has_both_readings() -> None:
    assert other_layouts("иvan") == ("имфт", "bvan")


@given(st.text(alphabet=CYRILLIC))
def test_there_and_back(word: str) -> None:
    assert to_russian(to_english(word)) == word


@given(st.text())
def test_any_text_has_at_most_two_other_readings(text: str) -> None:
    assert len(other_layouts(text)) <= 2
