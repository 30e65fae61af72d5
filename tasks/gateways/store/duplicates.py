"""Contacts that may be one person, for a list to decide about, and pairs of whom a person said that they are not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert
from tasks.gateways.store.identity_lookup import MOST_OF_ONE_KEY, canonical_ids, owners_by_key

Pair = tuple[int, int]


def say_apart(connection: sa.Connection, pair: Pair, actor: str, note: str, at: datetime) -> bool:
    """Remember that two contacts are two people; whether that is new: the first word stays."""
    one, other = sorted(pair)
    row = {"one_id": one, "other_id": other, "actor": actor, "note": note, "at": at}
    table = schema.not_the_same
    is_known = connection.scalar(sa.select(sa.exists().where(table.c.one_id == one, table.c.other_id == other)))
    connection.execute(insert(connection, table).on_conflict_do_nothing(), [row])
    return not is_known


def take_back_apart(connection: sa.Connection, pair: Pair) -> bool:
    """Forget it again; whether it had been said."""
    one, other = sorted(pair)
    table = schema.not_the_same
    result = connection.execute(sa.delete(table).where(table.c.one_id == one, table.c.other_id == other))
    return bool(result.rowcount)


def pairs_apart(connection: sa.Connection, contact_ids: Iterable[int]) -> set[Pair]:
    """The pairs among these contacts, and those merged into them, that are not the same; by who they stand for."""
    contact, table, wanted = schema.contact, schema.not_the_same, set(contact_ids)
    standing = sa.select(contact.c.id, sa.func.coalesce(contact.c.canonical_id, contact.c.id).label("owner")).subquery()
    left, right = standing.alias("l"), standing.alias("r")
    query = sa.select(left.c.owner.label("one"), right.c.owner.label("other")).select_from(
        table.join(left, table.c.one_id == left.c.id).join(right, table.c.other_id == right.c.id)
    )
    found = {(min(row), max(row)) for row in connection.execute(query)}
    return {pair for pair in found if set(pair) <= wanted and pair[0] != pair[1]}


def contacts_that_meet(connection: sa.Connection) -> tuple[set[int], int]:
    """Every contact that shares an identity or a look-alike key with another, and how many keys were too crowded."""
    identity, key = schema.identity, schema.match_key
    count = sa.func.count()
    same = sa.select(identity.c.kind, identity.c.value).group_by(identity.c.kind, identity.c.value).having(count > 1)
    alike = sa.select(key.c.key).group_by(key.c.key)
    crowded = connection.scalar(sa.select(count).select_from(alike.having(count > MOST_OF_ONE_KEY).subquery()))
    met = same.subquery()
    few = alike.having(sa.and_(count > 1, count <= MOST_OF_ONE_KEY)).subquery()
    ids = set(
        connection.execute(
            sa.select(identity.c.contact_id).join(
                met, sa.and_(identity.c.kind == met.c.kind, identity.c.value == met.c.value)
            )
        ).scalars()
    )
    ids |= set(connection.execute(sa.select(key.c.contact_id).join(few, key.c.key == few.c.key)).scalars())
    return set(canonical_ids(connection, ids).values()), crowded or 0


# Contacts of a stretch of ids whose address or number, or one of somebody merged into them, another contact has too.
_SHARING = sa.text(
    """
    SELECT c.id FROM contact AS c CROSS JOIN identity AS i
    WHERE c.id > :after AND c.id <= :last AND c.canonical_id IS NULL AND i.contact_id = c.id AND EXISTS (
        SELECT 1 FROM identity AS j WHERE j.kind = i.kind AND j.value = i.value AND j.contact_id <> i.contact_id
    )
    UNION
    SELECT m.canonical_id FROM contact AS m CROSS JOIN identity AS i
    WHERE m.canonical_id > :after AND m.canonical_id <= :last AND i.contact_id = m.id AND EXISTS (
        SELECT 1 FROM identity AS j WHERE j.kind = i.kind AND j.value = i.value AND j.contact_id <> i.contact_id
    )
    ORDER BY 1
    """
)


def contacts_after(connection: sa.Connection, after: int, limit: int) -> list[int]:
    """The next contacts that stand for themselves, by id."""
    table = schema.contact
    query = sa.select(table.c.id).where(table.c.id > after, table.c.canonical_id.is_(None))
    return list(connection.execute(query.order_by(table.c.id).limit(limit)).scalars())


def contacts_sharing(connection: sa.Connection, after: int, last: int) -> list[int]:
    """Those of the contacts after one id up to another who have an address or number in common with anybody, by id."""
    return list(connection.execute(_SHARING, {"after": after, "last": last}).scalars())


def later_look_alikes(connection: sa.Connection, contact_ids: Collection[int]) -> tuple[dict[int, set[int]], int]:
    """For each contact those of higher id that share a look-alike key with it, and how many keys were too crowded."""
    table, keys = schema.match_key, defaultdict[int, set[int]](set)
    query = sa.select(table.c.key, table.c.contact_id).where(table.c.contact_id.in_(contact_ids))
    for key, number in connection.execute(query):
        keys[key].add(number)
    found: dict[int, set[int]] = {number: set() for number in contact_ids}
    crowded = 0
    for key, owners in owners_by_key(connection, keys):
        crowded += owners is None
        for number in keys[key]:
            found[number].update(owner for owner in owners or () if owner > number)
    return found, crowded
