"""What a text message costs, and how it is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.notify.sms_text import fit_sms, sms_parts, takes_sms


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("я" * 70, 1),
        ("я" * 71, 2),
        ("я" * 134, 2),
        ("я" * 135, 3),
        ("🙂" * 35, 1),
        ("🙂" * 36, 2),
    ],
)
def test_parts(text: str, parts: int) -> None:
    assert sms_parts(text) == parts


@given(st.text(), st.integers(1, 4))
def test_what_is_cut_fits_and_is_the_beginning(text: str, most: int) -> None:
    cut = fit_sms(text, most)
    assert sms_parts(cut) <= most
    whole = " ".join(text.split())
    assert cut == whole or whole.startswith(cut.removesuffix("..."))


def test_it_is_cut_at_a_word() -> None:
    assert fit_sms("Заказ готов. " * 20, 1) == "Заказ готов. " * 4 + "Заказ готов..."


@pytest.mark.parametrize(
    ("number", "wanted"), [("+79000000201", True), ("+74951234567", False), ("+12025550123", True), ("", False)]
)
def test_only_mobiles(number: str, wanted: bool) -> None:
    assert takes_sms(number) is wanted
