"""What holds for the parting of any reply; the samples of mail programs stand beside this file."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.mail.forwards import find_forward
from tasks.rules.mail.reply_text import split_reply
from tasks.rules.phones import find_phones

QUOTE = "> Добрый день!\n> Мастер приедет завтра.\n"
ATTRIBUTION = "вт, 17 нояб. 2026 г. в 10:12, Северный Сервис <office@north-service.example>:"
BLOCK = "От: Офис <office@north-service.example>\nОтправлено: 17 ноября 2026\nКому: Пётр\nТема: Насос\n\nКогда?"
PIECES = (
    "аб",
    ">",
    "> ",
    "|",
    "-",
    "--\n",
    "-- \n",
    "_" * 12,
    " ",
    ":",
    "\n",
    "\n\n",
    "<a@b.example>",
    "@",
    "17.11.2026",
    "10:12",
)
WORDS = (
    "пишет:",
    "On ",
    "wrote:",
    "От: А\n",
    "Тема: Б\n",
    "Кому: В\n",
    "Sent from my iPhone",
    "---- Forwarded message ----\n",
    "\u00a0",
)


def test_every_part_is_told_apart() -> None:
    parts = split_reply(f"Согласен.\n\n-- \nПётр\nООО «Ромашка»\n\n{ATTRIBUTION}\n{QUOTE}")
    assert (parts.reply, parts.signature) == ("Согласен.", "-- \nПётр\nООО «Ромашка»")
    assert parts.quote == f"{ATTRIBUTION}\n{QUOTE}".strip()


def test_a_copied_message_with_nothing_above_is_a_quote_only_of_a_reply() -> None:
    assert split_reply(BLOCK, "Re: Насос").reply == ""
    assert split_reply(BLOCK, "Re: Насос").quote == BLOCK
    assert split_reply(BLOCK, "FW: Насос").reply == "Когда?"
    assert split_reply(BLOCK).reply == "Когда?"
    assert split_reply(BLOCK, "Насос").reply == BLOCK


@pytest.mark.parametrize("below", ["", f"\n\n{ATTRIBUTION}\n> 8 900 000-02-02\n"])
@pytest.mark.parametrize(
    "signature",
    [
        "--\nПётр\nтел. 8 (900) 000-02-01",
        "С уважением,\nПётр\n+7 900 000-02-01",
        "Отправлено с iPhone\n89000000201",
    ],
)
def test_the_telephone_of_a_signature_is_found_that_of_the_quote_is_not(signature: str, below: str) -> None:
    parts = split_reply(f"Согласен.\n\n{signature}{below}")
    assert find_phones(f"{parts.reply}\n{parts.signature}", "RU") == ["+79000000201"]


@given(st.lists(st.sampled_from(PIECES + WORDS), max_size=60).map("".join))
def test_nothing_is_lost_and_nothing_is_made_up(text: str) -> None:
    parts = split_reply(text)
    whole = f"{parts.reply}{parts.signature}{parts.quote}"
    letters = sorted(character for character in text if character.isalnum())
    assert sorted(character for character in whole if character.isalnum()) == letters


@given(st.text(max_size=300))
def test_any_text_is_parted(text: str) -> None:
    split_reply(text)
    find_forward(text)


@given(st.sampled_from(["\n", "\r\n"]), st.integers(0, 3), st.sampled_from([" ", "\u00a0", "\u202f"]))
def test_line_ends_blank_lines_and_spaces_do_not_matter(line_end: str, blank_lines: int, space: str) -> None:
    gap = "\n" * (blank_lines + 1)
    text = f"Согласен.{gap}{ATTRIBUTION.replace(' ', space)}{gap}{QUOTE}"
    assert split_reply(text.replace("\n", line_end)).reply == "Согласен."


@pytest.mark.parametrize(
    "line",
    [
        ">",
        "> a",
        "a:",
        f"{ATTRIBUTION}",
        "17.11.2026 10:12, Офис пишет:",
        "17.11.2026 10:12 Офис",
        "Офис написал:\n>",
        "От: Офис",
        "Вы писали 17 ноября",
        "--",
        "_" * 30,
        "---- Forwarded message",
        "Sent from my iPhone",
        "| a | b |",
        "Название: адрес@",
    ],
)
def test_time_grows_with_the_length_only(line: str) -> None:
    began = time.process_time()
    split_reply(f"{line}\n" * 100_000)
    find_forward(f"{line}\n" * 100_000)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "text", [">\n" * 5_000_000, ">" * 10_000_000, "a:" * 5_000_000, " " * 10_000_000, "_" * 10_000_000]
)
def test_ten_megabytes(text: str) -> None:
    began = time.process_time()
    split_reply(text)
    assert time.process_time() - began < 2
