"""The actions of a process file as closures over the chain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tasks.rules.process import working
from tasks.rules.process.actions import (
    Ask,
    AssignPerson,
    MakePaper,
    PutInCalendar,
    Reference,
    SetStatus,
    SetValue,
    Start,
    Tell,
    WithdrawWork,
    WriteIncident,
)
from tasks.rules.process.chain import Chain
from tasks.rules.process.conditions import Getter, getter
from tasks.rules.process.decisions import (
    CalendarEvent,
    Incident,
    MakeDocument,
    ShowStatus,
    StartProcess,
    Untold,
    new_notify,
)
from tasks.rules.process.definition import Definition
from tasks.rules.process.field_types import ValueFlawError, read_value
from tasks.rules.process.program import Act
from tasks.rules.process.reasons import HeldError, Reason, RefusedError
from tasks.rules.process.slots import holder, present, to_ask, to_tell, today
from tasks.rules.process.spans import span_end
from tasks.rules.process.state import Child, Event
from tasks.rules.process.values import is_empty


def compile_action(definition: Definition, action: Any) -> Act:
    """The action as a closure."""
    if isinstance(action, SetValue):
        return _set(definition, action)
    if isinstance(action, Start):
        return _start(definition, action)
    return _MAKERS[type(action)](action)


def _ask(action: Ask) -> Act:
    name = action.work
    return lambda chain: working.ask(chain, name)


def _withdraw(action: WithdrawWork) -> Act:
    return lambda chain: working.withdraw(chain, action.work)


def _status(action: SetStatus) -> Act:
    def show(chain: Chain) -> None:
        chain.status = action.text
        chain.decisions.append(ShowStatus(action.text, chain.rule))

    return show


def _set(definition: Definition, action: SetValue) -> Act:
    name, part = action.field, definition.fields[action.field]
    if action.is_addition:
        return lambda chain: chain.set_field(name, (chain.fields.get(name) or 0) + action.value)
    if isinstance(action.value, Reference):
        get = _given(definition, action.value)
        is_day = action.value.name == "now" and part.type == "date"

        def copy(chain: Chain) -> None:
            found = today(chain).isoformat() if is_day else get(chain)
            try:
                chain.set_field(name, read_value(part, found))
            except ValueFlawError as flaw:
                raise HeldError(Reason("value", name, found=found, wanted=flaw.wanted)) from None

        return copy
    value = read_value(part, action.value)
    return lambda chain: chain.set_field(name, value)


def _given(definition: Definition, value: Any) -> Callable[[Chain], Any]:
    """What gives a value of the file: a literal, another field, or the time of the event."""
    if not isinstance(value, Reference):
        return lambda _chain: value
    if value.name == "now":
        return lambda chain: chain.now.isoformat()
    get: Getter = getter(definition, value.name)
    return get


def _tell(action: Tell) -> Act:
    slots, wording, text, is_from_author = action.to, action.wording, action.text, action.is_from_author

    def tell(chain: Chain) -> None:
        parties, empty = to_tell(chain, slots)
        fields, stage, cause, rule, decisions = chain.fields, chain.stage, chain.cause, chain.rule, chain.decisions
        late = _late_seconds(chain.event) if chain.event.clock else 0
        sender = chain.author if is_from_author else ""
        for party in parties:
            to, call = party.ref, party.instead_of
            if call and call in chain.facts.staff:
                call = ""
            decisions.append(new_notify(to, wording, text, fields, stage, cause, call, sender, late, 0, False, rule))
        if empty:
            chain.decisions.extend([Untold(slot, wording, text, rule) for slot in empty])

    return tell


def _late_seconds(event: Event) -> int:
    """How long after its time the office looked at the clock."""
    return int((event.seen_at - event.at).total_seconds()) if event.seen_at else 0


def _assign(action: AssignPerson) -> Act:
    def assign(chain: Chain) -> None:
        choice = {ref for role in action.roles for ref in present(chain, role)}
        if not choice:
            raise HeldError(Reason("unassigned", action.field, wanted=action.roles))
        loads, staff = chain.facts.loads, chain.facts.staff
        chain.set_field(action.field, min(choice, key=lambda ref: (loads.get(ref, 0), staff[ref].key)))

    return assign


def _start(definition: Definition, action: Start) -> Act:
    given = {name: _given(definition, value) for name, value in action.with_fields.items()}
    name = action.name

    def start(chain: Chain) -> None:
        before = chain.children.get(name)
        if before and before.state == "open":
            return
        number = before.round + 1 if before else 1
        key = f"{chain.item.key}/{name}/{number}"
        child = Child(name, number, action.process, key, "open", action.is_waiting, action.returns)
        chain.children = {**chain.children, name: child}
        fields = {field: found for field, get in given.items() if not is_empty(found := get(chain))}
        starter = chain.actor if chain.actor in chain.facts.staff else chain.author
        chain.decisions.append(
            StartProcess(
                action.process,
                name,
                number,
                key,
                fields,
                action.is_waiting,
                starter,
                chain.event.hops + 1,
                chain.rule,
            )
        )

    return start


def _calendar(action: PutInCalendar) -> Act:
    def put(chain: Chain) -> None:
        at = chain.fields.get(action.at)
        parties, empty = to_tell(chain, (action.who,))
        if is_empty(at):
            raise RefusedError(Reason("empty", action.at))
        if empty:
            raise RefusedError(Reason("empty", action.who))
        uid = f"{chain.item.key}/calendar/{action.who}/{action.at}"
        who = tuple(party.instead_of or party.ref for party in parties)
        chain.decisions.append(CalendarEvent(uid, who, str(at), action.title, chain.fields, chain.rule))
        _promise(chain, uid)

    return put


def _promise(chain: Chain, uid: str) -> None:
    if uid not in chain.promises:
        chain.promises = (*chain.promises, uid)


def _incident(action: WriteIncident) -> Act:
    return lambda chain: blame(chain, action.on, action.what)


def blame(chain: Chain, slot: str, what: str) -> None:
    """Write a breach against who is in the slot; of a role, against whom the work was asked of, or its only member."""
    refs: list[str] = []
    if holder(chain, slot):
        party = to_ask(chain, slot)
        refs = [party.ref] if party and party.ref in chain.facts.staff else []
    else:
        work = chain.work.get(chain.cause)
        members = present(chain, slot)
        refs = [row.owner for row in work.rows if slot in row.slots] if work else []
        refs = refs or (members if len(members) == 1 else [])
    step = chain.cause or chain.stage
    chain.decisions.extend(Incident(ref, slot, step, what, chain.rule) for ref in refs or [""])


def _document(action: MakePaper) -> Act:
    def make(chain: Chain) -> None:
        uid = f"{chain.item.key}/document/{action.field}/{chain.visit}"
        due = span_end(chain.facts.calendar, chain.now, action.due) if action.due else None
        chain.decisions.append(MakeDocument(uid, action.make, action.field, due, chain.fields, chain.rule))
        _promise(chain, uid)

    return make


_MAKERS: Mapping[type, Callable[[Any], Act]] = {
    Ask: _ask,
    WithdrawWork: _withdraw,
    SetStatus: _status,
    Tell: _tell,
    AssignPerson: _assign,
    PutInCalendar: _calendar,
    WriteIncident: _incident,
    MakePaper: _document,
}
