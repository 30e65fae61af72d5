"""Refusals and rules in words, Russian and English, for every kind there is."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import get_args

import pytest

from tasks.rules.process.actions import Span
from tasks.rules.process.definition import Rule
from tasks.rules.process.describing import describe, describe_trigger, span_words
from tasks.rules.process.loader import all_actions, all_rules
from tasks.rules.process.reasons import Reason, ReasonKind
from tasks.rules.process.words import explain, fill, shown
from tests.rules.process.process_samples import LINES, shipped

AT = datetime(2026, 11, 17, 9, 30, tzinfo=UTC)
NAMES = {"person:1": "Анна", "person:2": "Виктор"}


@pytest.mark.parametrize(
    ("reason", "russian", "english"),
    [
        (Reason("empty", "cost"), "не заполнено: стоимость", "cost is empty"),
        (
            Reason("differs", "cost", "at_least", Decimal(90000), Decimal(100000)),
            "стоимость: сейчас «90\u00a0000», нужно не меньше 100\u00a0000",
            "cost: it is “90\u00a0000”, wanted at least 100\u00a0000",
        ),
        (
            Reason("differs", "work.papers", "is", None, "done"),
            "передача документов: сейчас «ещё не было», нужно сделано",
            "handing over the documents: it is “not yet”, wanted done",
        ),
        (
            Reason("missing", "documents", found=("act",), wanted=("contract", "invoice")),
            "документы: не хватает: договор, счёт",
            "documents: missing: contract, invoice",
        ),
        (
            Reason("who", wanted=("manager", "head")),
            "это может сделать: менеджер, руководитель",
            "this is for: manager, head",
        ),
        (Reason("who", "vote", wanted=("person:1",)), "это может сделать: Анна", "this is for: Анна"),
        (
            Reason("closed", "approval", found="approved", by="person:2", at=AT),
            "согласование: уже решено (согласовано), Виктор, 17.11.2026 09:30",
            "approval: already decided (approved) by Виктор at 17.11.2026 09:30",
        ),
        (Reason("words", words={"ru": "скажите почему", "en": "say why"}), "скажите почему", "say why"),
        (
            Reason("value", "kind", found="x", wanted=("first", "urgent")),
            "вид: «x» не подходит; можно: первичное, срочное",
            "kind: “x” does not fit; possible: first visit, urgent",
        ),
        (
            Reason("value", "cost", found="x", wanted="money"),
            "стоимость: «x» не подходит; нужно: сумма",
            "cost: “x” does not fit; it is an amount",
        ),
        (
            Reason("not_here", "start", found="won", wanted=("new",)),
            "«запустить» не для этапа «выполнено»; подходит для: new",
            "“start” is not for the stage “won”; it is for: new",
        ),
        (
            Reason("unknown", "csot", wanted="cost"),
            "неизвестно: «csot»; может быть, стоимость?",
            "“csot” is not known; did you mean cost?",
        ),
        (Reason("ended", found="won"), "уже завершено: выполнено", "it has ended: won"),
        (
            Reason("circle", "a.0", found=("a.0", "b.1", "a.0")),
            "правила ходят по кругу: a.0, b.1, a.0",
            "the rules run in a circle: a.0, b.1, a.0",
        ),
    ],
)
def test_a_reason_says_what_to_put_right(reason: Reason, russian: str, english: str) -> None:
    assert explain([reason], "ru", NAMES) == [russian]
    assert explain([reason], "en", NAMES) == [english]


@pytest.mark.parametrize("kind", get_args(ReasonKind))
@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_kind_of_reason_has_words(kind: ReasonKind, language: str) -> None:
    for reason in (
        Reason(kind, "cost", words={"": "x"}),
        Reason(kind, "cost", "is", "a", ("b",), {"": "x"}, "person:1", AT),
    ):
        (line,) = explain([reason], language, NAMES)
        assert line
        assert not re.search(r"[{}]|None|\s\s|[;:,]$", line)
        assert language == "en" or kind == "words" or re.search("[а-яё]", line)


def test_the_file_s_own_words_come_first_and_nothing_is_said_twice() -> None:
    reasons = [Reason("empty", "reason"), Reason("words", words={"": "say why"}), Reason("empty", "reason")]
    assert explain(reasons, "en") == ["say why", "reason is empty"]


@pytest.mark.parametrize("name", ["service", "hiring", "contract_approval", "collect_documents"])
@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_rule_and_action_of_the_samples_can_be_told(name: str, language: str) -> None:
    definition = shipped(name)
    for _, action in all_actions(definition):
        assert describe(action, language)
    for _, rule in all_rules(definition):
        assert describe(rule, language)
        assert describe_trigger(rule.trigger, language)


def test_a_rule_in_words() -> None:
    rules = [rule for _, rule in all_rules(shipped("service"))]
    rule = next(rule for rule in rules if (rule.trigger.name, rule.trigger.verb) == ("time_agreed", "overdue"))
    assert isinstance(rule, Rule)
    assert describe(rule, "ru") == "поручить: звонок клиенту; попытки + 1"
    assert describe_trigger(rule.trigger, "en") == "confirmation of the time: overdue"
    late = next(rule for rule in rules if rule.trigger.every)
    assert describe_trigger(late.trigger, "en") == "after 3 d working, then every 3 d working, 2 in all"


def test_values_and_spans_are_readable() -> None:
    assert shown(LINES, "ru") == "Выезд"
    assert shown(["act", "photo"], "ru") == "акт, photo"
    assert shown(True, "ru") == "да"
    assert shown("2026-11-19T10:00:00+03:00", "en") == "19.11.2026 10:00"
    assert fill({"": "{number}: {cost} {gone}"}, "en", {"number": "D-1", "cost": "5"}) == "D-1: 5 —"
    assert [span_words(Span(seconds), "en") for seconds in (1800, 7200, 86400)] == ["30 m", "2 h", "1 d"]
    assert span_words(Span(28800, is_working=True), "ru") == "8 ч раб."
