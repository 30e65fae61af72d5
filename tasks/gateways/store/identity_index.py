"""The index of identities: which contacts an address or number leads to, and the keys that bring up look-alikes.

Kept up to date in the transaction that writes a contact. A profile is everything known of a contact, with the names of
those that were merged into it.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sql import schema
from sql.column_types import UtcDateTime
from tasks.gateways.store.connection import insert_new
from tasks.gateways.store.search_index import SearchText, index_texts
from tasks.rules.matching.blocking import suggestion_keys
from tasks.rules.matching.companies import company_key, entrepreneur_name, is_company_name
from tasks.rules.matching.identities import Phone
from tasks.rules.matching.judging import SharedIdentities
from tasks.rules.matching.person_names import PersonName, read_name
from tasks.rules.matching.profiles import Identity, Profile

_CHUNK = 500


# Everything known of contacts that stand for themselves, with what was merged into them, by one statement: it is asked
# for every new sender. No kind: a name with its company. Who was merged in is looked up in the index alone (m), then
# read: where nobody was merged, SQLite's statistics take all for one key, and it would read every contact.
_KNOWN = sa.text(
    """
    SELECT c.id AS owner, '' AS kind, c.name AS value, k.name AS company
    FROM contact AS c LEFT JOIN company AS k ON c.company_id = k.id
    WHERE c.id IN :ids AND c.canonical_id IS NULL
    UNION ALL
    SELECT m.canonical_id, '', c.name, k.name
    FROM contact AS m CROSS JOIN contact AS c LEFT JOIN company AS k ON c.company_id = k.id
    WHERE m.canonical_id IN :ids AND c.id = m.id
    UNION ALL
    SELECT i.contact_id, i.kind, i.value, NULL FROM identity AS i WHERE i.contact_id IN :ids
    UNION ALL
    SELECT c.canonical_id, i.kind, i.value, NULL
    FROM contact AS c INNER JOIN identity AS i ON i.contact_id = c.id
    WHERE c.canonical_id IN :ids
    """
).bindparams(sa.bindparam("ids", expanding=True))


def load_profiles(connection: sa.Connection, contact_ids: Iterable[int]) -> dict[int, Profile]:
    """What is known of each contact that stands for itself, by id."""
    ids, profiles = sorted(set(contact_ids)), {}
    for start in range(0, len(ids), _CHUNK):
        known: dict[int, list[sa.Row[Any]]] = defaultdict(list)
        for row in connection.execute(_KNOWN, {"ids": ids[start : start + _CHUNK]}):
            known[row.owner].append(row)
        profiles.update({owner: _profile(rows) for owner, rows in known.items() if any(not row.kind for row in rows)})
    return profiles


def _person(text: str) -> tuple[PersonName | None, str]:
    """(the person's name, the company's key) that a contact's name says."""
    if is_company_name(text):
        return None, company_key(text)
    name = read_name(entrepreneur_name(text))
    return (None if name.is_empty else name), ""


def _profile(rows: Sequence[sa.Row[Any]]) -> Profile:
    names: dict[PersonName, None] = {}
    companies: set[str] = set()
    for row in rows:
        if not row.kind:
            name, said = _person(row.value)
            names |= dict.fromkeys([name] if name else [])
            companies |= {key for key in (company_key(row.company or ""), said) if key}
    mails = sorted({row.value for row in rows if row.kind == "mail"})
    numbers = sorted({row.value.partition(";")[::2] for row in rows if row.kind == "phone"})
    return Profile(tuple(names), tuple(mails), tuple(Phone(*number) for number in numbers), frozenset(companies))


def index_contacts(connection: sa.Connection, contact_ids: Sequence[int], at: datetime) -> None:
    """Bring identities, look-alike keys and search up to date for contacts whose name, company or reach was written."""
    for start in range(0, len(contact_ids), _CHUNK):
        part = contact_ids[start : start + _CHUNK]
        _see_points(connection, part, at)
        refresh_index(connection, part)


def refresh_index(connection: sa.Connection, contact_ids: Sequence[int]) -> None:
    """Bring only what is derived up to date: look-alike keys and search."""
    _index_keys(connection, load_profiles(connection, contact_ids))
    index_texts(connection, "contact", _texts(connection, contact_ids))


