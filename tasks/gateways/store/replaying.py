"""What a replay reads and writes: recorded mail beside what was made of it, and the differences, each applied once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.events import NewEvent, record_event
from tasks.gateways.store.intake_settling import settle_mails
from tasks.gateways.store.quarantine_decisions import reopen_item
from tasks.rules.mail.settlement import Settlement
from tasks.rules.replay_diff import Made, MailDiff, MailState, Value, changes_json

REPLAY_ACTOR = "flow:replay-mail"
_ACTIVITY = ("subject", "body_text", "reply_text", "is_reply_verified", "answers_id")
_LEAD = ("title", "person_name", "phone")


@dataclass(frozen=True, slots=True)
class RecordedMail:
    """An item as it stands. `known_at`: when it was settled, None if nothing was made of it."""

    intake_id: int
    mail: MailState
    known_at: datetime | None
    is_decided: bool


def replayed_ids(
    connection: sa.Connection, begins: datetime, ends: datetime, ids: Sequence[int], after_id: int, limit: int
) -> list[int]:
    """The next interpreted items after `after_id`: those of `ids`, else those received from `begins` to `ends`."""
    table = schema.intake_item
    is_mail = table.c.source.not_like("form:%")  # a form's post is no mail to read again
    query = sa.select(table.c.id).where(table.c.state != "new", table.c.id > after_id, is_mail)
    wanted = table.c.id.in_(ids) if ids else (table.c.received_at >= begins) & (table.c.received_at < ends)
    return list(connection.scalars(query.where(wanted).order_by(table.c.id).limit(limit)))


def read_recorded(connection: sa.Connection, ids: Sequence[int], *, is_locking: bool = False) -> list[RecordedMail]:
    """These items with what was made of them; `is_locking` keeps others from changing the items until we commit."""
    item = schema.intake_item
    columns = (item.c.id, item.c.state, item.c.verdict, item.c.reason, item.c.settled_at)
    query = sa.select(*columns).where(item.c.id.in_(ids), item.c.state != "new").order_by(item.c.id)
    rows = connection.execute(query.with_for_update() if is_locking else query).all()
    origins = [f"mail:{row.id}" for row in rows]
    activities, leads = (
        _words(connection, schema.activity, _ACTIVITY, origins),
        _words(connection, schema.lead, _LEAD, origins),
    )
    decided = _decided(connection, [row.id for row in rows])
    return [
        _recorded(row, activities.get(f"mail:{row.id}"), leads.get(f"mail:{row.id}"), row.id in decided) for row in rows
    ]


def _recorded(
    row: sa.Row[Any], activity: dict[str, Value] | None, lead: dict[str, Value] | None, is_decided: bool
) -> RecordedMail:
    """The words of a lead that has ended are its history: they are not compared."""
    makes: Made = "lead" if lead is not None else "activity" if activity is not None else ""
    open_lead = {} if lead is None or lead.pop("lead.ended_at") is not None else lead
    mail = MailState(row.state, row.verdict, row.reason, makes, {**(activity or {}), **open_lead})
    return RecordedMail(row.id, mail, row.settled_at if makes else None, is_decided)


def _words(
    connection: sa.Connection, table: sa.Table, names: Sequence[str], origins: Sequence[str]
) -> dict[str, dict[str, Value]]:
    columns = (*names, "ended_at") if table is schema.lead else names
    query = sa.select(table.c.origin_key, *(table.c[name] for name in columns)).where(table.c.origin_key.in_(origins))
    return {
        row.origin_key: {f"{table.name}.{name}": getattr(row, name) for name in columns}
        for row in connection.execute(query)
    }


def _decided(connection: sa.Connection, ids: Sequence[int]) -> set[int]:
    """The items that a person has released, fixed or rejected."""
    table = schema.quarantine_row
    query = sa.select(table.c.row_key).where(
        table.c.source == "mail",
        table.c.row_key.in_([f"intake:{one}" for one in ids]),
        table.c.decided_by.startswith("person:"),
    )
    return {int(key.partition(":")[2]) for key in connection.scalars(query)}


def apply_replayed(
    connection: sa.Connection, was: RecordedMail, diff: MailDiff, settlement: Settlement, now: datetime
) -> dict[str, int]:
    """Write one item's differences with their event; {} when the item has changed since it was read.

    Nothing is planned for sending and the process engine is told nothing. The caller's write transaction.
    """
    if read_recorded(connection, [was.intake_id], is_locking=True) != [was]:
        return {}
    counts = _rewrite(connection, was, diff) if was.mail.makes else _settle_again(connection, was, settlement, now)
    record_event(
        connection,
        NewEvent(
            key=f"replay:{was.intake_id}:{now.isoformat()}",
            at=now,
            entity="intake_item",
            entity_id=was.intake_id,
            kind="mail.replayed",
            actor=REPLAY_ACTOR,
            data=changes_json([diff])[0],
        ),
    )
    return {"changed": 1, **counts}


def _rewrite(connection: sa.Connection, was: RecordedMail, diff: MailDiff) -> dict[str, int]:
    """Something was made of the mail already: its words are put right, nothing is made again."""
    would = {change.field: change.would for change in diff.changes}
    tables = {"activity": schema.activity, "lead": schema.lead}
    for name, table in tables.items():
        values: dict[str, Any] = {f.partition(".")[2]: v for f, v in would.items() if f.startswith(f"{name}.")}
        if values and name == "lead":
            values["revision"] = table.c.revision + 1  # who works on the lead right now must read it again
        if values:
            connection.execute(sa.update(table).where(table.c.origin_key == f"mail:{was.intake_id}").values(values))
    item = {name: would[name] for name in ("state", "verdict", "reason") if name in would}
    if item:
        connection.execute(sa.update(schema.intake_item).where(schema.intake_item.c.id == was.intake_id).values(item))
    return {}


def _settle_again(
    connection: sa.Connection, was: RecordedMail, settlement: Settlement, now: datetime
) -> dict[str, int]:
    """Nothing was made of it: it is settled as if it came now, and its row in quarantine follows."""
    reopen_item(connection, was.intake_id, (was.mail.state,))
    made = settle_mails(connection, [settlement], now, for_process=False)
    table = schema.quarantine_row
    row = sa.update(table).where(table.c.source == "mail", table.c.row_key == f"intake:{was.intake_id}")
    if settlement.state == "quarantined":
        held = {"reason": settlement.reason or "", "state": "held", "decided_by": None, "decided_at": None}
        connection.execute(row.values(held))
    else:
        released = {"state": "released", "decided_by": REPLAY_ACTOR, "decided_at": now}
        connection.execute(row.where(table.c.state == "held").values(released))
    return {name: made.get(name, 0) for name in ("leads", "activities")}


def lead_numbers(connection: sa.Connection, ids: Sequence[int]) -> list[str]:
    """The public numbers of the leads that these items made."""
    table = schema.lead
    query = sa.select(table.c.number).where(table.c.origin_key.in_([f"mail:{one}" for one in ids]))
    return list(connection.scalars(query.order_by(table.c.id)))
