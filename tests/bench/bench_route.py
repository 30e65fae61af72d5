"""How fast a PBX is answered who should get a call: GET /telephony/route at a steady rate over very many contacts.

Run: ./callout bench route --contacts 1000000 --rate 100 --seconds 20 (SQLite; --engine postgresql for the other). The
door runs as its own process; every question goes out at its own moment, whether or not the one before was answered.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from deployments.prefect_server import free_port
from deployments.settings import PROJECT
from sql import schema
from tasks.gateways.office_folder import load_office
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.office_sync import sync_office
from tests.bench.bench_door import hurried_office, running, told
from tests.bench.contact_store import filled_store
from tests.bench.measuring import print_figures
from tests.bench.plain_http import Answers, ask_side_by_side, request

_TOKEN = "bench-token"
_CALLS_TODAY = 3000


def main() -> None:
    """Fill a store, start the door, ask, and print the times."""
    parser = argparse.ArgumentParser(prog="callout bench route", description=__doc__)
    parser.add_argument("--contacts", type=int, default=20_000, help="how many contacts")
    parser.add_argument("--rate", type=int, default=100, help="questions in a second")
    parser.add_argument("--seconds", type=int, default=5, help="how long to ask")
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--store", type=Path, default=None, help="keep the filled store in this folder")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    store = filled_store(arguments.engine, arguments.contacts, arguments.store)
    with store as engine, tempfile.TemporaryDirectory() as home:
        figures = measure(engine, Path(home), arguments)
    print_figures(figures, as_json=arguments.json)


def measure(engine: sa.Engine, home: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """The questions at their rate, and how many answers were written down."""
    phones = prepare(engine)
    port = free_port()
    env = {
        **os.environ,
        "CALLOUT_HOME": str(home),
        "CALLOUT_DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "CALLOUT_DOOR_PORT": str(port),
        "CALLOUT_OFFICE": str(_asked_office(home)),
        "CALLOUT_SECRET_BENCH": _TOKEN,
        "PYTHONPATH": str(PROJECT),
    }
    questions = [_question(phones, number) for number in range(arguments.rate * arguments.seconds)]
    with running([sys.executable, "-m", "deployments.door"], env, port, "/health"):
        asyncio.run(ask_side_by_side(port, [questions[:1]]))
        before, silent_before = _kept(engine), _silent(engine)
        answers = asyncio.run(at_a_rate(port, questions, arguments.rate))
        time.sleep(1)
        recorded, silent = _kept(engine) - before, _silent(engine) - silent_before
        with _locked(engine):
            waiting = asyncio.run(at_a_rate(port, questions[: arguments.rate], arguments.rate))
    return {
        "contacts": arguments.contacts,
        "engine": engine.dialect.name,
        f"route at {arguments.rate}/s": told(answers),
        "statuses": answers.statuses,
        "answers recorded": recorded,
        "answered without the store": silent,
        "route while the store is locked": told(waiting) | {"most ms": round(max(waiting.seconds) * 1000, 1)},
    }


@contextmanager
def _locked(engine: sa.Engine) -> Iterator[None]:
    """On SQLite nobody else writes (readers are never locked out in WAL mode), on PostgreSQL nobody else even reads."""
    with writing(engine) as connection:
        if engine.dialect.name != "sqlite":
            connection.exec_driver_sql("LOCK TABLE contact_point, person, absence, call IN ACCESS EXCLUSIVE MODE")
        yield


async def at_a_rate(port: int, questions: list[bytes], rate: int) -> Answers:
    """Every question at its moment; the time counts from that moment, so that a queue is not left out."""
    answers = Answers()
    begun = time.perf_counter()

    async def ask(number: int, question: bytes) -> None:
        await asyncio.sleep(max(0.0, begun + number / rate - time.perf_counter()))
        own = await ask_side_by_side(port, [[question]])
        answers.seconds.append(time.perf_counter() - begun - number / rate)
        for status, count in own.statuses.items():
            answers.statuses[status] = answers.statuses.get(status, 0) + count

    await asyncio.gather(*(ask(number, question) for number, question in enumerate(questions)))
    return answers


def prepare(engine: sa.Engine) -> list[str]:
    """Staff, some managers, leads' telephones and a day's calls beside the contacts; telephones of known callers."""
    now, is_sqlite = datetime.now(UTC), engine.dialect.name == "sqlite"
    with writing(engine) as connection:
        sync_office(connection, load_office(PROJECT / "deployments" / "office"), now)
        people = connection.scalars(sa.select(schema.person.c.id)).all()
        connection.execute(
            sa.update(schema.contact).where(schema.contact.c.id % 3 == 0).values(manager_id=people[1], company_id=None)
        )
        phone = "'+7998' || substr('000000' || id, -7)" if is_sqlite else "'+7998' || lpad(id::text, 7, '0')"
        connection.exec_driver_sql(f"UPDATE lead SET phone = {phone} WHERE phone IS NULL")  # noqa: S608 (our own words)
        connection.execute(sa.insert(schema.call), [_call(number, people, now) for number in range(_CALLS_TODAY)])
        connection.exec_driver_sql("ANALYZE")
    point = schema.contact_point
    with reading(engine) as connection:
        query = sa.select(point.c.value).where(point.c.kind == "phone").order_by(point.c.id).limit(100_000)
        return list(connection.scalars(query))


def _call(number: int, people: Any, now: datetime) -> dict[str, Any]:
    at = now - timedelta(seconds=number)
    return {"source": "bench", "linked_id": f"{now.timestamp()}.{number}", "direction": "in", "outcome": "answered",
            "started_at": at, "ended_at": at, "talk_seconds": 60, "leg_count": 1, "transfer_count": 0,
            "person_id": people[number % len(people)], "client_raw": ""}  # fmt: skip


def _question(phones: list[str], number: int) -> bytes:
    chance = random.Random(number)
    caller = f"+7999{chance.randrange(10**7):07d}" if number % 3 == 0 else chance.choice(phones)
    dialled = "&dialled=104" if number % 10 == 0 else ""
    path = f"/telephony/route?line=%2B79000000100&caller={quote(caller)}{dialled}&call=bench.{number}"
    return request("GET", path, {"authorization": f"Bearer {_TOKEN}"})


def _asked_office(home: Path) -> Path:
    """The sample company, whose PBX may ask."""
    folder = hurried_office(home)
    file = folder / "telephony.yaml"
    text = file.read_text(encoding="utf-8").replace('\n  secret: ""', "\n  secret: bench")
    file.write_text(text, encoding="utf-8")
    return folder


def _kept(engine: sa.Engine) -> int:
    with reading(engine) as connection:
        return int(connection.scalar(sa.select(sa.func.count()).select_from(schema.call_route)) or 0)


def _silent(engine: sa.Engine) -> int:
    route = schema.call_route
    query = sa.select(sa.func.count()).where(route.c.reason.like("the store did not answer%"))
    with reading(engine) as connection:
        return int(connection.scalar(query) or 0)


if __name__ == "__main__":
    main()
