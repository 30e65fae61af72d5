"""What a member of staff may see: items by the rights of their process file, leads, contacts and letters by role."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import sqlalchemy as sa

from tasks.gateways.store.door_files import KeptFile
from tasks.gateways.store.door_places import Place, find_places, items_of_deal
from tasks.gateways.store.process_items import load_items
from tasks.office_round import NoDefinitionError, OfficeRound
from tasks.rules.finding import KINDS, Hit
from tasks.rules.process.view import has_right

OVERSEERS = frozenset({"chief", "administrator"})
LEAD_HANDLERS = frozenset({"operator", "manager", "chief", "administrator"})
OFFICE = frozenset({"operator", "manager", "dispatcher", "chief", "accounting", "administrator"})
"""Who runs orders, and sees every client."""


def seen_items(
    connection: sa.Connection, run: OfficeRound, person: str, roles: Collection[str], item_ids: Iterable[int]
) -> frozenset[int]:
    """Those of the items that `person` with these roles may see; chief and administrators see every one."""
    wanted: Sequence[int] = list(dict.fromkeys(item_ids))
    if OVERSEERS & set(roles):
        return frozenset(wanted)
    found = set()
    for stored in load_items(connection, wanted):
        try:
            definition = run.definition(stored.process, stored.version)
        except NoDefinitionError:
            continue
        facts = run.facts(connection, definition, stored.item)
        if has_right(definition, facts, stored.item, person, "see", run.now):
            found.add(stored.item_id)
    return frozenset(found)


def visible_hits(
    connection: sa.Connection, run: OfficeRound, person: str, roles: Collection[str], hits: Sequence[Hit]
) -> list[Hit]:
    """Those of the hits that `person` may see. Leads are for who handles them; orders and their letters go by the right
    to see the item; clients are seen by the office, by others only where they may see an order of theirs.
    """
    if OVERSEERS & set(roles):
        return list(hits)
    kinds = [kind for kind in KINDS if kind not in ("staff", "lead")]
    asked = {kind: [hit.number for hit in hits if hit.kind == kind] for kind in kinds}
    items = find_places(connection, asked)
    seen = seen_items(connection, run, person, roles, [item for found in items.values() for item in found])
    return [hit for hit in hits if _is_visible(hit, roles, items, seen)]


def _is_visible(hit: Hit, roles: Collection[str], items: Mapping[Place, Sequence[int]], seen: frozenset[int]) -> bool:
    if hit.kind == "staff":
        return True
    if hit.kind == "lead":
        return bool(LEAD_HANDLERS & set(roles))
    if any(item in seen for item in items.get((hit.kind, hit.number), ())):
        return True
    if hit.kind == "letter":
        is_of_an_order = (hit.kind, hit.number) in items
        return not is_of_an_order and bool(LEAD_HANDLERS & set(roles))
    return hit.kind in ("contact", "company") and bool(OFFICE & set(roles))


def may_see_file(
    connection: sa.Connection, run: OfficeRound, person: str, roles: Collection[str], file: KeptFile
) -> bool:
    """A file goes by what it came with: an order or another item by the right to see it, a lead by who handles leads;
    else the whole office sees it.
    """
    if OVERSEERS & set(roles):
        return True
    if file.deal_id is not None:
        items = items_of_deal(connection, file.deal_id)
        return bool(seen_items(connection, run, person, roles, items))
    if file.item_id is not None:
        return bool(seen_items(connection, run, person, roles, [file.item_id]))
    return bool((LEAD_HANDLERS if file.lead_id is not None else OFFICE) & set(roles))
