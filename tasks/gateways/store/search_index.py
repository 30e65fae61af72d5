"""The search index: kept up to date in the transaction that writes a contact or company.

Leads, deals and letters are taken in by the upkeep, so that taking mail in costs nothing more; until then the search
looks at the newest of them one by one, so that nothing is missed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert, insert_new
from tasks.rules.search_tokens import row_tokens

KIND_CODES = {"contact": 1, "company": 2, "lead": 3, "deal": 4, "letter": 5}
PAPERS = ("lead", "deal", "letter")
NEWEST_LEFT_OUT = 1000
_PAPER_TABLES = {"lead": schema.lead, "deal": schema.deal, "letter": schema.activity}
_CHUNK = 500
_EMPTY = ("", "")


@dataclass(frozen=True, slots=True)
class SearchText:
    """What a row is found by: names and titles, and addresses and numbers separated by spaces."""

    text: str
    reach: str = ""


def index_texts(connection: sa.Connection, kind: str, rows: Mapping[int, SearchText]) -> None:
    """Put the rows into the index, or bring them up to date; only tokens that changed are written."""
    code, ids = KIND_CODES[kind], sorted(rows)
    for start in range(0, len(ids), _CHUNK):
        part = ids[start : start + _CHUNK]
        known = _known(connection, code, part)
        changed = [i for i in part if known.get(i) != (rows[i].text, rows[i].reach)]
        _change_tokens(connection, code, {i: known.get(i, _EMPTY) for i in changed}, rows)
        _save_texts(connection, code, changed, rows)


def _known(connection: sa.Connection, code: int, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    table = schema.search_text
    query = sa.select(table).where(table.c.kind == code, table.c.entity_id.in_(ids))
    return {row.entity_id: (row.text, row.reach) for row in connection.execute(query)}


def _change_tokens(
    connection: sa.Connection, code: int, before: Mapping[int, tuple[str, str]], rows: Mapping[int, SearchText]
) -> None:
    gone, fresh = [], []
    for entity_id, known in before.items():
        old = row_tokens(*known)
        new = row_tokens(rows[entity_id].text, rows[entity_id].reach)
        gone += [_token(code, token, entity_id) for token in sorted(old - new)]
        fresh += [_token(code, token, entity_id) for token in sorted(new - old)]
    table = schema.search_token
    if gone:
        which = sa.and_(*(table.c[name] == sa.bindparam(f"b_{name}") for name in ("kind", "token", "entity_id")))
        connection.execute(
            sa.delete(table).where(which), [{f"b_{name}": value for name, value in row.items()} for row in gone]
        )
    insert_new(connection, table, fresh)


def _token(code: int, token: str, entity_id: int) -> dict[str, Any]:
    return {"kind": code, "token": token, "entity_id": entity_id}


def _save_texts(connection: sa.Connection, code: int, ids: Sequence[int], rows: Mapping[int, SearchText]) -> None:
    if not ids:
        return
    statement = insert(connection, schema.search_text)
    changes = {"text": statement.excluded.text, "reach": statement.excluded.reach}
    connection.execute(
        statement.on_conflict_do_update(index_elements=["kind", "entity_id"], set_=changes),
        [{"kind": code, "entity_id": i, "text": rows[i].text, "reach": rows[i].reach} for i in ids],
    )


def drop_texts(connection: sa.Connection, kind: str, ids: Sequence[int]) -> None:
    """Take rows out of the index: a merged contact is found as the one it became."""
    code, table = KIND_CODES[kind], schema.search_text
    known = _known(connection, code, ids)
    _change_tokens(connection, code, known, dict.fromkeys(known, SearchText("")))
    connection.execute(sa.delete(table).where(table.c.kind == code, table.c.entity_id.in_(ids)))


def index_companies(connection: sa.Connection, ids: Sequence[int]) -> None:
    """Companies by name."""
    table = schema.company
    rows = connection.execute(sa.select(table.c.id, table.c.name).where(table.c.id.in_(ids)))
    index_texts(connection, "company", {row.id: SearchText(row.name) for row in rows})


_NEWEST = sa.select(sa.func.max(schema.search_text.c.entity_id)).where(
    schema.search_text.c.kind == sa.bindparam("code")
)


def indexed_up_to(connection: sa.Connection, kind: str) -> int:
    """The newest row of a kind that the upkeep has taken in; 0 for none."""
    return connection.scalar(_NEWEST, {"code": KIND_CODES[kind]}) or 0


def missing_rows(connection: sa.Connection, kind: str, limit: int) -> list[int]:
    """Rows of a kind that are not in the index, the oldest first: papers that came since, and what was written before
    there was an index. The newest papers wait: transactions that began earlier may still bring older row ids."""
    if kind in PAPERS:
        table = _PAPER_TABLES[kind]
        newest = connection.scalar(sa.select(sa.func.max(table.c.id))) or 0
        query = later_rows(kind).where(table.c.id <= newest - NEWEST_LEFT_OUT).order_by(sa.asc("id")).limit(limit)
        return [row.id for row in connection.execute(query, {"after": indexed_up_to(connection, kind)})]
    table, known = schema.metadata.tables[kind], schema.search_text
    is_known = sa.exists().where(known.c.kind == KIND_CODES[kind], known.c.entity_id == table.c.id)
    query = sa.select(table.c.id).where(~is_known).order_by(table.c.id).limit(limit)
    if kind == "contact":
        query = query.where(table.c.canonical_id.is_(None))
    return list(connection.execute(query).scalars())


def index_papers(kind: str, connection: sa.Connection, ids: Sequence[int]) -> None:
    """Take leads, deals or letters into the index."""
    query = later_rows(kind).where(_PAPER_TABLES[kind].c.id <= sa.bindparam("until"))
    rows = connection.execute(query, {"after": min(ids) - 1, "until": max(ids)})
    index_texts(connection, kind, {row.id: SearchText(row.said, row.reach.strip()) for row in rows})


@lru_cache(maxsize=len(PAPERS))
def later_rows(kind: str) -> sa.Select[Any]:
    """Leads, deals or letters (`id`, what is `said`, and `reach`) after the row id bound to `after`."""
    table = _PAPER_TABLES[kind]
    after = table.c.id > sa.bindparam("after")
    nowhere = sa.literal("").label("reach")
    if kind == "letter":
        return sa.select(table.c.id, table.c.subject.label("said"), nowhere).where(table.c.kind == "mail", after)
    if kind == "lead":
        said = table.c.person_name + " " + table.c.title + " " + table.c.number
        reach = sa.func.coalesce(table.c.mail, "") + " " + sa.func.coalesce(table.c.phone, "")
        return sa.select(table.c.id, said.label("said"), reach.label("reach")).where(after)
    contact, company = schema.contact, schema.company
    said = table.c.title + " " + table.c.number + " " + contact.c.name + " " + sa.func.coalesce(company.c.name, "")
    joined = table.join(contact, table.c.contact_id == contact.c.id).outerjoin(
        company, table.c.company_id == company.c.id
    )
    return sa.select(table.c.id, said.label("said"), nowhere).select_from(joined).where(after)
