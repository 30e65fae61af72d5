"""Addresses, numbers and companies as evidence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.matching.companies import company_key, entrepreneur_name, is_company_name
from tasks.rules.matching.identities import mail_domain, mail_reach, phone_reach, read_mails, read_phones
from tasks.rules.matching.person_names import read_name
from tasks.rules.matching.slips import contradicts_name, is_mail_slip, is_phone_slip, spells_name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+7 900 000-02-01", ["+79000000201"]),
        ("8 (900) 000-02-01, 8-900-000-02-02", ["+79000000201", "+79000000202"]),
        ("моб. 8 900 000 02 01; раб. +7 495 123-45-67 доб. 12", ["+79000000201", "+74951234567;12"]),
        ("+7 495 123-45-67, доб. 12", ["+74951234567;12"]),
        ("+74951234567#12 / +47 90 00 00 01", ["+74951234567;12", "+4790000001"]),
        ("89000000201 и 89000000202", ["+79000000201", "+79000000202"]),
        ("+7 900 000-02-01 +7 900 000-02-01", []),
        ("звонить после шести", []),
    ],
)
def test_several_numbers_in_one_field(text: str, expected: list[str]) -> None:
    assert [phone.key for phone in read_phones(text, "RU")] == expected


def test_whose_a_number_can_be() -> None:
    assert phone_reach("+79000000201") == "person"
    assert phone_reach("+74951234567") == "company"
    assert phone_reach("+12125550123") == "maybe"
    assert phone_reach("no number") == "company"
    assert read_phones("+7 900 000-02-01 доб. 3", "RU")[0].reach == "company"


@pytest.mark.parametrize(
    ("mail", "reach"),
    [
        ("info@les.example", "company"),
        ("buh2@les.example", "company"),
        ("sales.msk@les.example", "company"),
        ("2024@les.example", "company"),
        ("a.belov@les.example", "person"),
        ("information.belov@les.example", "person"),
    ],
)
def test_role_mailboxes_are_the_companys(mail: str, reach: str) -> None:
    assert mail_reach(mail) == reach


def test_addresses_of_a_field() -> None:
    text = "mailto:Ivan.Petrov+shop@GMail.com; <ivan@ya.ru>, ivan@mail.ru"
    assert read_mails(text) == ("ivanpetrov@gmail.com", "ivan@yandex.ru", "ivan@mail.ru")
    assert mail_domain("ivan@mail.ru") == ""
    assert mail_domain("ivan@les.example") == "les.example"


@pytest.mark.parametrize(
    ("one", "other", "is_slip"),
    [
        ("ivanpetrov@gmail.com", "ivanpetov@gmail.com", True),
        ("ivanpetrovich@gmail.com", "ivanpertovihc@gmail.com", True),
        ("ivanpetrov@gmail.com", "ivanpetrov@gmial.com", True),
        ("i.petrov@les.example", "i_petrov@les.example", True),
        ("ivan85@gmail.com", "ivan86@gmail.com", False),
        ("ivan@gmail.com", "ivam@gmail.com", False),
        ("ipetrov@gmail.com", "apetrov@gmail.com", False),
        ("ivanpetrov@mail.ru", "ivanpetrov@list.ru", False),
        ("ivanpetrov@mail.ru", "ivanpetrov@bk.ru", False),
    ],
)
def test_slips_of_the_pen(one: str, other: str, *, is_slip: bool) -> None:
    assert is_mail_slip(one, other) is is_slip
    assert is_mail_slip(other, one) is is_slip


def test_slips_of_the_finger() -> None:
    assert is_phone_slip("+79000000201", "+79000000210")
    assert is_phone_slip("+79000000201", "+79000000202")
    assert not is_phone_slip("+79000000201", "+79000000201")
    assert not is_phone_slip("+79000000201", "+79000000312")


@pytest.mark.parametrize("mail", ["a.belova@x.ru", "belova_anna@x.ru", "annabelova@x.ru", "belova.anya@x.ru"])
def test_an_address_may_spell_the_name(mail: str) -> None:
    anna = read_name("Анна Белова")
    assert spells_name(mail, anna)
    assert not contradicts_name(mail, anna)
    assert not spells_name(mail, read_name("Ольга Гусева"))


@pytest.mark.parametrize("mail", ["p.belov@x.ru", "belov.petr@x.ru", "petr.belov@x.ru", "pbelov@x.ru"])
def test_or_somebody_elses(mail: str) -> None:
    assert contradicts_name(mail, read_name("Анна Белова"))


@pytest.mark.parametrize("name", ["ООО «Лесной Двор»", "Лесной двор, ООО", "LESNOY DVOR LLC", "АО Лесной двор"])
def test_one_company_however_it_is_written(name: str) -> None:
    assert company_key(name) == company_key("Лесной двор")
    assert is_company_name(name) or "," in name


def test_an_entrepreneur_is_a_person() -> None:
    assert not is_company_name("ИП Белов Иван")
    assert read_name(entrepreneur_name("ИП Белов Иван")).last == "белов"
    assert not is_company_name("Белов Иван")


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    read_phones(text, "RU")
    read_mails(text)
    company_key(text)
    assert isinstance(is_company_name(text), bool)
