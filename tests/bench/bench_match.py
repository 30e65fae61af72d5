"""Who is it: how well records of one person are found, and how fast a new sender is linked among very many contacts.

Run: ./callout bench match --contacts 1000000 (both engines; --engine sqlite for one; --store FOLDER keeps the filled
stores for the next run; --households 0 leaves quality out). Quality is measured on people made of names that the rules
were not tuned on, beside the rival that joins whoever has the same phone or mail. The floor is a transaction with one
look at the index of identities and one row written, on the same store.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy as sa

from tasks.gateways.store.connection import reading, writing
from tasks.matching import find_sender, link_sender
from tasks.rules.matching.profiles import Profile, read_profile
from tasks.rules.matching.resolving import resolve
from tests.bench.contact_store import NOW, filled_store, person_of
from tests.samples.people_generator import PeopleGenerator, World
from tests.samples.people_names import DEVELOPMENT, HELD_OUT, LOOKED_AT_LAST

_WORLDS = (("known names", DEVELOPMENT, 1), ("also known", HELD_OUT, 2), ("names unseen", LOOKED_AT_LAST, 3))
_SENDERS = 1000
_WARM = 100
_HARD = 300
Pairs = set[tuple[int, int]]


def main() -> None:
    """Measure quality, then speed, and print both."""
    parser = argparse.ArgumentParser(prog="callout bench match", description=__doc__)
    parser.add_argument("--contacts", type=int, default=100_000, help="how many contacts to link among")
    parser.add_argument("--households", type=int, default=3000, help="how many households to find people in")
    parser.add_argument("--engine", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--store", type=Path, default=None, help="keep the filled stores in this folder")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    quality = {
        name: _quality(PeopleGenerator(names, seed).world(arguments.households))
        for name, names, seed in (_WORLDS if arguments.households else ())
    }
    engines = ["sqlite", "postgresql"] if arguments.engine == "both" else [arguments.engine]
    speed = {name: _speed(name, arguments.contacts, arguments.store) for name in engines}
    if arguments.json:
        print(json.dumps({"contacts": arguments.contacts, "quality": quality, "speed": speed}, ensure_ascii=False))
        return
    for name, figures in quality.items():
        for who, row in figures.items():
            print(f"{name:13} {who:22} " + "  ".join(f"{key} {value}" for key, value in row.items()))
    for name, acts in speed.items():
        for what, row in acts.items():
            said = "  ".join(f"{key} {value}" for key, value in row.items())
            print(f"{name}, {arguments.contacts} contacts, {what}: {said}")


def _quality(world: World) -> dict[str, dict[str, float]]:
    """Pairs found automatically, with suggestions, and by the rival; hard negatives joined, of 300."""
    profiles = {
        number: read_profile(one.name, one.mails, one.phones, one.company) for number, one in enumerate(world.records)
    }
    found = resolve(profiles)
    automatic = {pair for cluster in found.clusters for pair in combinations(cluster, 2)}
    suggested = set(found.suggestions)
    true, hard = world.true_pairs(), set(world.hard_negatives)
    return {
        "automatic": _scores(automatic, true, hard),
        "with suggestions": {
            "suggestion precision": round(len(suggested & true) / max(len(suggested), 1), 3),
            "recall": round(len((automatic | suggested) & true) / len(true), 3),
            "recall when accepted": round(_accepted(automatic | (suggested & true), true), 3),
        },
        "exact phone or mail": _scores(_rival(profiles), true, hard),
    }


def _scores(found: Pairs, true: Pairs, hard: Pairs) -> dict[str, float]:
    return {
        "precision": round(len(found & true) / max(len(found), 1), 4),
        "recall": round(len(found & true) / len(true), 3),
        "hard negatives of 300": round(_HARD * len(found & hard) / max(len(hard), 1), 2),
    }


def _accepted(pairs: Pairs, true: Pairs) -> float:
    """Recall when a person has accepted every right suggestion: what hangs together is one person."""
    root: dict[int, int] = {}

    def find(one: int) -> int:
        while root.get(one, one) != one:
            one = root[one]
        return one

    for one, other in sorted(pairs & true):
        root[find(one)] = find(other)
    return sum(find(one) == find(other) for one, other in true) / len(true)


def _rival(profiles: Mapping[int, Profile]) -> Pairs:
    """Whoever has the same number or address is the same person."""
    owners: dict[tuple[str, str], list[int]] = {}
    for number, profile in profiles.items():
        for kind, value in profile.identities:
            owners.setdefault((kind, value.partition(";")[0]), []).append(number)
    return {pair for members in owners.values() for pair in combinations(members, 2)}


def _speed(engine_name: str, count: int, folder: Path | None) -> dict[str, Any]:
    """Milliseconds for one new sender, each in a transaction of its own."""
    with filled_store(engine_name, count, folder) as engine:
        senders = _senders(count)
        for sender in senders[:_WARM]:
            with reading(engine) as connection:
                find_sender(connection, sender, with_suggestions=True)
        return {
            "floor": _timed(engine, senders, _floor, writing),
            "link": _timed(engine, senders, lambda one, sender: link_sender(one, sender, NOW), writing),
            "look only": _timed(engine, senders, lambda one, sender: find_sender(one, sender), reading),
            "with suggestions": _timed(
                engine, senders, lambda one, sender: find_sender(one, sender, with_suggestions=True), reading
            ),
        }


_FLOOR_READ = sa.text("SELECT contact_id FROM identity WHERE kind = 'mail' AND value = :value")
_FLOOR_WRITE = sa.text("UPDATE contact SET name = name WHERE id = :id")


def _floor(connection: sa.Connection, sender: Profile) -> None:
    connection.execute(_FLOOR_READ, {"value": sender.mails[0]}).all()
    connection.execute(_FLOOR_WRITE, {"id": 1})


def _senders(count: int) -> list[Profile]:
    """Half write from an address that is known; of the others half slipped in it, half nobody has met."""
    chance, senders = random.Random(5), []
    for turn in range(_SENDERS):
        number = chance.randrange(count)
        name, mail, phone = person_of(number)
        if turn % 4 == 2:
            mail, phone = mail.replace(".", "", 1), ""
        elif turn % 4 == 3:
            mail, phone = f"new{turn}@example.com", f"+7800{turn:07d}"
        senders.append(replace(read_profile(name, (mail,), (phone,))))
    return senders


def _timed(
    engine: sa.Engine, senders: Sequence[Profile], act: Callable[..., Any], opened: Callable[..., Any]
) -> dict[str, float]:
    """Wall milliseconds, CPU of this process, and CPU of the database's server on the average of all."""
    wall, cpu, server = [], [], _server_seconds(engine)
    for sender in senders:
        began, cpu_began = time.perf_counter(), time.process_time()
        with opened(engine) as connection:
            act(connection, sender)
        wall.append((time.perf_counter() - began) * 1000)
        cpu.append((time.process_time() - cpu_began) * 1000)
    served = (_server_seconds(engine) - server) * 1000 / len(senders)
    return {
        "p50 ms": _at(wall, 0.5),
        "p95 ms": _at(wall, 0.95),
        "CPU p50 ms": _at(cpu, 0.5),
        "CPU p95 ms": _at(cpu, 0.95),
        "server CPU ms": round(served, 2),
    }


def _at(times: Sequence[float], share: float) -> float:
    return round(sorted(times)[int(len(times) * share)], 1)


def _server_seconds(engine: sa.Engine) -> float:
    """CPU seconds of the server's processes so far; 0 for an embedded engine."""
    if engine.dialect.name == "sqlite":
        return 0.0
    with engine.connect() as connection:
        backend = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
    postmaster = psutil.Process(backend).parent()
    running = [postmaster, *postmaster.children()] if postmaster else []
    return float(sum(times.user + times.system for times in (one.cpu_times() for one in running)))


if __name__ == "__main__":
    main()
