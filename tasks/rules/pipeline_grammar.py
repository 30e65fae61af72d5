"""The grammar of a pipeline file: raw mappings in, frozen parts out, every mistake collected with its place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, get_args

from tasks.rules.nearest_name import nearest
from tasks.rules.pipeline_conditions import OPERATORS
from tasks.rules.pipeline_parts import (
    ALWAYS,
    Action,
    AllOf,
    AnyOf,
    Ask,
    Assign,
    Compute,
    Condition,
    FieldPart,
    FieldType,
    MakeInvoice,
    NotOf,
    Outcome,
    Rule,
    SetStatus,
    Span,
    StagePart,
    Tell,
    Test,
    Text,
    Trigger,
    Who,
    WithdrawWork,
    Within,
    WorkKind,
    WorkPart,
    WriteIncident,
)

Path = tuple[str | int, ...]
_SPAN = re.compile(r"(\d+)(m|h|d)( working)?")
_UNIT_SECONDS = {"m": 60, "h": 3600, "d": 86400}
_WORDING = re.compile(r"[a-z][a-z0-9_]*")
_TRIGGERS = ("event", "work", "changed", "after", "as_soon_as")
_ACTIONS = ("ask", "withdraw", "set", "status", "notify", "incident", "document")
_FIELD_KEYS = ("type", "options", "compute")
_WORK_KEYS = ("kind", "title", "who", "need", "due", "until", "binds", "closed_by", "close_if", "say")
_STAGE_KEYS = ("needs", "status", "within", "ends", "enter", "rules")
_RULE_KEYS = (*_TRIGGERS, "by", "if", "say", "do", "to")


class Grammar:
    """One reading of one file."""

    def __init__(self) -> None:
        self.flaws: list[tuple[Path, str]] = []

    def refuse(self, path: Path, reason: str) -> None:
        """Remember a mistake."""
        self.flaws.append((path, reason))

    def only_known(self, raw: Any, allowed: tuple[str, ...], path: Path) -> Mapping[str, Any]:
        """The mapping at `path`; keys that the grammar does not know are refused."""
        if not isinstance(raw, Mapping):
            self.refuse(path, "keys with values are expected here")
            return {}
        for key in raw:
            if key not in allowed:
                hint = nearest(str(key), allowed)
                self.refuse((*path, key), f"unknown key {key!r}{f'; did you mean {hint!r}?' if hint else ''}")
        return raw

    def mapping(self, raw: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        """The mapping under `key`, empty when it is not there."""
        found = raw.get(key, {})
        if not isinstance(found, Mapping):
            self.refuse((key,), "keys with values are expected here")
            return {}
        return found

    def text(self, raw: Any, path: Path) -> Text:
        """Words, the same in every language or one text per language."""
        if isinstance(raw, Mapping):
            return {key: str(value) for key, value in self.only_known(raw, ("ru", "en"), path).items()}
        return {"": str(raw)} if raw not in (None, "") else {}

    def names(self, raw: Any, path: Path) -> tuple[str, ...]:
        """A list of names."""
        if not isinstance(raw, list) or not all(isinstance(name, str) for name in raw):
            self.refuse(path, "a list of names is expected here")
            return ()
        return tuple(raw)

    def span(self, raw: Any, path: Path) -> Span:
        """30m, 8h, 3d, `8h working`, `3d working` (a working day is as long as the office is open)."""
        match = _SPAN.fullmatch(str(raw))
        if not match:
            self.refuse(path, f"{raw!r} is no span of time; write 30m, 8h, 3d, `8h working` or `3d working`")
            return Span(0, is_working=False)
        if match[2] == "d" and match[3]:
            return Span(0, is_working=True, working_days=int(match[1]))
        return Span(int(match[1]) * _UNIT_SECONDS[match[2]], bool(match[3]))

    def one_of(self, raw: Any, allowed: tuple[str, ...], path: Path) -> Any:
        """One of the words allowed; the first of them when it is another."""
        if raw not in allowed:
            hint = nearest(str(raw), allowed) or ", ".join(allowed)
            self.refuse(path, f"{raw!r} is not allowed; did you mean {hint!r}?")
            return allowed[0]
        return raw

    def field(self, name: str, raw: Any) -> FieldPart:
        """One field."""
        path: Path = ("fields", name)
        known = self.only_known(raw, _FIELD_KEYS, path)
        kind = self.one_of(known.get("type"), get_args(FieldType), (*path, "type"))
        options = self.names(known.get("options", []), (*path, "options"))
        compute = self._compute(known["compute"], (*path, "compute")) if "compute" in known else None
        return FieldPart(name, kind, options, compute)

    def _compute(self, raw: Any, path: Path) -> Compute:
        known = self.only_known(raw, ("sum", "pick", "from", "plus"), path)
        options = self.only_known(known.get("from", {}), tuple(known.get("from", {})), (*path, "from"))
        picks = {str(key): self.names(value, (*path, "from", key)) for key, value in options.items()}
        return Compute(str(known.get("sum", "")), str(known.get("pick", "")), picks, str(known.get("plus", "")))

    def work(self, name: str, raw: Any) -> WorkPart:
        """One piece of work."""
        path: Path = ("work", name)
        known = self.only_known(raw, _WORK_KEYS, path)
        need = known.get("need", "all")
        if need != "all" and need != "any" and not (isinstance(need, int) and need > 0):
            self.refuse((*path, "need"), "need is all, any, or a number")
            need = "all"
        return WorkPart(
            name=name,
            kind=self.one_of(known.get("kind"), get_args(WorkKind), (*path, "kind")),
            title=self.text(known.get("title", name), (*path, "title")),
            who=self._who(known.get("who", []), (*path, "who")),
            need=1 if need == "any" else need,
            due=self.span(known["due"], (*path, "due")) if "due" in known else None,
            is_for_item=self.one_of(known.get("until", "stage"), ("stage", "item"), (*path, "until")) == "item",
            binds=frozenset(self.names(known.get("binds", []), (*path, "binds"))),
            closed_by=self.names(known.get("closed_by", []), (*path, "closed_by")),
            close_if=self.condition(known.get("close_if", {}), (*path, "close_if")),
            say=self.text(known.get("say", ""), (*path, "say")),
        )

    def _who(self, raw: Any, path: Path) -> tuple[Who, ...]:
        if not isinstance(raw, list) or not raw:
            self.refuse(path, "say who is asked: a list of slots, or of {if, ask}")
            return ()
        if all(isinstance(slot, str) for slot in raw):
            return (Who(ALWAYS, tuple(raw)),)
        found = []
        for position, part in enumerate(raw):
            here = (*path, position)
            known = self.only_known(part, ("if", "ask"), here)
            slots = self.names(known.get("ask", []), (*here, "ask"))
            found.append(Who(self.condition(known.get("if", {}), (*here, "if")), slots))
        return tuple(found)

    def stage(self, name: str, raw: Any) -> StagePart:
        """One stage."""
        path: Path = ("stages", name)
        known = self.only_known(raw, _STAGE_KEYS, path)
        within = None
        if "within" in known:
            inner = self.only_known(known["within"], ("time", "blame"), (*path, "within"))
            blame = self.names(inner.get("blame", []), (*path, "within", "blame"))
            within = Within(self.span(inner.get("time"), (*path, "within", "time")), blame)
        return StagePart(
            name=name,
            status=self.text(known.get("status", name), (*path, "status")),
            needs=self.names(known.get("needs", []), (*path, "needs")),
            within=within,
            ends=self.one_of(known["ends"], get_args(Outcome), (*path, "ends")) if "ends" in known else None,
            enter=self.actions(known.get("enter", []), (*path, "enter")),
            rules=self.rules(known.get("rules", []), (*path, "rules"), name),
        )

    def rules(self, raw: Any, path: Path, stage: str) -> tuple[Rule, ...]:
        """Rules in the order of the file."""
        if not isinstance(raw, list):
            self.refuse(path, "a list of rules is expected here")
            return ()
        return tuple(self._rule(part, (*path, n), f"{stage or 'common'}.{n}") for n, part in enumerate(raw))

    def _rule(self, raw: Any, path: Path, key: str) -> Rule:
        known = self.only_known(raw, _RULE_KEYS, path)
        triggers = [name for name in _TRIGGERS if name in known]
        if len(triggers) != 1:
            self.refuse(path, f"a rule has exactly one of {', '.join(_TRIGGERS)}")
            triggers = ["event"]
        return Rule(
            key=key,
            trigger=self._trigger(triggers[0], known.get(triggers[0]), (*path, triggers[0])),
            by=self.names(known.get("by", []), (*path, "by")),
            condition=self.condition(known.get("if", {}), (*path, "if")),
            say=self.text(known.get("say", ""), (*path, "say")),
            do=self.actions(known.get("do", []), (*path, "do")),
            to=str(known.get("to", "")),
        )

    def _trigger(self, kind: str, raw: Any, path: Path) -> Trigger:
        if kind == "after":
            return Trigger("after", span=self.span(raw, path))
        if kind == "changed":
            return Trigger("changed", fields=frozenset(self.names(raw, path)))
        if kind == "as_soon_as":
            return Trigger("as_soon_as", condition=self.condition(raw, path))
        return Trigger("work" if kind == "work" else "event", name=str(raw))

    def condition(self, raw: Any, path: Path) -> Condition:
        """A condition; several keys mean all of them."""
        parts = [self._part(key, value, (*path, key)) for key, value in self._entries(raw, path)]
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _entries(self, raw: Any, path: Path) -> list[tuple[str, Any]]:
        if not isinstance(raw, Mapping):
            self.refuse(path, "a condition is written as keys with values")
            return []
        return list(raw.items())

    def _part(self, key: str, raw: Any, path: Path) -> Condition:
        if key in ("all", "any"):
            items = raw if isinstance(raw, list) else []
            if not items:
                self.refuse(path, f"{key} needs a list of conditions")
            parts = tuple(self.condition(part, (*path, n)) for n, part in enumerate(items))
            return AllOf(parts) if key == "all" else AnyOf(parts)
        if key == "not":
            return NotOf(self.condition(raw, path))
        if not isinstance(raw, Mapping):
            return Test(key, "is", raw)
        known = self.only_known(raw, OPERATORS, path)
        tests = tuple(Test(key, operator, wanted) for operator, wanted in known.items() if operator in OPERATORS)  # type: ignore[arg-type]  # checked by the line's own test
        return tests[0] if len(tests) == 1 else AllOf(tests)

    def actions(self, raw: Any, path: Path) -> tuple[Action, ...]:
        """Actions in the order of the file."""
        if not isinstance(raw, list):
            self.refuse(path, "a list of actions is expected here")
            return ()
        return tuple(action for n, part in enumerate(raw) for action in self._action(part, (*path, n)))

    def _action(self, raw: Any, path: Path) -> tuple[Action, ...]:
        known = self.only_known(raw, _ACTIONS, path)
        if len(known) != 1:
            self.refuse(path, f"an action has exactly one of {', '.join(_ACTIONS)}")
            return ()
        ((key, value),) = known.items()
        here = (*path, key)
        if key == "ask":
            return (Ask(str(value)),)
        if key == "withdraw":
            return (WithdrawWork(str(value)),)
        if key == "status":
            return (SetStatus(self.text(value, here)),)
        if key == "set":
            return tuple(self._set(name, wanted, (*here, name)) for name, wanted in self._entries(value, here))
        return self._spoken(key, value, here)

    def _spoken(self, key: str, value: Any, path: Path) -> tuple[Action, ...]:
        if key == "notify":
            known = self.only_known(value, ("to", "text"), path)
            text, to = known.get("text", ""), self.names(known.get("to", []), (*path, "to"))
            is_wording = isinstance(text, str) and _WORDING.fullmatch(text) is not None
            return (Tell(to, text if is_wording else "", {} if is_wording else self.text(text, (*path, "text"))),)
        if key == "incident":
            known = self.only_known(value, ("on", "what"), path)
            return (WriteIncident(str(known.get("on", "")), str(known.get("what", ""))),)
        if key != "document":
            return ()
        known = self.only_known(value, ("make", "as", "due"), path)
        self.one_of(known.get("make"), ("invoice",), (*path, "make"))
        return (MakeInvoice(str(known.get("as", "")), self.span(known.get("due"), (*path, "due"))),)

    def _set(self, name: str, raw: Any, path: Path) -> Assign:
        if isinstance(raw, Mapping):
            return Assign(name, self.only_known(raw, ("add",), path).get("add", 0), is_addition=True)
        return Assign(name, raw)
