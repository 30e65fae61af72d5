"""Slots: which persons and contacts a name of the file means at the moment of an event."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

from tasks.rules.assignment import present_in_role, stand_in
from tasks.rules.process.conditions import View
from tasks.rules.process.quick import quick
from tasks.rules.process.state import OfficeFacts

NAMED = frozenset({"author", "actor"})
"""Slots that are neither fields nor roles."""
_CALLERS = ("dispatcher", "manager")


@quick(frozen=True, slots=True)
class Party:
    """Somebody to ask or tell; `instead_of` is whom they stand in for, or the contact they are to call, or ''."""

    ref: str
    instead_of: str = ""


class Scene(View, Protocol):
    """An item, and who is acting on it in which office when."""

    @property
    def facts(self) -> OfficeFacts: ...
    @property
    def now(self) -> datetime: ...
    @property
    def author(self) -> str: ...
    @property
    def actor(self) -> str: ...


def today(scene: Scene) -> date:
    """The office's day of the event; asked many times about one moment, and about others of the same day."""
    found, now, zone = scene.facts.found, scene.now, scene.facts.zone
    known = found.get("today")
    if known is None or not known[0] <= now < known[1]:
        local = now.astimezone(zone).date()
        begins, ends = (datetime.combine(local + timedelta(days=n), time(), zone) for n in (0, 1))
        known = found["today"] = (begins.astimezone(UTC), ends.astimezone(UTC), local)
    day: date = known[2]
    return day


def holder(scene: Scene, slot: str) -> str:
    """Who is in a slot by name: the person or contact of the field, the author, the actor; '' for a bare role."""
    if slot == "author":
        return scene.author
    if slot == "actor":
        return scene.actor
    return scene.fields.get(slot) or ""


def to_ask(scene: Scene, slot: str, barred: Collection[str] = ()) -> Party | None:
    """The one who is asked for work: who is in the slot or stands in; else the least loaded of the role.

    Nobody in `barred` is asked (four eyes). None when there is nobody.
    """
    facts = scene.facts
    ref = holder(scene, slot) if slot in NAMED else scene.fields.get(slot)
    if not ref:
        return _of_role(scene, slot, barred)
    member = facts.staff.get(ref)
    if member is None:
        if ref in barred:
            return None
        return Party(ref) if ref in facts.reachable else _caller(scene, ref)
    acting = _acting(scene, ref) if member.absences else ref
    if acting in barred:
        return _of_role(scene, slot, barred)
    return Party(ref) if acting == ref else Party(acting, ref)


def _plain(facts: OfficeFacts, ref: str) -> Party:
    """A member of staff in their own place; made once for these facts."""
    party: Party = facts.found.setdefault(ref, Party(ref))
    return party


def _acting(scene: Scene, ref: str) -> str:
    member = scene.facts.staff[ref]
    return stand_in(scene.facts.staff, ref, today(scene)) if member.absences else ref


def _of_role(scene: Scene, role: str, barred: Collection[str]) -> Party | None:
    facts = scene.facts
    choice = [ref for ref in present(scene, role) if ref not in barred]
    if not choice:
        return None
    chosen = min(choice, key=lambda ref: (facts.loads.get(ref, 0), facts.staff[ref].key))
    return Party(chosen, "" if role in facts.staff[chosen].roles else _absent(scene, role, chosen))


def _absent(scene: Scene, role: str, substitute: str) -> str:
    """The member of a role for whom somebody outside it stands in."""
    members = (member for member in scene.facts.staff.values() if role in member.roles)
    return next((one.ref for one in members if _acting(scene, one.ref) == substitute), "")


def present(scene: Scene, role: str) -> list[str]:
    """The present members of a role, or those who stand in for them."""
    found, day = scene.facts.found, today(scene)
    if (role, day) not in found:
        found[role, day] = present_in_role(scene.facts.staff, role, day)
    members: list[str] = found[role, day]
    return members


def _caller(scene: Scene, contact: str) -> Party:
    """A contact without an address is called by the dispatcher, else the manager, else who began the item."""
    for ref in (*(scene.fields.get(name) for name in _CALLERS), scene.author):
        if ref in scene.facts.staff:
            return Party(_acting(scene, str(ref)), contact)
    return Party(contact)


def to_tell(scene: Scene, slots: Sequence[str]) -> tuple[list[Party], list[str]]:
    """Everybody the slots mean, each once, all of a role; and the slots that mean nobody."""
    found: dict[str, Party] = {}
    empty: list[str] = []
    facts, fields = scene.facts, scene.fields
    known: dict[str, Party] = facts.found
    if len(slots) == 1 and (alone := known.get(fields.get(slots[0], ""))):
        return [alone], empty
    for slot in slots:
        ref = fields.get(slot) or (holder(scene, slot) if slot in NAMED else "")
        if plain := known.get(ref):
            found.setdefault(ref, plain)
        elif ref and (member := facts.staff.get(ref)) is not None and not member.absences:
            found.setdefault(ref, _plain(facts, ref))
        elif ref:
            party = to_ask(scene, slot) or Party(ref)
            # a person who is told for an absent one needs to be told once; one who is to call somebody, for each
            is_call = party.instead_of and party.instead_of not in facts.staff
            found.setdefault(party.instead_of if is_call else party.ref, party)
        else:
            members = present(scene, slot)
            for one in members:
                found.setdefault(one, Party(one))
            if not members:
                empty.append(slot)
    return list(found.values()), empty


def is_allowed(scene: Scene, slots: Iterable[str]) -> bool:
    """Whether the actor is in one of the slots, or stands in for who is; a bare role is all who have it."""
    actor, fields = scene.actor, scene.fields
    if not actor:
        return False
    for slot in slots:
        ref = holder(scene, slot) if slot in NAMED else fields.get(slot)
        if ref == actor or (stands_in(scene, ref) if ref else _is_of_role(scene, slot)):
            return True
    return False


def stands_in(scene: Scene, ref: str) -> bool:
    """Whether the actor acts for `ref` today; nobody does for those who have no absences."""
    member = scene.facts.staff.get(ref)
    return member is not None and bool(member.absences) and _acting(scene, ref) == scene.actor


def _is_of_role(scene: Scene, role: str) -> bool:
    staff, actor = scene.facts.staff, scene.actor
    member = staff.get(actor)
    if member is not None and role in member.roles:
        return True
    members = (one for one in staff.values() if role in one.roles and one.absences)
    return any(stand_in(staff, one.ref, today(scene)) == actor for one in members)
