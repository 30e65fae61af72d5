"""Which items stand behind what a search finds: an order's, a letter's, a client's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from sql import schema

Place = tuple[str, str]
"""Kind and number of a hit."""
_MOST = 500


def find_places(connection: sa.Connection, asked: Mapping[str, Sequence[str]]) -> dict[Place, list[int]]:
    """The items (row ids) of deals by number, and of letters, contacts and companies by row id; a letter of no order
    has none.
    """
    found: dict[Place, list[int]] = defaultdict(list)
    for kind, numbers in asked.items():
        if numbers:
            for number, item_id in connection.execute(_query(kind, numbers).limit(_MOST)):
                found[kind, str(number)].append(item_id)
    return dict(found)


def items_of_deal(connection: sa.Connection, deal_id: int) -> list[int]:
    """The items (row ids) about a deal."""
    item = schema.process_item
    return list(connection.scalars(sa.select(item.c.id).where(item.c.entity == "deal", item.c.entity_id == deal_id)))


def _query(kind: str, numbers: Sequence[str]) -> sa.Select[tuple[object, int]]:
    item, deal, activity = schema.process_item, schema.deal, schema.activity
    items = sa.and_(item.c.entity == "deal", item.c.entity_id == deal.c.id)
    if kind == "deal":
        return sa.select(deal.c.number, item.c.id).join(item, items).where(deal.c.number.in_(numbers))
    ids = [int(number) for number in numbers if number.isdigit()]
    if kind == "letter":
        query = sa.select(activity.c.id, item.c.id).join(deal, activity.c.deal_id == deal.c.id)
        return query.join(item, items).where(activity.c.id.in_(ids))
    column = deal.c.contact_id if kind == "contact" else deal.c.company_id
    # the newest orders say enough
    return sa.select(column, item.c.id).join(item, items).where(column.in_(ids)).order_by(item.c.id.desc())
