"""People's answers to work: begun, done, approved, declined; who may give them, and when they count no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasks.rules.assignment import speaks_for
from tasks.rules.nearest_name import nearest
from tasks.rules.process import working
from tasks.rules.process.decisions import BeginWork, CloseWork
from tasks.rules.process.given import set_given
from tasks.rules.process.program import WorkCode
from tasks.rules.process.reasons import Reason, RefusedError
from tasks.rules.process.shortfalls import failures
from tasks.rules.process.slots import is_allowed, today
from tasks.rules.process.state import Owed, OwedState, Work, WorkState

if TYPE_CHECKING:
    from tasks.rules.process.chain import Chain


def answer(chain: Chain, verb: str) -> None:
    """Take an answer, or refuse it with who had decided, what has changed, or who may."""
    work, rows = _answered(chain, verb)
    code = chain.program.work[work.name]
    if code.part.is_vote and verb != "begin":
        _vote(chain, code, work, rows, verb == "approve")
        set_given(chain)
        return
    if chain.event.sets:
        set_given(chain)
        rows = _rows_of(chain, code, work if verb == "begin" else chain.work[work.name])
    if verb == "begin":
        _begin(chain, work, rows)
    else:
        _finish(chain, code, chain.work[work.name], rows)


def _answered(chain: Chain, verb: str) -> tuple[Work, list[Owed]]:
    """The work that is answered, and which of its rows the actor may answer for."""
    event = chain.event
    name = event.work or _name_of_task(chain)
    if not name:
        only = _only_one(chain, verb)
        return only, _rows_of(chain, chain.program.work[only.name], only)
    work = chain.work.get(name)
    if work is None:
        if name not in chain.program.work:
            raise RefusedError(Reason("unknown", name, wanted=nearest(name[:60], chain.program.work)))
        raise RefusedError(Reason("nothing_asked", name))
    if work.state != "open":
        raise RefusedError(_closed(work, chain))
    is_older = event.round is not None and event.round != work.round
    if is_older or (event.content_hash and work.content_hash and event.content_hash != work.content_hash):
        raise RefusedError(Reason("outdated", name, found=event.round, wanted=work.round))
    code = chain.program.work[name]
    if not _fits(code, verb):
        raise RefusedError(Reason("nothing_asked", name))
    rows = _rows_of(chain, code, work)
    if not _may_answer(chain, code, rows, verb):
        raise RefusedError(_not_theirs(chain, work))
    return work, rows


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
        is_meant = work.state == "open" and _fits(code, verb, is_strict=True)
        if is_meant and _may_answer(chain, code, _rows_of(chain, code, work), verb):
            choice.append(work)
    if len(choice) != 1:
        raise RefusedError(Reason("nothing_asked", wanted=tuple(work.name for work in choice)))
    return choice[0]


def _fits(code: WorkCode, verb: str, *, is_strict: bool = False) -> bool:
    """Whether the work can be answered so; a plain yes to a task that was named means that it is done."""
    if verb == "begin":
        return True
    if code.part.is_vote:
        return verb in ("approve", "decline")
    return verb == "done" or (verb == "approve" and not is_strict)


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


def _may_answer(chain: Chain, code: WorkCode, rows: list[Owed], verb: str) -> bool:
    if code.part.closed_by and verb != "begin":
        return is_allowed(chain, code.part.closed_by)
    return bool(rows)


def _rows_of(chain: Chain, code: WorkCode, work: Work) -> list[Owed]:
    """The open rows that the actor may answer: the own ones, those of an absent one, those another stands in for."""
    actor, staff = chain.actor, chain.facts.staff
    if not actor:
        return []
    own = [row for row in work.rows if row.state == "open" and (row.owner == actor or row.instead_of == actor)]
    if not own:
        rows = [row for row in work.rows if row.state == "open" and row.owner in staff]
        own = [row for row in rows if speaks_for(staff, actor, row.owner, today(chain))]
    if code.part.is_distinct:
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


def _demand(chain: Chain, code: WorkCode) -> None:
    """Nothing closes before its condition holds, documents for instance."""
    if code.may_close is not None and code.may_close(chain) is not True:
        said = (Reason("words", code.part.name, words=code.part.say),) if code.part.say else ()
        raise RefusedError(*said, *failures(chain.program.definition, code.part.close_if, chain))


def _finish(chain: Chain, code: WorkCode, work: Work, answered: list[Owed]) -> None:
    _demand(chain, code)
    rows = _close(chain, work, None if code.part.closed_by else answered, "done")
    _, done, total = _count(rows, "done")
    is_done = done >= (total if code.part.need == "all" else min(code.part.need, total))
    _keep(chain, work, rows, "done" if is_done else None)


def _vote(chain: Chain, code: WorkCode, work: Work, rows: list[Owed], is_yes: bool) -> None:
    if is_yes:
        _demand(chain, code)
        _demand_same_content(chain, work)
    if code.part.closed_by and not rows:
        rows = [row for row in work.rows if row.state == "open"]
    rows = _close(chain, work, rows, "approved" if is_yes else "declined")
    still_open, yes, total = _count(rows, "approved")
    need = total if code.part.need == "all" else code.part.need
    _keep(chain, work, rows, "approved" if yes >= need else "declined" if yes + still_open < need else None)


def _keep(chain: Chain, work: Work, rows: list[Owed], decided: WorkState | None) -> None:
    if decided:
        working.decide(chain, work, rows, decided, chain.actor)
    else:
        working.keep(chain, work.changed(work.state, tuple(rows), work.by, work.at))


def _demand_same_content(chain: Chain, work: Work) -> None:
    """Who approves does not change in the same breath what the others have approved."""
    for name, value in chain.event.sets.items():
        if work.name in chain.program.bound_by.get(name, ()) and value != chain.fields.get(name):
            raise RefusedError(Reason("bound", work.name, found=name))


def _count(rows: list[Owed], state: OwedState) -> tuple[int, int, int]:
    """How many slots are open, how many in `state`, and how many there are."""
    still_open = counted = total = 0
    for row in rows:
        if row.state == "withdrawn":
            continue
        total += len(row.slots)
        if row.state == "open":
            still_open += len(row.slots)
        elif row.state == state:
            counted += len(row.slots)
    return still_open, counted, total


def _close(chain: Chain, work: Work, answered: list[Owed] | None, state: OwedState) -> list[Owed]:
    """All rows once those `answered` (None: all that are open) are closed; the work as a whole may stay open."""
    event, actor = chain.event, chain.actor
    chosen = None if answered is None else list(map(id, answered))
    rows = []
    for row in work.rows:
        if row.state == "open" if chosen is None else id(row) in chosen:
            row = row.closed(state, actor, chain.now)
            chain.decisions.append(CloseWork(row, state, actor, state != "done", event.text))
        rows.append(row)
    return rows
