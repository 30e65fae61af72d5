"""Reading a process file: the whole grammar, every name and type checked, a mistake refused with file, line, reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args

from tasks.rules.errors import OfficeError
from tasks.rules.process.definition import (
    ALWAYS,
    Action,
    Compute,
    Definition,
    FieldPart,
    FieldType,
    Outcome,
    Rights,
    Rule,
    StagePart,
    StartOn,
    Tell,
    Who,
    Within,
    WorkKind,
    WorkPart,
)
from tasks.rules.process.grammar import Grammar, Path, shown
from tasks.rules.process.grammar_rules import RuleGrammar, value_of
from tasks.rules.process.names import check_names

_KEYS = ("process", "version", "title", "entity", "rights", "start_on", "fields", "work", "stages", "rules")
_FIELD_KEYS = ("type", "options", "required", "compute", "title")
_WORK_KEYS = (
    "kind",
    "title",
    "who",
    "watch",
    "need",
    "distinct",
    "due",
    "until",
    "binds",
    "closed_by",
    "close_if",
    "say",
)
_STAGE_KEYS = ("needs", "status", "within", "ends", "enter", "rules")
_RESERVED = ("stage", "visit", "work", "now", "author", "actor", "all", "any", "not")
_MOST = {"fields": 300, "work": 200, "stages": 100}
_MOST_RULES = 1000
_LAST_VERSION = 1_000_000


def read_definition(file_name: str, raw: Any, line_of: Callable[[Path], int] | None = None) -> Definition:
    """The process that a parsed file declares; `line_of` gives the line of a place in it.

    Raises OfficeError that lists every mistake as 'file:line: reason' (without lines: 'file: place: reason').
    """
    definition, flaws = examine_definition(raw)
    if flaws:
        raise OfficeError(
            [f"{file_name}:{line_of(path) if line_of else f' {place(path)}'}: {why}" for path, why in flaws]
        )
    return definition


def place(path: Path) -> str:
    """A place in the file as words."""
    return ".".join(str(part) for part in path) or "the file"


def examine_definition(raw: Any) -> tuple[Definition, list[tuple[Path, str]]]:
    """The process as far as it can be read, and every mistake with the keys and positions that lead to it."""
    grammar = RuleGrammar()
    known = grammar.only_known(raw, _KEYS, ())
    _refuse_giants(grammar, known)
    if grammar.flaws and not known:
        return _nothing(), grammar.flaws
    if any(path in (("rules",), ("stages",)) for path, _ in grammar.flaws):
        return _nothing(), grammar.flaws
    definition = _Reader(grammar, known).definition()
    check_names(definition, grammar)
    return definition, grammar.flaws


def wordings_used(definition: Definition) -> frozenset[str]:
    """Every template that a notice of the file names."""
    return frozenset(
        action.wording for _, action in all_actions(definition) if isinstance(action, Tell) and action.wording
    )


def all_actions(definition: Definition) -> Iterator[tuple[Path, Action]]:
    """Every action of the file in its order, with its place."""
    for stage in definition.stages.values():
        yield from (((("stages", stage.name, "enter", n)), action) for n, action in enumerate(stage.enter))
    for path, rule in all_rules(definition):
        yield from (((*path, "do", n), action) for n, action in enumerate(rule.do))


def all_rules(definition: Definition) -> Iterator[tuple[Path, Rule]]:
    """Every rule of the file with its place: those of the stages, then the common ones."""
    for stage in definition.stages.values():
        yield from ((("stages", stage.name, "rules", n), rule) for n, rule in enumerate(stage.rules))
    yield from ((("rules", n), rule) for n, rule in enumerate(definition.rules))


def _nothing() -> Definition:
    return Definition("", 0, {}, "", {}, {}, {})


def _refuse_giants(grammar: Grammar, known: Mapping[str, Any]) -> None:
    for key, most in _MOST.items():
        if isinstance(known.get(key), Mapping) and len(known[key]) > most:
            grammar.refuse((key,), f"{len(known[key])} {key} in one process; at most {most}")
    stages = known.get("stages")
    lists = (
        [stage.get("rules") for stage in stages.values() if isinstance(stage, Mapping)]
        if isinstance(stages, Mapping)
        else []
    )
    count = sum(len(rules) for rules in (*lists, known.get("rules")) if isinstance(rules, list))
    if count > _MOST_RULES:
        grammar.refuse(("rules",), f"{count} rules in one process; at most {_MOST_RULES}")


class _Reader:
    """Assembles the parts of one file."""

    def __init__(self, grammar: RuleGrammar, known: Mapping[str, Any]) -> None:
        self._grammar = grammar
        self._known = known

    def definition(self) -> Definition:
        grammar, known = self._grammar, self._known
        name = grammar.name(known.get("process"), ("process",), "process")
        parts = {
            key: {name: reader(name, part) for name, part in self._named(key)}
            for key, reader in (("fields", self._field), ("work", self._work), ("stages", self._stage))
        }
        if not parts["stages"]:
            grammar.refuse(("stages",), "there is no stage")
        return Definition(
            name=name,
            version=grammar.whole(known.get("version"), _LAST_VERSION, ("version",)),
            title=grammar.text(known["title"], ("title",)) if "title" in known else {"": name},
            entity=grammar.name(known.get("entity"), ("entity",), "record"),
            fields=parts["fields"],  # type: ignore[arg-type]  # one reader per key
            work=parts["work"],  # type: ignore[arg-type]
            stages=parts["stages"],  # type: ignore[arg-type]
            rules=grammar.rules(known.get("rules", []), ("rules",), "rules"),
            start_on=tuple(
                self._start_on(*part) for part in grammar.items(known.get("start_on", []), ("start_on",), "starts")
            ),
            rights=self._rights(),
        )

    def _named(self, key: str) -> list[tuple[str, Any]]:
        found = []
        for name, part in self._grammar.entries(self._known.get(key, {}), (key,)):
            if name in _RESERVED and key == "fields":
                self._grammar.refuse((key, name), f"{name!r} is a word of the grammar and cannot name a field")
            elif self._grammar.name(name, (key, name), "field, work or stage"):
                found.append((name, part))
        return found

    def _rights(self) -> Rights:
        known = self._grammar.only_known(self._known.get("rights", {}), ("see", "export", "edit_file"), ("rights",))
        return Rights(**{key: self._grammar.names(part, ("rights", key), "slots") for key, part in known.items()})

    def _start_on(self, path: Path, raw: Any) -> StartOn:
        grammar = self._grammar
        known = grammar.only_known(raw, ("process", "ended", "if", "with"), path)
        return StartOn(
            grammar.name(known.get("process"), (*path, "process"), "process"),
            grammar.one_of(known.get("ended"), get_args(Outcome), (*path, "ended")),
            grammar.condition(known["if"], (*path, "if")) if "if" in known else ALWAYS,
            grammar.given(known.get("with", {}), (*path, "with")),
        )

    def _field(self, name: str, raw: Any) -> FieldPart:
        grammar, path = self._grammar, ("fields", name)
        known = grammar.only_known(raw, _FIELD_KEYS, path)
        kind: FieldType = grammar.one_of(known.get("type"), get_args(FieldType), (*path, "type"))
        options = grammar.names(known["options"], (*path, "options"), "options") if "options" in known else ()
        if kind == "choice" and not options:
            grammar.refuse(path, "a choice needs its options")
        return FieldPart(
            name,
            kind,
            options,
            grammar.flag(known.get("required", False), (*path, "required")),
            self._compute(known["compute"], (*path, "compute")) if "compute" in known else None,
            grammar.text(known["title"], (*path, "title")) if "title" in known else {},
        )

    def _compute(self, raw: Any, path: Path) -> Compute:
        grammar = self._grammar
        known = grammar.only_known(raw, ("sum", "pick", "from", "plus"), path)
        if ("sum" in known) == ("pick" in known) or ("sum" in known and len(known) > 1):
            grammar.refuse(path, "compute is either {sum: LIST} or {pick: FIELD, from: {value: …}, plus: LIST}")
        names = {
            key: grammar.name(known[key], (*path, key), "field") for key in ("sum", "pick", "plus") if key in known
        }
        options = {}
        for value, picked in grammar.entries(known.get("from", {}), (*path, "from")):
            if isinstance(picked, Mapping):
                grammar.refuse((*path, "from", value), "a value or a list of values is expected here")
            options[value] = tuple(picked) if isinstance(picked, list) else (value_of(picked),)
        return Compute(names.get("sum", ""), names.get("pick", ""), options, names.get("plus", ""))

    def _work(self, name: str, raw: Any) -> WorkPart:
        grammar, path = self._grammar, ("work", name)
        known = grammar.only_known(raw, _WORK_KEYS, path)
        kind: WorkKind = grammar.one_of(known.get("kind"), get_args(WorkKind), (*path, "kind"))
        return WorkPart(
            name=name,
            kind=kind,
            title=grammar.text(known["title"], (*path, "title")) if "title" in known else {"": name},
            who=self._who(known.get("who"), (*path, "who")),
            watch=grammar.slots(known["watch"], (*path, "watch")) if "watch" in known else (),
            need=self._need(known, kind in ("approval", "confirm"), path),
            is_distinct=grammar.flag(known.get("distinct", False), (*path, "distinct")),
            due=grammar.span(known["due"], (*path, "due")) if "due" in known else None,
            is_for_item=grammar.one_of(known.get("until", "stage"), ("stage", "item"), (*path, "until")) == "item",
            binds=grammar.slots(known["binds"], (*path, "binds")) if "binds" in known else (),
            closed_by=grammar.slots(known["closed_by"], (*path, "closed_by")) if "closed_by" in known else (),
            close_if=grammar.condition(known["close_if"], (*path, "close_if")) if "close_if" in known else ALWAYS,
            say=grammar.text(known["say"], (*path, "say")) if "say" in known else {},
        )

    def _need(self, known: Mapping[str, Any], is_vote: bool, path: Path) -> Any:
        need = known.get("need", "all" if is_vote else "any")
        if need == "any":
            return 1
        is_count = isinstance(need, int) and not isinstance(need, bool) and need > 0
        if need != "all" and not is_count:
            self._grammar.refuse((*path, "need"), f"need is all, any, or a number from 1, not {shown(need)}")
            return "all"
        return need

    def _who(self, raw: Any, path: Path) -> tuple[Who, ...]:
        grammar = self._grammar
        if not isinstance(raw, list) or not raw:
            grammar.refuse(path, "say who is asked: a list of slots, or of {if: …, ask: [SLOT…]}")
            return ()
        if not any(isinstance(part, Mapping) for part in raw):
            return (Who(ALWAYS, grammar.slots(raw, path)),)
        return tuple(self._who_part(part, here) for here, part in grammar.items(raw, path, "slots"))

    def _who_part(self, raw: Any, path: Path) -> Who:
        grammar = self._grammar
        known = grammar.only_known(raw, ("if", "ask"), path)
        condition = grammar.condition(known["if"], (*path, "if")) if "if" in known else ALWAYS
        return Who(condition, grammar.slots(known.get("ask"), (*path, "ask")))

    def _stage(self, name: str, raw: Any) -> StagePart:
        grammar, path = self._grammar, ("stages", name)
        known = grammar.only_known(raw, _STAGE_KEYS, path)
        if isinstance(raw, Mapping) and not raw:
            grammar.refuse(path, "the stage is empty")
        return StagePart(
            name=name,
            status=grammar.text(known["status"], (*path, "status")) if "status" in known else {"": name},
            needs=grammar.slots(known["needs"], (*path, "needs")) if "needs" in known else (),
            within=self._within(known["within"], (*path, "within")) if "within" in known else None,
            ends=grammar.one_of(known["ends"], get_args(Outcome), (*path, "ends")) if "ends" in known else None,
            enter=grammar.actions(known.get("enter", []), (*path, "enter")),
            rules=grammar.rules(known.get("rules", []), (*path, "rules"), name),
        )

    def _within(self, raw: Any, path: Path) -> Within:
        grammar = self._grammar
        known = grammar.only_known(raw, ("time", "blame"), path)
        blame = grammar.slots(known["blame"], (*path, "blame")) if "blame" in known else ()
        return Within(grammar.span(known.get("time"), (*path, "time")), blame)
