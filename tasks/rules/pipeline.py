"""Reading a pipeline file: every name is checked, and a mistake is refused with its place and the nearest name.

The grammar is the part of the process grammar that the engine executes; what it does not know, it refuses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tasks.rules.errors import OfficeError
from tasks.rules.nearest_name import nearest
from tasks.rules.pipeline_conditions import names_in
from tasks.rules.pipeline_grammar import Grammar, Path
from tasks.rules.pipeline_parts import (
    Action,
    Ask,
    Assign,
    Compute,
    MakeInvoice,
    Pipeline,
    Rule,
    Tell,
    WithdrawWork,
    WriteIncident,
)

_KEYS = ("process", "version", "title", "entity", "fields", "work", "stages", "rules")
_WORK_VERBS = ("begun", "done", "approved", "declined", "overdue")
_ROLES = ("operator", "manager", "dispatcher", "executor", "accounting", "administrator", "chief")
_READABLE = ("stage", "visit", "now")


def read_pipeline(name: str, raw: Mapping[str, Any]) -> Pipeline:
    """The pipeline that a parsed file declares. Raises OfficeError listing every mistake as 'file: place: reason'."""
    pipeline, flaws = examine_pipeline(raw)
    if flaws:
        raise OfficeError([f"pipelines/{name}.yaml: {_shown(path)}: {reason}" for path, reason in flaws])
    return pipeline


def examine_pipeline(raw: Mapping[str, Any]) -> tuple[Pipeline, list[tuple[Path, str]]]:
    """The pipeline as far as it can be read, and every mistake with the keys and positions that lead to it."""
    grammar = Grammar()
    grammar.only_known(raw, _KEYS, ())
    if raw.get("entity") != "deal":
        grammar.refuse(("entity",), f"entity is {raw.get('entity')!r}; only deal can be run")
    version = raw.get("version")
    if not isinstance(version, int) or version < 1:
        grammar.refuse(("version",), "version is a whole number from 1")
    pipeline = Pipeline(
        name=str(raw.get("process", "")),
        version=version if isinstance(version, int) else 0,
        title=grammar.text(raw.get("title", ""), ("title",)),
        fields={key: grammar.field(key, part) for key, part in grammar.mapping(raw, "fields").items()},
        work={key: grammar.work(key, part) for key, part in grammar.mapping(raw, "work").items()},
        stages={key: grammar.stage(key, part) for key, part in grammar.mapping(raw, "stages").items()},
        rules=grammar.rules(raw.get("rules", []), ("rules",), ""),
    )
    if not pipeline.name:
        grammar.refuse(("process",), "the process has no name")
    if not pipeline.stages:
        grammar.refuse(("stages",), "there is no stage")
    _check_names(pipeline, grammar)
    return pipeline, grammar.flaws


def wordings_used(pipeline: Pipeline) -> frozenset[str]:
    """Every template the pipeline needs: one per work, and those its notices name."""
    actions = [action for stage in pipeline.stages.values() for action in stage.enter]
    actions += [action for rule in _all_rules(pipeline) for action in rule.do]
    named = {action.wording for action in actions if isinstance(action, Tell) and action.wording}
    return frozenset(named | {f"work_{name}" for name in pipeline.work})


def _shown(path: Path) -> str:
    return ".".join(str(part) for part in path) or "the file"


def _all_rules(pipeline: Pipeline) -> list[Rule]:
    return [*pipeline.rules, *(rule for stage in pipeline.stages.values() for rule in stage.rules)]


def _check_names(pipeline: Pipeline, grammar: Grammar) -> None:
    checker = _Names(pipeline, grammar)
    for field in pipeline.fields.values():
        path: Path = ("fields", field.name, "compute")
        if field.compute:
            names = (field.compute.sum_of, field.compute.pick_by, field.compute.plus)
            checker.fields([name for name in names if name], path)
            checker.options(field.compute, (*path, "from"))
    for work in pipeline.work.values():
        path = ("work", work.name)
        checker.readable(names_in(work.close_if).union(*(names_in(who.condition) for who in work.who)), path)
        checker.fields(work.binds, (*path, "binds"))
        checker.slots([slot for who in work.who for slot in who.slots], (*path, "who"))
        checker.slots(work.closed_by, (*path, "closed_by"))
    for stage in pipeline.stages.values():
        path = ("stages", stage.name)
        checker.fields(stage.needs, (*path, "needs"))
        checker.slots(stage.within.blame if stage.within else (), (*path, "within", "blame"))
        for position, action in enumerate(stage.enter):
            checker.action(action, (*path, "enter", position))
        for position, rule in enumerate(stage.rules):
            checker.rule(rule, (*path, "rules", position))
    for position, rule in enumerate(pipeline.rules):
        checker.rule(rule, ("rules", position))
        if rule.trigger.kind == "after":
            grammar.refuse(("rules", position, "after"), "after counts from the entry of a stage: write it in a stage")


class _Names:
    """Whether the names that the parts use are declared."""

    def __init__(self, pipeline: Pipeline, grammar: Grammar) -> None:
        self._pipeline = pipeline
        self._grammar = grammar
        self._readable = {*pipeline.fields, *_READABLE, *(f"work.{name}" for name in pipeline.work)}

    def fields(self, names: Any, path: Path) -> None:
        self._known(names, self._pipeline.fields, "field", path)

    def options(self, compute: Compute, path: Path) -> None:
        picked = self._pipeline.fields.get(compute.pick_by)
        self._known(compute.options, picked.options if picked else (), f"option of {compute.pick_by}", path)

    def readable(self, names: Any, path: Path) -> None:
        self._known(names, self._readable, "field or work", path)

    def slots(self, names: Any, path: Path) -> None:
        people = [f.name for f in self._pipeline.fields.values() if f.type in ("person", "contact")]
        self._known(names, {*people, *_ROLES, "actor"}, "person, contact or role", path)

    def work(self, name: str, path: Path) -> None:
        self._known([name], self._pipeline.work, "work", path)

    def action(self, action: Action, path: Path) -> None:
        if isinstance(action, Ask | WithdrawWork):
            self.work(action.work, path)
        elif isinstance(action, Assign):
            self.fields([action.field], path)
            if isinstance(action.value, str) and action.value.startswith("$"):
                self.readable([action.value[1:]], path)
        elif isinstance(action, Tell):
            self.slots(action.to, path)
        elif isinstance(action, WriteIncident):
            self.slots([action.on], path)
        elif isinstance(action, MakeInvoice):
            self.fields([action.field], path)

    def rule(self, rule: Rule, path: Path) -> None:
        trigger = rule.trigger
        self.readable(names_in(rule.condition) | names_in(trigger.condition), path)
        self.fields(trigger.fields, (*path, "changed"))
        self.slots(rule.by, (*path, "by"))
        if trigger.kind == "work":
            name, _, verb = trigger.name.partition(" ")
            self.work(name, (*path, "work"))
            self._known([verb], _WORK_VERBS, "end of work", (*path, "work"))
        if rule.to:
            self._known([rule.to], self._pipeline.stages, "stage", (*path, "to"))
        for position, action in enumerate(rule.do):
            self.action(action, (*path, "do", position))

    def _known(self, names: Any, allowed: Any, noun: str, path: Path) -> None:
        for name in sorted(names):
            if name not in allowed:
                hint = nearest(name, allowed)
                self._grammar.refuse(path, f"no {noun} {name!r}{f'; did you mean {hint!r}?' if hint else ''}")
