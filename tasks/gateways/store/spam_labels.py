"""What people said about mail: their last words, the mail behind a lead, and mail that is to be read once more."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator, Sequence

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import insert
from tasks.rules.mail.spam_trust import SpamLabel

_IN_CHUNK = 500
_ORIGIN = "mail:"


def write_label(connection: sa.Connection, label: SpamLabel) -> bool:
    """Keep what a person says about a mail; False when the same person has said something later about it."""
    table = schema.spam_label
    row = {
        "intake_item_id": label.intake_id,
        "label": "spam" if label.is_spam else "good",
        "actor": label.actor,
        "at": label.at,
    }
    statement = insert(connection, table)
    replacing = statement.on_conflict_do_update(
        index_elements=["intake_item_id", "actor"],
        set_={"label": statement.excluded.label, "at": statement.excluded.at},
        where=table.c.at <= statement.excluded.at,
    )
    return connection.execute(replacing.returning(table.c.id), row).first() is not None


def labels_mark(connection: sa.Connection) -> tuple[object, ...]:
    """Changes whenever the labels do: how many, the newest, its time, which of them say spam. Empty: no labels."""
    table = schema.spam_label
    spam_ids = sa.case((table.c.label == "spam", table.c.id), else_=0)
    query = sa.select(
        sa.func.count(), sa.func.max(table.c.id), sa.func.max(table.c.at), sa.func.coalesce(sa.func.sum(spam_ids), 0)
    )
    row = connection.execute(query).one()
    return tuple(row) if row[0] else ()


def read_labels(connection: sa.Connection) -> list[SpamLabel]:
    """Every label, in the order in which they were first given."""
    table = schema.spam_label
    return [
        SpamLabel(row.intake_item_id, row.label == "spam", row.actor, row.at)
        for row in connection.execute(sa.select(table).order_by(table.c.id))
    ]


def raw_mails(connection: sa.Connection, ids: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """The stored bytes of these items."""
    table = schema.intake_item
    for start in range(0, len(ids), _IN_CHUNK):
        query = sa.select(table.c.id, table.c.raw).where(table.c.id.in_(ids[start : start + _IN_CHUNK]))
        for row in connection.execute(query.order_by(table.c.id)):
            yield row.id, zlib.decompress(row.raw)


def known_mails(connection: sa.Connection, ids: Collection[int]) -> set[int]:
    """Those of `ids` that are stored mail."""
    table = schema.intake_item
    return set(connection.scalars(sa.select(table.c.id).where(table.c.id.in_(ids))))


def vouched_items(connection: sa.Connection, ids: Collection[int]) -> set[int]:
    """Items of which a person has said that they are good: no score speaks against that."""
    table = schema.spam_label
    found: set[int] = set()
    wanted = sorted(ids)
    for start in range(0, len(wanted), _IN_CHUNK):
        part = wanted[start : start + _IN_CHUNK]
        query = sa.select(table.c.intake_item_id).where(table.c.intake_item_id.in_(part), table.c.label == "good")
        found.update(connection.scalars(query))
    return found


def is_called_spam(connection: sa.Connection, intake_id: int) -> bool:
    """Whether anybody's last word about the mail is that it is spam."""
    table = schema.spam_label
    query = sa.select(sa.exists().where(table.c.intake_item_id == intake_id, table.c.label == "spam"))
    return bool(connection.scalar(query))


def held_row_of(connection: sa.Connection, intake_id: int) -> tuple[int, str] | None:
    """The quarantine row of a mail that waits there for a person, and why it does; None when it does not."""
    table = schema.quarantine_row
    query = sa.select(table.c.id, table.c.reason).where(
        table.c.source == "mail", table.c.row_key == f"intake:{intake_id}", table.c.state == "held"
    )
    row = connection.execute(query).one_or_none()
    return (row.id, row.reason) if row is not None else None


def addresses_in_touch(connection: sa.Connection, addresses: Collection[str]) -> set[str]:
    """Addresses of strangers that have a lead which nobody called junk: they are in conversation with the office."""
    table = schema.lead
    found: set[str] = set()
    wanted = sorted(addresses)
    for start in range(0, len(wanted), _IN_CHUNK):
        query = sa.select(table.c.mail).where(
            table.c.mail.in_(wanted[start : start + _IN_CHUNK]), table.c.status != "junk"
        )
        found.update(mail for mail in connection.scalars(query) if mail)
    return found


def mail_of_lead(connection: sa.Connection, lead_id: int) -> int | None:
    """The item that made the lead; None when it came another way, or the item is not there."""
    origin = connection.scalar(sa.select(schema.lead.c.origin_key).where(schema.lead.c.id == lead_id)) or ""
    number = origin.removeprefix(_ORIGIN)
    if not origin.startswith(_ORIGIN) or not number.isdigit():
        return None
    return connection.scalar(sa.select(schema.intake_item.c.id).where(schema.intake_item.c.id == int(number)))


def lead_of_mail(connection: sa.Connection, intake_id: int) -> int | None:
    """The lead that the item made; None when it made none."""
    table = schema.lead
    return connection.scalar(sa.select(table.c.id).where(table.c.origin_key == f"{_ORIGIN}{intake_id}"))


def score_of_lead(connection: sa.Connection, lead_id: int) -> float | None:
    """The spam score of the mail that made the lead; None when it was not judged."""
    intake_id = mail_of_lead(connection, lead_id)
    if intake_id is None:
        return None
    table = schema.intake_item
    return connection.scalar(sa.select(table.c.spam_score).where(table.c.id == intake_id))
