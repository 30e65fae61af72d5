"""People's answers to work: begun, done, approved, declined; who may give them, and when they count no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from tasks.rules.nearest_name import nearest
from tasks.rules.process import working
from tasks.rules.process.decisions import BeginWork, Withdraw, new_close_work, new_decide_work
from tasks.rules.process.given import set_given
from tasks.rules.process.program import WorkCode
from tasks.rules.process.reasons import Reason, RefusedError
from tasks.rules.process.shortfalls import failures
from tasks.rules.process.slots import is_allowed, stands_in
from tasks.rules.process.state import Owed, OwedState, Work, WorkState

if TYPE_CHECKING:
    from tasks.rules.process.chain import Chain


_STATES: tuple[OwedState, ...] = get_args(OwedState)
_YES = ("done", "approved", "withdrawn")  # who was taken out of the work has no say


def answer(chain: Chain, verb: str) -> None:
    """Take an answer, or refuse it with who had decided, what has changed, or who may."""
    event = chain.event
    name = event.work or _name_of_task(chain)
    work = chain.work.get(name) if name else _only_one(chain, verb)
    if work is None or work.state != "open" or event.round is not None or event.content_hash:
        work = _demand_open(chain, name, work)
    code = chain.program.work[work.name]
    if verb not in code.verbs:
        raise RefusedError(Reason("nothing_asked", name))
    places = _places_of(chain, code, work)
    if not (is_allowed(chain, code.closed_by) if code.closed_by and verb != "begin" else places):
        raise RefusedError(_not_theirs(chain, work))
    if verb == "begin":
        _begin(chain, code, work, places)
        return
    if event.sets and not code.is_vote:  # a task is done with what comes along; a vote is for what was asked
        set_given(chain)
        before, work = work, chain.work[work.name]
        if work is not before or code.is_distinct:
            places = _places_of(chain, code, work)
    if verb != "decline" and code.may_close is not None and code.may_close(chain) is not True:
        raise _unmet(chain, code)
    if not code.is_vote:
        _close(chain, code, work, None if code.closed_by else places, "done")
        return
    if event.sets and verb == "approve":
        _demand_same_content(chain, work)
    answered = None if code.closed_by and not places else places
    _close(chain, code, work, answered, "approved" if verb == "approve" else "declined")
    set_given(chain)


def _demand_open(chain: Chain, name: str, work: Work | None) -> Work:
    """The work, when it still waits for answers, and for one that was given for this round and content."""
    codes = chain.program.work
    if work is None:
        if name not in codes:
            raise RefusedError(Reason("unknown", name, wanted=nearest(name[:60], codes)))
        raise RefusedError(Reason("nothing_asked", name))
    if work.state != "open":
        raise RefusedError(_closed(work, chain))
    if name:
        _demand_current(chain, work)
    return work


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
        if is_meant and (_places_of(chain, code, work) if is_theirs is None else is_theirs):
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


def _places_of(chain: Chain, code: WorkCode, work: Work) -> list[int]:
    """Where the open rows stand that the actor may answer: own ones, an absent one's, those they stand in for."""
    actor = chain.actor
    if not actor:
        return []
    own = []
    for n, row in enumerate(work.rows):
        if (row.owner == actor or row.instead_of == actor) and row.state == "open":
            own.append(n)
    if not own:
        own = [n for n, row in enumerate(work.rows) if row.state == "open" and stands_in(chain, row.owner)]
    if code.is_distinct:
        has_voted = any(row.by == actor for row in work.rows)
        return [] if has_voted or actor in working.authors_of(chain, code) else own[:1]
    return own


def _begin(chain: Chain, code: WorkCode, work: Work, places: list[int]) -> None:
    if chain.event.sets:
        set_given(chain)
        places = _places_of(chain, code, work)
    rows = list(work.rows)
    fresh = [n for n in places if not rows[n].is_begun]
    if not fresh:
        raise RefusedError(Reason("closed", work.name, found="begun", by=chain.actor))
    for n in fresh:
        chain.decisions.append(BeginWork(rows[n], chain.actor))
        rows[n] = rows[n].marked(is_begun=True)
    chain.work[work.name] = work.changed(work.state, tuple(rows))
    chain.finished = (*chain.finished, (work.name, "begun"))


def _unmet(chain: Chain, code: WorkCode) -> RefusedError:
    """Nothing closes before its condition holds, documents for instance."""
    said = (Reason("words", code.part.name, words=code.part.say),) if code.part.say else ()
    return RefusedError(*said, *failures(chain.program.definition, code.part.close_if, chain))


def _demand_same_content(chain: Chain, work: Work) -> None:
    """Who approves does not change in the same breath what the others have approved."""
    for name, value in chain.event.sets.items():
        if work.name in chain.program.bound_by.get(name, ()) and value != chain.fields.get(name):
            raise RefusedError(Reason("bound", work.name, found=name))


def _close(chain: Chain, code: WorkCode, work: Work, places: list[int] | None, state: OwedState) -> None:
    """Close the rows at these places (None: all that are open), and the work as a whole where that decides it."""
    actor, now, decisions = chain.actor, chain.now, chain.decisions
    rows = list(work.rows)
    if places is None:
        places = [n for n, row in enumerate(rows) if row.state == "open"]
    for n in places:
        row = rows[n] = rows[n].closed(state, actor, now)
        decisions.append(new_close_work(row, state, actor, state != "done", chain.event.text))
    decided: WorkState | None = state
    if len(places) < len(rows) or (code.is_vote and code.need != "all"):
        decided = _decided(code, rows) if code.need == "all" else _counted(code, code.need, rows)
    if decided is None:
        chain.work[work.name] = work.changed(work.state, tuple(rows), work.by, work.at)
        return
    name, number = work.name, work.round
    if len(rows) > 1:
        for n, row in enumerate(rows):
            if row.state == "open":
                decisions.append(Withdraw(row, "decided"))
                rows[n] = row.closed("withdrawn", "", None)
    chain.work[name] = work.changed(decided, tuple(rows), actor, now)
    decisions.append(new_decide_work(name, number, decided, actor))
    chain.drop_clock(f"work:{name}:{number}")
    chain.finished = (*chain.finished, (name, decided))


def _decided(code: WorkCode, rows: list[Owed]) -> WorkState | None:
    """What the answers make of work that all must do or say yes to; None as long as it stays open."""
    is_open = False
    for row in rows:
        state = row.state
        if state == "open":
            is_open = True
        elif state not in _YES:
            return "declined" if code.is_vote else None
    return None if is_open else "approved" if code.is_vote else "done"


def _counted(code: WorkCode, need: int, rows: list[Owed]) -> WorkState | None:
    """The same for work that needs a number of slots: an owner of two slots answers for both."""
    slots = dict.fromkeys(_STATES, 0)
    for row in rows:
        slots[row.state] += len(row.slots)
    yes, still_open = slots["done"] + slots["approved"], slots["open"]
    if not code.is_vote:
        return "done" if yes >= need or yes == sum(slots.values()) - slots["withdrawn"] else None
    return "approved" if yes >= need else "declined" if yes + still_open < need else None
