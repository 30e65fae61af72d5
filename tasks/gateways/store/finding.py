"""Searching names and subjects: the index brings what may fit, the rules decide which rows do, and how well.

Contacts and companies are indexed when they are written. Leads, deals and letters are taken in by the upkeep; the ones
that came since are looked at one by one, so that nothing is missed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.search_index import PAPERS, indexed_up_to, later_rows
from tasks.gateways.store.search_lookup import look_up, reached
from tasks.rules.finding import KINDS, Hit, Query, Rank, has_points, rank_of

_Row = sa.Row[Any]
_Shown = Callable[[sa.Connection, Mapping[int, Rank]], list[Hit]]


@dataclass(frozen=True, slots=True)
class Findings:
    """The best hits; `is_cut`: more rows could fit than were looked at, so that better ones may be missing."""

    hits: list[Hit]
    is_cut: bool


def find_hits(connection: sa.Connection, query: Query, kinds: Sequence[str], limit: int) -> Findings:
    """At most `limit` hits, the best first; of equal ones in the order of KINDS, and the shorter name first."""
    found: list[Hit] = []
    is_cut = False
    for kind in KINDS:
        if kind not in kinds:
            continue
        if kind == "staff":
            found += _staff(connection, query)
            continue
        ranked = look_up(connection, kind, query, limit)
        is_cut = is_cut or ranked.is_cut
        best = {number: rank for rank, number in (*ranked.best, *_since(connection, kind, query))}
        found += _SHOWN[kind](connection, best)
    return Findings(sorted(found, key=lambda hit: hit.rank)[:limit], is_cut)


def _since(connection: sa.Connection, kind: str, query: Query) -> list[tuple[Rank, int]]:
    """Leads, deals and letters that came after the index was brought up to date."""
    if kind not in PAPERS:
        return []
    rows = connection.execute(later_rows(kind), {"after": indexed_up_to(connection, kind)})
    return [(rank, row.id) for row in rows if (rank := rank_of(query, row.said, reached(query, row.reach)))]


def _contacts(connection: sa.Connection, best: Mapping[int, Rank]) -> list[Hit]:
    contact, company = schema.contact, schema.company
    rows = connection.execute(
        sa.select(contact.c.id, contact.c.name, company.c.name.label("company"))
        .select_from(contact.outerjoin(company, contact.c.company_id == company.c.id))
        .where(contact.c.id.in_(best))
    ).all()
    reached = _reached_at(connection, list(best))
    return [
        Hit("contact", str(row.id), row.name, _joined(row.company, *reached.get(row.id, ())), best[row.id])
        for row in rows
    ]


def _reached_at(connection: sa.Connection, ids: Sequence[int]) -> dict[int, list[str]]:
    table = schema.contact_point
    found: dict[int, list[str]] = {}
    for row in connection.execute(sa.select(table).where(table.c.contact_id.in_(ids)).order_by(table.c.id)):
        found.setdefault(row.contact_id, []).append(row.value)
    return found


def _companies(connection: sa.Connection, best: Mapping[int, Rank]) -> list[Hit]:
    table, group = schema.company, schema.client_group
    rows = connection.execute(
        sa.select(table.c.id, table.c.name, group.c.name.label("client_group"))
        .select_from(table.outerjoin(group, table.c.client_group_id == group.c.id))
        .where(table.c.id.in_(best))
    )
    return [Hit("company", str(row.id), row.name, row.client_group or "", best[row.id]) for row in rows]


def _staff(connection: sa.Connection, query: Query) -> list[Hit]:
    """By name, key and role: the office's departments. There are few: each is looked at."""
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


def _leads(connection: sa.Connection, best: Mapping[int, Rank]) -> list[Hit]:
    table = schema.lead
    return [
        Hit("lead", row.number, row.person_name or row.title, _lead_details(row), best[row.id])
        for row in connection.execute(sa.select(table).where(table.c.id.in_(best)))
    ]


def _lead_details(row: _Row) -> str:
    return _joined(row.title, row.mail, row.phone, row.status)


def _deals(connection: sa.Connection, best: Mapping[int, Rank]) -> list[Hit]:
    table, contact, company = schema.deal, schema.contact, schema.company
    rows = connection.execute(
        sa.select(
            table.c.id,
            table.c.number,
            table.c.title,
            table.c.stage,
            contact.c.name.label("client"),
            company.c.name.label("company"),
        )
        .select_from(
            table.outerjoin(contact, table.c.contact_id == contact.c.id).outerjoin(
                company, table.c.company_id == company.c.id
            )
        )
        .where(table.c.id.in_(best))
    )
    return [
        Hit("deal", row.number, row.title or row.number, _joined(row.client, row.company, row.stage), best[row.id])
        for row in rows
    ]


def _letters(connection: sa.Connection, best: Mapping[int, Rank]) -> list[Hit]:
    """The newest first among equals: a subject says little about who is better."""
    table = schema.activity
    rows = connection.execute(
        sa.select(table.c.id, table.c.subject, table.c.at).where(table.c.id.in_(best)).order_by(table.c.id.desc())
    )
    return [Hit("letter", str(row.id), row.subject, f"{row.at:%Y-%m-%d}", best[row.id]) for row in rows]


def _joined(*parts: str | None) -> str:
    return ", ".join(part for part in parts if part)


_SHOWN: dict[str, _Shown] = {
    "contact": _contacts,
    "company": _companies,
    "lead": _leads,
    "deal": _deals,
    "letter": _letters,
}
