"""`./callout answers held | give | list | revoke`: exceptions, people's answers to them, and what was learned."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from datetime import UTC, datetime

from deployments.cli.desk import opened_desk
from tasks.rules.process_tools.answers import read_choice, suggestion_words
from tasks.rules.text_table import text_table

_HELD = {
    "en": ("item", "number", "process", "stage", "question", "suggested"),
    "ru": ("строка", "номер", "процесс", "этап", "вопрос", "подсказка"),
}
_RULES = {
    "en": ("rule", "exception", "answer", "given by itself", "last"),
    "ru": ("правило", "случай", "ответ", "дано само", "последний"),
}
_NONE = {"en": "Nothing is held.", "ru": "Ничего не остановлено."}
_UNLEARNED = {"en": "No answer has been kept yet.", "ru": "Ответов ещё нет."}
_CHARS = 90


def list_held(arguments: argparse.Namespace) -> int:
    """What waits for an answer, with the suggestion from earlier ones."""
    with opened_desk() as desk:
        from tasks.process_tools.answering import held_cases

        cases, language = held_cases(desk), desk.office.language
    if arguments.json:
        print(json.dumps([asdict(case) for case in cases], ensure_ascii=False))
        return 0
    cells = [
        (c.item_id, c.number, c.process, c.stage, c.question[:_CHARS], suggestion_words(c.suggestion, language))
        for c in cases
    ]
    print("\n".join(text_table(_HELD[language], cells)) or _NONE[language])
    return 0


def give_answer(arguments: argparse.Namespace) -> int:
    """Answer for one item: it is done at once and kept for the next time."""
    choice = read_choice(arguments.words)
    with opened_desk() as desk:
        from tasks.process_tools.answering import answer_item

        answer_item(desk, arguments.item, choice, arguments.who, datetime.now(UTC))
    said = {"item": arguments.item, "answer": choice.text()}
    print(json.dumps(said, ensure_ascii=False) if arguments.json else f"item {arguments.item}: {choice.text()}")
    return 0


def list_answers(arguments: argparse.Namespace) -> int:
    """What was learned: how each sort of exception was answered, how often, and whether it happens by itself now."""
    with opened_desk() as desk:
        from tasks.process_tools.answering import answer_rules

        rules, language, zone = answer_rules(desk), desk.office.language, desk.office.zone
    if arguments.json:
        print(json.dumps([asdict(rule) for rule in rules], ensure_ascii=False, default=str))
        return 0
    cells = [
        (
            rule.number,
            rule.signature[:_CHARS],
            suggestion_words(rule.suggestion, language),
            rule.given_by_itself,
            f"{rule.last.at.astimezone(zone):%Y-%m-%d %H:%M}",
        )
        for rule in rules
    ]
    print("\n".join(text_table(_RULES[language], cells)) or _UNLEARNED[language])
    return 0


def revoke_answers(arguments: argparse.Namespace) -> int:
    """What was learned of one sort of exception counts no longer; a person is asked again."""
    with opened_desk() as desk:
        from tasks.process_tools.answering import revoke_answers as revoke

        signature = revoke(desk, arguments.rule, arguments.who, arguments.note, datetime.now(UTC))
    print(json.dumps({"revoked": signature}, ensure_ascii=False) if arguments.json else f"revoked: {signature}")
    return 0
