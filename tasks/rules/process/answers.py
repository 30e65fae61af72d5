"""People's answers to work: begun, done, approved, declined; who may give them, and when they count no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasks.rules.nearest_name import nearest
from tasks.rules.process import working
from tasks.rules.process.decisions import BeginWork, CloseWork
from tasks.rules.process.given import set_given
from tasks.rules.process.program import WorkCode
from tasks.rules.process.reasons import Reason, RefusedError
from tasks.rules.process.shortfalls import failures
from tasks.rules.process.slots import is_allowed, stands_in
from tasks.rules.process.state import Owed, OwedState, Work, WorkState

if TYPE_CHECKING:
    from tasks.rules.process.chain import Chain


def answer(chain: Chain, verb: str) -> None:
    """Take an answer, or refuse it with who had decided, what has changed, or who may."""
    work, code, rows = _answered(chain, verb)
    if code.is_vote and verb != "begin":
        _vote(chain, code, work, rows, verb == "approve")
        set_given(chain)
        return
    if chain.event.sets:
        set_given(chain)
        work = work if verb == "begin" else chain.work[work.name]
        rows = _rows_of(chain, code, work)
    if verb == "begin":
        _begin(chain, work, rows)
    else:
        _finish(chain, code, work, rows)


def _answered(chain: Chain, verb: str) -> tuple[Work, WorkCode, list[Owed]]:
    """The work that is answered, and which of its rows the actor may answer for."""
    event, codes = chain.event, chain.program.work
    name = event.work or _name_of_task(chain)
    if not name:
        work = _only_one(chain, verb)
        return work, codes[work.name], _rows_of(chain, codes[work.name], work)
    named = chain.work.get(name)
    if named is None:
        if name not in codes:
            raise RefusedError(Reason("unknown", name, wanted=nearest(name[:60], codes)))
        raise RefusedError(Reason("nothing_asked", name))
    if named.state != "open":
        raise RefusedError(_closed(named, chain))
    if event.round is not None or event.content_hash:
        _demand_current(chain, named)
    code = codes[name]
    if verb not in code.verbs:
        raise RefusedError(Reason("nothing_asked", name))
    rows = _rows_of(chain, code, named)
    if not (is_allowed(chain, code.closed_by) if code.closed_by and verb != "begin" else rows):
        raise RefusedError(_not_theirs(chain, named))
    return named, code, rows


def _demand_current(chain: Chain, work: Work) -> None:
    event = chain.event
    is_older = event.round is not None and event.round != work.round
    if is_older or (event.content_hash and work.content_hash and event.content_hash != work.content_hash):
        raise RefusedError(Reason("outdated", work.name, found=event.round, wanted=work.round))


def _name_of_task(chain: Chain) -> str:
    """The work that a task's id belongs to; '' when the event names none."""
    task_id = chain.event.task_id
    if task_id is None:
        return ""
    for work in chain.work.values():
        if any(row.task_id == task_id for row in work.rows):
            return work.name
    raise RefusedError(Reason("closed", found="withdrawn"))


def _only_one(chain: Chain, verb: str) -> Work:
    choice = []
    for work in chain.work.values():
        code = chain.program.work[work.name]
        is_meant = work.state == "open" and verb in code.verbs and (code.is_vote or verb != "approve")
        is_theirs = is_allowed(chain, code.closed_by) if code.closed_by and verb != "begin" else None
        if is_meant and (_rows_of(chain, code, work) if is_theirs is None else is_theirs):
            choice.append(work)
    if len(choice) != 1:
        raise RefusedError(Reason("nothing_asked", wanted=tuple(work.name for work in choice)))
    return choice[0]


def _closed(work: Work, chain: Chain) -> Reason:
    own = next((row for row in work.rows if row.by == chain.actor), None)
    if own:
        return Reason("closed", work.name, found=work.state, by=work.by or own.by, at=work.at or own.at)
    return Reason("closed", work.name, found=work.state, by=work.by, at=work.at)


def _not_theirs(chain: Chain, work: Work) -> Reason:
    own = next((row for row in work.rows if row.by == chain.actor and row.state != "open"), None)
    if own:
        return Reason("closed", work.name, found=own.state, by=own.by, at=own.at)
    if chain.program.work[work.name].part.is_distinct and chain.actor in working.authors_of(
        chain, chain.program.work[work.name]
    ):
        return Reason("four_eyes", work.name, by=chain.actor)
    slots = chain.program.work[work.name].part.closed_by
    wanted = slots or tuple(row.owner for row in work.rows if row.state == "open")
    return Reason("who", work.name, wanted=wanted)


