"""One event's chain: rules act on the item, decisions come out in order, until nothing more follows (rule 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from tasks.rules.process import working
from tasks.rules.process.actions import Span
from tasks.rules.process.decisions import Decision, EndChild, Late, Move, SetField, TakeBack
from tasks.rules.process.given import changed_names
from tasks.rules.process.program import Program, RuleCode, StageCode
from tasks.rules.process.reasons import HeldError, Reason, RefusedError
from tasks.rules.process.recently import acted
from tasks.rules.process.slots import is_allowed
from tasks.rules.process.spans import span_end
from tasks.rules.process.state import Child, Clock, Event, Item, OfficeFacts, Work
from tasks.rules.process.values import is_empty

MAX_STEPS = 20
_NONE: frozenset[str] = frozenset()


class Chain:
    """The item while one event acts on it: a copy that changes. Nothing outlives it but its result and its decisions.

    `item` is the item before the event, `now` the moment it is taken at, `code` what lives in the stage. `path`: the
    rules that have acted, `rule` the one that acts, `cause` the work it acts for. `changed` are the fields that were
    set, with their values before, `finished` work that ended, `asked_again` votes that became void: what follows from
    them comes when the chain settles.
    """

    __slots__ = (
        "actor",
        "asked_again",
        "author",
        "authors",
        "cause",
        "changed",
        "children",
        "clocks",
        "code",
        "decisions",
        "entered_at",
        "event",
        "facts",
        "fields",
        "finished",
        "fired",
        "fired_at",
        "item",
        "now",
        "outcome",
        "path",
        "program",
        "promises",
        "rule",
        "stage",
        "standing",
        "status",
        "visit",
        "work",
    )

    def __init__(self, program: Program, facts: OfficeFacts, item: Item, event: Event) -> None:
        stage = self.stage = item.stage
        self.visit = item.visit
        self.entered_at = item.entered_at
        self.author = item.author
        self.outcome = item.outcome
        self.status = item.status
        self.fields: Mapping[str, Any] = item.fields
        self.work: dict[str, Work] = item.work  # type: ignore[assignment]  # copied before the first change
        self.children: Mapping[str, Child] = item.children
        self.authors = item.authors
        self.promises = item.promises
        self.clocks = item.clocks
        self.fired = item.fired
        self.standing = item.standing
        fired_at = self.fired_at = item.fired_at
        self.program = program
        self.facts = facts
        self.item = item
        self.event = event
        self.actor = event.actor
        self.code: StageCode = program.stages[stage]
        self.finished: list[tuple[str, str]] = []
        self.changed: dict[str, Any] = {}
        self.asked_again: list[str] = []
        self.path: list[str] = []
        self.rule = self.cause = ""
        now: datetime = event.at
        self.decisions: list[Decision] = []
        if fired_at is not None and now < fired_at:
            # an event that comes behind a clock already fired is handled in the present, the past is not reopened
            self.decisions.append(Late(now, fired_at))
            now = fired_at
        self.now = now

    def result(self) -> Item:
        """The item as the chain leaves it. The chain is over then."""
        item = self.item
        return Item(
            item.key,
            self.stage,
            self.visit,
            self.entered_at,
            self.fields,
            self.work,
            self.children,
            self.clocks,
            self.fired,
            self._standing() if self.program.common_soon else _NONE,
            self.outcome,
            self.status,
            self.author,
            self.authors,
            acted(item.recent, self.path, self.now) if self.path else item.recent,
            self.promises,
            self.fired_at,
        )

    # ------------------------------------------------------------ rules

    def trigger(self, kind: str, name: str) -> bool:
        """Wake the rules of an event or of an end of work; whether one accepted it."""
        rules = self.code.wakers.get((kind, name))
        return self.wake(rules) if rules else False

    def wake(self, rules: Sequence[RuleCode]) -> bool:
        """Guards see the state before any rule acts; then all without `to` act, then the first with `to` moves."""
        if len(rules) == 1:
            (code,) = rules
            if (code.by and not is_allowed(self, code.by)) or (code.test is not None and code.test(self) is not True):
                return False
            self.run(code)
            return True
        accepted = [rule for rule in rules if self.accepts(rule)]
        mover = None
        for rule in accepted:
            if not rule.to:
                self.run(rule)
            elif mover is None:
                mover = rule
        if mover:
            self.run(mover)
        return bool(accepted)

    def accepts(self, rule: RuleCode) -> bool:
        """Whether the actor may, and the condition holds."""
        if rule.by and not is_allowed(self, rule.by):
            return False
        return rule.test is None or rule.test(self) is True

    def run(self, code: RuleCode) -> None:
        """Let one rule act. Raises HeldError when it acts a second time in this chain, or after too many steps."""
        key, path = code.key, self.path
        if key in path or len(path) >= MAX_STEPS:
            raise HeldError(Reason("circle", key, found=(*path, key)))
        path.append(key)
        self.rule = key
        for act in code.acts:
            act(self)
        if code.to:
            self.move(code.to)
        self.rule = ""

    def settle(self) -> None:
        """What follows: changed fields, work that ended, then `as_soon_as`, until nothing more."""
        while True:
            if self.changed:
                self._follow_changes()
            elif self.finished:
                name, state = self.finished.pop(0)
                self.cause = name
                self.trigger(name, state)
                self.cause = ""
            elif self.asked_again:
                working.ask_again(self)
            elif not (self.code.soon and self._follow_soon()):
                return

    def _follow_changes(self) -> None:
        changed, self.changed = self.changed, {}
        watched = self.code.watched
        if not watched or watched.isdisjoint(changed):
            return
        names = changed_names(self, changed)
        rules = [rule for rule in self.code.changed if not names.isdisjoint(rule.rule.trigger.fields)]
        if rules:
            self.wake(rules)

    def _follow_soon(self) -> bool:
        """as_soon_as acts when it becomes true, once per stay: a common rule that was true before stays silent."""
        fired, standing = self.fired, self.standing
        due = []
        for code in self.code.soon:
            if code.key not in fired and code.key not in standing and self.accepts(code):
                due.append(code)
        if not due:
            return False
        if self.children and any(child.is_waiting and child.state == "open" for child in self.children.values()):
            due = [code for code in due if not code.to]
        acting = due if len(due) < 2 else [code for code in due if not code.to] + [code for code in due if code.to][:1]
        if not acting:
            return False
        self.fired = fired.union([code.key for code in acting])
        for code in acting:
            self.run(code)
        return True

    def _standing(self) -> frozenset[str]:
        if self.outcome:
            return _NONE
        return frozenset([code.key for code in self.program.common_soon if self.accepts(code)])

    # ------------------------------------------------------------ the item

    def set_field(self, name: str, value: Any) -> None:
        """Set a field; votes for other content are void at once, what else follows comes when the chain settles."""
        fields, program = self.fields, self.program
        before = fields.get(name)
        if before == value:
            return
        if not value and program.fields[name].is_required and is_empty(value):
            raise RefusedError(Reason("required", name))
        self.fields = {**fields, name: value}
        self.changed[name] = before
        self.decisions.append(SetField(name, value, self.rule))
        for work in program.bound_by[name]:
            working.void_if_changed(self, work)
        if program.slot_of[name]:
            working.resolve_again(self, program.slot_of[name])

    def move(self, target: str) -> None:
        """Go to another stage: withdraw what is open, start its clocks anew, do what entering asks for."""
        code = self.program.stages[target]
        fields = self.fields
        for name, get in code.needs:
            found = fields.get(name) if get is None else get(self)
            if not found and is_empty(found):
                lacking = [(name, get(self) if get else fields.get(name)) for name, get in code.needs]
                raise RefusedError(*[Reason("empty", name) for name, found in lacking if is_empty(found)])
        ends, status = code.ends, code.status
        working.leave(self, is_end=ends is not None)
        source, self.stage, self.code = self.stage, target, code
        self.visit += 1
        now = self.entered_at = self.now
        self.fired = _NONE
        if self.clocks:
            self.clocks = () if ends else tuple([clock for clock in self.clocks if clock.name[:5] == "work:"])
        self.outcome = ends
        self.status = status
        self.decisions.append(Move(source, target, self.visit, ends, status, self.rule))
        for name, span in code.clocks:
            self.add_clock(name, span, now)
        if ends in ("lost", "cancelled"):
            self.decisions.extend(TakeBack(uid) for uid in self.promises)
            self.promises = ()
        for act in code.enter:
            act(self)

    def add_clock(self, name: str, span: Span, basis: datetime, n: int = 0) -> datetime:
        """Start a clock; gives its due time."""
        calendar, days = self.facts.calendar, span.working_days
        if span.is_working:  # as nearly always: what `span_end` does, without the call
            due = calendar.add(basis, days * calendar.day_seconds if days else span.seconds)
        else:
            due = span_end(calendar, basis, span)
        clock, clocks = Clock(due, name, basis, n), self.clocks
        place = 0
        for other in clocks:
            if other.due > due or (other.due == due and other.name > name):
                break
            place += 1
        rest = clocks[place:]
        self.clocks = (*clocks[:place], clock, *rest) if rest else (*clocks, clock)
        return due

    def drop_clock(self, name: str) -> None:
        """Stop a clock, if it runs."""
        for n, clock in enumerate(self.clocks):
            if clock.name == name:
                self.clocks = self.clocks[:n] + self.clocks[n + 1 :]
                return

    def end_children(self) -> None:
        """Cancel the sub-processes that the item waited for."""
        for name, child in sorted(self.children.items()):  # a store may keep them in another order
            if child.is_waiting:
                self.end_child(name)

    def end_child(self, name: str) -> None:
        """Cancel a sub-process that still runs."""
        child = self.children[name]
        if child.state == "open":
            self.children = {**self.children, name: replace(child, state="cancelled")}
            self.decisions.append(EndChild(name, child.round, child.key, self.event.hops + 1))
