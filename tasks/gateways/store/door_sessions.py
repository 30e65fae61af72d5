"""Who is signed in at the door. Of a token only its hash is kept: whoever reads the store cannot sign in with it."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.presence import note_seen
from tasks.rules.door.visits import SIGN_IN_MINUTES, is_over, is_worth_noting, roles_text

_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Visitor:
    """A member of staff who is signed in."""

    person_id: int
    key: str
    name: str
    mail: str
    language: str
    roles: frozenset[str]
    session_id: int
    is_to_be_noted: bool

    @property
    def ref(self) -> str:
        """person:ID"""
        return f"person:{self.person_id}"


@dataclass(frozen=True, slots=True)
class Device:
    """One session for its owner's list."""

    session_id: int
    device: str
    began_at: datetime
    seen_at: datetime


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def begin_sign_in(connection: sa.Connection, person_id: int, now: datetime) -> tuple[int, str]:
    """Keep a new sign-in link of this person; its row id and token."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    row = {
        "token_hash": _hash(token),
        "person_id": person_id,
        "asked_at": now,
        "expires_at": now + timedelta(minutes=SIGN_IN_MINUTES),
    }
    statement = sa.insert(schema.door_sign_in).values(row).returning(schema.door_sign_in.c.id)
    return int(connection.scalars(statement).one()), token


def may_sign_in(connection: sa.Connection, token: str, now: datetime) -> bool:
    """Whether a sign-in link is still good; looking does not use it."""
    table = schema.door_sign_in
    query = sa.select(table.c.id).where(
        table.c.token_hash == _hash(token), table.c.used_at.is_(None), table.c.expires_at >= now
    )
    return connection.scalar(query) is not None


def use_sign_in(connection: sa.Connection, token: str, device: str, now: datetime) -> str | None:
    """Burn a sign-in link and begin a session; its cookie's token, None when the link is not good (any more)."""
    table, person = schema.door_sign_in, schema.person
    person_id = connection.scalar(
        sa.update(table)
        .where(table.c.token_hash == _hash(token), table.c.used_at.is_(None), table.c.expires_at >= now)
        .values(used_at=now)
        .returning(table.c.person_id)
    )
    if person_id is None or not connection.scalar(sa.select(person.c.is_active).where(person.c.id == person_id)):
        return None
    member = schema.role_member
    roles = connection.scalars(sa.select(member.c.role).where(member.c.person_id == person_id))
    cookie = secrets.token_urlsafe(_TOKEN_BYTES)
    row = {
        "token_hash": _hash(cookie),
        "person_id": person_id,
        "roles": roles_text(roles),
        "device": device,
        "began_at": now,
        "seen_at": now,
    }
    connection.execute(sa.insert(schema.door_session).values(row))
    note_seen(connection, int(person_id), now)
    return cookie


def _visitor_query() -> sa.Select[Any]:
    session, person, member = schema.door_session, schema.person, schema.role_member
    columns = (session.c.id, session.c.roles, session.c.began_at, session.c.seen_at, member.c.role)
    people = (person.c.id.label("person_id"), person.c.key, person.c.name, person.c.mail, person.c.language)
    return (
        sa.select(*columns, *people)
        .join(person, session.c.person_id == person.c.id)
        .outerjoin(member, member.c.person_id == person.c.id)
        .where(session.c.token_hash == sa.bindparam("token_hash"), session.c.ended_at.is_(None), person.c.is_active)
    )


# made once: every page begins with it
_VISITOR = _visitor_query()


def find_visitor(connection: sa.Connection, cookie: str, now: datetime) -> Visitor | None:
    """Who this cookie belongs to; None when nobody, or when the person has left or has other roles now. One query."""
    rows = connection.execute(_VISITOR, {"token_hash": _hash(cookie)}).all()
    if not rows or is_over(rows[0].began_at, rows[0].seen_at, now):
        return None
    roles = frozenset(row.role for row in rows if row.role)
    if roles_text(roles) != rows[0].roles:
        return None
    first = rows[0]
    is_to_be_noted = is_worth_noting(first.seen_at, now)
    return Visitor(first.person_id, first.key, first.name, first.mail, first.language, roles, first.id, is_to_be_noted)


def note_visit(connection: sa.Connection, session_id: int, now: datetime) -> None:
    """The session was used now."""
    table = schema.door_session
    connection.execute(sa.update(table).where(table.c.id == session_id).values(seen_at=now))


def devices_of(connection: sa.Connection, person_id: int, now: datetime) -> list[Device]:
    """The person's sessions that are not over, the one used last first."""
    table = schema.door_session
    query = (
        sa.select(table)
        .where(table.c.person_id == person_id, table.c.ended_at.is_(None))
        .order_by(table.c.seen_at.desc(), table.c.id.desc())
    )
    found = connection.execute(query)
    return [
        Device(row.id, row.device, row.began_at, row.seen_at)
        for row in found
        if not is_over(row.began_at, row.seen_at, now)
    ]


def end_sessions(connection: sa.Connection, person_id: int, session_ids: list[int], now: datetime) -> int:
    """Sign the person's own sessions out; how many were open."""
    table = schema.door_session
    result = connection.execute(
        sa.update(table)
        .where(table.c.person_id == person_id, table.c.id.in_(session_ids), table.c.ended_at.is_(None))
        .values(ended_at=now)
    )
    return int(result.rowcount)
