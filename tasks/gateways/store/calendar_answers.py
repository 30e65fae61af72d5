"""Which invitations of ours calendar programs answer: an event's UID is our secret, as a Message-ID is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.mail_writer import message_id_of
from tasks.gateways.store.contacts import find_contacts, find_staff
from tasks.gateways.store.outbox import KEY_ROW
from tasks.gateways.store.staff import id_of, person_ref
from tasks.rules.mail.surroundings import AnsweredMessage, Invited
from tasks.rules.mail_address import canonical_mail

_entry, _box, _task = schema.calendar_entry, schema.outbox, schema.work_task
_MOST_ENTRIES = 1_000


def entry_key(entry_id: int) -> str:
    """What the UID of an entry is made from."""
    return f"calendar:{entry_id}"


def uid_of(secret: bytes, entry_id: int, domain: str) -> str:
    """The UID of an entry: stable, and not to be guessed without the store's secret."""
    return message_id_of(secret, entry_key(entry_id), domain).strip("<>")


def find_invited(connection: sa.Connection, senders: Mapping[str, str]) -> dict[str, Invited]:
    """By UID: the invitations that these answer; `senders` are the addresses that the answers came from, by UID.

    Only what the sender was invited to is looked at.
    """
    secret = _secret(connection) if senders else None
    if secret is None:
        return {}
    refs = _refs(connection, senders.values())
    query = sa.select(_entry).where(_entry.c.who.in_(sorted(refs))).order_by(_entry.c.id.desc()).limit(_MOST_ENTRIES)
    found: dict[str, Invited] = {}
    for row in connection.execute(query):
        for uid in senders:
            if uid == uid_of(secret, row.id, uid.rpartition("@")[2]):
                invited = _invited(connection, row)
                found |= {uid: invited} if invited else {}
    return found


def _secret(connection: sa.Connection) -> bytes | None:
    table = schema.source_cursor
    found = connection.scalar(sa.select(table.c.position).where(table.c.source == KEY_ROW))
    return bytes.fromhex(found["key"]) if found else None


def _refs(connection: sa.Connection, addresses: Iterable[str]) -> set[str]:
    wanted = {canonical for address in addresses if (canonical := canonical_mail(address))}
    staff = find_staff(connection)
    contacts = {one.contact_id for one in find_contacts(connection, "mail", wanted).values()}
    contact = schema.contact
    merged = connection.scalars(sa.select(contact.c.id).where(contact.c.canonical_id.in_(contacts)))
    people = {person_ref(staff[address]) for address in wanted if address in staff}
    return people | {f"contact:{one}" for one in (*contacts, *merged)}


def _invited(connection: sa.Connection, row: Any) -> Invited | None:
    """The entry with the message that told it last; None when nobody was told of it."""
    told = _box.c.key.in_([f"{entry_key(row.id)}:{number}" for number in range(row.sequence + 1)])
    message = connection.execute(sa.select(_box).where(told).order_by(_box.c.id.desc()).limit(1)).first()
    if message is None:
        return None
    answered = AnsweredMessage(
        message.id,
        message.recipient,
        message.recipient_ref,
        message.entity,
        message.entity_id,
        _open_question(connection, row.item_id, row.who),
    )
    sequence = int(message.key.rpartition(":")[2])
    return Invited(answered, max(sequence, row.sequence), row.state == "cancelled", row.at)


def _open_question(connection: sa.Connection, item_id: int, who: str) -> int | None:
    """The confirmation about this item that `who` still owes."""
    owner = _task.c.person_id if who.startswith("person:") else _task.c.contact_id
    owed = _task.c.item_id == item_id, _task.c.kind == "confirm", _task.c.state == "open", owner == id_of(who)
    found: list[int] = list(connection.scalars(sa.select(_task.c.id).where(*owed)))
    return found[0] if len(found) == 1 else None
