"""What `./callout balance` says."""

from __future__ import annotations

from tasks.rules.balance import Difference, SourceBalance
from tasks.rules.balance_words import balance_json, balance_lines

OFFICE = SourceBalance("mail:office", seen=7, settled=3, quarantined=1, ignored=2, waiting=1, passed_over=4)
LOST = SourceBalance("mail:far", seen=1, differences=(Difference("mail:far", "uid 1:9", "not_stored"),))


def test_what_adds_up_is_said_so() -> None:
    assert balance_lines([OFFICE], "en") == [
        "source       seen  settled  quarantined  ignored  waiting  gone from server  passed over  differences",
        "mail:office     7        3            1        2        1                 0            4            0",
        "",
        "Everything adds up.",
    ]


def test_every_difference_is_listed_with_source_and_key() -> None:
    assert balance_lines([OFFICE, LOST], "ru")[-2:] == [
        "Расхождений: 1",
        "  mail:far  uid 1:9  есть на сервере, но не принято",
    ]
    found = balance_json([OFFICE, LOST])
    assert not found["is_balanced"]
    assert found["differences"] == [{"source": "mail:far", "key": "uid 1:9", "wrong": "not_stored", "detail": ""}]
    assert (found["sources"][0]["waiting"], found["sources"][0]["passed_over"]) == (1, 4)


def test_no_source_at_all_is_said() -> None:
    assert balance_lines([], "en") == ["There is no source: no active mailbox, and no call log was read."]
