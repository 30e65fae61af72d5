"""Names: their parts, their spellings, and when two of them are two people."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasks.rules.matching.given_names import given_name
from tasks.rules.matching.name_comparison import compare_names
from tasks.rules.matching.person_names import PersonName, read_name
from tasks.rules.matching.sounds import sound_key
from tests.samples.people_names import DEVELOPMENT, HELD_OUT, LOOKED_AT_LAST
from tests.samples.transliterations import SCHEMES, transliterate

RUSSIAN = sorted(
    {
        word
        for names in (DEVELOPMENT, HELD_OUT, LOOKED_AT_LAST)
        for line in (
            *names.male,
            *names.female,
            *names.surnames,
            *(father for pair in names.fathers for father in pair),
        )
        for word in line.split()
        if word not in ("Цой", "Сёма")  # Coj is Кой as well, and Sjoma Шома
    }
)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("word", RUSSIAN)
def test_every_transliteration_sounds_like_the_russian_name(word: str, scheme: str) -> None:
    latin = transliterate(word, SCHEMES[scheme])
    assert sound_key(latin) == sound_key(word)


@pytest.mark.parametrize(
    ("text", "first", "middle", "last", "gender"),
    [
        ("Иванов Иван Иванович", "иван", "иванович", "иванов", "m"),
        ("Иван Иванович Иванов", "иван", "иванович", "иванов", "m"),
        ("Иванов И.И.", "и", "и", "иванов", "m"),
        ("И. И. Иванова", "и", "и", "иванова", "f"),
        ("Ivan Petrov", "ivan", "", "petrov", "m"),
        ("Petrov, Ivan", "ivan", "", "petrov", "m"),
        ("г-н Петров Иван (ООО «Вектор»)", "иван", "", "петров", "m"),
        ("Анна", "анна", "", "", "f"),
        ("Петрова", "", "", "петрова", "f"),
        ("Саша Ким", "саша", "", "ким", ""),
        ("Роман Абрамович", "роман", "абрамович", "", "m"),
        ("Абрамович Роман Аркадьевич", "роман", "аркадьевич", "абрамович", "m"),
        ("Роман Аркадьевич Абрамович", "роман", "аркадьевич", "абрамович", "m"),
        ("Мамедов Али Гасан оглы", "али", "гасан", "мамедов", "m"),
        ("John M. Smith", "john", "m", "smith", "m"),
        ("Kari Hansen Berg", "kari", "hansen", "berg", "f"),
        ("Bjørn Haugen <bjorn@example.com>", "bjorn", "", "haugen", "m"),
        ("Anna P.", "anna", "", "p", "f"),
        ("Lytkina Zh.A.", "ж", "a", "lytkina", ""),
        ("Tsoi T.Ia.", "t", "я", "tsoi", ""),
        ("Забава Антоновна Цой", "забава", "антоновна", "цой", "f"),
        ("Аня Абрамович", "аня", "", "абрамович", "f"),
        ("Валя Абрамович", "валя", "абрамович", "", ""),
        ("Kari Nikiforov", "kari", "", "nikiforov", ""),
        ("", "", "", "", ""),
        ("+7 900 000-02-01", "", "", "", ""),
    ],
)
def test_the_parts_of_a_name(text: str, first: str, middle: str, last: str, gender: str) -> None:
    name = read_name(text)
    assert (name.first, name.middle, name.last, name.gender) == (first, middle, last, gender)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Иванов Иван", "Ivan Ivanov"),
        ("Саша Белов", "Александр Белов"),
        ("Саша Белова", "Александра Белова"),
        ("Юлия Цветкова", "Iuliia Tsvetkova"),
        ("Ирина Иванова", "Irina Ivanov"),
        ("Bill Smith", "William Smith"),
        ("Хабаров Александр", "Aleksandr Khabarov"),
        ("Ю. Петрова", "Yulia Petrova"),
        ("Kari Hansen Berg", "Kari Berg"),
        ("Салтыков-Щедрин Михаил", "Миша Щедрин"),
        ("Наталья Гусева", "Наталия Гусева"),
        ("Иван Иваныч Петров", "Петров Иван Иванович"),
        ("Семён Королёв", "Семен Королев"),
        ("Zxcv Qwerty", "Qwerty Zxcv"),
        ("Brekke Gunnhild", "G. Brekke"),
        ("Zh. Lytkina", "Жанна Лыткина"),
        ("Alla Kuzminichna Pyzhova", "Алла Кузьминична Пыжова"),
        ("Ivan Kuzmich Belov", "Белов Иван Кузьмич"),
    ],
)
def test_one_person(one: str, other: str) -> None:
    found = compare_names(read_name(one), read_name(other))
    assert not found.conflicts
    assert not found.doubts
    assert found.last in ("same", "near")


@pytest.mark.parametrize(
    ("one", "other", "conflict"),
    [
        ("Иван Белов", "Пётр Белов", "first"),
        ("Марина Белова", "Мария Белова", "first"),
        ("Алексей Белов", "Александр Белов", "first"),
        ("Иван Петрович Белов", "Иван Сергеевич Белов", "patronymic"),
        ("Ivan Petrovich Belov", "Иван Сергеевич Белов", "patronymic"),
        ("Белов", "Белова", "gender"),
        ("А. Белов", "Иван Белов", "first"),
        ("Женя Белов", "Евгения Белова", "gender"),
        ("William Smith", "Edward Smith", "first"),
        ("Kari Lie", "Ingrid Lie", "first"),
    ],
)
def test_two_people(one: str, other: str, conflict: str) -> None:
    assert conflict in compare_names(read_name(one), read_name(other)).conflicts


def test_a_lone_word_may_be_either_part_of_a_name_in_unknown_order() -> None:
    found = compare_names(read_name("Brekke Gunnhild"), read_name("Gunnhild"))
    assert (found.conflicts, found.first) == ((), "same")
    assert compare_names(read_name("Kari Brekke"), read_name("Gunnhild")).conflicts == ("first",)


def test_another_surname_is_a_doubt_not_a_conflict() -> None:
    found = compare_names(read_name("Анна Белова"), read_name("Анна Гусева"))
    assert (found.conflicts, found.doubts, found.first) == ((), ("last",), "same")


def test_a_short_form_stands_for_every_name_it_may_be() -> None:
    assert given_name("Саша").gender == ""
    assert given_name("Саша").names & given_name("Александра").names
    assert given_name("Саша").names & given_name("Aleksandr").names
    assert not given_name("Саша").names & given_name("Алексей").names


TEXTS = st.text(alphabet="абвгАБВГabcABC .,-()'\"«»ёйø1@", max_size=40)


@given(TEXTS, TEXTS)
@example("ø", "AA1øA")
def test_comparing_is_symmetric_and_a_name_never_conflicts_with_itself(one: str, other: str) -> None:
    left, right = read_name(one), read_name(other)
    there, back = compare_names(left, right), compare_names(right, left)
    assert set(there.conflicts) == set(back.conflicts)
    assert not compare_names(left, left).conflicts


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    assert isinstance(read_name(text), PersonName)
    assert sound_key(text).isascii()
