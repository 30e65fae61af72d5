"""What a chat message answers: never the wrong one of several questions."""

from __future__ import annotations

import pytest

from tasks.rules.notify.chat_answer import Asked, Chosen, choose

FIRST = Asked(1, "deal", 1, 11, "D-000001", 101)
SAME = Asked(2, "deal", 1, 12, "D-000001", 101)
CHILD = Asked(3, "deal", 1, 13, "D-000001", 102)
OTHER = Asked(4, "deal", 2, 14, "D-000002", 103)
LEAD = Asked(5, "lead", 1, 15, "L-000001")


@pytest.mark.parametrize(
    ("text", "is_open", "asked", "rest"),
    [
        ("готово", [FIRST], FIRST, "готово"),
        ("отклонить: дорого", [FIRST], FIRST, "отклонить: дорого"),
        ("D-000002 готово", [FIRST, OTHER], OTHER, "готово"),
        ("[d-000002]: да", [FIRST, OTHER], OTHER, "да"),
        ("l-000001 беру", [FIRST, LEAD], LEAD, "беру"),
        ("готово", [FIRST, FIRST], FIRST, "готово"),
        ("D-000002 что там?", [FIRST, OTHER], OTHER, "что там?"),
        ("Привет, как дела?", [FIRST], None, "Привет, как дела?"),
        ("готово", [], None, "готово"),
        ("D-000009 готово", [FIRST], None, "D-000009 готово"),
    ],
)
def test_the_only_one_or_the_numbered_one(text: str, is_open: list[Asked], asked: Asked | None, rest: str) -> None:
    assert choose(text, None, is_open) == Chosen(asked, rest)


def test_several_about_one_item_are_left_to_its_process() -> None:
    chosen = choose("готово", None, [FIRST, SAME])
    assert chosen.asked is not None
    assert (chosen.asked.item_id, chosen.asked.work_task_id, chosen.unclear) == (101, None, ())


@pytest.mark.parametrize("is_open", [[FIRST, OTHER], [FIRST, CHILD]])
def test_several_items_are_none(is_open: list[Asked]) -> None:
    chosen = choose("готово", None, is_open)
    assert chosen.asked is None
    assert chosen.unclear == tuple(dict.fromkeys(asked.number for asked in is_open))


def test_the_message_named_comes_first() -> None:
    assert choose("что там?", OTHER, [FIRST]) == Chosen(OTHER, "что там?")
