"""Calendar entries that people have to be told about: new ones, moved ones, and those taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.upserts import upsert

_entry, _item, _cursor = schema.calendar_entry, schema.process_item, schema.source_cursor
_SOURCE = "calendar-invitations"
# entries of one moment may be committed by two runs; reading a day again costs little, and keys keep it from doubling
_OVERLAP = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One entry as it stands: `who` is person:ID or contact:ID, `entity` and `entity_id` what its item is about."""

    entry_id: int
    who: str
    at: datetime
    title: str
    sequence: int
    is_cancelled: bool
    changed_at: datetime
    cause_event_id: int
    item_id: int
    entity: str
    entity_id: int

    @property
    def key(self) -> str:
        """The message that tells this state of the entry."""
        return self.key_of(self.sequence)

    def key_of(self, sequence: int) -> str:
        """The message that told an earlier state."""
        return f"calendar:{self.entry_id}:{sequence}"


def read_changed_entries(connection: sa.Connection, now: datetime) -> list[CalendarEntry]:
    """Entries changed since the last look (and a day before it), up to `now`."""
    seen = connection.scalar(sa.select(_cursor.c.position).where(_cursor.c.source == _SOURCE))
    changed = [_entry.c.changed_at <= now]
    if seen:
        changed.append(_entry.c.changed_at >= datetime.fromisoformat(seen["changed_at"]) - _OVERLAP)
    query = (
        sa.select(_entry, _item.c.entity, _item.c.entity_id)
        .join(_item, _item.c.id == _entry.c.item_id)
        .where(*changed)
        .order_by(_entry.c.changed_at, _entry.c.id)
    )
    return [
        CalendarEntry(
            row.id,
            row.who,
            row.at,
            row.title,
            row.sequence,
            row.state == "cancelled",
            row.changed_at,
            row.cause_event_id,
            row.item_id,
            row.entity,
            row.entity_id,
        )
        for row in connection.execute(query)
    ]


def note_told(connection: sa.Connection, changed_at: datetime, now: datetime) -> None:
    """All entries changed up to `changed_at` have been told."""
    row = {"source": _SOURCE, "position": {"changed_at": changed_at.isoformat()}, "updated_at": now}
    upsert(connection, _cursor, ("source",), [row])
