"""Searching names and subjects: the database looks for the letters, the rules decide which rows fit, and how well.

There is no index for first letters of words inside a name, so every name is looked at once, by the database; letters,
which are many, from the newest back until enough are found.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.rules.finding import KINDS, Hit, Query, Rank, Wanted, has_points, letter_classes, rank_of

_Row = sa.Row[Any]
_ROWS_AT_ONCE = 5000


def find_hits(connection: sa.Connection, query: Query, kinds: Sequence[str], limit: int) -> list[Hit]:
    """At most `limit` hits, the best first; of equal ones in the order of KINDS, and the shorter name first."""
    found: list[Hit] = []
    for kind in KINDS:
        if kind in kinds:
            found += _FINDERS[kind](connection, query, limit)
    return sorted(found, key=lambda hit: hit.rank)[:limit]


def _best(ranked: Iterator[tuple[Rank, _Row]], limit: int) -> list[tuple[Rank, _Row]]:
    return heapq.nsmallest(limit, ranked, key=lambda one: one[0])


def _rows(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[_Row]:
    yield from connection.execute(query.execution_options(yield_per=_ROWS_AT_ONCE))


def _contacts(connection: sa.Connection, query: Query, limit: int) -> list[Hit]:
    contact, company, point = schema.contact, schema.company, schema.contact_point
    columns = (contact.c.id, contact.c.name, company.c.name.label("company"))
    select = sa.select(*columns).select_from(contact.outerjoin(company, contact.c.company_id == company.c.id))
    for wanted in query.words:
        tests = _point_tests(wanted, point.c.value, point.c.value)
        owners = [contact.c.id.in_(sa.select(point.c.contact_id).where(sa.or_(*tests)))] if tests else []
        select = select.where(sa.or_(*owners, *_letter_tests(connection, wanted, (contact.c.name, company.c.name))))
    points = _contact_points(connection, query)
    nothing = (False,) * len(query.words)
    ranked = (
        (rank, row)
        for row in _rows(connection, select)
        if (rank := rank_of(query, f"{row.name} {row.company or ''}", points.get(row.id, nothing)))
    )
    best = _best(ranked, limit)
    reached = _reached_at(connection, [row.id for _, row in best])
    return [
        Hit("contact", str(row.id), row.name, _joined(row.company, *reached.get(row.id, ())), rank)
        for rank, row in best
    ]


def _letter_tests(
    connection: sa.Connection, wanted: Wanted, columns: Sequence[sa.ColumnElement[str]]
) -> list[sa.ColumnElement[bool]]:
    """For each reading: its letters stand somewhere in the columns, in any case; true of all that the rules take."""
    operator, around = ("GLOB", "*") if connection.dialect.name == "sqlite" else ("~", "")
    patterns = [[f"{around}{_classes(token)}{around}" for token in reading.tokens] for reading in wanted.readings]
    return [
        sa.and_(*(sa.or_(*(column.op(operator)(pattern) for column in columns)) for pattern in tokens))
        for tokens in patterns
    ]


def _classes(token: str) -> str:
    return "".join(f"[{letters}]" for letters in letter_classes(token))


def _point_tests(
    wanted: Wanted, mail: sa.ColumnElement[str], phone: sa.ColumnElement[str]
) -> list[sa.ColumnElement[bool]]:
    """Whether a mail address begins with the word (or has its domain), or a phone holds its digits."""
    starts = [
        mail.contains(start, autoescape=True) if start.startswith("@") else mail.startswith(start, autoescape=True)
        for start in wanted.mail_starts
    ]
    return [*starts, *(phone.contains(digits, autoescape=True) for digits in wanted.digits)]


def _contact_points(connection: sa.Connection, query: Query) -> dict[int, tuple[bool, ...]]:
    """By contact: which of the words one of its addresses or numbers has."""
    table = schema.contact_point
    tests = [test for wanted in query.words for test in _point_tests(wanted, table.c.value, table.c.value)]
    if not tests:
        return {}
    found: dict[int, tuple[bool, ...]] = {}
    for row in _rows(connection, sa.select(table.c.contact_id, table.c.kind, table.c.value).where(sa.or_(*tests))):
        has = has_points(query, row.value if row.kind == "mail" else None, row.value if row.kind == "phone" else None)
        known = found.get(row.contact_id, has)
        found[row.contact_id] = tuple(one or other for one, other in zip(known, has, strict=True))
    return found


def _reached_at(connection: sa.Connection, ids: Sequence[int]) -> dict[int, list[str]]:
    table = schema.contact_point
    found: dict[int, list[str]] = {}
    for row in connection.execute(sa.select(table).where(table.c.contact_id.in_(ids)).order_by(table.c.id)):
        found.setdefault(row.contact_id, []).append(row.value)
    return found


def _companies(connection: sa.Connection, query: Query, limit: int) -> list[Hit]:
    table, group = schema.company, schema.client_group
    select = sa.select(table.c.id, table.c.name, group.c.name.label("client_group")).select_from(
        table.outerjoin(group, table.c.client_group_id == group.c.id)
    )
    best = _best(_ranked(connection, query, select, "name"), limit)
    return [Hit("company", str(row.id), row.name, row.client_group or "", rank) for rank, row in best]


def _staff(connection: sa.Connection, query: Query, limit: int) -> list[Hit]:
    """By name, key and role: the office's departments."""
    member = schema.role_member
    roles: dict[int, list[str]] = {}
    for row in connection.execute(sa.select(member).order_by(member.c.role)):
        roles.setdefault(row.person_id, []).append(row.role)
    hits = []
    for row in connection.execute(sa.select(schema.person).where(schema.person.c.is_active)):
        text = " ".join((row.name, row.key, *roles.get(row.id, ())))
        rank = rank_of(query, text, has_points(query, row.mail, row.phone))
        if rank:
            details = _joined(row.mail, row.phone, row.extension, *roles.get(row.id, ()))
            hits.append(Hit("staff", row.key, row.name, details, rank))
    return hits


