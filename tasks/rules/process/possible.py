"""What somebody could do with an item now, tried in memory: each command and answer, what would follow, why not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tasks.rules.process.decisions import Decision, Hold, Refuse
from tasks.rules.process.definition import Definition
from tasks.rules.process.program import RuleCode, program_of
from tasks.rules.process.reasons import Reason
from tasks.rules.process.state import Event, Item, OfficeFacts, Owed
from tasks.rules.process.step import step


@dataclass(frozen=True, slots=True)
class PossibleMove:
    """One command, or one answer to the work `work`, as it would go: accepted with decisions, or refused with reasons.

    `is_theirs`: the actor is one who may, whatever else is missing.
    """

    name: str
    work: str
    is_accepted: bool
    is_theirs: bool
    reasons: tuple[Reason, ...]
    decisions: tuple[Decision, ...]
    rules: tuple[str, ...] = ()


def moves_now(
    definition: Definition, facts: OfficeFacts, item: Item, actor: str, at: datetime
) -> tuple[PossibleMove, ...]:
    """Everything that `actor` could do at `at`: answers to own work first, then the commands of the stage.

    Nothing is changed. Clocks due before `at` must have fired (course.py), else ValueError.
    """
    if item.outcome or item.is_held:
        return ()
    found: list[PossibleMove] = []
    for work in item.work.values():
        part = definition.work[work.name]
        own = [row for row in work.rows if row.state == "open"]
        verbs = ("approve", "decline") if part.is_vote else ("begin", "done") if _is_fresh(own) else ("done",)
        tried = [_tried(definition, facts, item, actor, at, verb, work.name) for verb in verbs if own]
        found.extend(one for one in tried if one.is_theirs)
    code = program_of(definition).stages[item.stage]
    for name in dict.fromkeys(name for kind, name in code.wakers if kind == "event" and name != "overdue"):
        found.append(_tried(definition, facts, item, actor, at, name, "", code.wakers["event", name]))
    return tuple(found)


def _is_fresh(rows: list[Owed]) -> bool:
    return not any(row.is_begun for row in rows)


def _tried(
    definition: Definition,
    facts: OfficeFacts,
    item: Item,
    actor: str,
    at: datetime,
    name: str,
    work: str,
    rules: tuple[RuleCode, ...] = (),
) -> PossibleMove:
    event = Event(f"{item.key}:try:{name}:{work}", at, name, actor, work=work)
    _, decisions = step(definition, facts, item, event)
    stopped = next((one for one in decisions if isinstance(one, Refuse | Hold)), None)
    reasons = stopped.reasons if stopped else ()
    not_theirs = [reason for reason in reasons if reason.kind in ("who", "four_eyes", "closed")]
    is_theirs = len(not_theirs) < max(len(rules), 1)
    return PossibleMove(
        name, work, stopped is None, is_theirs, reasons, () if stopped else decisions, tuple(r.key for r in rules)
    )
