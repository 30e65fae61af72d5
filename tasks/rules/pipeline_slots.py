"""Slots: which persons and contacts a name in the pipeline file means at the moment of an event."""

from __future__ import annotations

from dataclasses import dataclass

from tasks.rules.assignment import least_loaded, present_in_role, speaks_for, stand_in
from tasks.rules.pipeline_parts import Pipeline
from tasks.rules.pipeline_state import Event, Item, OfficeFacts


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody to ask or tell; `instead_of` is the contact who has no address and is to be called, or ''."""

    ref: str
    instead_of: str = ""


def parties(
    pipeline: Pipeline, facts: OfficeFacts, event: Event, item: Item, slots: tuple[str, ...], *, is_work: bool
) -> tuple[Party, ...]:
    """Everybody the slots mean, each once. Work goes to one of a role (the least loaded), a notice to all of it."""
    found: dict[str, Party] = {}
    for slot in slots:
        for party in _parties_of(pipeline, facts, event, item, slot, is_work):
            found.setdefault(party.ref if not party.instead_of else party.instead_of, party)
    return tuple(found.values())


def _parties_of(
    pipeline: Pipeline, facts: OfficeFacts, event: Event, item: Item, slot: str, is_work: bool
) -> list[Party]:
    day = event.at.astimezone(facts.zone).date()
    part = pipeline.fields.get(slot)
    value = event.actor if slot == "actor" else item.fields.get(slot) if part else None
    if value in facts.staff:
        return [Party(stand_in(facts.staff, str(value), day))]
    if value:
        return [Party(str(value))] if value in facts.reachable else _by_telephone(facts, event, item, str(value))
    if is_work:
        chosen = least_loaded(facts.staff, slot, facts.loads, day)
        return [Party(chosen)] if chosen else []
    return [Party(ref) for ref in present_in_role(facts.staff, slot, day)]


def _by_telephone(facts: OfficeFacts, event: Event, item: Item, contact: str) -> list[Party]:
    """A contact without an address is called by the dispatcher, else by the manager."""
    day = event.at.astimezone(facts.zone).date()
    caller = item.fields.get("dispatcher") or item.fields.get("manager")
    return [Party(stand_in(facts.staff, str(caller), day), contact)] if caller else []


def is_allowed(facts: OfficeFacts, event: Event, item: Item, slot: str) -> bool:
    """Whether the actor is who the slot means: the person of the field (or who stands in), else one of the role."""
    day = event.at.astimezone(facts.zone).date()
    holder = item.fields.get(slot)
    if holder:
        return speaks_for(facts.staff, event.actor, str(holder), day)
    choice = [member.ref for member in facts.staff.values() if slot in member.roles]
    return any(speaks_for(facts.staff, event.actor, ref, day) for ref in choice)
