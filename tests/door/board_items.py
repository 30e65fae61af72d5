"""Items of a process for boards: plain rows, as many as wanted, spread over stages, people, deadlines and outcomes."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import writing
from tasks.gateways.store.process_definitions import keep_definitions

STAGES = ("new", "planning", "agreeing", "unreachable", "approving", "scheduled", "documents", "closing")
ENDED = {"won": "won", "lost": "lost", "cancelled": "cancelled"}
_CHUNK = 5000


def definition(process: str = "service") -> dict[str, Any]:
    """A process with many stages; only managers and dispatchers may see it."""
    stages: dict[str, Any] = {
        name: {"status": {"ru": f"этап {name}: {{work_at}}", "en": f"stage {name}"}} for name in STAGES
    }
    stages |= {
        name: {"status": {"ru": f"конец {name}", "en": f"end {name}"}, "ends": ends} for name, ends in ENDED.items()
    }
    return {
        "process": process,
        "version": 1,
        "title": {"ru": "Сервисное обслуживание", "en": "Service order"},
        "entity": "deal",
        "rights": {"see": ["manager", "dispatcher"], "export": ["manager"]},
        "stages": stages,
    }


def add_items(
    engine: sa.Engine, count: int, people: Sequence[int], now: datetime, process: str = "service", seed: int = 4
) -> None:
    """`count` items; nine of ten are open, a tenth has no deadline, a fifth is overdue."""
    with writing(engine) as connection:
        keep_definitions(connection, {process: definition(process)}, now)
        rows = list(_rows(process, count, people, now, random.Random(seed)))
        for start in range(0, count, _CHUNK):
            connection.execute(sa.insert(schema.process_item), rows[start : start + _CHUNK])


def _rows(
    process: str, count: int, people: Sequence[int], now: datetime, chance: random.Random
) -> Iterator[dict[str, Any]]:
    for number in range(1, count + 1):
        outcome = chance.choice(tuple(ENDED)) if chance.random() < 0.1 else None
        is_overdue = outcome is None and chance.random() < 0.2
        away = timedelta(minutes=chance.randrange(1, 60_000))
        deadline = None if chance.random() < 0.1 else now - away if is_overdue else now + away
        yield {
            "key": f"deal:{number}",
            "process": process,
            "version": 1,
            "entity": "deal",
            "entity_id": number,
            "number": f"D-{number:06d}",
            "title": f"Обслуживание котла, клиент {number % 977}",
            "stage": ENDED[outcome] if outcome else chance.choice(STAGES),
            "visit": 1,
            "stage_entered_at": now - away,
            "status_text": "согласуется время 17.11, 15:00" if number % 3 else "",
            "fields": {},
            "memory": {},
            "outcome": outcome,
            "created_at": now - away,
            "ended_at": now if outcome else None,
            "deadline_at": deadline,
            "is_overdue": is_overdue,
            "responsible_id": chance.choice(people) if chance.random() < 0.95 else None,
            "held_at": now if number % 500 == 0 else None,
        }
