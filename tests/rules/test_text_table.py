"""Tables for a terminal."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.text_table import text_table


def test_numbers_stand_right_and_words_left() -> None:
    assert text_table(("source", "n"), [("mail:office", 5), ("x", 120)]) == [
        "source         n",
        "mail:office    5",
        "x            120",
    ]


def test_no_rows_no_heading() -> None:
    assert text_table(("a", "b"), []) == []


@given(st.lists(st.tuples(st.text(max_size=9), st.integers()), min_size=1, max_size=5))
def test_every_row_is_one_line(rows: list[tuple[str, int]]) -> None:
    lines = text_table(("a", "b"), rows)
    assert len(lines) == len(rows) + 1
    assert not any("\n" in line or "\r" in line for line in lines)
