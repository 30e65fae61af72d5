"""Settles interpreted mail: the end state and everything made from it, in one transaction, once per item."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert_new
from tasks.gateways.store.events import NewEvent, record_events
from tasks.gateways.store.identity_index import see_identities
from tasks.gateways.store.identity_lookup import canonical_ids
from tasks.gateways.store.leads import NewLead, create_leads
from tasks.gateways.store.mail_reports import record_reports
from tasks.gateways.store.quarantine import BadRow, quarantine_rows
from tasks.rules.mail.settlement import Letter, Settlement
from tasks.rules.mail_address import canonical_mail
from tasks.rules.matching.profiles import Identity

_IN_CHUNK = 500


def settle_mails(
    connection: sa.Connection, settlements: Sequence[Settlement], now: datetime, *, for_process: bool = True
) -> dict[str, int]:
    """Settle the items that are still new; returns what was made, in counts. The caller holds the write transaction.

    Not `for_process`, the record is kept and the process engine, which sends mail, is told nothing.
    """
    mine = _still_new(connection, settlements)
    leads, attached = _make_leads(connection, mine, for_process=for_process)
    activities = _record_letters(connection, mine, leads | attached, now)
    _record_replies(connection, mine, activities, for_process=for_process)
    record_reports(connection, mine, activities)
    refused = [s for s in mine if s.state == "quarantined"]
    quarantine_rows(connection, [BadRow("mail", f"intake:{s.intake_id}", s.reason or "") for s in refused], now)
    _close(connection, mine, leads, activities, now)
    return _counts(mine, leads)


def _still_new(connection: sa.Connection, settlements: Sequence[Settlement]) -> list[Settlement]:
    """Compare-and-set: what another run settled meanwhile is left alone; the rest is locked until we commit."""
    table = schema.intake_item
    new: set[int] = set()
    ids = [settlement.intake_id for settlement in settlements]
    for start in range(0, len(ids), _IN_CHUNK):
        query = sa.select(table.c.id).where(table.c.id.in_(ids[start : start + _IN_CHUNK]), table.c.state == "new")
        new.update(connection.scalars(query.order_by(table.c.id).with_for_update()))
    return [settlement for settlement in settlements if settlement.intake_id in new]


def _origin(settlement: Settlement) -> str:
    return f"mail:{settlement.intake_id}"


def _make_leads(
    connection: sa.Connection, mine: Sequence[Settlement], *, for_process: bool
) -> tuple[dict[str, int], dict[str, int]]:
    """Leads by origin key: those made now, and the open ones that strangers write about again."""
    wanted = [(s, s.letter) for s in mine if s.makes_lead and s.letter is not None]
    is_open = _open_leads(connection, [letter.from_address for _, letter in wanted])
    first: dict[str, str] = {}
    fresh: list[NewLead] = []
    for settlement, letter in wanted:
        if letter.from_address not in is_open and letter.from_address not in first:
            first[letter.from_address] = _origin(settlement)
            fresh.append(_new_lead(settlement, letter))
    made = create_leads(connection, fresh, for_process=for_process) if fresh else {}
    by_address = is_open | {address: made[origin] for address, origin in first.items()}
    attached = {_origin(s): by_address[letter.from_address] for s, letter in wanted if _origin(s) not in made}
    return made, attached


def _open_leads(connection: sa.Connection, addresses: Sequence[str]) -> dict[str, int]:
    table = schema.lead
    found: dict[str, int] = {}
    wanted = sorted(set(addresses))
    for start in range(0, len(wanted), _IN_CHUNK):
        query = sa.select(table.c.mail, sa.func.min(table.c.id).label("id")).where(
            table.c.mail.in_(wanted[start : start + _IN_CHUNK]), table.c.ended_at.is_(None)
        )
        found.update({row.mail: row.id for row in connection.execute(query.group_by(table.c.mail))})
    return found


def _new_lead(settlement: Settlement, letter: Letter) -> NewLead:
    return NewLead(
        origin_key=_origin(settlement),
        channel="mail",
        title=letter.subject,
        person_name=letter.from_name,
        mail=letter.from_address,
        phone=letter.phone,
        language=letter.language,
        responsible_id=None,
        created_at=settlement.received_at,
        take_due_at=settlement.take_due_at or settlement.received_at,
    )


def _record_letters(
    connection: sa.Connection, mine: Sequence[Settlement], leads: dict[str, int], now: datetime
) -> dict[str, int]:
    """One activity per letter, with its documents; returns activity ids by origin key."""
    letters = [(s, s.letter) for s in mine if s.letter is not None]
    if not letters:
        return {}
    table = schema.activity
    rows = [_activity(settlement, letter, leads.get(_origin(settlement))) for settlement, letter in letters]
    _follow_merges(connection, letters, rows)
    insert_new(connection, table, rows)
    ids: dict[str, int] = {}
    origins = [_origin(settlement) for settlement, _ in letters]
    for start in range(0, len(origins), _IN_CHUNK):
        query = sa.select(table.c.origin_key, table.c.id).where(
            table.c.origin_key.in_(origins[start : start + _IN_CHUNK])
        )
        ids.update({row.origin_key: row.id for row in connection.execute(query)})
    documents = [
        _document(ids[row["origin_key"]], row["deal_id"], letter, number, now)
        for (_, letter), row in zip(letters, rows, strict=True)
        for number in range(len(letter.files))
    ]
    insert_new(connection, schema.document, documents)
    return ids


def _follow_merges(
    connection: sa.Connection, letters: Sequence[tuple[Settlement, Letter]], rows: Sequence[dict[str, Any]]
) -> None:
    """A contact we wrote to may have been merged since; and each was seen at the address just now."""
    asked = {row["contact_id"] for (_, letter), row in zip(letters, rows, strict=True) if letter.is_verified}
    standing = canonical_ids(connection, asked - {None}) if asked - {None} else {}
    seen: list[tuple[int, Identity, datetime]] = []
    for (settlement, letter), row in zip(letters, rows, strict=True):
        row["contact_id"] = standing.get(row["contact_id"], row["contact_id"])
        address = canonical_mail(letter.from_address)
        if row["contact_id"] is not None and address:
            seen.append((row["contact_id"], ("mail", address), settlement.received_at))
    see_identities(connection, seen)


def _activity(settlement: Settlement, letter: Letter, lead_id: int | None) -> dict[str, Any]:
    """A proven reply belongs to what our message was about, and is its recipient's word."""
    about, ref_kind, ref_id = None, "", None
    if letter.answered is not None and letter.is_verified:
        about = letter.answered
        ref_kind, _, ref = about.recipient_ref.partition(":")
        ref_id = int(ref) if ref.isdigit() else None
    return {
        "origin_key": _origin(settlement),
        "kind": "mail",
        "direction": "in",
        "at": settlement.received_at,
        "contact_id": ref_id if ref_kind == "contact" else letter.contact_id,
        "person_id": ref_id if ref_kind == "person" else letter.person_id,
        "lead_id": about.entity_id if about is not None and about.entity == "lead" else lead_id,
        "deal_id": about.entity_id if about is not None and about.entity == "deal" else None,
        "answers_id": letter.answered.outbox_id if letter.answered is not None else None,
        "subject": letter.subject,
        "body_text": letter.body_text,
        "reply_text": letter.reply_text,
        "is_reply_verified": letter.is_verified,
    }


