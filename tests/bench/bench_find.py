"""How fast `./callout find` answers over very many names: the search itself, without starting a process.

Run: ./callout bench find --contacts 1000000 (half as many leads and letters are made beside them), on both engines or
with --engine sqlite on one; --store FOLDER keeps the filled stores for the next run and for `bench match`.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tasks.gateways.store.connection import reading
from tasks.gateways.store.finding import find_hits
from tasks.rules.finding import KINDS, read_query
from tests.bench.contact_store import filled_store

_QUERIES = (
    "ив пет",
    "bd gtn",
    "вергоров",
    "Петбаов анна",
    "+7 900 000-02-01",
    "8900001",
    "a.gorov77",
    "@client",
    "насос",
    "jkmuf uj",
    "тимсол",
    "гор ник",
    "zzz",
)
_ROUNDS = 5


def main() -> None:
    """Fill a store, ask, and print the times."""
    parser = argparse.ArgumentParser(prog="callout bench find", description=__doc__)
    parser.add_argument("--contacts", type=int, default=100_000, help="how many contacts")
    parser.add_argument("--engine", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--store", type=Path, default=None, help="keep the filled stores in this folder")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    engines = ["sqlite", "postgresql"] if arguments.engine == "both" else [arguments.engine]
    figures: dict[str, Any] = {"contacts": arguments.contacts}
    for name in engines:
        with filled_store(name, arguments.contacts, arguments.store) as engine:
            figures[name] = ask(engine)
    if arguments.json:
        print(json.dumps(figures, ensure_ascii=False))
        return
    for name in engines:
        said = "  ".join(f"{key} {value}" for key, value in figures[name].items())
        print(f"{name}, {arguments.contacts} contacts, half as many leads and letters: {said}")


def ask(engine: sa.Engine) -> dict[str, float]:
    """Every query several times: wall and CPU milliseconds of this process."""
    wall, cpu = [], []
    for _ in range(_ROUNDS):
        for text in _QUERIES:
            began, cpu_began = time.perf_counter(), time.process_time()
            with reading(engine) as connection:
                find_hits(connection, read_query(text), KINDS, 20)
            wall.append((time.perf_counter() - began) * 1000)
            cpu.append((time.process_time() - cpu_began) * 1000)
    return {
        "searches": len(wall),
        "median ms": _at(wall, 0.5),
        "p95 ms": _at(wall, 0.95),
        "cpu median ms": _at(cpu, 0.5),
        "cpu p95 ms": _at(cpu, 0.95),
    }


def _at(times: list[float], share: float) -> float:
    ordered = sorted(times)
    return round(ordered[int(len(ordered) * share)], 1)


if __name__ == "__main__":
    main()
