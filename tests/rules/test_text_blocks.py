"""Text in blocks: what is seen as one piece stays one, and no word is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.text_blocks import TextBlock, text_blocks


def test_blocks() -> None:
    text = "Добрый день!\nЭто мы.\n\n\nПишут:\n> раз\n>два\n- три\n- четыре\n  пять\n"
    assert text_blocks(text) == (
        TextBlock("text", ("Добрый день!", "Это мы.")),
        TextBlock("text", ("Пишут:",)),
        TextBlock("quote", ("раз", "два")),
        TextBlock("list", ("три", "четыре")),
        TextBlock("text", ("\u00a0\u00a0пять",)),
    )
    assert text_blocks(" \n\n") == ()


@given(st.text())
def test_no_word_is_lost(text: str) -> None:
    shown = "".join(line for block in text_blocks(text) for line in block.lines)
    marks = str.maketrans("", "", ">-\u00a0")
    assert "".join(shown.split()).translate(marks) == "".join(text.split()).translate(marks)
