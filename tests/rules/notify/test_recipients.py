"""Who is meant by a word, and who may speak in whose name."""

from __future__ import annotations

import pytest

from tasks.rules.errors import UsageError
from tasks.rules.notify.recipients import Colleague, Directory, recipients_of, speaker


def colleague(number: int, key: str, *roles: str) -> Colleague:
    return Colleague(f"person:{number}", key, key.title(), f"{key}@north-service.example", frozenset(roles))


HOUSE = Directory(
    (
        colleague(1, "viktor", "chief", "administrator"),
        colleague(2, "olga", "operator"),
        colleague(3, "pavel", "operator"),
    ),
    ("operator", "chief", "administrator", "master"),
    {"vip": ("contact:1", "contact:2"), "old": ()},
    {"anna@example.com": "contact:1", "petrov": "contact:3"},
)


@pytest.mark.parametrize(
    ("words", "refs"),
    [
        (["olga"], ("person:2",)),
        (["Olga@North-Service.example "], ("person:2",)),
        (["operator"], ("person:2", "person:3")),
        (["vip", "anna@example.com", "petrov"], ("contact:1", "contact:2", "contact:3")),
        (["pavel", "operator"], ("person:3", "person:2")),
    ],
)
def test_who_is_meant(words: list[str], refs: tuple[str, ...]) -> None:
    assert recipients_of(words, HOUSE) == refs


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "whom"),
        ([""], "nobody is called ''"),
        (["olgo"], "did you mean 'olga'"),
        (["operators"], "did you mean 'operator'"),
        (["master"], "nobody has the role 'master'"),
        (["old"], "nobody is in the client group 'old'"),
        (["olga", "zzz"], "nobody is called 'zzz'$"),
    ],
)
def test_nobody_is_meant(words: list[str], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        recipients_of(words, HOUSE)


@pytest.mark.parametrize(
    ("author", "sender", "speaks"),
    [("olga", "", "olga"), ("olga", "olga", "olga"), ("viktor", "olga", "olga"), ("viktor", " ", "viktor")],
)
def test_in_whose_name(author: str, sender: str, speaks: str) -> None:
    assert [one.key for one in speaker(author, sender, HOUSE)] == [author, speaks]


@pytest.mark.parametrize(
    ("author", "sender", "told"),
    [
        ("olga", "viktor", "only an administrator"),
        ("", "", "who writes"),
        ("olgo", "", "did you mean 'olga'"),
        ("viktor", "nobody", "nobody on the staff"),
    ],
)
def test_in_nobodys_name(author: str, sender: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        speaker(author, sender, HOUSE)