def _rows_of(chain: Chain, code: WorkCode, work: Work) -> list[Owed]:
    """The open rows that the actor may answer: the own ones, those of an absent one, those another stands in for."""
    actor = chain.actor
    if not actor:
        return []
    own = []
    for row in work.rows:
        if (row.owner == actor or row.instead_of == actor) and row.state == "open":
            own.append(row)
    if not own:
        own = [row for row in work.rows if row.state == "open" and stands_in(chain, row.owner)]
    if code.is_distinct:
        has_voted = any(row.by == actor for row in work.rows)
        return [] if has_voted or actor in working.authors_of(chain, code) else own[:1]
    return own


def _begin(chain: Chain, work: Work, answered: list[Owed]) -> None:
    own = {id(row) for row in answered if not row.is_begun}
    if not own:
        raise RefusedError(Reason("closed", work.name, found="begun", by=chain.actor))
    rows = []
    for row in work.rows:
        if id(row) in own:
            chain.decisions.append(BeginWork(row, chain.actor))
            row = row.marked(is_begun=True)
        rows.append(row)
    working.keep(chain, work.changed(work.state, tuple(rows)))
    chain.finished.append((work.name, "begun"))


def _unmet(chain: Chain, code: WorkCode) -> RefusedError:
    """Nothing closes before its condition holds, documents for instance."""
    said = (Reason("words", code.part.name, words=code.part.say),) if code.part.say else ()
    return RefusedError(*said, *failures(chain.program.definition, code.part.close_if, chain))


def _finish(chain: Chain, code: WorkCode, work: Work, answered: list[Owed]) -> None:
    if code.may_close is not None and code.may_close(chain) is not True:
        raise _unmet(chain, code)
    rows, _, done, total = _close(chain, work, None if code.closed_by else answered, "done")
    is_done = done >= (total if code.need == "all" else min(code.need, total))
    _keep(chain, work, rows, "done" if is_done else None)


def _vote(chain: Chain, code: WorkCode, work: Work, rows: list[Owed], is_yes: bool) -> None:
    if is_yes:
        if code.may_close is not None and code.may_close(chain) is not True:
            raise _unmet(chain, code)
        if chain.event.sets:
            _demand_same_content(chain, work)
    answered = None if code.closed_by and not rows else rows
    closed, still_open, yes, total = _close(chain, work, answered, "approved" if is_yes else "declined")
    need = total if code.need == "all" else code.need
    _keep(chain, work, closed, "approved" if yes >= need else "declined" if yes + still_open < need else None)


def _keep(chain: Chain, work: Work, rows: list[Owed], decided: WorkState | None) -> None:
    if decided:
        working.decide(chain, work, rows, decided)
    else:
        working.keep(chain, work.changed(work.state, tuple(rows), work.by, work.at))


def _demand_same_content(chain: Chain, work: Work) -> None:
    """Who approves does not change in the same breath what the others have approved."""
    for name, value in chain.event.sets.items():
        if work.name in chain.program.bound_by.get(name, ()) and value != chain.fields.get(name):
            raise RefusedError(Reason("bound", work.name, found=name))


def _close(chain: Chain, work: Work, answered: list[Owed] | None, state: OwedState) -> tuple[list[Owed], int, int, int]:
    """All rows once those `answered` (None: all that are open) are closed; the work as a whole may stay open.

    Also how many slots are open then, how many say yes or are done with it, and how many there are.
    """
    actor, now = chain.actor, chain.now
    if answered is None:
        answered = [row for row in work.rows if row.state == "open"]
    if len(work.rows) == len(answered) == 1:  # a task of one person
        row = answered[0].closed(state, actor, now)
        chain.decisions.append(CloseWork(row, state, actor, state != "done", chain.event.text))
        total = len(row.slots)
        return [row], 0, 0 if state == "declined" else total, total
    place = 0  # those answered are in the order of all
    rows = []
    still_open = counted = total = 0
    for row in work.rows:
        if place < len(answered) and row is answered[place]:
            place += 1
            row = row.closed(state, actor, now)
            chain.decisions.append(CloseWork(row, state, actor, state != "done", chain.event.text))
        rows.append(row)
        found = row.state
        if found != "withdrawn":
            slots = len(row.slots)
            total += slots
            if found == "open":
                still_open += slots
            elif found == "approved" or found == "done":
                counted += slots
    return rows, still_open, counted, total
