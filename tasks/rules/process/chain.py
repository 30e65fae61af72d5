"""One event's chain: rules act on the item, decisions come out in order, until nothing more follows (rule 3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from tasks.rules.process import working
from tasks.rules.process.actions import Span
from tasks.rules.process.decisions import Decision, EndChild, Late, Move, SetField, TakeBack
from tasks.rules.process.given import changed_names
from tasks.rules.process.program import Program, RuleCode, StageCode
from tasks.rules.process.reasons import HeldError, Reason, RefusedError
from tasks.rules.process.shortfalls import failures
from tasks.rules.process.slots import is_allowed
from tasks.rules.process.spans import span_end
from tasks.rules.process.state import Child, Clock, Event, Item, OfficeFacts, Work
from tasks.rules.process.values import is_empty

MAX_STEPS = 20
MAX_PER_HOUR = 20
_HOUR = timedelta(hours=1)


class Chain:
    """The item while one event acts on it. Nothing outlives the chain but its result and its decisions."""

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
        "event",
        "facts",
        "fields",
        "finished",
        "fired",
        "fired_at",
        "item",
        "late_seconds",
        "now",
        "outcome",
        "path",
        "program",
        "promises",
        "recent",
        "rule",
        "stage",
        "standing",
        "status",
        "visit",
        "work",
    )

    def __init__(self, program: Program, facts: OfficeFacts, item: Item, event: Event) -> None:
        self.program, self.facts, self.item, self.event = program, facts, item, event
        self.actor, self.author = event.actor, item.author
        # an event that comes behind a clock already fired is handled in the present, the past is not reopened
        fired_at = self.fired_at = item.fired_at
        is_late = fired_at is not None and event.at < fired_at
        self.now: datetime = fired_at if is_late and fired_at else event.at
        self.decisions: list[Decision] = [Late(event.at, self.now)] if is_late else []
        self.stage, self.visit, self.outcome, self.status = item.stage, item.visit, item.outcome, item.status
        self.code: StageCode = program.stages[item.stage]
        self.fields: Mapping[str, Any] = item.fields
        self.work: Mapping[str, Work] = item.work
        self.children: Mapping[str, Child] = item.children
        self.authors, self.promises = item.authors, item.promises
        self.clocks: Iterable[Clock] = item.clocks
        self.fired, self.standing, self.recent = item.fired, item.standing, item.recent
        self.finished: list[tuple[str, str]] = []
        self.changed: dict[str, Any] = {}
        self.asked_again: list[str] = []
        self.path: list[str] = []
        self.rule = self.cause = ""
        seen_at = event.seen_at
        self.late_seconds = int((seen_at - event.at).total_seconds()) if seen_at and event.clock else 0

    def result(self) -> Item:
        """The item as the chain leaves it."""
        clocks = self.clocks if isinstance(self.clocks, tuple) else tuple(sorted(self.clocks, key=_due_first))
        return Item(
            self.item.key,
            self.stage,
            self.visit,
            self.item.entered_at if self.visit == self.item.visit else self.now,
            self.fields,
            self.work,
            self.children,
            clocks,
            self.fired,
            self._standing(),
            self.outcome,
            self.status,
            self.author,
            self.authors,
            self._recent(),
            self.promises,
            self.fired_at,
        )

    # ------------------------------------------------------------ rules

    def trigger(self, kind: str, name: str) -> bool:
        """Wake the rules of an event or of an end of work; whether one accepted it."""
        rules = self.code.wakers.get((kind, name))
        return self.wake(rules) if rules else False

    def wake(self, rules: Iterable[RuleCode]) -> bool:
        """Guards see the state before any rule acts; then all without `to` act, then the first with `to` moves."""
        accepted = [rule for rule in rules if self.accepts(rule)]
        if len(accepted) == 1:
            self.run(accepted[0])
            return True
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

    def objections(self, rules: Iterable[RuleCode]) -> tuple[Reason, ...]:
        """Why each of the rules did not accept the event."""
        found: list[Reason] = []
        for code in rules:
            if code.by and not is_allowed(self, code.by):
                found.append(Reason("who", wanted=code.by, words=code.rule.say))
                continue
            if code.rule.say:
                found.append(Reason("words", words=code.rule.say))
            found.extend(failures(self.program.definition, code.rule.condition, self))
        return tuple(found)

    def run(self, code: RuleCode) -> None:
        """Let one rule act. Raises HeldError when it acts a second time in this chain, or after too many steps."""
        if code.key in self.path or len(self.path) >= MAX_STEPS:
            raise HeldError(Reason("circle", code.key, found=(*self.path, code.key)))
        self.path.append(code.key)
        self.rule = code.key
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
        if self.code.watched.isdisjoint(changed):
            return
        names = changed_names(self, changed)
        rules = [rule for rule in self.code.changed if not names.isdisjoint(rule.rule.trigger.fields)]
        if rules:
            self.wake(rules)

    def _follow_soon(self) -> bool:
        """as_soon_as acts when it becomes true, once per stay: a common rule that was true before stays silent."""
        fired, standing = self.fired, self.standing
        due = [c for c in self.code.soon if c.key not in fired and c.key not in standing and self.accepts(c)]
        if (
            due
            and self.children
            and any(child.is_waiting and child.state == "open" for child in self.children.values())
        ):
            due = [code for code in due if not code.to]
        if not due:
            return False
        movers = [code for code in due if code.to]
        acting = [code for code in due if not code.to] + movers[:1]
        self.fired = fired.union(code.key for code in acting)
        for code in acting:
            self.run(code)
        return True

    def _standing(self) -> frozenset[str]:
        common = self.program.common_soon
        if not common or self.outcome:
            return frozenset()
        return frozenset(code.key for code in common if self.accepts(code))

    def _recent(self) -> Mapping[str, tuple[datetime, ...]]:
        """When each rule acted within the last hour. Raises HeldError for one that acted too often."""
        if not self.path:
            return self.item.recent
        since = self.now - _HOUR
        found = {key: times for key, times in self.item.recent.items() if times[-1] > since}
        for key in self.path:
            if key not in found:
                found[key] = (self.now,)
                continue
            times = (*(at for at in found[key] if at > since), self.now)
            if len(times) > MAX_PER_HOUR:
                raise HeldError(Reason("too_often", key, wanted=MAX_PER_HOUR))
            found[key] = times
        return found

    # ------------------------------------------------------------ the item

    def set_field(self, name: str, value: Any) -> None:
        """Set a field; votes for other content are void at once, what else follows comes when the chain settles."""
        fields, program = self.fields, self.program
        before = fields.get(name)
        if before == value:
            return
        if is_empty(value) and program.fields[name].is_required:
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
        missing = [Reason("empty", name) for name, get in code.needs if not (found := get(self)) and is_empty(found)]
        if missing:
            raise RefusedError(*missing)
        ends = code.part.ends
        working.leave(self, is_end=ends is not None)
        source, self.stage, self.code = self.stage, target, code
        self.visit += 1
        self.fired = frozenset()
        self.clocks = [] if ends else [clock for clock in self.clocks if clock.name.startswith("work:")]
        self.outcome = ends
        self.status = code.part.status
        self.decisions.append(Move(source, target, self.visit, ends, code.part.status, self.rule))
        for name, span in code.clocks:
            self.add_clock(name, span, self.now)
        if ends in ("lost", "cancelled"):
            self.decisions.extend(TakeBack(uid) for uid in self.promises)
            self.promises = ()
        for act in code.enter:
            act(self)

    def add_clock(self, name: str, span: Span, basis: datetime, n: int = 0) -> datetime:
        """Start a clock; gives its due time."""
        due = span_end(self.facts.calendar, basis, span)
        if isinstance(self.clocks, list):
            self.clocks.append(Clock(due, name, basis, n))
        else:
            self.clocks = [*self.clocks, Clock(due, name, basis, n)]
        return due

    def drop_clock(self, name: str) -> None:
        """Stop a clock, if it runs."""
        self.clocks = [clock for clock in self.clocks if clock.name != name]

    def end_children(self) -> None:
        """Cancel the sub-processes that the item waited for."""
        for name, child in self.children.items():
            if child.is_waiting and child.state == "open":
                self.children = {**self.children, name: _cancelled(child)}
                self.decisions.append(EndChild(name, child.round, child.key, self.event.hops + 1))


def _cancelled(child: Child) -> Child:
    return Child(child.name, child.round, child.process, child.key, "cancelled", True, child.returns)


_due_first = attrgetter("due", "name")
