"""What an item has to take: events of its inbox and its clocks, in the order of time, each in its turn.

An event is taken in the order of (effective time, ledger id); a clock due at t comes after every event with time up to
t, before every later one.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import sqlalchemy as sa

from tasks.gateways.store.process_codec import unpack_event
from tasks.gateways.store.process_inbox import give_event_back, next_waiting, take_event_row
from tasks.gateways.store.process_items import load_item
from tasks.office_round import NoDefinitionError, OfficeRound
from tasks.process_holds import hold_for_error
from tasks.process_replies import take_reply
from tasks.process_steps import Stepped, fire_clock, take_event

_MOST_AT_ONCE = 500


def take_next(connection: sa.Connection, run: OfficeRound, item_id: int, until: datetime) -> Stepped | None:
    """Let the item take what comes first up to `until`; None when there is nothing, or it waits for a person.

    Raises ConflictError when another worker has changed the item meanwhile.
    """
    known, is_quiet = run.batch.take(item_id) if run.batch else (None, False)
    stored = known or load_item(connection, item_id)
    if stored.item.is_held:
        return None
    waiting = None if is_quiet else next_waiting(connection, item_id, until)
    clocks = stored.item.clocks
    if waiting is None and not (clocks and clocks[0].due <= until):
        return None
    try:
        run.definition(stored.process, stored.version)
    except NoDefinitionError as error:
        counts = hold_for_error(connection, run, stored, str(error))
        return Stepped(load_item(connection, item_id), counts, is_held=True)
    is_clock_first = bool(clocks) and clocks[0].due <= until and (waiting is None or clocks[0].due < waiting.at)
    if is_clock_first:
        return fire_clock(connection, run, stored, min(until, waiting.at) if waiting else until)
    if waiting is None or not take_event_row(connection, waiting.event_id):
        return None
    if waiting.kind == "reply":
        return take_reply(connection, run, stored, waiting)
    event = unpack_event(waiting.key, waiting.at, waiting.actor, waiting.data)
    stepped = take_event(connection, run, stored, event, event_id=waiting.event_id)
    if stepped.is_held:
        give_event_back(connection, waiting, item_id)
    return stepped


def catch_up(connection: sa.Connection, run: OfficeRound, item_id: int, until: datetime) -> Counter[str]:
    """Let the item take everything that came in or was due before an act at `until`."""
    counts: Counter[str] = Counter()
    for _ in range(_MOST_AT_ONCE):
        stored = load_item(connection, item_id)
        due = stored.item.clocks[0].due if stored.item.clocks else None
        if (due is None or due >= until) and next_waiting(connection, item_id, until) is None:
            return counts
        stepped = take_next(connection, run, item_id, until)
        if stepped is None or stepped.is_held:
            return counts + (stepped.counts if stepped else Counter())
        counts.update(stepped.counts)
    return counts
