"""A post against its form: every mistake by its field, and what is in order read as an inquiry."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.forms.posts import FieldFault, Inquiry, is_signed, is_trap, read_inquiry
from tasks.rules.office_door import FormField, SiteForm

FORM = SiteForm(
    name="request",
    title="Заявка",
    fields=(
        FormField("name", "Имя", meaning="name", is_required=True, max_chars=20),
        FormField("phone", "Телефон", kind="phone", meaning="phone"),
        FormField("mail", "Почта", kind="mail", meaning="mail"),
        FormField("service", "Услуга", kind="choice", options=("repair", "other")),
        FormField("urgent", "Срочно", kind="flag"),
        FormField("text", "Сообщение", kind="long", meaning="text", max_chars=100),
    ),
    honeypot="website",
)
GOOD = {
    "name": ["Иван"],
    "phone": ["8 (900) 000-02-01"],
    "text": ["Котёл не греет.\nПриезжайте"],
    "service": ["repair"],
    "urgent": ["on"],
    "utm_source": ["x"],
}


def _read(**changed: list[str]) -> Inquiry | tuple[FieldFault, ...]:
    return read_inquiry(FORM, GOOD | changed, "RU", "ru")


def test_a_good_post() -> None:
    assert _read() == Inquiry(
        name="Иван",
        mail=None,
        phone="+79000000201",
        company="",
        title="Заявка: Котёл не греет.",
        text="Котёл не греет.\nПриезжайте\n\nИмя: Иван\nТелефон: 8 (900) 000-02-01\nУслуга: repair\nСрочно: да",
        language="ru",
    )


@pytest.mark.parametrize(
    ("field", "given_texts", "mistake"),
    [
        ("name", [], "missing"),
        ("name", ["  "], "missing"),
        ("name", ["x" * 21], "too_long"),
        ("name", ["a", "b"], "twice"),
        ("phone", ["12"], "no_phone"),
        ("mail", ["a@b@c"], "no_mail"),
        ("service", ["Repair"], "no_choice"),
        ("urgent", ["perhaps"], "no_flag"),
        ("text", ["x" * 101], "too_long"),
        ("phone", [""], "nobody_to_answer"),
    ],
)
def test_every_mistake_is_told_by_its_field(field: str, given_texts: list[str], mistake: str) -> None:
    assert _read(**{field: given_texts}) == (FieldFault(field, mistake),)  # type: ignore[arg-type]  # a table of words


@given(st.dictionaries(st.sampled_from([*GOOD, "mail", "website"]), st.lists(st.text(), max_size=3)))
def test_nothing_that_is_posted_breaks_the_reading(values: dict[str, list[str]]) -> None:
    found = read_inquiry(FORM, values, "RU", "ru")
    assert isinstance(found, tuple) or (
        "\n" not in found.title and "\x00" not in found.text and len(found.title) <= 120
    )


def test_a_robot_fills_what_people_do_not_see() -> None:
    assert is_trap(FORM, GOOD | {"website": ["http://spam.example"]})
    assert not is_trap(FORM, GOOD | {"website": [" "]})


def test_signatures() -> None:
    right = "sha256=" + hmac.new(b"key", b"body", hashlib.sha256).hexdigest()
    assert is_signed("key", b"body", right)
    assert is_signed("key", b"body", right.upper())
    for wrong in ("", "sha256=", right[:-1], right.replace("sha256=", ""), "sha256=é"):
        assert not is_signed("key", b"body", wrong)
    assert not is_signed("key", b"body2", right)
