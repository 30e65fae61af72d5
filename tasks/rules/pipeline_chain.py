"""One event's chain: rules act on the item, decisions come out in order, until nothing more follows."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from tasks.rules.pipeline_conditions import Reason, failures, holds
from tasks.rules.pipeline_parts import (
    Action,
    Ask,
    Assign,
    MakeInvoice,
    Pipeline,
    Rule,
    SetStatus,
    Tell,
    WithdrawWork,
    WriteIncident,
)
from tasks.rules.pipeline_slots import is_allowed, parties
from tasks.rules.pipeline_state import (
    AskWork,
    Decision,
    Event,
    HeldError,
    Incident,
    IssueInvoice,
    Item,
    Move,
    Notify,
    OfficeFacts,
    Owed,
    SetField,
    ShowStatus,
    Withdraw,
)
from tasks.rules.pipeline_view import latest, span_end, value_of, work_state

MAX_STEPS = 20


class RefusedError(Exception):
    """The command is not accepted; nothing of its chain happens."""

    def __init__(self, reasons: tuple[Reason, ...]) -> None:
        self.reasons = reasons
        super().__init__("refused")


class Chain:
    """The item while one event acts on it. Nothing outlives the chain but `item` and `decisions`."""

    def __init__(self, pipeline: Pipeline, facts: OfficeFacts, event: Event, item: Item) -> None:
        self.pipeline = pipeline
        self.facts = facts
        self.event = event
        self.item = item
        self.decisions: list[Decision] = []
        self.finished: deque[str] = deque()
        self._changed: set[str] = set()
        self._acted: list[str] = []

    def look(self, name: str) -> Any:
        """The value behind a name; `now` is the event's time."""
        return self.event.at.isoformat() if name == "now" else value_of(self.pipeline, self.item, name)

    # ------------------------------------------------------------ rules

    def trigger(self, kind: str, name: str) -> tuple[bool, tuple[Reason, ...]]:
        """Wake the rules of a trigger: guards see the state before any acts, then all act, then the first one moves.

        Returns whether a rule accepted it, and the reasons of those that did not.
        """
        rules = [r for r in self._live_rules() if r.trigger.kind == kind and r.trigger.name == name]
        return self._wake(rules, name.partition(" ")[0] if kind == "work" else "")

    def _wake(self, rules: list[Rule], work: str) -> tuple[bool, tuple[Reason, ...]]:
        reasons = {rule.key: self._objections(rule) for rule in rules}
        accepted = [rule for rule in rules if not reasons[rule.key]]
        for rule in [rule for rule in accepted if not rule.to]:
            self.run(rule, work)
        for rule in [rule for rule in accepted if rule.to][:1]:
            self.run(rule, work)
        return bool(accepted), tuple(reason for rule in rules for reason in reasons[rule.key])

    def run(self, rule: Rule, work: str = "") -> None:
        """Let one rule act. Raises HeldError when it acts a second time in this chain, or after too many steps."""
        if rule.key in self._acted or len(self._acted) >= MAX_STEPS:
            raise HeldError(f"the rules run in a circle: {' → '.join([*self._acted, rule.key])}")
        self._acted.append(rule.key)
        for action in rule.do:
            self.act(action, work)
        if rule.to:
            self.move(rule.to)

    def settle(self) -> None:
        """What follows: changed fields, work that ended, then `as_soon_as` (once per visit), until nothing more."""
        while True:
            if self._changed:
                self._follow_changes()
                continue
            if self.finished:
                self.trigger("work", self.finished.popleft())
                continue
            rule = next(filter(self._has_become_true, self._live_rules()), None)
            if rule is None:
                return
            self.item = replace(self.item, fired=self.item.fired | {rule.key})
            self.run(rule)

    def _follow_changes(self) -> None:
        """Rules for changed fields; then open votes for changed content are void, and asked for again."""
        changed, self._changed = self._changed, set()
        self._wake([rule for rule in self._live_rules() if rule.trigger.fields & changed], "")
        asked_now = {one.name for one in self.decisions if isinstance(one, AskWork)}
        for work in self.pipeline.work.values():
            is_open = work_state(self.pipeline, self.item, work.name) == "open"
            if work.binds & changed and is_open and work.name not in asked_now:
                self.withdraw(work.name)
                self.ask(work.name)

    def _has_become_true(self, rule: Rule) -> bool:
        if rule.trigger.kind != "as_soon_as" or rule.key in self.item.fired:
            return False
        return holds(rule.trigger.condition, self.look) and holds(rule.condition, self.look)

    def _live_rules(self) -> tuple[Rule, ...]:
        own = self.pipeline.stages[self.item.stage].rules
        return own if self.item.outcome else (*own, *self.pipeline.rules)

    def _objections(self, rule: Rule) -> tuple[Reason, ...]:
        allowed = not rule.by or not self.event.is_command
        if not allowed and not any(is_allowed(self.facts, self.event, self.item, slot) for slot in rule.by):
            return (Reason("who", wanted=", ".join(rule.by)),)
        reasons = failures(rule.condition, self.look)
        return (Reason("words", words=rule.say), *reasons) if reasons and rule.say else reasons

    # ------------------------------------------------------------ actions

    def act(self, action: Action, work: str = "") -> None:
        """Carry out one action; `work` is the piece of work that woke the rule, or ''."""
        if isinstance(action, Ask):
            self.ask(action.work)
        elif isinstance(action, WithdrawWork):
            self.withdraw(action.work)
        elif isinstance(action, Assign):
            self.set_fields({action.field: self._value(action)})
        elif isinstance(action, SetStatus):
            self.decisions.append(ShowStatus(action.text))
        elif isinstance(action, Tell):
            self._tell(action, work)
        elif isinstance(action, WriteIncident):
            self._write_incident(action.on, work or self.item.stage, action.what)
        elif isinstance(action, MakeInvoice):
            self._make_invoice(action)

    def set_fields(self, sets: Mapping[str, Any]) -> None:
        """Set fields; what follows from it comes when the chain settles."""
        changed = {name for name, value in sets.items() if self.item.fields.get(name) != value}
        for name in [name for name in sets if name in changed]:
            self.item = replace(self.item, fields={**self.item.fields, name: sets[name]})
            self.decisions.append(SetField(name, sets[name]))
        self._changed |= changed

    def ask(self, name: str) -> None:
        """Ask for a piece of work; one that is open already is not asked for twice."""
        work = self.pipeline.work[name]
        if work_state(self.pipeline, self.item, name) == "open":
            return
        slots = next((who.slots for who in work.who if holds(who.condition, self.look)), ())
        asked = parties(self.pipeline, self.facts, self.event, self.item, slots, is_work=True)
        if not asked:
            raise HeldError(f"nobody can be asked for the work {name}: {', '.join(slots) or 'no slot fits'}")
        number = max((owed.round for owed in self.item.owed if owed.name == name), default=0) + 1
        due = span_end(self.facts.calendar, self.event.at, work.due) if work.due else None
        for party in asked:
            owed = Owed(name, number, party.ref, "open", due)
            self.item = replace(self.item, owed=(*self.item.owed, owed))
            self.decisions.append(AskWork(name, number, party.ref, work.kind, work.title, due, party.instead_of))

    def withdraw(self, name: str, *, is_open_only: bool = False) -> None:
        """Take back what is open of a piece of work; votes already given for it are void unless `is_open_only`."""
        if work_state(self.pipeline, self.item, name) not in ("open", "declined", "approved"):
            return
        for owed in latest(self.item, name):
            if owed.state == "open" or (owed.state == "approved" and not is_open_only):
                self.replace_owed(owed, replace(owed, state="withdrawn"))
                self.decisions.append(Withdraw(owed))

    def replace_owed(self, old: Owed, new: Owed) -> None:
        """Keep the new state of what somebody owes."""
        self.item = replace(self.item, owed=tuple(new if owed == old else owed for owed in self.item.owed))

    def move(self, target: str) -> None:
        """Go to another stage: withdraw the stage's open work, start its clocks anew, do what entering asks for.

        A field that the stage needs and that is empty refuses a command, and holds the item after a fact.
        """
        stage = self.pipeline.stages[target]
        missing = tuple(Reason("empty", name) for name in stage.needs if self.look(name) in (None, "", ()))
        if missing and self.event.is_command:
            raise RefusedError(missing)
        if missing:
            raise HeldError(f"the stage {target} needs {', '.join(reason.name for reason in missing)}")
        for name, work in self.pipeline.work.items():
            if work_state(self.pipeline, self.item, name) == "open" and (stage.ends or not work.is_for_item):
                self.withdraw(name)
        source, outcome = self.item.stage, self.item.outcome or stage.ends
        self.item = replace(
            self.item,
            stage=target,
            visit=self.item.visit + 1,
            entered_at=self.event.at,
            fired=frozenset(),
            outcome=outcome,
        )
        self.decisions.append(Move(source, target, outcome, stage.status))
        for action in stage.enter:
            self.act(action)

    def blame(self, slots: tuple[str, ...], what: str) -> None:
        """Write the stage's breach against everybody in the slots."""
        for slot in slots:
            self._write_incident(slot, self.item.stage, what)

    def _value(self, action: Assign) -> Any:
        if action.is_addition:
            return (self.item.fields.get(action.field) or 0) + action.value
        is_reference = isinstance(action.value, str) and action.value.startswith("$")
        return self.look(action.value[1:]) if is_reference else action.value

    def _tell(self, action: Tell, work: str) -> None:
        for party in parties(self.pipeline, self.facts, self.event, self.item, action.to, is_work=False):
            self.decisions.append(Notify(party.ref, action.wording, action.text, self.item, work, party.instead_of))

    def _write_incident(self, slot: str, step: str, what: str) -> None:
        found = parties(self.pipeline, self.facts, self.event, self.item, (slot,), is_work=True)
        for ref in [party.ref for party in found if party.ref in self.facts.staff] or [""]:
            self.decisions.append(Incident(ref, step, what))

    def _make_invoice(self, action: MakeInvoice) -> None:
        cost = self.look("cost")
        if not isinstance(cost, Decimal):
            raise HeldError("an invoice needs a cost")
        due = span_end(self.facts.calendar, self.event.at, action.due)
        self.decisions.append(IssueInvoice(action.field, cost, due))
