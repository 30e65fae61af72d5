"""Whether the names that a process file uses are declared in it: fields, work, stages, sub-processes, places in texts.

Slots that are no field are roles; whether the office has them is asked when the office is known (references.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any

from tasks.rules.process.comparisons import check_condition, check_value
from tasks.rules.process.definition import (
    Ask,
    AssignPerson,
    Definition,
    FieldPart,
    MakePaper,
    PutInCalendar,
    Rule,
    SetValue,
    StagePart,
    Start,
    Tell,
    WithdrawWork,
    WorkPart,
    WriteIncident,
)
from tasks.rules.process.field_types import LISTS, PARTIES
from tasks.rules.process.grammar import Grammar, Path, did_you_mean
from tasks.rules.process.state import FACTS

_PLACE = re.compile(r"\{(\w+)\}")
SAYABLE = ("stage", "visit", "author", "actor")
"""What a text may say besides the fields."""
BUILT_IN_SLOTS = ("author", "actor")


def check_names(definition: Definition, grammar: Grammar) -> None:
    """Refuse every name that is not declared, and every value of a wrong type."""
    names = Names(definition, grammar)
    for path, text in grammar.texts:
        for words in text.values():
            names.known(_PLACE.findall(words), {*definition.fields, *SAYABLE}, "field", path)
    for part in definition.fields.values():
        _check_compute(part, names)
    for work in definition.work.values():
        _check_work(work, names)
    for stage in definition.stages.values():
        _check_stage(stage, names)
    for n, rule in enumerate(definition.rules):
        names.rule(rule, ("rules", n))
    for n, start in enumerate(definition.start_on):
        names.known(start.with_fields, definition.fields, "field", ("start_on", n, "with"))
    for key in ("see", "export", "edit_file"):
        names.slots(getattr(definition.rights, key), ("rights", key))
    if definition.stages and definition.stages[definition.first_stage].ends:
        grammar.refuse(("stages", definition.first_stage), "the first stage is the beginning and cannot end the item")
    _refuse_circles(definition, grammar)


def child_names(definition: Definition) -> dict[str, Start]:
    """Every sub-process that the file starts, by the name it is called here."""
    actions = [action for stage in definition.stages.values() for action in stage.enter]
    actions += [action for stage in definition.stages.values() for rule in stage.rules for action in rule.do]
    actions += [action for rule in definition.rules for action in rule.do]
    return {action.name: action for action in actions if isinstance(action, Start)}


class Names:
    """The names of one definition."""

    def __init__(self, definition: Definition, grammar: Grammar) -> None:
        self.definition = definition
        self.grammar = grammar
        self.children = child_names(definition)

    def known(self, names: Iterable[str], allowed: Collection[str], noun: str, path: Path) -> bool:
        """Refuse the names that are not among the allowed ones."""
        unknown = [name for name in names if name not in allowed]
        for name in unknown:
            self.grammar.refuse(path, f"there is no {noun} {name!r}{did_you_mean(name, allowed)}")
        return not unknown

    def field_of(self, name: str, types: Collection[str], path: Path) -> None:
        """A field that must be of certain types."""
        if self.known([name], self.definition.fields, "field", path) and (
            self.definition.fields[name].type not in types
        ):
            found = self.definition.fields[name].type
            self.grammar.refuse(path, f"{name!r} is of type {found}; {' or '.join(types)} is wanted here")

    def settable(self, name: str, path: Path) -> bool:
        """A field that rules may set."""
        if not self.known([name], self.definition.fields, "field", path):
            return False
        if self.definition.fields[name].compute:
            self.grammar.refuse(path, f"{name!r} is computed and cannot be set")
            return False
        return True

    def slots(self, names: Iterable[str], path: Path) -> None:
        """A slot that is a field is a person or contact; other names are roles of the office."""
        for name in names:
            part = self.definition.fields.get(name)
            if part and part.type not in PARTIES:
                self.grammar.refuse(path, f"{name!r} is of type {part.type}; a slot is a person, a contact or a role")

    def rule(self, rule: Rule, path: Path) -> None:
        """One rule."""
        trigger = rule.trigger
        check_condition(self.definition, self.children, self.grammar, rule.condition, (*path, "if"))
        check_condition(self.definition, self.children, self.grammar, trigger.condition, (*path, "as_soon_as"))
        self.known(trigger.fields, self.definition.fields, "field", (*path, "changed"))
        if rule.by and (trigger.kind in ("after", "as_soon_as") or trigger.name == "overdue"):
            self.grammar.refuse((*path, "by"), "nobody does this: by belongs to a command, to work, or to changed")
        self.slots(rule.by, (*path, "by"))
        if trigger.kind == "event" and trigger.name in FACTS:
            self.grammar.refuse((*path, "event"), f"{trigger.name!r} is a word of the engine and cannot name a command")
        if trigger.kind == "work":
            self._work_trigger(trigger.name, trigger.verb, (*path, "work"))
        if rule.to:
            self.known([rule.to], self.definition.stages, "stage", (*path, "to"))
        for n, action in enumerate(rule.do):
            self.action(action, (*path, "do", n))

    def _work_trigger(self, name: str, verb: str, path: Path) -> None:
        if not self.known([name], {**self.definition.work, **self.children}, "work", path):
            return
        work = self.definition.work.get(name)
        if work is None:
            verbs: tuple[str, ...] = ("won", "lost", "cancelled")
        else:
            verbs = ("begun", "approved", "declined", "overdue") if work.is_vote else ("begun", "done", "overdue")
        if verb not in verbs:
            kind = work.kind if work else "sub-process"
            self.grammar.refuse(path, f"{name!r} is a {kind}: it can be {', '.join(verbs)}, not {verb}")
        elif work and verb == "overdue" and not work.due:
            self.grammar.refuse(path, f"{name!r} has no due time and is never overdue")

    def action(self, action: Any, path: Path) -> None:
        """One action."""
        if isinstance(action, Ask | WithdrawWork):
            others = self.children if isinstance(action, WithdrawWork) else {}
            self.known([action.work], {**self.definition.work, **others}, "work", path)
        elif isinstance(action, SetValue):
            self._set(action, (*path, "set", action.field))
        elif isinstance(action, Tell):
            self.slots(action.to, (*path, "notify", "to"))
        elif isinstance(action, AssignPerson):
            if self.settable(action.field, (*path, "assign", "field")):
                self.field_of(action.field, PARTIES, (*path, "assign", "field"))
        elif isinstance(action, Start):
            self._start(action, (*path, "start"))
        elif isinstance(action, PutInCalendar):
            self.slots([action.who], (*path, "calendar", "who"))
            self.field_of(action.at, ("time", "date"), (*path, "calendar", "at"))
        elif isinstance(action, WriteIncident):
            self.slots([action.on], (*path, "incident", "on"))
        elif isinstance(action, MakePaper) and self.settable(action.field, (*path, "document", "as")):
            self.field_of(action.field, ("text", "file"), (*path, "document", "as"))

    def _set(self, action: SetValue, path: Path) -> None:
        if not self.settable(action.field, path):
            return
        part = self.definition.fields[action.field]
        if action.is_addition:
            is_number = isinstance(action.value, int | Decimal)
            if part.type not in ("number", "money") or not is_number or isinstance(action.value, bool):
                self.grammar.refuse(
                    path, f"add needs a number, and a field that is one; {action.field!r} is {part.type}"
                )
            return
        if action.value is None and part.is_required:
            self.grammar.refuse(path, f"{action.field!r} is required and cannot be emptied")
        check_value(self.definition, self.grammar, part, action.value, path, is_now_allowed=True)

    def _start(self, action: Start, path: Path) -> None:
        if action.name in self.definition.work:
            self.grammar.refuse((*path, "as"), f"{action.name!r} is the name of work already")
        for mine in action.returns:
            self.settable(mine, (*path, "returns", mine))
        if action != self.children[action.name] and action.process != self.children[action.name].process:
            self.grammar.refuse((*path, "as"), f"{action.name!r} is started as another process too; choose two names")


def _check_compute(part: FieldPart, names: Names) -> None:
    compute, path = part.compute, ("fields", part.name, "compute")
    if compute is None:
        return
    names.known(compute.inputs, names.definition.fields, "field", path)
    fields = names.definition.fields
    if compute.sum_of in fields:
        names.field_of(compute.sum_of, LISTS, (*path, "sum"))
        if part.type not in ("number", "money"):
            names.grammar.refuse(path, f"a sum is a number or money; {part.name!r} is {part.type}")
    if compute.plus in fields:
        names.field_of(compute.plus, LISTS, (*path, "plus"))
        if part.type not in LISTS:
            names.grammar.refuse(path, f"plus makes a list; {part.name!r} is {part.type}")
    if compute.pick_by in fields:
        picked = fields[compute.pick_by]
        if picked.type == "choice":
            names.known(compute.options, picked.options, f"option of {compute.pick_by}", (*path, "from"))
        for value, found in compute.options.items():
            wanted = found if part.type in LISTS else found[0] if len(found) == 1 else found
            check_value(names.definition, names.grammar, part, wanted, (*path, "from", value))
    if any(name in fields and fields[name].compute for name in compute.inputs):
        names.grammar.refuse(path, "a computed field is made from fields that are filled in, not from computed ones")


def _check_work(work: WorkPart, names: Names) -> None:
    path, grammar = ("work", work.name), names.grammar
    for n, who in enumerate(work.who):
        names.slots(who.slots, (*path, "who"))
        check_condition(names.definition, names.children, grammar, who.condition, (*path, "who", n, "if"))
        if isinstance(work.need, int) and work.need > len(who.slots) > 0:
            grammar.refuse((*path, "need"), f"need is {work.need}, and only {len(who.slots)} are asked")
    names.slots(work.watch, (*path, "watch"))
    names.slots(work.closed_by, (*path, "closed_by"))
    names.known(work.binds, names.definition.fields, "field", (*path, "binds"))
    check_condition(names.definition, names.children, grammar, work.close_if, (*path, "close_if"))
    for key, is_given in (("binds", bool(work.binds)), ("distinct", work.is_distinct)):
        if is_given and not work.is_vote:
            grammar.refuse((*path, key), f"{key} belongs to an approval or a confirm; this is a {work.kind}")


def _check_stage(stage: StagePart, names: Names) -> None:
    path: Path = ("stages", stage.name)
    names.known(stage.needs, names.definition.fields, "field", (*path, "needs"))
    names.slots(stage.within.blame if stage.within else (), (*path, "within", "blame"))
    for n, action in enumerate(stage.enter):
        names.action(action, (*path, "enter", n))
        if stage.ends and isinstance(action, Ask):
            names.grammar.refuse(
                (*path, "enter", n), f"the item ends in {stage.name!r}: nothing can be asked for any more"
            )
    for n, rule in enumerate(stage.rules):
        names.rule(rule, (*path, "rules", n))
    for key, is_given in (("rules", bool(stage.rules)), ("within", stage.within is not None)):
        if stage.ends and is_given:
            names.grammar.refuse((*path, key), f"the item ends in {stage.name!r}: it has no {key}")


def _refuse_circles(definition: Definition, grammar: Grammar) -> None:
    """as_soon_as moves that lead back to their own stage could run for ever."""
    common = [rule for rule in definition.rules if rule.trigger.kind == "as_soon_as" and rule.to]
    leads: dict[str, list[str]] = {}
    for stage in definition.stages.values():
        own = [rule for rule in stage.rules if rule.trigger.kind == "as_soon_as" and rule.to]
        leads[stage.name] = [] if stage.ends else [rule.to for rule in (*own, *common)]
    for stage in definition.stages.values():
        for n, rule in enumerate(stage.rules):
            if rule.trigger.kind == "as_soon_as" and rule.to:
                circle = _way_back(leads, rule.to, stage.name)
                if circle:
                    words = " → ".join((stage.name, *circle))
                    grammar.refuse(("stages", stage.name, "rules", n), f"as_soon_as rules move in a circle: {words}")


def _way_back(leads: dict[str, list[str]], start: str, end: str) -> tuple[str, ...]:
    ways: list[tuple[str, ...]] = [(start,)]
    seen = {start}
    for way in ways:
        if way[-1] == end:
            return way
        for following in leads.get(way[-1], ()):
            if following not in seen:
                seen.add(following)
                ways.append((*way, following))
    return ()
