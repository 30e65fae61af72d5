"""The desk of held items: what waits for a person, why, which rules had acted; and letting one or many go on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.desk import Desk
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.process_items import ConflictError, held_items, load_items
from tasks.gateways.store.quarantine_decisions import find_person
from tasks.office_round import begin_round
from tasks.process_releasing import release
from tasks.rules.errors import UsageError

_TRIES = 5
_MOST = 1000


@dataclass(frozen=True, slots=True)
class HeldItem:
    """One item that waits: since when, why, and the rules that had acted when it stopped."""

    item_id: int
    number: str
    title: str
    process: str
    version: int
    stage: str
    held_at: datetime
    reason: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Released:
    """What came of letting items go on: counts, and a remark for each that stays as it is."""

    counts: dict[str, int]
    notes: tuple[str, ...]


def held_list(desk: Desk, *, process: str = "", limit: int = 100) -> list[HeldItem]:
    """Items that wait for a person, the longest held first."""
    with reading(desk.engine) as connection:
        rows = held_items(connection, process, max(limit, 1))
    return [
        HeldItem(
            item_id=stored.item_id,
            number=stored.number,
            title=stored.title,
            process=stored.process,
            version=stored.version,
            stage=stored.item.stage,
            held_at=held_at,
            reason=stored.held_reason,
            path=stored.held_path,
        )
        for stored, held_at in rows
    ]


@task(name="release-items", task_run_name="release-items", cache_policy=NO_CACHE)
def release_items(desk: Desk, item_ids: Sequence[int], who: str, now: datetime, channel: str) -> Released:
    """Let held items go on, each in a transaction of its own; no ids: all of them. `who` is a key or mail address.

    Raises UsageError for somebody who is not on the staff.
    """
    with reading(desk.engine) as connection:
        person_id = find_person(connection, who)
        run = begin_round(connection, desk.office, now)
        wanted = list(dict.fromkeys(item_ids)) or [one.item_id for one, _ in held_items(connection, "", _MOST)]
    if person_id is None:
        raise UsageError("nobody on the staff has this key or mail address: who releases?")
    counts: Counter[str] = Counter()
    notes: list[str] = []
    for item_id in wanted:
        for _ in range(_TRIES):
            try:
                with writing(desk.engine) as connection:
                    found = load_items(connection, [item_id])
                    done = release(connection, run, found[0], f"person:{person_id}", now, channel) if found else None
            except ConflictError:
                continue
            counts.update(done or Counter(left=1))
            if not done:
                notes.append(f"item {item_id} {'is not held' if found else 'is not there'}")
            break
    return Released(dict(counts), tuple(notes))
