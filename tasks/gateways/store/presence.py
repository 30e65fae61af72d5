"""Who is there, and how each person can be reached: at the door, in chat, by mail, by telephone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert
from tasks.gateways.store.staff import id_of, person_ref
from tasks.rules.notify.ladder import Presence, Reach
from tasks.rules.notify.sms_text import takes_sms

_presence, _person = schema.presence, schema.person


def note_seen(connection: sa.Connection, person_id: int, at: datetime) -> None:
    """A person was at the door at `at`; an older moment than the one known changes nothing."""
    statement = insert(connection, _presence)
    newer = sa.or_(_presence.c.last_seen_at.is_(None), _presence.c.last_seen_at < statement.excluded.last_seen_at)
    statement = statement.on_conflict_do_update(
        index_elements=["person_id"], set_={"last_seen_at": statement.excluded.last_seen_at}, where=newer
    )
    connection.execute(statement, [{"person_id": person_id, "last_seen_at": at}])


def note_signed_out(connection: sa.Connection, person_id: int) -> None:
    """A person has signed out on their last device."""
    connection.execute(sa.update(_presence).where(_presence.c.person_id == person_id).values(last_seen_at=None))


def note_chat(connection: sa.Connection, online: Mapping[str, bool], at: datetime) -> int:
    """Who is online in chat, by jid, as heard at `at`; how many of them work here."""
    jids = {jid.lower(): is_online for jid, is_online in online.items()}
    people = connection.execute(sa.select(_person.c.id, _person.c.jid).where(_person.c.jid.is_not(None))).all()
    rows = [
        {"person_id": row.id, "is_online": jids[row.jid.lower()], "chat_noted_at": at}
        for row in people
        if row.jid.lower() in jids
    ]
    if rows:
        statement = insert(connection, _presence)
        heard = {name: statement.excluded[name] for name in ("is_online", "chat_noted_at")}
        connection.execute(statement.on_conflict_do_update(index_elements=["person_id"], set_=heard), rows)
    return len(rows)


def chat_jids(connection: sa.Connection) -> list[str]:
    """The chat addresses of everybody who works here and uses chat."""
    used = _person.c.is_active, _person.c.jid.is_not(None)
    return list(connection.scalars(sa.select(_person.c.jid).where(*used).order_by(_person.c.id)))


def last_chat_look(connection: sa.Connection) -> datetime | None:
    """When the chat server last said who is online; None: never."""
    found: datetime | None = connection.scalar(sa.select(sa.func.max(_presence.c.chat_noted_at)))
    return found


def read_presence(connection: sa.Connection, refs: Iterable[str]) -> dict[str, Presence]:
    """What is known of those of `refs` that were ever heard of."""
    people = [id_of(ref) for ref in refs if ref.startswith("person:")]
    if not people:
        return {}
    rows = connection.execute(sa.select(_presence).where(_presence.c.person_id.in_(people)))
    return {person_ref(row.person_id): Presence(row.is_online, row.chat_noted_at, row.last_seen_at) for row in rows}


def read_reach(connection: sa.Connection, refs: Iterable[str]) -> dict[str, Reach]:
    """How each of `refs` (person:ID, contact:ID) can be reached."""
    wanted = set(refs)
    people = [id_of(ref) for ref in wanted if ref.startswith("person:")]
    rows = connection.execute(sa.select(_person).where(_person.c.id.in_(people)))
    found = {person_ref(row.id): _person_reach(row) for row in rows}
    return found | _contact_reach(connection, [id_of(ref) for ref in wanted if ref.startswith("contact:")])


def read_names(connection: sa.Connection, refs: Iterable[str]) -> dict[str, tuple[str, str, str]]:
    """Name, mail ('' where none is known to be good) and language of each of `refs`: whoever has no mail, too."""
    found: dict[str, tuple[str, str, str]] = {}
    for prefix, table in (("person", _person), ("contact", schema.contact)):
        ids = [id_of(ref) for ref in refs if ref.startswith(f"{prefix}:")]
        for row in connection.execute(sa.select(table.c.id, table.c.name, table.c.language).where(table.c.id.in_(ids))):
            found[f"{prefix}:{row.id}"] = (row.name, "", row.language)
    return found


def _person_reach(row: Any) -> Reach:
    phone = row.phone if row.takes_sms and takes_sms(row.phone or "") else ""
    return Reach(row.is_user and row.is_active, row.mail, row.jid or "", phone or "")


def _contact_reach(connection: sa.Connection, ids: list[int | None]) -> dict[str, Reach]:
    if not ids:
        return {}
    point, contact = schema.contact_point, schema.contact
    standing = sa.func.coalesce(contact.c.canonical_id, contact.c.id)  # one merged into another is reached as that one
    query = (
        sa.select(contact.c.id, point.c.kind, point.c.value)
        .join(point, point.c.contact_id == standing)
        .where(contact.c.id.in_(ids), point.c.undeliverable_at.is_(None))
        .order_by(point.c.id)
    )
    mails: dict[str, str] = {}
    phones: dict[str, str] = {}
    for row in connection.execute(query):
        ref = f"contact:{row.id}"
        if row.kind == "mail":
            mails.setdefault(ref, row.value)
        elif takes_sms(row.value):
            phones.setdefault(ref, row.value)
    refs = [f"contact:{id_}" for id_ in ids]
    return {ref: Reach(False, mails.get(ref, ""), "", phones.get(ref, "")) for ref in refs}