def _document(activity_id: int, deal_id: int | None, letter: Letter, number: int, now: datetime) -> dict[str, Any]:
    file = letter.files[number]
    return {
        "activity_id": activity_id,
        "deal_id": deal_id,
        "sha256": file.sha256,
        "file_name": file.file_name,
        "original_name": file.original_name,
        "content_type": file.content_type,
        "size_bytes": file.size_bytes,
        "at": now,
    }


def _record_replies(
    connection: sa.Connection, mine: Sequence[Settlement], activities: dict[str, int], *, for_process: bool
) -> None:
    events = [
        NewEvent(
            key=f"reply:{s.intake_id}",
            at=s.received_at,
            entity=s.letter.answered.entity,
            entity_id=s.letter.answered.entity_id,
            kind="reply",
            actor=s.letter.answered.recipient_ref,
            data={
                "activity_id": activities[_origin(s)],
                "outbox_id": s.letter.answered.outbox_id,
                "work_task_id": s.letter.answered.work_task_id,
            },
            for_process=for_process,
        )
        for s in mine
        if s.letter is not None and s.letter.answered is not None and s.letter.is_verified
        if not s.letter.is_only_noted
    ]
    record_events(connection, events)


def _close(
    connection: sa.Connection,
    mine: Sequence[Settlement],
    leads: dict[str, int],
    activities: dict[str, int],
    now: datetime,
) -> None:
    if not mine:
        return
    table = schema.intake_item
    rows = []
    for s in mine:
        origin = _origin(s)
        entity = "lead" if origin in leads else "activity" if origin in activities else None
        rows.append(
            {
                "b_id": s.intake_id,
                "b_state": s.state,
                "b_reason": s.reason,
                "b_verdict": s.kind,
                "b_settled_at": now,
                "b_entity": entity,
                "b_entity_id": leads.get(origin, activities.get(origin)),
                "b_duplicate_of_id": s.duplicate_of_id,
                "b_spam_score": s.spam_score,
            }
        )
    columns = ("state", "reason", "verdict", "settled_at", "entity", "entity_id", "duplicate_of_id", "spam_score")
    statement = sa.update(table).where(table.c.id == sa.bindparam("b_id"), table.c.state == "new")
    connection.execute(statement.values({name: sa.bindparam(f"b_{name}") for name in columns}), rows)


def _counts(mine: Sequence[Settlement], leads: dict[str, int]) -> dict[str, int]:
    kinds = [settlement.kind for settlement in mine]
    letters = sum(settlement.letter is not None for settlement in mine)
    return {
        "interpreted": len(mine),
        "leads": len(leads),
        "activities": letters - len(leads),
        "replies": kinds.count("verified_reply"),
        "ignored": sum(settlement.state == "ignored" for settlement in mine),
        "quarantined": sum(settlement.state == "quarantined" for settlement in mine),
        "duplicates": kinds.count("duplicate"),
        "bounces": kinds.count("bounce"),
    }
