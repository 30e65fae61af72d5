"""Who an address or number may lead to: exact look-ups, and contacts that look alike."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.identity_index import hashed
from tasks.rules.matching.profiles import Identity

MOST_OF_ONE_KEY = 100
_KEYS_AT_ONCE = 100  # SQLite joins at most 500 parts into one statement


@dataclass(frozen=True, slots=True)
class Owners:
    """Contacts that stand for themselves, by identity, and which identities are known to be shared.

    `crowded`: identities with more owners than are compared one by one; they say nothing about a person.
    """

    contact_ids: frozenset[int]
    shared: frozenset[Identity]
    crowded: frozenset[Identity] = frozenset()


# One statement, prepared once: it is asked for every new sender.
_OWNERS = sa.text(
    """
    SELECT i.kind, i.value, i.is_shared, coalesce(c.canonical_id, c.id) AS owner
    FROM identity AS i INNER JOIN contact AS c ON i.contact_id = c.id
    WHERE i.kind = 'mail' AND i.value IN :mails
    UNION ALL
    SELECT i.kind, i.value, i.is_shared, coalesce(c.canonical_id, c.id)
    FROM identity AS i INNER JOIN contact AS c ON i.contact_id = c.id
    WHERE i.kind = 'phone' AND i.value IN :phones
    """
).bindparams(
    *(sa.bindparam(name, expanding=True, type_=sa.Text()) for name in ("mails", "phones"))  # typed: a list may be empty
)


def find_owners(connection: sa.Connection, identities: Iterable[Identity]) -> Owners:
    """Everybody who was seen with one of these, by one look into the index."""
    values: dict[str, list[str]] = {"mail": [], "phone": []}
    for kind, value in sorted(identities):
        values[kind].append(value)
    rows = connection.execute(_OWNERS, {"mails": values["mail"], "phones": values["phone"]}).all()
    counts = Counter((row.kind, row.value) for row in rows)
    crowded = frozenset(identity for identity, count in counts.items() if count > MOST_OF_ONE_KEY)
    owners = frozenset(row.owner for row in rows if (row.kind, row.value) not in crowded)
    return Owners(owners, frozenset((row.kind, row.value) for row in rows if row.is_shared) | crowded, crowded)


@dataclass(frozen=True, slots=True)
class LookAlikes:
    """Contacts that share a key, and how many keys had more contacts than are looked at."""

    contact_ids: frozenset[int]
    crowded: int


def find_look_alikes(connection: sa.Connection, keys: Iterable[str]) -> LookAlikes:
    """Everybody under one of these keys; a key with too many contacts is counted, not cut short."""
    found: set[int] = set()
    crowded = 0
    for _, owners in owners_by_key(connection, {hashed(key) for key in keys}):
        crowded += owners is None
        found.update(owners or ())
    return LookAlikes(frozenset(found), crowded)


def owners_by_key(connection: sa.Connection, keys: Iterable[int]) -> Iterator[tuple[int, list[int] | None]]:
    """Each (hashed) key with who is under it; None instead of them when they are too many to be looked at."""
    numbers = sorted(set(keys))
    for start in range(0, len(numbers), _KEYS_AT_ONCE):
        part = numbers[start : start + _KEYS_AT_ONCE]
        values = {f"k{n}": key for n, key in enumerate(part)} | {"most": MOST_OF_ONE_KEY + 1}
        owners: dict[int, list[int]] = defaultdict(list)
        for n, owner in connection.execute(_alike_statement(len(part)), values):
            owners[n].append(owner)
        for n, found in owners.items():
            yield part[n], found if len(found) <= MOST_OF_ONE_KEY else None


@lru_cache(maxsize=200)
def _alike_statement(keys: int) -> sa.TextClause:
    """Built once for each number of keys."""
    one = "SELECT {n} AS n, contact_id FROM (SELECT contact_id FROM match_key WHERE key = :k{n} LIMIT :most) AS part{n}"
    parts = " UNION ALL ".join(one.format(n=number) for number in range(keys))
    owners = (
        "SELECT found.n, coalesce(c.canonical_id, c.id) FROM ({parts}) AS found "
        "INNER JOIN contact AS c ON c.id = found.contact_id"
    )
    return sa.text(owners.format(parts=parts))


def canonical_ids(connection: sa.Connection, contact_ids: Iterable[int]) -> dict[int, int]:
    """Who each contact stands for: itself, or the one it was merged into. The one way to follow a merge."""
    contact, ids, found = schema.contact, sorted(set(contact_ids)), {}
    for start in range(0, len(ids), 500):
        query = sa.select(contact.c.id, contact.c.canonical_id).where(contact.c.id.in_(ids[start : start + 500]))
        found.update({row.id: row.canonical_id or row.id for row in connection.execute(query)})
    return found


def canonical_refs(connection: sa.Connection, refs: Iterable[str]) -> dict[str, str]:
    """The same for refs: contact:ID → contact:ID of who they stand for; other refs stay."""
    wanted = list(refs)
    ids = [int(ref.partition(":")[2]) for ref in wanted if ref.startswith("contact:")]
    standing: Mapping[str, str] = {
        f"contact:{one}": f"contact:{other}" for one, other in (canonical_ids(connection, ids) if ids else {}).items()
    }
    return {ref: standing.get(ref, ref) for ref in wanted}
