"""One written form for a number, however it was dialled; papers' numbers are no telephones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.phones import find_phones, mask_phone, to_e164


@pytest.mark.parametrize(
    "raw",
    ["79000000201", "89000000201", "9000000201", "+79000000201", "+7 (900) 000-02-01", "8 900 000 02 01 доб. 12",
     "81079000000201", "sip:+79000000201@pbx.example", '"Иван" <79000000201>', "tel:+7-900-000-02-01",
     "８９０００００02０１"],
)  # fmt: skip
def test_every_way_of_dialling_gives_one_number(raw: str) -> None:
    assert to_e164(raw, "RU") == "+79000000201"


@pytest.mark.parametrize(
    "raw", ["", "s", "101", "600", "112", "*98", "anonymous", "Unavailable", "1234567", "<>", "+", "8" * 30]
)
def test_extensions_services_and_withheld_numbers_are_none(raw: str) -> None:
    assert to_e164(raw, "RU") is None


def test_a_number_is_read_by_the_habits_of_its_country() -> None:
    assert to_e164("030 123456", "DE") == "+4930123456"
    assert to_e164("+4930123456", "RU") == "+4930123456"


@given(st.text(max_size=60))
def test_what_is_a_number_stays_the_same_when_read_again(raw: str) -> None:
    found = to_e164(raw, "RU")
    assert found is None or (found.startswith("+") and to_e164(found, "RU") == found)


def test_a_mask_hides_the_middle() -> None:
    assert mask_phone("+79000000201") == "+7900***0201"
    assert mask_phone("+7900") == "***"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("звоните 8 900 000-05-01 или +7 (900) 000 05 02", ["+79000000501", "+79000000502"]),
        ("тел.:89000000504, ещё раз 8(900)0000504", ["+79000000504"]),
        ("по договору 12/3 звоните 8 900 000 05 03", ["+79000000503"]),
        ("контакт 89000000506", ["+79000000506"]),
        ("заказ: 89000000501. тел. 89000000502", ["+79000000502"]),
        ("номер заказа внизу\n89000000507", ["+79000000507"]),
        ("договор 89000000501", []),
        ("Договор № 89000000501", []),
        ("счёт №8 900 000 05 01 от 3 мая", []),
        ("счет 89000000501", []),
        ("ИНН 7707083893", []),
        ("Invoice No. 89000000501", []),
        ("№ 89000000505", []),
        ("р/с 40702810900000005555", []),
        ("", []),
    ],
)
def test_phones_are_found_in_texts_and_papers_refused(text: str, found: list[str]) -> None:
    assert find_phones(text, "RU") == found
