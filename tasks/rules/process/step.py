"""The process engine: one item and one event in, the new item and decisions out; nothing is read, sent or stored here.

A command that no rule accepts is refused with every reason and changes nothing; a fact is recorded even when no rule
wants it; what cannot be carried through is rolled back, and the item is held for a person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from tasks.rules.nearest_name import nearest
from tasks.rules.process import working
from tasks.rules.process.answers import answer
from tasks.rules.process.chain import Chain
from tasks.rules.process.clocks import fire, recount
from tasks.rules.process.decisions import Decision, Hold, Refuse
from tasks.rules.process.definition import Definition
from tasks.rules.process.given import set_given, set_values
from tasks.rules.process.program import program_of
from tasks.rules.process.reasons import HeldError, Reason, RefusedError
from tasks.rules.process.shortfalls import objections
from tasks.rules.process.state import VERBS, Child, Event, Item, OfficeFacts

MAX_HOPS = 8

_ANSWERS = frozenset(VERBS)
Result = tuple[Item, tuple[Decision, ...]]


def step(definition: Definition, facts: OfficeFacts, item: Item, event: Event) -> Result:
    """The item after one event, and what was decided, in order.

    A refused command gives the item as it was and one Refuse; an event that cannot be carried through gives it held,
    and one Hold. Until `hold_released` a held item takes a person's values of fields and nothing else. Raises
    ValueError when a clock is due before the event: it comes first (course.py does that).
    """
    if item.is_held:
        return _held(definition, facts, item, event)
    clocks = item.clocks
    if clocks and clocks[0].due < event.at and event.name != "clock":
        raise ValueError(f"the clock {item.clocks[0].name} is due before this event")
    chain = Chain(definition.program or program_of(definition), facts, item, event)
    try:
        if item.outcome or event.hops > MAX_HOPS:
            _out_of_course(chain)
        else:
            name = event.name
            if name in _ANSWERS and (event.work or _is_answer(chain, name)):
                answer(chain, name)
            elif name == "changed":
                set_given(chain)
            elif name in _FACTS and not event.is_command:
                _FACTS[name](chain)
            else:
                _take_named(chain, name)
            chain.settle()
        return chain.result(), tuple(chain.decisions)
    except (RefusedError, HeldError) as stopped:
        return _stopped(chain, stopped)


def begin(
    definition: Definition,
    facts: OfficeFacts,
    *,
    key: str,
    at: datetime,
    actor: str = "",
    author: str = "",
    fields: Mapping[str, Any] | None = None,
    is_command: bool = True,
    hops: int = 0,
) -> Result:
    """A new item at the beginning of its process, and what that decided: its fields, then a Move with source ''.

    `author` is who is told to have begun it (the actor, unless another is named). When it cannot begin, the only
    decision is a Refuse (nothing is to be kept), or a Hold when a fact began it.
    """
    event = Event(f"{key}:begin", at, "begin", actor, is_command, fields or {}, hops=hops)
    blank = Item(key, definition.first_stage, 0, at, {}, author=author or actor)
    chain = Chain(program_of(definition), facts, blank, event)
    chain.stage = ""
    try:
        if hops > MAX_HOPS:
            _out_of_course(chain)
        _begin_item(chain)
        chain.settle()
        return chain.result(), tuple(chain.decisions)
    except (RefusedError, HeldError) as stopped:
        return _stopped(chain, stopped)


def _held(definition: Definition, facts: OfficeFacts, item: Item, event: Event) -> Result:
    if event.name == "hold_released":
        return replace(item, is_held=False), ()
    if event.name == "changed" and event.is_command:
        return _put_right(Chain(program_of(definition), facts, item, event), item)
    reasons = (Reason("held"),)
    return item, (Refuse(reasons) if event.is_command else Hold(reasons),)


def _put_right(chain: Chain, item: Item) -> Result:
    """A person fills in what stopped the item. It stays held: what follows from the values comes after the release."""
    try:
        set_given(chain)
        working.ask_again(chain)
    except (RefusedError, HeldError) as refusal:
        return item, (Refuse(refusal.reasons),)
    # rules that have become true wait for the release: they have not stood true yet
    after = replace(chain.result(), standing=item.standing, recent=item.recent, is_held=True)
    return after, tuple(chain.decisions)


def _stopped(chain: Chain, stopped: RefusedError | HeldError) -> Result:
    """Nothing of the chain stands: a refused command leaves the item as it was, anything else holds it."""
    if isinstance(stopped, RefusedError) and chain.event.is_command:
        return chain.item, (Refuse(stopped.reasons),)
    return replace(chain.item, is_held=True), (Hold(stopped.reasons, tuple(chain.path)),)


def _out_of_course(chain: Chain) -> None:
    """The event has come through too many items, or its item has ended.

    Nothing moves an ended item: a command is refused, facts are recorded, late values kept.
    """
    if chain.event.hops > MAX_HOPS:
        raise HeldError(Reason("hops", wanted=MAX_HOPS))
    if chain.event.is_command:
        raise RefusedError(Reason("ended", found=chain.outcome))
    if chain.event.name == "child_ended":
        _child_ended(chain)
    elif chain.event.name == "changed":
        set_given(chain)
    chain.finished, chain.changed = (), {}


def _is_answer(chain: Chain, verb: str) -> bool:
    """A verb answers work, unless the stage has a command of this name and no work is named."""
    return chain.event.task_id is not None or verb not in chain.code.commands


def _take_named(chain: Chain, name: str) -> None:
    """A command or fact of the file. What comes with it is set first: the guards are to see it."""
    set_given(chain)
    rules = chain.code.wakers.get(("event", name), ())
    if chain.wake(rules) or not chain.event.is_command:
        return
    if rules:
        raise RefusedError(*objections(chain, rules))
    commands = chain.program.commands
    if name not in commands:
        raise RefusedError(Reason("unknown", name, wanted=nearest(name[:60], commands)))
    stages = tuple(stage for stage, code in chain.program.stages.items() if name in code.commands)
    raise RefusedError(Reason("not_here", name, found=chain.stage, wanted=stages))


def _begin_item(chain: Chain) -> None:
    set_given(chain)
    chain.changed = {}
    for part in chain.program.fields.values():
        if part.is_required and chain.fields.get(part.name) is None:
            raise RefusedError(Reason("required", part.name))
    chain.move(chain.program.definition.first_stage)


def _absence_changed(chain: Chain) -> None:
    working.resolve_again(chain, tuple(chain.program.work))


def _child_ended(chain: Chain) -> None:
    """The end of a sub-process: what it returns is set, and it wakes the rules for its end. Once."""
    event = chain.event
    child = chain.children.get(event.work)
    if child is None or child.state != "open" or event.round not in (None, child.round) or event.outcome is None:
        return
    ended = Child(child.name, child.round, child.process, child.key, event.outcome, child.is_waiting, child.returns)
    chain.children = {**chain.children, child.name: ended}
    set_values(chain, {mine: event.returned.get(theirs) for mine, theirs in child.returns.items()}, "")
    chain.finished = (*chain.finished, (child.name, event.outcome))


def _parent_ended(chain: Chain) -> None:
    """The item that began this one takes it back: it ends, cancelled, where the file has such an end.

    What comes with the news (why) is set where the file has a field of that name.
    """
    given = {name: value for name, value in chain.event.sets.items() if name in chain.program.fields}
    set_values(chain, given, "")
    stages = chain.program.definition.stages.values()
    target = next((stage.name for stage in stages if stage.ends == "cancelled"), None)
    if target is None:
        raise HeldError(Reason("unknown", "cancelled"))
    chain.move(target)


def _released(_chain: Chain) -> None:
    """The item was not held any more."""


_FACTS: Mapping[str, Callable[[Chain], None]] = {
    "clock": fire,
    "absence_changed": _absence_changed,
    "calendar_changed": recount,
    "child_ended": _child_ended,
    "hold_released": _released,
    "parent_ended": _parent_ended,
}
