"""The grammar of conditions, actions and rules: raw lists and mappings in, frozen parts out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, get_args

from tasks.rules.process.definition import (
    ALWAYS,
    Action,
    AllOf,
    AnyOf,
    Ask,
    AssignPerson,
    Condition,
    DocumentKind,
    MakePaper,
    NotOf,
    Operator,
    PutInCalendar,
    Reference,
    Rule,
    SetStatus,
    SetValue,
    Start,
    Tell,
    Test,
    Trigger,
    WithdrawWork,
    WriteIncident,
)
from tasks.rules.process.grammar import Grammar, Path, shown

OPERATORS: tuple[str, ...] = get_args(Operator)
WORK_VERBS = ("begun", "done", "approved", "declined", "overdue", "won", "lost", "cancelled")
_TRIGGERS = ("event", "work", "changed", "after", "as_soon_as")
_RULE_KEYS = (*_TRIGGERS, "every", "times", "by", "if", "say", "do", "to")
_WORDING = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)+")
_DEEPEST = 20
_MOST_TIMES = 1000


class RuleGrammar(Grammar):
    """Reads what stands in rules and in `enter`."""

    def condition(self, raw: Any, path: Path, depth: int = 0) -> Condition:
        """A condition; several keys mean all of them."""
        if depth > _DEEPEST:
            self.refuse(path, f"conditions are nested deeper than {_DEEPEST} levels")
            return ALWAYS
        parts = [self._part(key, value, (*path, key), depth) for key, value in self.entries(raw, path)]
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _part(self, key: str, raw: Any, path: Path, depth: int) -> Condition:
        if key in ("all", "any"):
            items = self.items(raw, path, "conditions")
            if isinstance(raw, list) and not raw:
                self.refuse(path, f"{key} needs at least one condition")
            parts = tuple(self.condition(part, here, depth + 1) for here, part in items)
            return AllOf(parts) if key == "all" else AnyOf(parts)
        if key == "not":
            return NotOf(self.condition(raw, path, depth + 1))
        if not isinstance(raw, Mapping):
            return Test(key, "is", value_of(raw))
        if not raw:
            self.refuse(path, f"a comparison is missing: one of {', '.join(OPERATORS)}")
        known = self.only_known(raw, OPERATORS, path)
        tests = [self._test(key, operator, wanted, path) for operator, wanted in known.items()]
        return tests[0] if len(tests) == 1 else AllOf(tuple(tests))

    def _test(self, name: str, operator: Any, wanted: Any, path: Path) -> Test:
        if operator == "filled":
            wanted = self.flag(wanted, (*path, operator))
        elif operator == "in" and not isinstance(wanted, list):
            self.refuse((*path, operator), f"in needs a list, not {shown(wanted)}")
            wanted = []
        return Test(name, operator, value_of(wanted))

    def actions(self, raw: Any, path: Path) -> tuple[Action, ...]:
        """Actions in the order of the file."""
        return tuple(action for here, part in self.items(raw, path, "actions") for action in self._action(part, here))

    def _action(self, raw: Any, path: Path) -> list[Action]:
        readers: dict[str, Callable[[Any, Path], list[Action]]] = {
            "ask": lambda value, here: [Ask(self.name(value, here, "work"))],
            "withdraw": lambda value, here: [WithdrawWork(self.name(value, here, "work"))],
            "set": self._sets,
            "status": lambda value, here: [SetStatus(self.text(value, here))],
            "notify": self._notify,
            "assign": self._assign,
            "start": self._start,
            "calendar": self._calendar,
            "incident": self._incident,
            "document": self._document,
        }
        known = self.only_known(raw, tuple(readers), path)
        if isinstance(raw, Mapping) and len(raw) != 1:
            self.refuse(path, f"an action has exactly one of {', '.join(readers)}")
        return [action for key, value in known.items() for action in readers[key](value, (*path, key))]

    def _sets(self, raw: Any, path: Path) -> list[Action]:
        return [self._set(name, value, (*path, name)) for name, value in self.entries(raw, path)]

    def _set(self, name: str, raw: Any, path: Path) -> SetValue:
        if isinstance(raw, Mapping):
            known = self.only_known(raw, ("add",), path)
            return SetValue(name, value_of(known.get("add")), is_addition=True)
        return SetValue(name, value_of(raw))

    def _notify(self, raw: Any, path: Path) -> list[Action]:
        known = self.only_known(raw, ("to", "from", "text"), path)
        if "from" in known:
            self.one_of(known["from"], ("author",), (*path, "from"))
        said = known.get("text")
        is_wording = isinstance(said, str) and _WORDING.fullmatch(said) is not None
        text = {} if is_wording else self.text(said, (*path, "text"))
        to = self.slots(known.get("to"), (*path, "to"))
        return [Tell(to, str(said) if is_wording else "", text, "from" in known)]

    def slots(self, raw: Any, path: Path) -> tuple[str, ...]:
        """A list of at least one slot."""
        found = self.names(raw, path, "slots")
        if raw == []:
            self.refuse(path, "nobody is named here")
        return found

    def _assign(self, raw: Any, path: Path) -> list[Action]:
        known = self.only_known(raw, ("field", "from"), path)
        roles = self.slots(known.get("from"), (*path, "from"))
        return [AssignPerson(self.name(known.get("field"), (*path, "field"), "field"), roles)]

    def _start(self, raw: Any, path: Path) -> list[Action]:
        known = self.only_known(raw, ("process", "as", "with", "wait", "returns"), path)
        process = self.name(known.get("process"), (*path, "process"), "process")
        name = self.name(known["as"], (*path, "as"), "sub-process") if "as" in known else process
        returns = {
            mine: self.name(theirs, (*path, "returns", mine), "field")
            for mine, theirs in self.entries(known.get("returns", {}), (*path, "returns"))
        }
        fields = self.given(known.get("with", {}), (*path, "with"))
        return [Start(process, name, fields, self.flag(known.get("wait", False), (*path, "wait")), returns)]

    def given(self, raw: Any, path: Path) -> dict[str, Any]:
        """Fields that another process is given: by value or Reference."""
        return {name: value_of(value) for name, value in self.entries(raw, path)}

    def _calendar(self, raw: Any, path: Path) -> list[Action]:
        known = self.only_known(raw, ("who", "at", "title"), path)
        who, at = (self.name(known.get(key), (*path, key), noun) for key, noun in (("who", "slot"), ("at", "field")))
        return [PutInCalendar(who, at, self.text(known.get("title"), (*path, "title")))]

    def _incident(self, raw: Any, path: Path) -> list[Action]:
        known = self.only_known(raw, ("on", "what"), path)
        what = self.text(known.get("what"), (*path, "what"))
        return [WriteIncident(self.name(known.get("on"), (*path, "on"), "slot"), next(iter(what.values()), ""))]

    def _document(self, raw: Any, path: Path) -> list[Action]:
        known = self.only_known(raw, ("make", "as", "due"), path)
        make = self.one_of(known.get("make"), get_args(DocumentKind), (*path, "make"))
        due = self.span(known["due"], (*path, "due")) if "due" in known else None
        return [MakePaper(make, self.name(known.get("as"), (*path, "as"), "field"), due)]

    def rules(self, raw: Any, path: Path, owner: str) -> tuple[Rule, ...]:
        """Rules in the order of the file; `owner` is their stage, or 'rules' for the common ones."""
        items = self.items(raw, path, "rules")
        return tuple(self._rule(part, here, f"{owner}.{n}") for n, (here, part) in enumerate(items))

    def _rule(self, raw: Any, path: Path, key: str) -> Rule:
        known = self.only_known(raw, _RULE_KEYS, path)
        triggers = [name for name in _TRIGGERS if name in known]
        if len(triggers) != 1:
            self.refuse(path, f"a rule has exactly one of {', '.join(_TRIGGERS)}")
        kind = triggers[0] if triggers else "event"
        if "do" not in known and "to" not in known:
            self.refuse(path, "a rule does something: do, to, or both")
        return Rule(
            key=key,
            trigger=self._trigger(kind, known, path),
            by=self.slots(known["by"], (*path, "by")) if "by" in known else (),
            condition=self.condition(known["if"], (*path, "if")) if "if" in known else ALWAYS,
            say=self.text(known["say"], (*path, "say")) if "say" in known else {},
            do=self.actions(known["do"], (*path, "do")) if "do" in known else (),
            to=self.name(known["to"], (*path, "to"), "stage") if "to" in known else "",
        )

    def _trigger(self, kind: str, known: Mapping[str, Any], path: Path) -> Trigger:
        raw, here = known.get(kind), (*path, kind)
        for key in ("every", "times"):
            if key in known and kind != "after":
                self.refuse((*path, key), f"{key} belongs to after")
        if kind == "after":
            return self._after(known, path)
        if kind == "changed":
            return Trigger("changed", fields=self.slots(raw, here))
        if kind == "as_soon_as":
            return Trigger("as_soon_as", condition=self.condition(raw, here))
        if kind == "work":
            return self._work_trigger(raw, here)
        return Trigger("event", self.name(raw, here, "event") if kind in known else "")

    def _work_trigger(self, raw: Any, path: Path) -> Trigger:
        name, _, verb = raw.partition(" ") if isinstance(raw, str) else ("", "", "")
        if not name or not verb:
            self.refuse(path, f"{shown(raw)}: write the work and what became of it, as in 'price done'")
            return Trigger("work", name, "done")
        return Trigger("work", name, self.one_of(verb, WORK_VERBS, path))

    def _after(self, known: Mapping[str, Any], path: Path) -> Trigger:
        every = self.span(known["every"], (*path, "every")) if "every" in known else None
        times = self.whole(known["times"], _MOST_TIMES, (*path, "times")) if "times" in known else None
        if times is not None and every is None:
            self.refuse((*path, "times"), "times belongs to every: after 3d, every 3d, times 2")
        if every and not every.working_days and every.seconds * 20 < 3600 and (times or 21) > 20:
            self.refuse((*path, "every"), "a rule acts at most 20 times an hour: every 3m, or fewer times")
        return Trigger("after", span=self.span(known["after"], (*path, "after")), every=every, times=times)


def value_of(raw: Any) -> Any:
    """A value of the file: `$name` is a reference, a list becomes a tuple."""
    if isinstance(raw, str) and raw.startswith("$") and len(raw) > 1:
        return Reference(raw[1:])
    return tuple(value_of(part) for part in raw) if isinstance(raw, list) else raw
