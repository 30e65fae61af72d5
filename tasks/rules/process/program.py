"""A definition made ready to run: rules indexed by what wakes them, conditions and actions as closures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tasks.rules.process.actions import AllOf
from tasks.rules.process.conditions import Getter, Holds, compile_condition, getter, is_computed
from tasks.rules.process.definition import Definition, FieldPart, Outcome, Rule, Span, StagePart, Text, WorkPart
from tasks.rules.process.values import named

if TYPE_CHECKING:
    from tasks.rules.process.chain import Chain

# a plain yes to a task that was named means that it is done
_TASK_VERBS = frozenset({"begin", "done", "approve"})
_VOTE_VERBS = frozenset({"begin", "approve", "decline"})
Act = Callable[["Chain"], None]
Wakers = Mapping[tuple[str, str], tuple["RuleCode", ...]]


@dataclass(frozen=True, slots=True)
class RuleCode:
    """One rule ready to run; `test` None means that nothing is asked."""

    key: str
    rule: Rule
    by: tuple[str, ...]
    test: Holds | None
    acts: tuple[Act, ...]
    to: str


@dataclass(frozen=True, slots=True)
class StageCode:
    """One stage with all rules that live in it, its own before the common ones.

    `wakers` are the rules of ('event', name) and of (work, verb); `changed`, `after` and `soon` those of their kind.
    `watched`: the fields whose change can wake one, also through a computed field. `clocks` start with the stage.
    `needs`: the fields that must be filled in, with what gives them; the same apart: `plain_needs`, `computed_needs`.
    """

    part: StagePart
    wakers: Wakers
    changed: tuple[RuleCode, ...]
    watched: frozenset[str]
    after: tuple[RuleCode, ...]
    soon: tuple[RuleCode, ...]
    enter: tuple[Act, ...]
    clocks: tuple[tuple[str, Span], ...]
    needs: tuple[tuple[str, Getter], ...]
    plain_needs: tuple[str, ...]
    computed_needs: tuple[Getter, ...]
    commands: frozenset[str]
    ends: Outcome | None
    status: Text


@dataclass(frozen=True, slots=True)
class WorkCode:
    """One piece of work ready to be asked for and answered: the first of `who` that holds gives the slots.

    `slots`: those that are always asked, () when it depends. `verbs`: how it can be answered. `bound`: what the votes
    are for, by name, each with the beginning of its canonical JSON; `made_of`: the fields that this is made from.
    """

    part: WorkPart
    who: tuple[tuple[Holds | None, tuple[str, ...]], ...]
    slots: tuple[str, ...]
    may_close: Holds | None
    bound: tuple[tuple[str, Getter], ...]
    made_of: frozenset[str]
    is_vote: bool
    is_distinct: bool
    verbs: frozenset[str]
    closed_by: tuple[str, ...]
    need: int | Literal["all"]


@dataclass(frozen=True, slots=True)
class Program:
    """What the engine runs. `bound_by`: the votes that a field's change voids; `slot_of`: the work a slot is asked for.

    `derived`: the computed fields that follow from a field. `four_eyes`: fields whose last author is kept. `lasting`:
    the work that outlives its stage.
    """

    definition: Definition
    stages: Mapping[str, StageCode]
    work: Mapping[str, WorkCode]
    fields: Mapping[str, FieldPart]
    bound_by: Mapping[str, tuple[str, ...]]
    slot_of: Mapping[str, tuple[str, ...]]
    derived: Mapping[str, tuple[tuple[str, Getter], ...]]
    four_eyes: frozenset[str]
    commands: frozenset[str]
    common_soon: tuple[RuleCode, ...]
    lasting: frozenset[str]


def program_of(definition: Definition) -> Program:
    """The program of a definition, made once."""
    found = definition.program
    if found is None:
        found = _compile(definition)
        object.__setattr__(definition, "program", found)
    program: Program = found
    return program


def _compile(definition: Definition) -> Program:
    common = [_rule(definition, rule) for rule in definition.rules]
    stages = {stage.name: _stage(definition, stage, common) for stage in definition.stages.values()}
    derived = {
        name: tuple((part.name, getter(definition, part.name)) for part in _made_from(definition, name))
        for name in definition.fields
    }
    works = definition.work.values()
    return Program(
        definition=definition,
        stages=stages,
        work={work.name: _work(definition, work) for work in works},
        fields=definition.fields,
        bound_by={
            name: tuple(w.name for w in works if {name, *(one for one, _ in derived[name])} & set(w.binds))
            for name in definition.fields
        },
        slot_of={name: tuple(w.name for w in works if any(name in who.slots for who in w.who)) for name in derived},
        derived={name: found for name, found in derived.items() if found},
        four_eyes=frozenset(_sources(definition, [name for w in works if w.is_distinct for name in w.binds])),
        commands=frozenset(name for stage in stages.values() for name in stage.commands),
        common_soon=tuple(code for code in common if code.rule.trigger.kind == "as_soon_as"),
        lasting=frozenset(work.name for work in works if work.is_for_item),
    )


def _made_from(definition: Definition, name: str) -> list[FieldPart]:
    return [part for part in definition.fields.values() if part.compute and name in part.compute.inputs]


def _sources(definition: Definition, names: list[str]) -> set[str]:
    found = set(names)
    for name in names:
        part = definition.fields.get(name)
        found.update(part.compute.inputs if part and part.compute else ())
    return found


def _rule(definition: Definition, rule: Rule) -> RuleCode:
    condition = rule.condition
    if rule.trigger.kind == "as_soon_as":
        condition = AllOf((rule.trigger.condition, condition)) if condition != AllOf() else rule.trigger.condition
    acts = tuple(compiled_action(definition, action) for action in rule.do)
    return RuleCode(rule.key, rule, rule.by, compile_condition(definition, condition), acts, rule.to)


def compiled_action(definition: Definition, action: Any) -> Act:
    """The action as a closure over the chain."""
    from tasks.rules.process.acting import compile_action

    return compile_action(definition, action)


def _stage(definition: Definition, stage: StagePart, common: list[RuleCode]) -> StageCode:
    rules = () if stage.ends else (*(_rule(definition, rule) for rule in stage.rules), *common)
    wakers: dict[tuple[str, str], tuple[RuleCode, ...]] = {}
    for code in rules:
        trigger = code.rule.trigger
        if trigger.kind in ("event", "work"):
            key = ("event", trigger.name) if trigger.kind == "event" else (trigger.name, trigger.verb)
            wakers[key] = (*wakers.get(key, ()), code)
    changed = tuple(code for code in rules if code.rule.trigger.kind == "changed")
    after = tuple(code for code in rules if code.rule.trigger.kind == "after")
    return StageCode(
        part=stage,
        wakers=wakers,
        changed=changed,
        watched=frozenset(_sources(definition, [name for code in changed for name in code.rule.trigger.fields])),
        after=after,
        soon=tuple(code for code in rules if code.rule.trigger.kind == "as_soon_as"),
        enter=tuple(compiled_action(definition, action) for action in stage.enter),
        clocks=(
            *((("within", stage.within.time),) if stage.within else ()),
            *((f"after:{code.key}", span) for code in after if (span := code.rule.trigger.span)),
        ),
        needs=tuple((name, getter(definition, name)) for name in stage.needs),
        plain_needs=tuple(name for name in stage.needs if not is_computed(definition, name)),
        computed_needs=tuple(getter(definition, name) for name in stage.needs if is_computed(definition, name)),
        commands=frozenset(name for kind, name in wakers if kind == "event" and name != "overdue"),
        ends=stage.ends,
        status=stage.status,
    )


def _work(definition: Definition, work: WorkPart) -> WorkCode:
    who = tuple((compile_condition(definition, who.condition), who.slots) for who in work.who)
    return WorkCode(
        part=work,
        who=who,
        slots=who[0][1] if who and who[0][0] is None else (),
        may_close=compile_condition(definition, work.close_if),
        bound=tuple((named(name), getter(definition, name)) for name in sorted(work.binds)),
        made_of=frozenset(_sources(definition, list(work.binds))),
        is_vote=work.is_vote,
        is_distinct=work.is_distinct,
        verbs=_VOTE_VERBS if work.is_vote else _TASK_VERBS,
        closed_by=work.closed_by,
        need=work.need,
    )
