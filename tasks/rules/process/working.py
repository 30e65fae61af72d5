"""Work that hangs on an item: asked of the persons in its slots, taken back, void when its content changes (rule 7)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from tasks.rules.process.decisions import AskWork, EndChild, Reassign, Withdraw, WithdrawnBecause, new_ask_work
from tasks.rules.process.program import WorkCode
from tasks.rules.process.reasons import HeldError, Reason
from tasks.rules.process.slots import Party, holder, present, to_ask, to_tell
from tasks.rules.process.state import Owed, Work, WorkState, new_owed, new_work
from tasks.rules.process.values import canonical, hash_of

if TYPE_CHECKING:
    from tasks.rules.process.chain import Chain

Places = dict[str, tuple[tuple[str, ...], str]]
"""Who is asked: ref → (slots, instead of whom)."""


def content_of(chain: Chain, code: WorkCode) -> str:
    """The hash of what votes are for, '' when the work binds nothing."""
    if not code.bound:
        return ""
    parts = []
    for beginning, get in code.bound:
        parts.append(beginning + canonical(get(chain)))
    return hash_of(parts)


def ask(chain: Chain, name: str) -> None:
    """Ask for a piece of work; one that is open already is not asked for twice.

    Raises HeldError when so many slots mean nobody that the work could never be done.
    """
    before = chain.work.get(name)
    if before is not None and before.state == "open":
        return
    code = chain.program.work[name]
    wanted = code.slots or _slots_now(chain, code)
    places = _places(chain, wanted, authors_of(chain, code) if code.is_distinct else None)
    if len(places) != len(wanted) or not wanted:
        _demand_enough(code, wanted, places)
    number, part, now, decisions = 1 if before is None else before.round + 1, code.part, chain.now, chain.decisions
    digest = content_of(chain, code) if code.bound else ""
    due = None if part.due is None else chain.add_clock(f"work:{name}:{number}", part.due, now)
    watchers = tuple([party.ref for party in to_tell(chain, part.watch)[0]]) if part.watch else ()
    fields, rule, kind, title = chain.fields, chain.rule, part.kind, part.title
    rows = []
    for ref, (slots, instead_of) in places.items():
        row = new_owed(name, number, ref, slots, "open", due, instead_of, False, False, "", None, None)
        rows.append(row)
        decisions.append(new_ask_work(row, kind, title, fields, digest, watchers, rule))
    chain.work[name] = new_work(name, number, chain.visit, "open", tuple(rows), now, digest, "", None)


def _slots_now(chain: Chain, code: WorkCode) -> tuple[str, ...]:
    """The slots of the first choice that holds."""
    for test, slots in code.who:
        if test is None or test(chain) is True:
            return slots
    return ()


def _demand_enough(code: WorkCode, slots: tuple[str, ...], places: Places) -> None:
    need = len(slots) if code.need == "all" else code.need
    taken = [slot for found, _ in places.values() for slot in found]
    if not taken or len(taken) < need:
        missing = tuple(slot for slot in slots if slot not in taken)
        raise HeldError(Reason("nobody", code.part.name, wanted=missing))


def _places(chain: Chain, slots: Iterable[str], barred: set[str] | None) -> Places:
    """One place per person: who is in two slots answers for both, unless four eyes are wanted (`barred` is a set)."""
    found: Places = {}
    staff, fields = chain.facts.staff, chain.fields
    for slot in slots:
        ref = fields.get(slot)
        member = staff.get(ref or "") if barred is None else None
        if member is not None and not member.absences and ref not in found:
            found[member.ref] = ((slot,), "")  # as nearly always: somebody of the staff, who is there
            continue
        party = to_ask(chain, slot, barred or ())
        if party is not None:
            _put(found, party, slot)
            if barred is not None:
                barred.add(party.ref)
    return found


def _put(places: Places, party: Party, slot: str) -> None:
    known = places.get(party.ref)
    places[party.ref] = ((slot,), party.instead_of) if known is None else ((*known[0], slot), known[1])


def authors_of(chain: Chain, code: WorkCode) -> set[str]:
    """Who began the item or made what the vote is about: nobody approves his own."""
    made = {chain.authors[name] for name in code.made_of if name in chain.authors}
    return (made | {chain.author}) - {""}


def ask_again(chain: Chain) -> None:
    """Ask anew for the votes that a change has made void, where the stage still wants them."""
    names, chain.asked_again = chain.asked_again, ()
    for name in names:
        if chain.work[name].state in ("withdrawn", "void"):
            ask(chain, name)


def void_if_changed(chain: Chain, name: str) -> None:
    """Votes are for certain content: when it is another now, they are void, and asked for again (round + 1)."""
    work = chain.work.get(name)
    code = chain.program.work[name]
    if work is None or work.state not in ("open", "approved") or work.content_hash == content_of(chain, code):
        return
    is_current = work.state == "open" or work.visit == chain.visit or code.part.is_for_item
    _take_back(chain, work, "changed", "void")
    if is_current and name not in chain.asked_again:
        chain.asked_again = (*chain.asked_again, name)


def withdraw(chain: Chain, name: str) -> None:
    """Take a piece of open work back, or end a sub-process, because a rule says so."""
    if name in chain.children:
        _end_child(chain, name)
        return
    work = chain.work.get(name)
    if work and work.state == "open":
        _take_back(chain, work, "rule", "withdrawn")


def _take_back(chain: Chain, work: Work, because: WithdrawnBecause, state: WorkState) -> None:
    rows = []
    for row in work.rows:
        if row.state == "open":
            chain.decisions.append(Withdraw(row, because))
            row = row.closed("withdrawn", row.by, row.at)
        elif state == "void" and row.state in ("approved", "declined"):
            chain.decisions.append(Withdraw(row, because))
            row = row.closed("void", row.by, row.at)
        rows.append(row)
    chain.work[work.name] = work.changed(state, tuple(rows), work.by, work.at)
    chain.drop_clock(f"work:{work.name}:{work.round}")


def leave(chain: Chain, *, is_end: bool) -> None:
    """Leaving a stage takes its open work back, and its waiting sub-processes; the end takes back everything."""
    lasting = chain.program.lasting
    leaving = []
    for work in chain.work.values():
        if work.state == "open" and (is_end or work.name not in lasting):
            leaving.append(work.name)
    for name in chain.program.work if leaving else ():  # in the order of the file: a store may keep work in another one
        if name in leaving:
            _take_back(chain, chain.work[name], "ended" if is_end else "left", "withdrawn")
    chain.asked_again = ()
    for name, child in sorted(chain.children.items()) if chain.children else ():  # a store may keep another order
        if child.is_waiting:
            _end_child(chain, name)


def _end_child(chain: Chain, name: str) -> None:
    """Cancel a sub-process, if it still runs."""
    child = chain.children[name]
    if child.state == "open":
        chain.children = {**chain.children, name: replace(child, state="cancelled")}
        chain.decisions.append(EndChild(name, child.round, child.key, chain.event.hops + 1))


# ---------------------------------------------------------------- who is asked now


def resolve_again(chain: Chain, names: Collection[str]) -> None:
    """Slots mean other persons now (an absence, another person in the field): open work goes to them."""
    for name in names:
        work = chain.work.get(name)
        if work and work.state == "open":
            _resolve_work(chain, chain.program.work[name], work)


def _resolve_work(chain: Chain, code: WorkCode, work: Work) -> None:
    barred = authors_of(chain, code) if code.is_distinct else None
    if barred is not None:
        # who has voted, or is asked for another slot, is not asked for a second one
        barred |= {row.by for row in work.rows if row.by} | {row.owner for row in work.rows if row.state == "open"}
    wanted: Places = {}
    for row in work.rows:
        for slot in row.slots if row.state == "open" else ():
            party = _now_in(chain, slot, row, barred)
            _put(wanted, party, slot)
            if barred is not None:
                barred.add(party.ref)
    rows = _replaced(chain, work, wanted)
    if rows != work.rows:
        chain.work[work.name] = replace(work, rows=rows)


def _now_in(chain: Chain, slot: str, row: Owed, barred: set[str] | None) -> Party:
    """Who is in the slot now; a role keeps whom it has asked as long as they are present, so does a slot of nobody."""
    stays = Party(row.owner, row.instead_of)
    if not holder(chain, slot) and row.owner in present(chain, slot):
        return stays
    party = to_ask(chain, slot) or stays
    if barred is None or party.ref == row.owner or party.ref not in barred:
        return party
    return to_ask(chain, slot, barred) or stays


def _replaced(chain: Chain, work: Work, wanted: Places) -> tuple[Owed, ...]:
    """The rows with their new owners: who stays keeps the row, others take over one, the rest is asked or told off."""
    rows: list[Owed] = []
    staying = {row.owner for row in work.rows if row.state == "open"} & wanted.keys()
    coming = [ref for ref in wanted if ref not in staying]
    for row in work.rows:
        if row.state != "open":
            rows.append(row)
            continue
        ref = row.owner if row.owner in staying else coming.pop(0) if coming else ""
        if not ref:
            chain.decisions.append(Withdraw(row, "absent"))
            rows.append(replace(row, state="withdrawn"))
            continue
        slots, instead_of = wanted[ref]
        after = replace(row, owner=ref, slots=slots, instead_of=instead_of)
        if after != row:
            chain.decisions.append(Reassign(row, after))
        rows.append(after)
    part = chain.program.work[work.name].part
    for ref in coming:
        slots, instead_of = wanted[ref]
        row = Owed(work.name, work.round, ref, slots, "open", work.rows[0].due_at, instead_of)
        chain.decisions.append(AskWork(row, part.kind, part.title, chain.fields, work.content_hash, (), chain.rule))
        rows.append(row)
    return tuple(rows)


def due_again(chain: Chain, name: str, due: datetime) -> None:
    """A changed calendar gives open work another due time."""
    work = chain.work[name]
    rows = []
    for row in work.rows:
        after = replace(row, due_at=due) if row.state == "open" else row
        if after != row:
            chain.decisions.append(Reassign(row, after))
        rows.append(after)
    chain.work[name] = replace(work, rows=tuple(rows))
