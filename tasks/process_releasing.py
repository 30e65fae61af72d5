"""A held item goes on: a person has put right what stopped it, and says so."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import sqlalchemy as sa

from tasks.gateways.store.events import NewEvent, record_event
from tasks.gateways.store.process_items import StoredItem, release_stored
from tasks.gateways.store.work import close_questions
from tasks.office_round import OfficeRound
from tasks.process_holds import HELD_WORK
from tasks.rules.process.state import Item


def release(
    connection: sa.Connection,
    _run: OfficeRound,
    stored: StoredItem,
    actor: str,
    at: datetime,
    channel: str,
    cause_id: int | None = None,
) -> Counter[str]:
    """Let a held item go on; its event and clocks are taken by the next round. Nothing when it is not held.

    Raises ConflictError when another worker has changed it meanwhile.
    """
    if not stored.item.is_held:
        return Counter()
    release_stored(connection, stored, _first_due(stored.item))
    closed = close_questions(connection, stored.item_id, HELD_WORK, actor, at)
    data = {"item_id": stored.item_id, "channel": channel, "event": stored.held_event}
    key = f"item.released:{stored.item_id}:{stored.revision}"
    fact = NewEvent(key, at, stored.entity, stored.entity_id, "item.released", actor, data, cause_id)
    record_event(connection, fact)
    return Counter(released=1, tasks_closed=closed)


def _first_due(item: Item) -> datetime | None:
    return item.clocks[0].due if item.clocks else None
