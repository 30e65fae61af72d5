"""Who is away and which hours count: a change since the last round becomes a fact for the items it is about.

People come and go by the calendar as well as by an entry, so what counts is who stands in for whom at the moment, not
when it was written down. The last state is kept, so that a round of an earlier moment changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from tasks.gateways.store.events import NewEvent, record_events
from tasks.gateways.store.office_state import keep_office_state, read_office_state
from tasks.gateways.store.process_codec import pack_event
from tasks.gateways.store.process_items import item_places, items_with_work_of, open_item_ids
from tasks.gateways.store.staff import id_of
from tasks.office_round import OfficeRound
from tasks.rules.assignment import stand_in
from tasks.rules.process.state import Event

_CHUNK = 500


def has_office_changed(connection: sa.Connection, run: OfficeRound) -> bool:
    """Whether somebody else stands in for somebody, or other hours count, than at the last round."""
    seen = read_office_state(connection)
    return seen is None or (seen.at <= run.now and seen.state != _state(run))


def note_office_changes(connection: sa.Connection, run: OfficeRound) -> int:
    """Tell the items concerned, in the caller's transaction; how many were told."""
    seen, state = read_office_state(connection), _state(run)
    if seen is not None and (seen.at > run.now or seen.state == state):
        return 0
    version = seen.version + 1 if seen else 1
    keep_office_state(connection, state, version, run.now)
    if seen is None:
        return 0
    if seen.state["hours"] != state["hours"]:
        return _tell(connection, run, open_item_ids(connection), "calendar_changed", version)
    moved = _moved(seen.state["acting"], state["acting"])
    people = [id_of(ref) or 0 for ref in moved]
    return _tell(connection, run, items_with_work_of(connection, people), "absence_changed", version)


def _state(run: OfficeRound) -> dict[str, Any]:
    """Who acts for whom today, and the hours by their hash."""
    day = run.day(run.now)
    acting = {ref: stand_in(run.staff, ref, day) for ref in sorted(run.staff)}
    away = {ref: who for ref, who in acting.items() if who != ref or run.staff[ref].absence_on(day)}
    hours = hashlib.sha256(repr((run.office.hours, run.office.time_zone)).encode()).hexdigest()
    return {"acting": away, "hours": hours}


def _moved(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Everybody whose work may go to somebody else now: who left or came back, and who stood or stands in."""
    changed = {ref for ref in before.keys() | after.keys() if before.get(ref) != after.get(ref)}
    others = {table[ref] for ref in changed for table in (before, after) if ref in table}
    return sorted(changed | others)


def _tell(connection: sa.Connection, run: OfficeRound, item_ids: Sequence[int], name: str, version: int) -> int:
    for start in range(0, len(item_ids), _CHUNK):
        places = item_places(connection, item_ids[start : start + _CHUNK])
        record_events(connection, [_fact(run, place, name, version) for place in places])
    return len(item_ids)


def _fact(run: OfficeRound, place: tuple[int, str, str, int], name: str, version: int) -> NewEvent:
    item_id, key, entity, entity_id = place
    event = Event(f"{key}:{name}:{version}", run.now, name, is_command=False)
    data = pack_event(event) | {"item_id": item_id}
    return NewEvent(
        event.key, run.now, entity, entity_id, "item.fact", "office", data, for_process=True, item_id=item_id
    )
