"""The process engine: one item and one event in, the new item and decisions out; nothing is read, sent or stored here.

Semantics: guards see the state before any rule of a trigger acts; a join is a condition over work, never a reaction to
the last event; a command no rule accepts is refused with every reason and changes nothing.
"""

from __future__ import annotations

from dataclasses import replace

from tasks.rules.assignment import speaks_for
from tasks.rules.pipeline_chain import Chain, RefusedError
from tasks.rules.pipeline_conditions import Reason, failures
from tasks.rules.pipeline_parts import Pipeline
from tasks.rules.pipeline_slots import is_allowed
from tasks.rules.pipeline_state import (
    BeginWork,
    CloseWork,
    Decision,
    Event,
    Item,
    MarkOverdue,
    OfficeFacts,
    Owed,
    Refuse,
)
from tasks.rules.pipeline_view import latest, work_state

ANSWERS = ("begin", "done", "approve", "decline")


def step(pipeline: Pipeline, facts: OfficeFacts, item: Item, event: Event) -> tuple[Item, tuple[Decision, ...]]:
    """The item after one event, and what was decided, in order.

    A refused command leaves the item as it was and gives one Refuse. Raises HeldError when the event cannot be
    carried through (a circle of rules, nobody to ask, a stage whose needs are empty): the item waits for a person.
    """
    chain = Chain(pipeline, facts, event, item)
    try:
        _take(chain)
        chain.settle()
    except RefusedError as refusal:
        return item, (Refuse(refusal.reasons),)
    return chain.item, tuple(chain.decisions)


def _take(chain: Chain) -> None:
    event = chain.event
    chain.set_fields(event.sets)
    if event.name == "clock":
        _fire(chain, event.clock)
    elif event.name in ANSWERS:
        _answer(chain)
    elif event.name != "changed":
        is_accepted, reasons = chain.trigger("event", event.name)
        if event.is_command and not is_accepted:
            raise RefusedError(reasons or (Reason("unknown", event.name, chain.item.stage),))


def _fire(chain: Chain, clock: str) -> None:
    kind, _, rest = clock.partition(":")
    if kind == "work":
        _fire_work(chain, rest)
        return
    stage = chain.pipeline.stages[chain.item.stage]
    chain.item = replace(chain.item, fired=chain.item.fired | {"within" if kind == "within" else rest})
    if kind == "within":
        chain.blame(stage.within.blame if stage.within else (), "stage overdue")
        chain.trigger("event", "overdue")
    for rule in [rule for rule in stage.rules if kind == "after" and rule.key == rest]:
        if not failures(rule.condition, chain.look):
            chain.run(rule)


def _fire_work(chain: Chain, rest: str) -> None:
    name, _, number = rest.partition(":")
    for owed in chain.item.owed:
        if owed.name == name and owed.round == int(number) and owed.state == "open":
            chain.replace_owed(owed, replace(owed, is_overdue=True))
            chain.decisions.append(MarkOverdue(owed))
    chain.trigger("work", f"{name} overdue")


def _answer(chain: Chain) -> None:
    owed = _answered(chain)
    kind = chain.pipeline.work[owed.name].kind
    if chain.event.name == "begin":
        _begin(chain, owed)
    elif kind == "task":
        _finish(chain, owed)
    else:
        _vote(chain, owed)


def _answered(chain: Chain) -> Owed:
    """What the answer is about: what was asked, else the only piece of open work that the actor may answer so.

    A vote is only counted for the very round that was asked: the content may have changed since.
    """
    asked = next((o for o in chain.item.owed if chain.event.task_id and o.task_id == chain.event.task_id), None)
    if asked and asked.state == "open" and _may_answer(chain, asked, is_asked=True):
        return asked
    is_vote = chain.event.name in ("approve", "decline")
    candidates = [owed for owed in chain.item.owed if owed.state == "open" and _may_answer(chain, owed, is_asked=False)]
    choice = {owed.name: owed for owed in candidates}
    if len(choice) == 1 and not (is_vote and asked):
        return next(iter(choice.values()))
    if len(choice) > 1:
        raise RefusedError((Reason("nothing_asked", wanted=", ".join(choice)),))
    if asked and (asked.state != "open" or (asked.is_begun and chain.event.name == "begin")):
        raise RefusedError((Reason("closed", asked.name, "begun" if asked.state == "open" else asked.state),))
    if asked:
        work = chain.pipeline.work[asked.name]
        wanted = work.closed_by if work.closed_by and work.kind == "task" else ()
        raise RefusedError((Reason("who", asked.name, wanted=", ".join(wanted)),))
    raise RefusedError((Reason("nothing_asked"),))


def _may_answer(chain: Chain, owed: Owed, *, is_asked: bool) -> bool:
    work, verb = chain.pipeline.work[owed.name], chain.event.name
    # a plain "yes" to a task that was asked means it is done
    task_verbs = ("begin", "done", "approve") if is_asked else ("begin", "done")
    if verb not in (task_verbs if work.kind == "task" else ("approve", "decline")):
        return False
    if verb == "begin" and owed.is_begun:
        return False
    if work.closed_by and verb != "begin":
        return any(is_allowed(chain.facts, chain.event, chain.item, slot) for slot in work.closed_by)
    day = chain.event.at.astimezone(chain.facts.zone).date()
    return speaks_for(chain.facts.staff, chain.event.actor, owed.owner, day)


def _begin(chain: Chain, owed: Owed) -> None:
    chain.replace_owed(owed, replace(owed, is_begun=True))
    chain.decisions.append(BeginWork(owed))
    chain.finished.append(f"{owed.name} begun")


def _finish(chain: Chain, owed: Owed) -> None:
    work = chain.pipeline.work[owed.name]
    reasons = failures(work.close_if, chain.look)
    if reasons:
        raise RefusedError((Reason("words", words=work.say), *reasons) if work.say else reasons)
    for row in latest(chain.item, owed.name):
        if row.state == "open":
            chain.replace_owed(row, replace(row, state="done"))
            chain.decisions.append(CloseWork(row, "done", chain.event.actor, is_vote=False, result=chain.event.text))
    chain.finished.append(f"{owed.name} done")


def _vote(chain: Chain, owed: Owed) -> None:
    is_yes = chain.event.name == "approve"
    voted = replace(owed, state="approved" if is_yes else "declined")
    chain.replace_owed(owed, voted)
    chain.decisions.append(CloseWork(owed, voted.state, chain.event.actor, is_vote=True, result=chain.event.text))
    decision = work_state(chain.pipeline, chain.item, owed.name)
    if decision in ("approved", "declined"):
        chain.withdraw(owed.name, is_open_only=True)
        chain.finished.append(f"{owed.name} {decision}")
