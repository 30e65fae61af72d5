"""Exceptions and people's answers to them: suggested from the past, kept, and given by themselves when sure enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.desk import Desk
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.events import event_id_of
from tasks.gateways.store.kept_answers import (
    answers_by_signature,
    is_kept,
    keep_answer,
    revocations,
    revoke,
    why_held,
)
from tasks.gateways.store.process_inbox import take_event_row
from tasks.gateways.store.process_items import ConflictError, StoredItem, held_items, load_item, load_items
from tasks.gateways.store.quarantine_decisions import find_person
from tasks.office_round import OfficeRound, begin_round
from tasks.process_releasing import release
from tasks.process_steps import take_event
from tasks.rules.errors import UsageError
from tasks.rules.process.state import Event
from tasks.rules.process_tools.answers import (
    BY_RULE,
    Choice,
    KeptAnswer,
    Suggestion,
    choice_of,
    signature_of,
    suggestion_of,
)

_MOST = 1000
_EARLIER = 5


@dataclass(frozen=True, slots=True)
class HeldCase:
    """An item that waits for an answer, and what the past suggests."""

    item_id: int
    number: str
    process: str
    stage: str
    question: str
    signature: str
    suggestion: Suggestion | None


@dataclass(frozen=True, slots=True)
class AnswerRule:
    """What people have answered to one sort of exception so far; `number` names it when it is to be revoked."""

    number: int
    signature: str
    suggestion: Suggestion
    last: KeptAnswer
    given_by_itself: int


@dataclass(frozen=True, slots=True)
class AskedCase:
    """One held item for the page where it is answered: the case, its rule path, and what people said before."""

    case: HeldCase
    path: tuple[str, ...]
    earlier: tuple[KeptAnswer, ...]
    needed: int

    def makes_rule(self, choice: str) -> bool:
        """Whether this answer is the one after which the office answers so by itself."""
        said = self.case.suggestion
        row = said.row if said is not None and said.choice == choice else 0
        return self.needed > 0 and row + 1 >= self.needed


def held_cases(desk: Desk) -> list[HeldCase]:
    """Every held item with its question and the suggestion from earlier answers, the longest held first."""
    with reading(desk.engine) as connection:
        found = [(stored, _signature(connection, stored)) for stored, _ in held_items(connection, "", _MOST)]
        known = answers_by_signature(connection, [signature for _, signature in found])
        revoked = revocations(connection)
    needed = desk.office.answers_needed
    return [
        _case(stored, signature, known.get(signature, []), revoked.get(signature, 0), needed)
        for stored, signature in found
    ]


def asked_case(desk: Desk, item_id: int) -> AskedCase | None:
    """What is asked about one item; None when it is not held. Raises NoResultFound for an unknown item."""
    with reading(desk.engine) as connection:
        stored = load_item(connection, item_id)
        if not stored.item.is_held:
            return None
        signature = _signature(connection, stored)
        known = answers_by_signature(connection, [signature]).get(signature, [])
        revoked = revocations(connection).get(signature, 0)
    needed = desk.office.answers_needed
    case = _case(stored, signature, known, revoked, needed)
    return AskedCase(case, stored.held_path, tuple(known[: -_EARLIER - 1 : -1]), needed)


def _case(stored: StoredItem, signature: str, known: Sequence[KeptAnswer], revoked_id: int, needed: int) -> HeldCase:
    return HeldCase(
        item_id=stored.item_id,
        number=stored.number,
        process=stored.process,
        stage=stored.item.stage,
        question=stored.held_reason,
        signature=signature,
        suggestion=suggestion_of(known, revoked_id, needed),
    )


def answer_rules(desk: Desk) -> list[AnswerRule]:
    """What was learned: one row per sort of exception whose answers count, the newest answer first."""
    with reading(desk.engine) as connection:
        known, revoked = answers_by_signature(connection), revocations(connection)
    rules = []
    for signature, answers in known.items():
        suggestion = suggestion_of(answers, revoked.get(signature, 0), desk.office.answers_needed)
        if suggestion is not None:
            by_itself = sum(1 for one in answers if one.by == BY_RULE)
            rules.append(AnswerRule(answers[0].answer_id, signature, suggestion, answers[-1], by_itself))
    return sorted(rules, key=lambda rule: rule.last.answer_id, reverse=True)


def answer_item(
    desk: Desk, item_id: int, choice: Choice, who: str, now: datetime, *, revision: int | None = None
) -> None:
    """A person answers: it is done and kept, in one transaction. `revision` is that of the page which asked.

    Raises UsageError for whatever cannot be done.
    """
    try:
        with writing(desk.engine) as connection:
            person_id = find_person(connection, who)
            if person_id is None:
                raise UsageError("nobody on the staff has this key or mail address: who answers?")
            run = begin_round(connection, desk.office, now)
            if not load_items(connection, [item_id]) or not load_item(connection, item_id).item.is_held:
                raise UsageError(f"item {item_id} is not held; see ./callout answers held")
            stored = load_item(connection, item_id)
            if revision not in (None, stored.revision):
                raise UsageError(f"item {item_id} has been changed since: look again")
            _answer(connection, run, stored, choice, f"person:{person_id}", f"answer:{item_id}:{stored.revision}")
    except ConflictError as error:
        raise UsageError(f"item {item_id} has just been changed by somebody else: look again") from error


def revoke_answers(desk: Desk, number: int, who: str, note: str, now: datetime) -> str:
    """Let what was learned of one sort of exception no longer count; its signature. Raises UsageError."""
    rule = next((one for one in answer_rules(desk) if one.number == number), None)
    with writing(desk.engine) as connection:
        person_id = find_person(connection, who)
        if person_id is None:
            raise UsageError("nobody on the staff has this key or mail address: who revokes?")
        if rule is None:
            raise UsageError(f"nothing is known under {number}; see ./callout answers list")
        revoke(connection, rule.signature, rule.last.answer_id, f"person:{person_id}", now, note)
    return rule.signature


@task(name="answer-exceptions", task_run_name="answer-exceptions", cache_policy=NO_CACHE)
def answer_exceptions(desk: Desk, now: datetime) -> Counter[str]:
    """Answer what people have answered alike often enough. One event of an item is answered so once: if it holds the
    item again, a person is asked.
    """
    counts: Counter[str] = Counter()
    for case in held_cases(desk):
        if case.suggestion is not None and case.suggestion.is_automatic:
            counts["answered"] += _answer_by_rule(desk, case.item_id, choice_of(case.suggestion.choice), now)
    return +counts


def _answer_by_rule(desk: Desk, item_id: int, choice: Choice, now: datetime) -> int:
    try:
        with writing(desk.engine) as connection:
            stored = load_item(connection, item_id)
            key = f"answer:{item_id}:{stored.held_event}"
            if not stored.item.is_held or is_kept(connection, key):
                return 0
            run = begin_round(connection, desk.office, now)
            _answer(connection, run, stored, choice, BY_RULE, key)
    except (ConflictError, UsageError):
        return 0
    return 1


def _answer(connection: sa.Connection, run: OfficeRound, stored: StoredItem, choice: Choice, by: str, key: str) -> None:
    """Do what was answered and keep it."""
    facts = {"process": stored.process, "version": stored.version, "stage": stored.item.stage}
    keep_answer(
        connection,
        key=key,
        signature=_signature(connection, stored),
        question=stored.held_reason,
        facts=facts | {"event": stored.held_event},
        choice=choice.text(),
        by=by,
        at=run.now,
        item_id=stored.item_id,
    )
    if choice.action == "drop":
        event_id = event_id_of(connection, stored.held_event)
        if event_id is None or not take_event_row(connection, event_id):
            raise UsageError("no event waits with this item that could be dropped: release it, or set fields")
    release(connection, run, stored, by, run.now, "answer")
    if choice.action == "set":
        free = load_item(connection, stored.item_id)
        clocks = free.item.clocks
        at = min(run.now, clocks[0].due) if clocks else run.now
        fact = Event(f"{key}:set", at, "changed", by, is_command=False, sets=dict(choice.sets))
        stepped = take_event(connection, run, free, fact, channel="answer")
        if stepped.reasons:
            raise UsageError(f"the fields cannot be set so: {stepped.stored.held_reason}")


def _signature(connection: sa.Connection, stored: StoredItem) -> str:
    reasons, path = why_held(connection, stored)
    return signature_of(stored.process, stored.item.stage, reasons, path)
