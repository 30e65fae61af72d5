"""What came to an item, as the office's record keeps it: with its inputs a course can be played again."""

from __future__ import annotations

import sqlalchemy as sa

from tasks.gateways.store.events import NewEvent, record_event, record_new
from tasks.gateways.store.process_codec import pack_event, pack_fields
from tasks.gateways.store.process_items import StoredItem
from tasks.process_beginning import Beginning
from tasks.rules.process.reasons import Reason
from tasks.rules.process.state import Event


def record_input(
    connection: sa.Connection, stored: StoredItem, event: Event, channel: str, cause_id: int | None
) -> int:
    """An event as it is given to the engine, in the record: with it the course can be played again."""
    kind = "item.clock" if event.clock else "item.command" if event.is_command else "item.fact"
    data = pack_event(event) | {"item_id": stored.item_id} | ({"channel": channel} if channel else {})
    actor = event.actor or ("clock" if event.clock else "process")
    return record_new(
        connection, NewEvent(event.key, event.at, stored.entity, stored.entity_id, kind, actor, data, cause_id)
    )


def record_refusal(
    connection: sa.Connection,
    stored: StoredItem,
    event: Event,
    reasons: tuple[Reason, ...],
    channel: str,
    cause_id: int | None,
) -> None:
    """A refusal does not burn the key of the event: the same link works when the missing paper is there."""
    said = [{"kind": one.kind, "name": one.name, "wanted": str(one.wanted or "")} for one in reasons]
    data = {"item_id": stored.item_id, "command": event.name, "channel": channel, "reasons": said}
    key = f"{event.key}:refused:{stored.revision}"
    fact = NewEvent(key, event.at, stored.entity, stored.entity_id, "refused", event.actor or "process", data, cause_id)
    record_event(connection, fact)


def record_beginning(connection: sa.Connection, stored: StoredItem, starting: Beginning, event: Event) -> int:
    """An item has begun: what it began with, whole."""
    data = pack_event(event) | {
        "item_id": stored.item_id,
        "process": stored.process,
        "version": stored.version,
        "author": starting.author,
        "fields": pack_fields(starting.fields),
    }
    if starting.channel:
        data["channel"] = starting.channel
    actor = event.actor or "process"
    fact = NewEvent(event.key, event.at, stored.entity, stored.entity_id, "item.begun", actor, data, starting.cause_id)
    return record_new(connection, fact)
