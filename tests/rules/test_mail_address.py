"""One written form per mailbox."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.mail_address import canonical_mail, plain_mail


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        ("Olga@North-Service.example", "olga@north-service.example"),
        ("Ольга <olga+crm@north-service.example>", "olga@north-service.example"),
        ("i.van.off+x@googlemail.com", "ivanoff@gmail.com"),
        ("petr@ya.ru", "petr@yandex.ru"),
        ("petr@yandex.com.tr", "petr@yandex.ru"),
        ("p.etr@example.com", "p.etr@example.com"),
        ("+7900@example.com", "+7900@example.com"),
        ("info@пример.рф", "info@xn--e1afmkfd.xn--p1ai"),
        ("anna@example.com.", "anna@example.com"),
        ("anna@mail.example", "anna@mail.example"),
    ],
)
def test_canonical_form(raw: str, canonical: str) -> None:
    assert canonical_mail(raw) == canonical


@pytest.mark.parametrize(
    "raw", ["", "petr", "@example.com", "a@b@c.example", "a b@example.com", "a@-x.example", "<>", "€@x.example"]
)
def test_what_is_no_address(raw: str) -> None:
    assert canonical_mail(raw) is None


def test_people_of_one_provider_stay_apart() -> None:
    assert len({canonical_mail(f"ivan@{domain}") for domain in ("mail.ru", "bk.ru", "inbox.ru", "list.ru")}) == 4


def test_plain_form_is_still_deliverable_as_written() -> None:
    assert plain_mail("Ivan <I.Van+Shop@Gmail.com>") == "i.van+shop@gmail.com"


@given(st.text(max_size=80))
def test_any_text_gives_an_address_or_none_and_canonical_is_final(raw: str) -> None:
    canonical = canonical_mail(raw)
    assert canonical is None or canonical_mail(canonical) == canonical
