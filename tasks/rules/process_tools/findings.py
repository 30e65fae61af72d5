"""What a process file forgets, found by reading it: places without a way out, lateness nobody notices, dead parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from tasks.rules.process.definition import Ask, Definition, Rule, Test, WorkPart
from tasks.rules.process_tools.parts import (
    actions_in,
    asked_in,
    fields_read,
    fields_written,
    followers,
    reached,
    rules_in,
    tests_of,
)

# what the office itself reads of any process: whom it is about, its number, and when an invoice was paid
_READ_BY_OFFICE = frozenset({"client", "number", "paid_at"})
_CHOICES = "_options"  # times to choose from, shown at the door beside the time itself
Severity = Literal["error", "warning"]
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at: `kind` names the words for it, `values` fill them, `path` is its place in the file."""

    kind: str
    severity: Severity
    path: Path
    values: tuple[str, ...] = ()


def find_flaws(definition: Definition) -> tuple[Finding, ...]:
    """Everything found, in the order of the file."""
    return (*_stages(definition), *_works(definition), *_fields(definition))


def _stages(definition: Definition) -> Iterator[Finding]:
    ways, own_ways = followers(definition), followers(definition, has_common=False)
    entered = reached(ways, definition.first_stage)
    for name, part in definition.stages.items():
        path: Path = ("stages", name)
        if name not in entered:
            yield Finding("never_entered", "warning", path, (name,))
        if part.ends:
            continue
        if not any(definition.stages[one].ends for one in reached(ways, name)):
            yield Finding("dead_end", "error", path, (name,))
        elif not own_ways[name]:
            yield Finding("only_common_ways", "warning", path, (name,))
        if name in entered and not _has_clock(definition, name):
            yield Finding("no_clock", "warning", path, (name,))
        if part.within and not part.within.blame and not _catches(definition, name, "event", "overdue"):
            yield Finding("stage_late_unseen", "warning", (*path, "within"), (name,))


def _has_clock(definition: Definition, stage: str) -> bool:
    part = definition.stages[stage]
    is_ruled = any(rule.trigger.kind == "after" for rule in rules_in(definition, stage))
    asked = [action.work for action, _ in actions_in(definition, stage) if isinstance(action, Ask)]
    return bool(part.within) or is_ruled or any(definition.work[work].due for work in asked)


def _catches(definition: Definition, stage: str, kind: str, name: str, verb: str = "") -> bool:
    return any(
        rule.trigger.kind == kind and rule.trigger.name == name and rule.trigger.verb == verb
        for rule in rules_in(definition, stage)
    )


def _works(definition: Definition) -> Iterator[Finding]:
    for work in definition.work.values():
        path: Path = ("work", work.name)
        stages = asked_in(definition, work.name)
        if not stages:
            yield Finding("never_asked", "warning", path, (work.name,))
            continue
        if work.due is None:
            yield Finding("no_due", "warning", path, (work.name,))
        for stage in sorted(stages):
            if work.due and not _catches(definition, stage, "work", work.name, "overdue"):
                yield Finding("late_unseen", "warning", path, (work.name, stage))
        yield from _ends_of(definition, work, stages)


def _ends_of(definition: Definition, work: WorkPart, stages: set[str]) -> Iterator[Finding]:
    """Whether anything follows when the work comes to its end."""
    verbs = ("approved", "declined") if work.is_vote else ("done",)
    watched = {test.name for stage in definition.stages for rule in rules_in(definition, stage) for test in _read(rule)}
    if f"work.{work.name}" in watched:
        return
    for verb in verbs:
        is_caught = [_catches(definition, stage, "work", work.name, verb) for stage in sorted(stages)]
        if work.is_for_item or not work.is_vote:
            is_caught = [any(is_caught) or _is_call(work, definition)]
        for caught, stage in zip(is_caught, sorted(stages), strict=False):
            if not caught:
                yield Finding("end_unseen", "warning", ("work", work.name), (work.name, verb, stage))


def _is_call(work: WorkPart, definition: Definition) -> bool:
    """A task that only has to be done in time: its lateness is watched, its end changes nothing."""
    return any(_catches(definition, stage, "work", work.name, "overdue") for stage in definition.stages)


def _read(rule: Rule) -> list[Test]:
    return [*tests_of(rule.condition), *tests_of(rule.trigger.condition)]


def _fields(definition: Definition) -> Iterator[Finding]:
    choices = {f"{name}{_CHOICES}" for name, part in definition.fields.items() if part.type == "time"}
    read, written = fields_read(definition) | _READ_BY_OFFICE | choices, fields_written(definition)
    for name in definition.fields:
        if name not in read and name not in written:
            yield Finding("field_unused", "warning", ("fields", name), (name,))
        elif name not in read:
            yield Finding("field_unread", "warning", ("fields", name), (name,))


def slots_of(definition: Definition) -> set[str]:
    """Every slot of the file: who is asked, told, blamed, allowed, or may see it."""
    found = {slot for work in definition.work.values() for who in work.who for slot in who.slots}
    found |= {slot for work in definition.work.values() for slot in (*work.watch, *work.closed_by)}
    for name, stage in definition.stages.items():
        found |= set(stage.within.blame) if stage.within else set()
        found |= {slot for rule in rules_in(definition, name) for slot in rule.by}
        for action, _ in actions_in(definition, name):
            for key in ("to", "on", "who", "roles"):
                value = getattr(action, key, ())
                found |= {value} if isinstance(value, str) else set(value)
    return found | {*definition.rights.see, *definition.rights.export, *definition.rights.edit_file}


WORDS: Mapping[str, tuple[str, str]] = {
    "never_entered": ("the stage {} is never entered: no rule leads there", "в этап {} ничто не ведёт"),
    "dead_end": (
        "the stage {} is a dead end: no way leads from it to an end",
        "этап {} тупиковый: из него нельзя прийти к завершению",
    ),
    "only_common_ways": (
        "only the rules of every stage lead out of {}: nothing of its own moves it on",
        "из этапа {} выводят только общие правила, своих нет",
    ),
    "no_clock": (
        "nothing in the stage {} ever falls due: give it `within`, an `after`, or work with a due time",
        "в этапе {} ничто не имеет срока: нужны `within`, `after` или работа со сроком",
    ),
    "stage_late_unseen": (
        "the stage {} has a deadline, and nobody is blamed and no `event: overdue` acts when it is late",
        "у этапа {} есть срок, но опоздание никого не касается: нет ни blame, ни правила overdue",
    ),
    "never_asked": ("the work {} is never asked for", "работу {} никто не поручает"),
    "no_due": ("the work {} has no due time", "у работы {} нет срока"),
    "late_unseen": (
        "the work {0} has a due time, and in the stage {1} no rule acts when it is overdue",
        "у работы {0} есть срок, но в этапе {1} нет правила на её опоздание",
    ),
    "end_unseen": (
        "nothing happens when the work {0} is {1} in the stage {2}",
        "ничего не происходит, когда работа {0} закончилась ({1}) в этапе {2}",
    ),
    "field_unused": ("the field {} is used nowhere", "поле {} нигде не используется"),
    "field_unread": ("the field {} is set, and nothing reads it", "поле {} заполняется, но нигде не читается"),
}


def words_of(finding: Finding, language: str) -> str:
    """A finding in words."""
    english, russian = WORDS[finding.kind]
    return (russian if language == "ru" else english).format(*finding.values)
