"""Items that cannot go on: held with the reason and the rules that had acted, and a person is asked."""

from __future__ import annotations

from collections import Counter

import sqlalchemy as sa

from tasks.gateways.store.events import NewEvent, record_event
from tasks.gateways.store.process_items import ConflictError, StoredItem, hold_stored
from tasks.gateways.store.staff import open_loads, person_ref, read_recipients
from tasks.gateways.store.work import NewTask, open_task
from tasks.office_round import OfficeRound
from tasks.outbox import plan_notices
from tasks.rules.assignment import least_loaded, stand_in
from tasks.rules.outgoing import Notice
from tasks.rules.process.reasons import Reason
from tasks.rules.process.state import Event
from tasks.rules.process.words import explain

HELD_WORK = "held"
_HEAD = "chief"


def hold(
    connection: sa.Connection,
    run: OfficeRound,
    stored: StoredItem,
    event: Event,
    why: tuple[Reason, ...] | str,
    path: tuple[str, ...],
) -> Counter[str]:
    """Hold an item because of an event, and ask who leads it, or the head. Raises ConflictError when it has changed."""
    said = _words(why, run.office.language)
    if not hold_stored(connection, stored, "; ".join(said), path, event.key, event.at):
        raise ConflictError(f"item {stored.item_id} was changed meanwhile")
    data = {"item_id": stored.item_id, "event": event.key, "reasons": _words(why, "en"), "path": list(path)}
    key = f"{event.key}:held:{stored.revision}"
    fact = NewEvent(key, event.at, stored.entity, stored.entity_id, "item.held", "process", data)
    cause_id = record_event(connection, fact)
    owner = _asked(connection, run, stored, event)
    counts = Counter(held=1)
    if owner:
        task = NewTask(
            key=f"held:{stored.item.key}:{stored.revision}",
            entity=stored.entity,
            entity_id=stored.entity_id,
            name=HELD_WORK,
            kind="question",
            title=f"{stored.number}: {said[0] if said else ''}",
            owner=owner,
            opened_at=event.at,
            due_at=None,
            item_id=stored.item_id,
        )
        task_id = open_task(connection, task)
        counts["notices"] += _tell(connection, run, stored, event, why, path, owner, task_id, cause_id)
        counts["tasks_opened"] += 1
    return counts


def hold_for_error(connection: sa.Connection, run: OfficeRound, stored: StoredItem, reason: str) -> Counter[str]:
    """Hold an item whose next step fails in a way that no rule foresees."""
    event = Event(f"error:{stored.item.key}:{stored.revision}", run.now, "error", is_command=False)
    return hold(connection, run, stored, event, reason, ())


def _words(why: tuple[Reason, ...] | str, language: str) -> list[str]:
    return [why] if isinstance(why, str) else explain(why, language)


def _asked(connection: sa.Connection, run: OfficeRound, stored: StoredItem, event: Event) -> str:
    """Who leads the item, or stands in; else the head; '' when there is nobody."""
    day, leader = run.day(event.at), person_ref(stored.responsible_id)
    if leader in run.staff:
        return stand_in(run.staff, leader, day)
    return least_loaded(run.staff, _HEAD, open_loads(connection), day) or ""


def _tell(
    connection: sa.Connection,
    run: OfficeRound,
    stored: StoredItem,
    event: Event,
    why: tuple[Reason, ...] | str,
    path: tuple[str, ...],
    owner: str,
    task_id: int,
    cause_id: int,
) -> int:
    recipients = read_recipients(connection, [owner])
    notices = [
        Notice(
            key=f"held:{stored.item.key}:{stored.revision}",
            kind="task",
            to=to,
            wording="item_held",
            data={
                "number": stored.number,
                "title": stored.title,
                "status": stored.status_text,
                "reasons": _words(why, to.language),
                "path": list(path),
                "link": f"{run.office.door.url.rstrip('/')}/ask/{stored.item_id}" if run.office.door.url else "",
            },
            entity=stored.entity,
            entity_id=stored.entity_id,
            not_before=event.at,
            asks_task_id=task_id,
            cause_event_id=cause_id,
            item_id=stored.item_id,
        )
        for to in recipients.values()
    ]
    return plan_notices(connection, run.office, notices, run.now)