def _leads(connection: sa.Connection, query: Query, limit: int) -> list[Hit]:
    table = schema.lead
    names = ("number", "title", "person_name", "mail", "phone", "status")
    select = sa.select(*(table.c[name] for name in names)).order_by(table.c.id.desc())
    best = _best(_ranked(connection, query, select, "person_name", "title", "number"), limit)
    return [
        Hit("lead", row.number, row.person_name or row.title, _joined(row.title, row.mail, row.phone, row.status), rank)
        for rank, row in best
    ]


def _deals(connection: sa.Connection, query: Query, limit: int) -> list[Hit]:
    table, contact, company = schema.deal, schema.contact, schema.company
    columns = (
        table.c.number,
        table.c.title,
        table.c.stage,
        contact.c.name.label("client"),
        company.c.name.label("company"),
    )
    select = sa.select(*columns).select_from(
        table.outerjoin(contact, table.c.contact_id == contact.c.id).outerjoin(
            company, table.c.company_id == company.c.id
        )
    )
    ranked = _ranked(connection, query, select.order_by(table.c.id.desc()), "title", "number", "client", "company")
    return [
        Hit("deal", row.number, row.title or row.number, _joined(row.client, row.company, row.stage), rank)
        for rank, row in _best(ranked, limit)
    ]


def _letters(connection: sa.Connection, query: Query, limit: int) -> list[Hit]:
    """The newest that fit: a subject says little about who is better."""
    table = schema.activity
    select = sa.select(table.c.id, table.c.subject, table.c.at).where(table.c.kind == "mail")
    found = islice(_ranked(connection, query, select.order_by(table.c.id.desc()), "subject"), limit)
    return [Hit("letter", str(row.id), row.subject, f"{row.at:%Y-%m-%d}", rank) for rank, row in found]


def _ranked(
    connection: sa.Connection, query: Query, select: sa.Select[Any], *names: str
) -> Iterator[tuple[Rank, _Row]]:
    """The rows whose texts (and mail and phone, where they have such) fit."""
    nothing = (False,) * len(query.words)
    columns = select.selected_columns
    has_own_points = {"mail", "phone"} <= set(columns.keys())
    for wanted in query.words:
        own = _point_tests(wanted, columns["mail"], columns["phone"]) if has_own_points else []
        select = select.where(
            sa.or_(*own, *_letter_tests(connection, wanted, [_plain(columns[name]) for name in names]))
        )
    for row in _rows(connection, select):
        has = has_points(query, row.mail, row.phone) if has_own_points else nothing
        rank = rank_of(query, " ".join(getattr(row, name) or "" for name in names), has)
        if rank:
            yield rank, row


def _plain(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """A condition names the column itself, not what the result calls it."""
    return column.element if isinstance(column, sa.Label) else column


def _joined(*parts: str | None) -> str:
    return ", ".join(part for part in parts if part)


_FINDERS = {
    "contact": _contacts,
    "company": _companies,
    "staff": _staff,
    "lead": _leads,
    "deal": _deals,
    "letter": _letters,
}
