"""Taking an item over to another version of its process: a plan first, which says what fits and what would be due.

Clocks are counted again from their old basis; one that has fired stays fired (a reminder is not sent twice because a
file got a new version). A clock that only the new version has may be due already: whether it fires is a person's word.
Rules have no names, so a rule is found again in the other version by what it says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from tasks.rules.process.clocks import stage_clocks, work_clock
from tasks.rules.process.conditions import compile_condition
from tasks.rules.process.definition import AllOf, Definition, Rule
from tasks.rules.process.field_types import ValueFlawError, read_value
from tasks.rules.process.state import Clock, Item, Work
from tasks.rules.process.values import is_empty
from tasks.rules.process.view import content_hash, value_of
from tasks.rules.working_time import WorkingCalendar


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why an item cannot go over: `kind` names the words, `name` the part."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class ItemPlan:
    """What becomes of one item. `unfit`: reasons to leave it as it is; then the rest means nothing.

    `fired` and `skipped` are the item as it goes on, with the clocks that are `due` already, or without them.
    `dropped` are fields and ended work that the new version does not know.
    """

    stage: str
    unfit: tuple[Unfit, ...] = ()
    due: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    fired: Item | None = None
    skipped: Item | None = None


@dataclass(frozen=True, slots=True)
class Renaming:
    """How parts are called in the new version, where they have another name."""

    stages: Mapping[str, str] = field(default_factory=dict)
    work: Mapping[str, str] = field(default_factory=dict)


def plan_item(
    old: Definition, new: Definition, calendar: WorkingCalendar, item: Item, names: Renaming, now: datetime
) -> ItemPlan:
    """The plan for one open item at `now`."""
    return _Planner(old, new, calendar, item, names, now).plan()


class _Planner:
    """One item on its way from one version to another."""

    def __init__(
        self,
        old: Definition,
        new: Definition,
        calendar: WorkingCalendar,
        item: Item,
        names: Renaming,
        now: datetime,
    ) -> None:
        self._old, self._new, self._calendar = old, new, calendar
        self._item, self._names, self._now = item, names, now
        self._stage = names.stages.get(item.stage, item.stage)
        self._dropped: list[str] = []

    def plan(self) -> ItemPlan:
        unfit = [*self._unfit_stage(), *self._unfit_fields(), *self._unfit_work()]
        if unfit:
            return ItemPlan(self._stage, tuple(unfit))
        base = replace(self._item, stage=self._stage, fields=self._fields(), recent={})
        base = replace(base, work=self._work(base), status=self._status())
        needs = [name for name in self._new.stages[self._stage].needs if is_empty(value_of(self._new, base, name))]
        if needs:
            return ItemPlan(self._stage, tuple(Unfit("needs", name) for name in needs))
        kept, fresh = self._clocks(base)
        late = [clock for clock in fresh if clock.due <= self._now]
        early = [clock for clock in fresh if clock.due > self._now]
        rules = self._rules(base)
        base = replace(base, fired=rules.fired, standing=rules.standing)
        return ItemPlan(
            self._stage,
            due=(*(clock.name for clock in late), *rules.already_true),
            dropped=tuple(self._dropped),
            fired=replace(base, clocks=_in_order([*kept, *early, *late])),
            skipped=replace(base, clocks=_in_order([*kept, *early]), fired=rules.fired | rules.already_true),
        )

    # ------------------------------------------------------------ what does not fit

    def _unfit_stage(self) -> list[Unfit]:
        if self._stage not in self._new.stages:
            return [Unfit("stage", self._stage)]
        return [Unfit("stage_ends", self._stage)] if self._new.stages[self._stage].ends else []

    def _unfit_fields(self) -> list[Unfit]:
        found = []
        for name, value in self._item.fields.items():
            part = self._new.fields.get(name)
            if part is None or part.compute or value is None:
                continue
            try:
                read_value(part, value)
            except ValueFlawError:
                found.append(Unfit("value", name))
        required = [name for name, part in self._new.fields.items() if part.is_required]
        return [*found, *(Unfit("required", name) for name in required if is_empty(self._item.fields.get(name)))]

    def _unfit_work(self) -> list[Unfit]:
        found = []
        for name, work in self._item.work.items():
            part = self._new.work.get(self._renamed(name))
            if work.state != "open":
                continue
            if part is None:
                found.append(Unfit("work", self._renamed(name)))
            elif part.is_vote is not self._old.work[name].is_vote:
                found.append(Unfit("work_kind", name))
        return found

    # ------------------------------------------------------------ what goes over

    def _renamed(self, work: str) -> str:
        return self._names.work.get(work, work)

    def _fields(self) -> dict[str, Any]:
        kept = {}
        for name, value in self._item.fields.items():
            part = self._new.fields.get(name)
            if part is not None and not part.compute:
                kept[name] = read_value(part, value)
            elif value is not None:
                self._dropped.append(name)
        return kept

    def _work(self, base: Item) -> dict[str, Work]:
        kept = {}
        for name, work in self._item.work.items():
            new_name = self._renamed(name)
            if new_name not in self._new.work:
                self._dropped.append(f"work.{name}")
                continue
            rows = tuple(replace(row, name=new_name) for row in work.rows)
            kept[new_name] = replace(work, name=new_name, rows=rows)
        seen = replace(base, work=kept)
        for name, work in kept.items():
            if work.state == "open":
                clock = work_clock(self._new, self._calendar, work)
                rows = tuple(replace(row, due_at=clock.due if clock else None) for row in work.rows)
                kept[name] = replace(work, rows=rows, content_hash=content_hash(self._new, seen, name))
        return kept

    def _status(self) -> Mapping[str, str]:
        """A status text that a rule had set stays; the stage's own is the new file's."""
        own = self._old.stages[self._item.stage].status
        return self._new.stages[self._stage].status if self._item.status == own else self._item.status

    # ------------------------------------------------------------ clocks and rules

    def _clocks(self, base: Item) -> tuple[list[Clock], list[Clock]]:
        """The clocks that go on, counted again from their basis; and those that the old version did not have."""
        running = {clock.name: clock for clock in self._item.clocks}
        before = self._names_before()
        kept, fresh = [], []
        counted = [*stage_clocks(self._new, self._calendar, self._stage, self._item.entered_at)]
        counted += [
            c
            for work in base.work.values()
            if work.state == "open"
            if (c := work_clock(self._new, self._calendar, work))
        ]
        for clock in counted:
            old_name = before.get(clock.name)
            if old_name is None:
                fresh.append(clock)
            elif old_name in running:
                was = running[old_name]
                kept.append(replace(was, name=clock.name, due=was.due if was.n else clock.due))
        return kept, fresh

    def _names_before(self) -> dict[str, str]:
        """What each clock of the new version was called in the old one; new ones are missing."""
        old_stage, new_stage = self._old.stages[self._item.stage], self._new.stages[self._stage]
        found = {}
        if old_stage.within and new_stage.within:
            found["within"] = "within"
        for new_key, old_key in self._twins("after").items():
            found[f"after:{new_key}"] = f"after:{old_key}"
        for name, work in self._item.work.items():
            if work.state == "open" and self._old.work[name].due:
                found[f"work:{self._renamed(name)}:{work.round}"] = f"work:{name}:{work.round}"
        return found

    def _twins(self, kind: str) -> dict[str, str]:
        """The rules of a kind in the stage, new key → old key: the same words first, then the same trigger."""
        twins: dict[str, str] = {}
        old_stage, new_stage = self._old.stages[self._item.stage], self._new.stages[self._stage]
        for mine, theirs in ((new_stage.rules, old_stage.rules), (self._new.rules, self._old.rules)):
            rest = [rule for rule in theirs if rule.trigger.kind == kind]
            wanted = [rule for rule in mine if rule.trigger.kind == kind]
            for is_same in (_is_same, _has_same_trigger):
                for rule in wanted:
                    twin = next((one for one in rest if rule.key not in twins and is_same(rule, one)), None)
                    if twin is not None:
                        twins[rule.key] = twin.key
                        rest.remove(twin)
        return twins

    def _rules(self, base: Item) -> _Soon:
        """as_soon_as rules: those that have acted stay so; new ones that are true already are a person's word."""
        twins = self._twins("as_soon_as")
        fired = frozenset(new for new, old in twins.items() if old in self._item.fired)
        standing = frozenset(new for new, old in twins.items() if old in self._item.standing)
        rules = [*self._new.stages[self._stage].rules, *self._new.rules]
        fresh = [rule for rule in rules if rule.trigger.kind == "as_soon_as" and rule.key not in twins]
        return _Soon(fired, standing, frozenset(rule.key for rule in fresh if self._is_true(rule, base)))

    def _is_true(self, rule: Rule, base: Item) -> bool:
        test = compile_condition(self._new, AllOf((rule.trigger.condition, rule.condition)))
        return test is None or test(base) is True


@dataclass(frozen=True, slots=True)
class _Soon:
    fired: frozenset[str]
    standing: frozenset[str]
    already_true: frozenset[str]


def _is_same(one: Rule, other: Rule) -> bool:
    return replace(one, key="") == replace(other, key="")


def _has_same_trigger(one: Rule, other: Rule) -> bool:
    return one.trigger == other.trigger


def _in_order(clocks: Sequence[Clock]) -> tuple[Clock, ...]:
    return tuple(sorted(clocks, key=lambda clock: (clock.due, clock.name)))
