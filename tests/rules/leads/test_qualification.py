"""The qualification form: reading answers as people write them, gates, and mistakes of the form itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.leads.qualification import BadAnswer, group_answers, missing_for, read_answer, read_answers
from tasks.rules.leads.qualification_form import FormField, FormGroup, FormOption, QualificationForm, flaws_in

PAYMENT = FormField(
    "payment",
    {"ru": "Форма оплаты", "en": "Payment"},
    "choice",
    (FormOption("card", {"ru": "карта", "en": "card"}), FormOption("cash", {"ru": "наличные", "en": "cash"})),
)
FORM = QualificationForm(
    version=2,
    groups=(
        FormGroup(
            "product",
            {"ru": "Изделие", "en": "Product"},
            (
                FormField("size", {"ru": "Размер", "en": "Size"}, "number", unit="м²", aliases=("площадь",)),
                FormField("colour", {"ru": "Цвет", "en": "Colour"}),
            ),
        ),
        FormGroup(
            "client",
            {"ru": "Клиент", "en": "Client"},
            (
                PAYMENT,
                FormField("budget", {"ru": "Бюджет", "en": "Budget"}, "money"),
                FormField("wanted_date", {"ru": "Желаемая дата", "en": "Wanted date"}, "date"),
                FormField("delivery", {"ru": "Доставка", "en": "Delivery"}, "flag"),
            ),
        ),
    ),
    required={"in_work": ("colour",), "qualified": ("size",), "converted": ("payment",)},
)


@pytest.mark.parametrize(
    ("key", "text", "kept"),
    [
        ("size", "12,50", "12.5"),
        ("size", "1 200", "1200"),
        ("size", "двенадцать", None),
        ("size", "1e5", None),
        ("budget", "150 000 руб.", "150000.00"),
        ("budget", "1500,5", "1500.50"),
        ("budget", "-5", None),
        ("budget", "10000000000000", None),
        ("wanted_date", "19.11.2026", "2026-11-19"),
        ("wanted_date", "2026-2-3", "2026-02-03"),
        ("wanted_date", "31.02.2026", None),
        ("wanted_date", "завтра", None),
        ("delivery", "Да!", "yes"),
        ("delivery", "не нужна", "no"),
        ("delivery", "может быть", None),
        ("payment", "Карта.", "card"),
        ("payment", "CASH", "cash"),
        ("payment", "бартер", None),
        ("colour", "  тёмный   дуб ", "тёмный дуб"),
        ("colour", "   ", ""),
    ],
)
def test_an_answer_is_kept_in_one_form_or_refused(key: str, text: str, kept: str | None) -> None:
    read = read_answer(FORM.fields[key], text)
    assert read == kept if kept is not None else isinstance(read, BadAnswer)


def test_a_field_is_known_by_key_title_and_alias_and_the_last_word_counts() -> None:
    said = [("ПЛОЩАДЬ", "10"), ("Size", "12"), ("желаемая дата", "x"), ("wanted_date", "2026-11-19"), ("Этаж", "3")]
    answers = read_answers(FORM, said)
    assert answers.values == {"size": "12", "wanted_date": "2026-11-19"}
    assert answers.free == (("Этаж", "3"),)
    assert answers.bad == ()


def test_a_bad_answer_says_what_would_be_possible() -> None:
    (bad,) = read_answers(FORM, [("Форма оплаты", "бартер")]).bad
    assert (bad.field.key, bad.found, bad.wanted) == ("payment", "бартер", "card / cash")


def test_a_status_needs_what_the_statuses_before_it_need() -> None:
    assert [one.key for one in missing_for(FORM, {}, "in_work")] == ["colour"]
    assert [one.key for one in missing_for(FORM, {"colour": "red"}, "converted")] == ["size", "payment"]
    assert missing_for(FORM, {"colour": "red", "size": "1", "payment": "card"}, "converted") == ()
    assert [one.key for one in missing_for(FORM, {"colour": "", "size": "1"}, "qualified")] == ["colour"]


def test_the_answers_are_shown_by_group_as_people_read_them() -> None:
    shown = group_answers(FORM, {"size": "12.5", "payment": "card", "delivery": "yes"}, "ru")
    assert [(title, [text for _, text in rows]) for title, rows in shown] == [
        ("Изделие", ["12.5 м²", ""]),
        ("Клиент", ["карта", "", "", "да"]),
    ]


def test_a_form_without_mistakes_has_no_flaws() -> None:
    assert flaws_in(FORM) == []


@pytest.mark.parametrize(
    ("form", "place", "word"),
    [
        (QualificationForm(version=0), ("version",), "begins with 1"),
        (
            QualificationForm(groups=(FormGroup("a", {}, (FormField("x", {}), FormField("x", {}))),)),
            ("groups", 0, "fields", 1, "key"),
            "twice",
        ),
        (
            QualificationForm(
                groups=(FormGroup("a", {}, (FormField("x", {"ru": "Цвет"}), FormField("y", {"ru": "цвет"}))),)
            ),
            ("groups", 0, "fields", 1, "key"),
            "stands here twice",
        ),
        (
            QualificationForm(groups=(FormGroup("a", {}, (FormField("x", {}, "choice"),)),)),
            ("groups", 0, "fields", 0, "options"),
            "needs options",
        ),
        (QualificationForm(required={"qualified": ("nothing",)}), ("required", "qualified", 0), "no field 'nothing'"),
        (
            QualificationForm(groups=(FormGroup("a", {}, ()), FormGroup("a", {}, ()))),
            ("groups", 1, "key"),
            "twice",
        ),
        (
            QualificationForm(groups=(FormGroup("a", {}, (FormField("Größe", {}),)),)),
            ("groups", 0, "fields", 0, "key"),
            "no field name",
        ),
    ],
)
def test_a_mistake_of_the_form_is_told_with_its_place(
    form: QualificationForm, place: tuple[str | int, ...], word: str
) -> None:
    assert any(path == place and word in reason for path, reason in flaws_in(form))


@given(st.sampled_from(sorted(FORM.fields)), st.text(max_size=40))
def test_what_was_kept_reads_the_same_again(key: str, text: str) -> None:
    asked = FORM.fields[key]
    read = read_answer(asked, text)
    if isinstance(read, str):
        assert read_answer(asked, read) == read