def _see_points(connection: sa.Connection, ids: Sequence[int], at: datetime) -> None:
    point = schema.contact_point
    rows = connection.execute(
        sa.select(point.c.contact_id, point.c.kind, point.c.value).where(point.c.contact_id.in_(ids))
    )
    see_identities(connection, ((row.contact_id, (row.kind, row.value), at) for row in rows))


_SEEN = sa.text(
    "INSERT INTO identity (kind, value, contact_id, first_seen, last_seen) "
    "VALUES (:kind, :value, :contact_id, :first_seen, :last_seen) ON CONFLICT (kind, value, contact_id) DO UPDATE "
    "SET last_seen = CASE WHEN identity.last_seen < excluded.last_seen THEN excluded.last_seen "
    "ELSE identity.last_seen END"
).bindparams(sa.bindparam("first_seen", type_=UtcDateTime()), sa.bindparam("last_seen", type_=UtcDateTime()))


def see_identities(connection: sa.Connection, seen: Iterable[tuple[int, Identity, datetime]]) -> None:
    """Remember that a contact was seen with an identity at a moment; the first and the last time count."""
    rows = [
        {"kind": identity[0], "value": identity[1], "contact_id": contact_id, "first_seen": at, "last_seen": at}
        for contact_id, identity, at in seen
    ]
    if not rows:
        return
    connection.execute(_SEEN, rows)


def mark_shared(connection: sa.Connection, identities: Iterable[Identity]) -> None:
    """From now on these addresses and numbers are evidence of a family or company only."""
    table = schema.identity
    for kind, value in sorted(identities):
        connection.execute(sa.update(table).where(table.c.kind == kind, table.c.value == value).values(is_shared=True))


def shared_among(connection: sa.Connection, profiles: Mapping[int, Profile]) -> SharedIdentities:
    """Which identities of these contacts are known to be used by several people."""
    table, ids = schema.identity, sorted(profiles)
    found: set[Identity] = set()
    for start in range(0, len(ids), _CHUNK):
        part = ids[start : start + _CHUNK]
        query = sa.select(table.c.kind, table.c.value).where(table.c.contact_id.in_(part), table.c.is_shared)
        found |= {(row.kind, row.value) for row in connection.execute(query)}
    return SharedIdentities(frozenset(found))


def _index_keys(connection: sa.Connection, profiles: Mapping[int, Profile]) -> None:
    table = schema.match_key
    query = sa.select(table.c.key, table.c.contact_id).where(table.c.contact_id.in_(list(profiles)))
    known = {(row.key, row.contact_id) for row in connection.execute(query)}
    wanted = {(hashed(key), number) for number, profile in profiles.items() for key in suggestion_keys(profile)}
    gone = [{"b_key": key, "b_contact": number} for key, number in sorted(known - wanted)]
    if gone:
        which = sa.and_(table.c.key == sa.bindparam("b_key"), table.c.contact_id == sa.bindparam("b_contact"))
        connection.execute(sa.delete(table).where(which), gone)
    fresh = [{"key": key, "contact_id": number} for key, number in sorted(wanted - known)]
    insert_new(connection, table, fresh)


def hashed(key: str) -> int:
    """A key as a signed 64-bit number; two keys of one number only bring up a candidate too many."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big", signed=True)


def _texts(connection: sa.Connection, ids: Sequence[int]) -> dict[int, SearchText]:
    contact, company, point = schema.contact, schema.company, schema.contact_point
    reach: dict[int, list[str]] = defaultdict(list)
    query = sa.select(point.c.contact_id, point.c.value).where(point.c.contact_id.in_(ids)).order_by(point.c.id)
    for row in connection.execute(query):
        reach[row.contact_id].append(row.value)
    rows = connection.execute(
        sa.select(contact.c.id, contact.c.name, company.c.name.label("company"))
        .select_from(contact.outerjoin(company, contact.c.company_id == company.c.id))
        .where(contact.c.id.in_(ids), contact.c.canonical_id.is_(None))
    )
    return {row.id: SearchText(f"{row.name} {row.company or ''}".strip(), " ".join(reach[row.id])) for row in rows}
