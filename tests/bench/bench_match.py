"""Who is it: how well records of one person are found, and how fast a new sender is linked among very many contacts.

Run: ./callout bench match --contacts 1000000 (both engines; --engine sqlite for one). Quality is measured on people
made of names that the rules were not tuned on, beside the rival that joins whoever has the same phone or mail.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import combinations
from typing import Any

import sqlalchemy as sa

from tasks.gateways.store.connection import reading, writing
from tasks.matching import find_sender, link_sender
from tasks.rules.matching.profiles import Profile, read_profile
from tasks.rules.matching.resolving import resolve
from tests.bench.contact_store import NOW, bench_engine, fill_contacts, person_of
from tests.samples.people_generator import PeopleGenerator, World
from tests.samples.people_names import DEVELOPMENT, HELD_OUT, LOOKED_AT_LAST

_WORLDS = (("known names", DEVELOPMENT, 1), ("also known", HELD_OUT, 2), ("names unseen", LOOKED_AT_LAST, 3))
_SENDERS = 1000
_HARD = 300
Pairs = set[tuple[int, int]]


def main() -> None:
    """Measure quality, then speed, and print both."""
    parser = argparse.ArgumentParser(prog="callout bench match", description=__doc__)
    parser.add_argument("--contacts", type=int, default=100_000, help="how many contacts to link among")
    parser.add_argument("--households", type=int, default=3000, help="how many households to find people in")
    parser.add_argument("--engine", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    quality = {
        name: _quality(PeopleGenerator(names, seed).world(arguments.households)) for name, names, seed in _WORLDS
    }
    engines = ["sqlite", "postgresql"] if arguments.engine == "both" else [arguments.engine]
    speed = {name: _speed(name, arguments.contacts) for name in engines}
    if arguments.json:
        print(json.dumps({"contacts": arguments.contacts, "quality": quality, "speed": speed}, ensure_ascii=False))
        return
    for name, figures in quality.items():
        for who, row in figures.items():
            print(f"{name:13} {who:22} " + "  ".join(f"{key} {value}" for key, value in row.items()))
    for name, row in speed.items():
        print(f"{name}, {arguments.contacts} contacts: " + "  ".join(f"{key} {value}" for key, value in row.items()))


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


def _speed(engine_name: str, count: int) -> dict[str, Any]:
    """Milliseconds for one new sender, each in a transaction of its own."""
    with bench_engine(engine_name) as engine:
        began = time.perf_counter()
        fill_contacts(engine, count)
        fill_seconds = time.perf_counter() - began
        senders = _senders(count)
        linked = _timed(engine, senders, lambda connection, sender: link_sender(connection, sender, NOW), writing)
        looked = _timed(engine, senders, lambda connection, sender: find_sender(connection, sender), reading)
        suggested = _timed(
            engine, senders, lambda connection, one: find_sender(connection, one, with_suggestions=True), reading
        )
    return {
        "link p50/p95 ms": linked,
        "look only p50/p95 ms": looked,
        "with suggestions p50/p95 ms": suggested,
        "filled in s": round(fill_seconds),
    }


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


def _timed(engine: sa.Engine, senders: list[Profile], act: Callable[..., Any], opened: Callable[..., Any]) -> str:
    wall, cpu = [], []
    for sender in senders:
        began, cpu_began = time.perf_counter(), time.process_time()
        with opened(engine) as connection:
            act(connection, sender)
        wall.append((time.perf_counter() - began) * 1000)
        cpu.append((time.process_time() - cpu_began) * 1000)
    p50, p95 = len(wall) // 2, int(len(wall) * 0.95)
    return f"{sorted(wall)[p50]:.1f}/{sorted(wall)[p95]:.1f} (of CPU {sorted(cpu)[p50]:.1f}/{sorted(cpu)[p95]:.1f})"


if __name__ == "__main__":
    main()
