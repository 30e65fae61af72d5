"""How fast `./callout find` answers over many names: the search itself, without starting a process.

Run: ./callout bench find --contacts 100000 (half as many leads and letters are made beside them).
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import open_store, reading, writing
from tasks.gateways.store.finding import find_hits
from tasks.gateways.store.revision import upgrade
from tasks.rules.finding import KINDS, read_query

NOW = datetime(2026, 11, 17, 9, tzinfo=UTC)
_QUERIES = (
    "ив пет",
    "bd gtn",
    "сидо",
    "Кузнецова анна",
    "+7 900 000-02-01",
    "8900001",
    "name77",
    "@client",
    "насос",
    "zzz",
)
_FIRST = ("Иван", "Пётр", "Анна", "Ольга", "Сергей", "Мария", "Тимур", "Дарья")
_LAST = ("Иванов", "Петров", "Сидоров", "Кузнецов", "Белов", "Щедрин", "Королёв", "Жуков")
_ROUNDS = 2


def main() -> None:
    """Fill a store, ask, and print the times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=100_000, help="how many contacts")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        engine = open_store(f"sqlite:///{Path(folder) / 'find.db'}")
        upgrade(engine)
        _fill(engine, arguments.contacts)
        figures = {"contacts": arguments.contacts, **_ask(engine)}
        engine.dispose()
    print(json.dumps(figures, ensure_ascii=False) if arguments.json else _said(figures))


def _fill(engine: sa.Engine, count: int) -> None:
    chance = random.Random(7)
    names = [f"{chance.choice(_LAST)} {chance.choice(_FIRST)} {number}" for number in range(count)]
    contacts = [{"id": i + 1, "name": name, "created_at": NOW} for i, name in enumerate(names)]
    points = [
        {"contact_id": i + 1, "kind": kind, "value": value, "raw": value}
        for i in range(count)
        for kind, value in (("mail", f"name{i}@client-{i % 900}.example"), ("phone", f"+7900{i:07d}"))
    ]
    lead = {"channel": "mail", "title": "Ремонт насоса", "created_at": NOW, "take_due_at": NOW}
    leads = [
        {**lead, "number": f"L-{i}", "origin_key": f"mail:{i}", "person_name": names[i]} for i in range(count // 2)
    ]
    letter = {"kind": "mail", "direction": "in", "at": NOW}
    letters = [{**letter, "origin_key": f"mail:{i}", "subject": f"Заявка {i}"} for i in range(count // 2)]
    with writing(engine) as connection:
        for table, rows in ((schema.contact, contacts), (schema.contact_point, points), (schema.lead, leads)):
            connection.execute(sa.insert(table), rows)
        connection.execute(sa.insert(schema.activity), letters)


def _ask(engine: sa.Engine) -> dict[str, Any]:
    seconds, cpu_seconds = [], []
    for _ in range(_ROUNDS):
        for text in _QUERIES:
            began, cpu_began = time.perf_counter(), time.process_time()
            with reading(engine) as connection:
                find_hits(connection, read_query(text), KINDS, 20)
            seconds.append(time.perf_counter() - began)
            cpu_seconds.append(time.process_time() - cpu_began)
    ordered = sorted(seconds)
    return {
        "searches": len(seconds),
        "cpu_median_ms": round(statistics.median(cpu_seconds) * 1000),
        "median_ms": round(statistics.median(seconds) * 1000),
        "p95_ms": round(ordered[int(len(ordered) * 0.95)] * 1000),
    }


def _said(figures: dict[str, Any]) -> str:
    return (
        f"{figures['contacts']} contacts, half as many leads and letters: {figures['searches']} searches, "
        f"median {figures['median_ms']} ms ({figures['cpu_median_ms']} ms of CPU), 95 % within {figures['p95_ms']} ms"
    )


if __name__ == "__main__":
    main()
