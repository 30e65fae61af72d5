"""One event's chain: rules act on the item, decisions come out in order, until nothing more follows (rule 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tasks.rules.process import working
from tasks.rules.process.actions import Span
from tasks.rules.process.decisions import Decision, Late, TakeBack, new_move, new_set_field
from tasks.rules.process.given import changed_names
from tasks.rules.process.program import Program, RuleCode, StageCode
from tasks.rules.process.reasons import HeldError, Reason, RefusedError
from tasks.rules.process.recently import acted
from tasks.rules.process.slots import is_allowed
from tasks.rules.process.spans import span_end
from tasks.rules.process.state import Child, Clock, Event, Item, OfficeFacts, new_clock, new_item
from tasks.rules.process.values import is_empty

MAX_STEPS = 20
_NONE: frozenset[str] = frozenset()
_UNCHANGED: Mapping[str, Any] = {}


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
        self.outcome = item.outcome
        self.status = item.status
        self.fields: Mapping[str, Any] = item.fields
        self.work = {**item.work}
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
        self.finished: tuple[tuple[str, str], ...] = ()
        self.changed: Mapping[str, Any] = _UNCHANGED
        self.asked_again: tuple[str, ...] = ()
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
        return new_item(
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
            item.author,
            self.authors,
            acted(item.recent, self.path, self.now) if self.path else item.recent,
            self.promises,
            self.fired_at,
            False,
        )

    @property
    def author(self) -> str:
        """Who began the item."""
        return self.item.author

    # ------------------------------------------------------------ rules

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
                end, self.finished = self.finished[0], self.finished[1:]
                if rules := self.code.wakers.get(end):
                    self.cause = end[0]
                    self.wake(rules)
                    self.cause = ""
            elif self.asked_again:
                working.ask_again(self)
            elif not (self.code.soon and self._follow_soon()):
                return

    def _follow_changes(self) -> None:
        changed, self.changed = self.changed, _UNCHANGED
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
            if code.key in fired or code.key in standing or (code.by and not is_allowed(self, code.by)):
                continue
            if code.test is None or code.test(self) is True:
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
        self.changed = {**self.changed, name: before}
        self.decisions.append(new_set_field(name, value, self.rule))
        for work in program.bound_by[name]:
            working.void_if_changed(self, work)
        if program.slot_of[name]:
            working.resolve_again(self, program.slot_of[name])

    def move(self, target: str) -> None:
        """Go to another stage: withdraw what is open, start its clocks anew, do what entering asks for."""
        code = self.program.stages[target]
        if not all(map(self.fields.get, code.plain_needs)):
            self._demand_filled(code)
        for get in code.computed_needs:
            if not get(self):
                self._demand_filled(code)
        ends, status, source, visit = code.ends, code.status, self.stage, self.visit + 1
        working.leave(self, is_end=ends is not None)
        self.stage, self.code, self.visit, self.outcome, self.status = target, code, visit, ends, status
        self.fired = _NONE
        kept: tuple[Clock, ...] = ()
        for clock in self.clocks if ends is None else ():
            if clock.name.startswith("work:"):
                kept = (*kept, clock)
        self.clocks = kept
        self.decisions.append(new_move(source, target, visit, ends, status, self.rule))
        now = self.entered_at = self.now
        for name, span in code.clocks:
            self.add_clock(name, span, now)
        if ends is not None and ends != "won":
            self.decisions.extend(TakeBack(uid) for uid in self.promises)
            self.promises = ()
        for act in code.enter:
            act(self)

    def _demand_filled(self, code: StageCode) -> None:
        """Raises RefusedError with what the stage needs and the item lacks."""
        lacking = [name for name, get in code.needs if is_empty(get(self))]
        if lacking:
            raise RefusedError(*[Reason("empty", name) for name in lacking])

    def add_clock(self, name: str, span: Span, basis: datetime, n: int = 0) -> datetime:
        """Start a clock; gives its due time."""
        calendar, clocks, place = self.facts.calendar, self.clocks, 0
        if span.is_working:  # as nearly always: what `span_end` does, without the call
            due = calendar.add(basis, span.working_days * calendar.day_seconds or span.seconds)
        else:
            due = span_end(calendar, basis, span)
        for other in clocks:
            if not other.due < due and (other.due > due or other.name > name):
                break
            place += 1
        clock = new_clock(due, name, basis, n)
        self.clocks = (*clocks, clock) if place == len(clocks) else (*clocks[:place], clock, *clocks[place:])
        return due

    def drop_clock(self, name: str) -> None:
        """Stop a clock, if it runs."""
        for n, clock in enumerate(self.clocks):
            if clock.name == name:
                self.clocks = self.clocks[:n] + self.clocks[n + 1 :]
                return
