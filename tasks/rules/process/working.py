"""Work that hangs on an item: asked of the persons in its slots, taken back, void when its content changes (rule 7)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from tasks.rules.process.decisions import AskWork, DecideWork, Reassign, Withdraw, WithdrawnBecause
from tasks.rules.process.program import WorkCode
from tasks.rules.process.reasons import HeldError, Reason
from tasks.rules.process.slots import Party, holder, present, to_ask, to_tell
from tasks.rules.process.state import Owed, Work, WorkState
from tasks.rules.process.values import content_hash

if TYPE_CHECKING:
    from tasks.rules.process.chain import Chain

Places = dict[str, tuple[list[str], str]]
"""Who is asked: ref → (slots, instead of whom)."""


def hash_of(chain: Chain, code: WorkCode) -> str:
    """The content that votes are for, '' when the work binds nothing."""
    return content_hash({name: get(chain) for name, get in code.bound}) if code.bound else ""


def ask(chain: Chain, name: str) -> None:
    """Ask for a piece of work; one that is open already is not asked for twice.

    Raises HeldError when so many slots mean nobody that the work could never be done.
    """
    before = chain.work.get(name)
    if before and before.state == "open":
        return
    code = chain.program.work[name]
    slots = next((slots for test, slots in code.who if test is None or test(chain) is True), ())
    places = _places(chain, slots, _barred(chain, code))
    need = len(slots) if code.part.need == "all" else code.part.need
    taken = [slot for found, _ in places.values() for slot in found]
    if not taken or len(taken) < need:
        raise HeldError(Reason("nobody", name, wanted=tuple(slot for slot in slots if slot not in taken)))
    _open(chain, code, places, before.round + 1 if before else 1)


def _open(chain: Chain, code: WorkCode, places: Places, number: int) -> None:
    part = code.part
    digest = hash_of(chain, code)
    due = chain.add_clock(f"work:{part.name}:{number}", part.due, chain.now) if part.due else None
    watchers = tuple([party.ref for party in to_tell(chain, part.watch)[0]]) if part.watch else ()
    rows = []
    for ref, (slots, instead_of) in places.items():
        row = Owed(part.name, number, ref, tuple(slots), "open", due, instead_of)
        rows.append(row)
        chain.decisions.append(AskWork(row, part.kind, part.title, chain.fields, digest, watchers, chain.rule))
    asked = Work(part.name, number, chain.visit, "open", tuple(rows), chain.now, digest)
    chain.work = {**chain.work, part.name: asked}


def _places(chain: Chain, slots: Iterable[str], barred: set[str] | None) -> Places:
    """One place per person: who is in two slots answers for both, unless four eyes are wanted (`barred` is a set)."""
    found: Places = {}
    for slot in slots:
        party = to_ask(chain, slot, barred or ())
        if party is None:
            continue
        found.setdefault(party.ref, ([], party.instead_of))[0].append(slot)
        if barred is not None:
            barred.add(party.ref)
    return found


def _barred(chain: Chain, code: WorkCode) -> set[str] | None:
    return authors_of(chain, code) if code.part.is_distinct else None


def authors_of(chain: Chain, code: WorkCode) -> set[str]:
    """Who began the item or made what the vote is about: nobody approves his own."""
    made = {chain.authors[name] for name in _made_of(chain, code) if name in chain.authors}
    return (made | {chain.author}) - {""}


def _made_of(chain: Chain, code: WorkCode) -> set[str]:
    found = set(code.part.binds)
    for name in code.part.binds:
        compute = chain.program.fields[name].compute
        found.update(compute.inputs if compute else ())
    return found


def ask_again(chain: Chain) -> None:
    """Ask anew for the votes that a change has made void, where the stage still wants them."""
    names, chain.asked_again = chain.asked_again, []
    for name in names:
        if chain.work[name].state in ("withdrawn", "void"):
            ask(chain, name)


def void_if_changed(chain: Chain, name: str) -> None:
    """Votes are for certain content: when it is another now, they are void, and asked for again (round + 1)."""
    work = chain.work.get(name)
    code = chain.program.work[name]
    if work is None or work.state not in ("open", "approved") or work.content_hash == hash_of(chain, code):
        return
    is_current = work.state == "open" or work.visit == chain.visit or code.part.is_for_item
    _take_back(chain, work, "changed", "void")
    if is_current and name not in chain.asked_again:
        chain.asked_again.append(name)


def withdraw(chain: Chain, name: str) -> None:
    """Take a piece of open work back, because a rule says so."""
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
    keep(chain, work.changed(state, tuple(rows), work.by, work.at))
    chain.drop_clock(f"work:{work.name}:{work.round}")


def keep(chain: Chain, work: Work) -> None:
    """Keep the new state of a piece of work."""
    chain.work = {**chain.work, work.name: work}


def decide(chain: Chain, work: Work, rows: list[Owed], state: WorkState, by: str) -> None:
    """A piece of work has come to its end with these rows: what is still open of it is not wanted any more."""
    for n, row in enumerate(rows):
        if row.state == "open":
            chain.decisions.append(Withdraw(row, "decided"))
            rows[n] = row.closed("withdrawn", "", None)
    keep(chain, work.changed(state, tuple(rows), by, chain.now))
    chain.decisions.append(DecideWork(work.name, work.round, state, by))
    chain.drop_clock(f"work:{work.name}:{work.round}")
    chain.finished.append((work.name, state))


def leave(chain: Chain, *, is_end: bool) -> None:
    """Leaving a stage takes its open work back, and its waiting sub-processes; the end takes back everything."""
    for work in chain.work.values():  # what is kept meanwhile is kept in a new mapping
        if work.state == "open" and (is_end or not chain.program.work[work.name].part.is_for_item):
            _take_back(chain, work, "ended" if is_end else "left", "withdrawn")
    chain.asked_again = []
    if chain.children:
        chain.end_children()


# ---------------------------------------------------------------- who is asked now


def resolve_again(chain: Chain, names: Collection[str]) -> None:
    """Slots mean other persons now (an absence, another person in the field): open work goes to them."""
    for name in names:
        work = chain.work.get(name)
        if work and work.state == "open":
            _resolve_work(chain, chain.program.work[name], work)


def _resolve_work(chain: Chain, code: WorkCode, work: Work) -> None:
    barred = _barred(chain, code)
    if barred is not None:
        # who has voted, or is asked for another slot, is not asked for a second one
        barred |= {row.by for row in work.rows if row.by} | {row.owner for row in work.rows if row.state == "open"}
    wanted: Places = {}
    for row in work.rows:
        for slot in row.slots if row.state == "open" else ():
            party = _now_in(chain, slot, row, barred)
            wanted.setdefault(party.ref, ([], party.instead_of))[0].append(slot)
            if barred is not None:
                barred.add(party.ref)
    rows = _replaced(chain, work, wanted)
    if rows != work.rows:
        keep(chain, replace(work, rows=rows))


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
        after = replace(row, owner=ref, slots=tuple(slots), instead_of=instead_of)
        if after != row:
            chain.decisions.append(Reassign(row, after))
        rows.append(after)
    part = chain.program.work[work.name].part
    for ref in coming:
        slots, instead_of = wanted[ref]
        row = Owed(work.name, work.round, ref, tuple(slots), "open", work.rows[0].due_at, instead_of)
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
    keep(chain, replace(work, rows=tuple(rows)))
