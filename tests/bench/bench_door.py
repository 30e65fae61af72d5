"""How fast the door answers: the board over very many items with every mix of filters, and posts of a web form.

Run: ./callout bench door --items 100000 --clients 20 (SQLite; --engine postgresql for the other). The door runs as its
own process, as `up` runs it; the floor is an empty FastAPI route under the same server, asked in the same run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice, product
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import sqlalchemy as sa

from deployments.prefect_server import free_port
from deployments.settings import PROJECT
from sql.schema import person
from tasks.gateways.office_folder import load_office
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.door_sessions import begin_sign_in, use_sign_in
from tasks.gateways.store.office_sync import sync_office
from tasks.gateways.store.revision import upgrade
from tests.bench.contact_store import bench_engine
from tests.bench.measuring import print_figures
from tests.bench.plain_http import Answers, ask_side_by_side, request
from tests.door.board_items import STAGES, add_items

_WARM_UP = 3
_START_SECONDS = 60
_PROCESS = "bench"


def main() -> None:
    """Fill a store, start the door, ask, and print the times."""
    parser = argparse.ArgumentParser(prog="callout bench door", description=__doc__)
    parser.add_argument("--items", type=int, default=100_000, help="how many items of one process")
    parser.add_argument("--clients", type=int, default=20, help="how many ask at the same time")
    parser.add_argument("--rounds", type=int, default=20, help="requests per client")
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    with bench_engine(arguments.engine) as engine, tempfile.TemporaryDirectory() as home:
        figures = measure(engine, Path(home), arguments)
    print_figures(figures, as_json=arguments.json)


def measure(engine: sa.Engine, home: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """Boards, forms and their floors."""
    cookie, people = prepare(engine, arguments.items)
    boards = list(addresses(people))
    door_port, floor_port = free_port(), free_port()
    env = {
        **os.environ,
        "CALLOUT_HOME": str(home),
        "CALLOUT_DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "CALLOUT_DOOR_PORT": str(door_port),
        "CALLOUT_OFFICE": str(hurried_office(home)),
        "PYTHONPATH": str(PROJECT),
    }
    clients, rounds = arguments.clients, arguments.rounds
    with running([sys.executable, "-m", "tests.bench.door_floor", str(floor_port)], env, floor_port, "/board"):
        floor_board = asked(floor_port, [[request("GET", "/board")] * (rounds + _WARM_UP)] * clients)
        floor_form = asked(floor_port, [[request("POST", "/form")] * (rounds + _WARM_UP)] * clients)
    headers = {"cookie": f"callout-door={cookie}"}
    with running([sys.executable, "-m", "deployments.door"], env, door_port, "/health"):
        looks = [
            [request("GET", path, headers) for path in shuffled(boards, n, rounds + _WARM_UP)] for n in range(clients)
        ]
        board = asked(door_port, looks)
        alone = asked(door_port, looks[:1])
        posts = {count: asked(door_port, form_posts(count, rounds)) for count in (1, 4, clients)}
    return {
        "items": arguments.items,
        "engine": engine.dialect.name,
        "filter mixes": len(boards),
        f"floor, empty route, {clients} clients": told(floor_board),
        f"board, {clients} clients": told(board) | {"largest gzip KB": round(board.largest_bytes / 1024, 1)},
        "board, 1 client": told(alone),
        f"floor, empty post, {clients} clients": told(floor_form),
        **{f"form post committed, {count} clients": told(found) for count, found in posts.items()},
    }


def asked(port: int, requests: list[list[bytes]]) -> Answers:
    """Ask side by side; every answer must be a good one."""
    answers = asyncio.run(ask_side_by_side(port, requests, warm_up=_WARM_UP))
    bad = {status: count for status, count in answers.statuses.items() if status not in (200, 201)}
    if bad:
        raise SystemExit(f"the door refused: {bad}")
    return answers


def told(answers: Answers) -> dict[str, float]:
    """The figures in milliseconds."""
    return {
        "p50 ms": answers.percentile(50),
        "p95 ms": answers.percentile(95),
        "p99 ms": answers.percentile(99),
        "requests": len(answers.seconds),
    }


def prepare(engine: sa.Engine, items: int) -> tuple[str, list[str]]:
    """A filled store with somebody signed in; the cookie, and the keys of all people."""
    upgrade(engine)
    now = datetime.now(UTC)
    with writing(engine) as connection:
        sync_office(connection, load_office(PROJECT / "deployments" / "office"), now)
    with reading(engine) as connection:
        people = {row.key: row.id for row in connection.execute(sa.select(person))}
    add_items(engine, items, list(people.values()), now, process=_PROCESS)
    with writing(engine) as connection:
        _, token = begin_sign_in(connection, people["maria"], now)
        cookie = use_sign_in(connection, token, "bench", now)
    if engine.dialect.name == "sqlite":
        with engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE")
    return str(cookie), list(people)


def addresses(people: list[str]) -> Iterator[str]:
    """Every mix of filters: whose, overdue or not, how ended, all stages or one, cards or list."""
    for who, overdue, outcome, stage, view in product(
        ("", "me", *people), ("", "1"), ("", "won", "lost"), ("", STAGES[1]), ("", "list")
    ):
        if not (outcome and stage):
            yield f"/board/{_PROCESS}?who={who}&overdue={overdue}&outcome={outcome}&stage={stage}" + (
                f"&view={view}" if view else ""
            )


def shuffled(paths: list[str], client: int, count: int) -> list[str]:
    """One client's way through the mixes: every client begins elsewhere, every mix comes equally often."""
    step = 7919 % len(paths)
    return [paths[(client * 131 + number * step) % len(paths)] for number in range(count)]


def form_posts(clients: int, rounds: int) -> list[list[bytes]]:
    """Posts of people who were never here before."""
    numbers = iter(range(int(time.time()) * 10**6, 10**18))
    headers = {"content-type": "application/json"}

    def post(number: int) -> bytes:
        body = {"name": "Иван Петров", "mail": f"ivan{number}@somebody.example", "text": "Котёл не греет"}
        return request("POST", "/forms/request", headers, json.dumps(body).encode())

    return [[post(number) for number in islice(numbers, rounds + _WARM_UP)] for _ in range(clients)]


def hurried_office(home: Path) -> Path:
    """The sample company without a limit on posts from one address."""
    import shutil

    folder = shutil.copytree(PROJECT / "deployments" / "office", home / "office")
    file = folder / "forms.yaml"
    text = file.read_text(encoding="utf-8").replace(
        "per_hour_from_one_address: 30", "per_hour_from_one_address: 100000"
    )
    file.write_text(text + "    per_hour: 1000000\n", encoding="utf-8")
    return Path(folder)


@contextmanager
def running(argv: list[str], env: dict[str, str], port: int, path: str) -> Iterator[None]:
    """A server in a process of its own, once it answers."""
    process = subprocess.Popen(argv, env=env, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.monotonic() + _START_SECONDS
    while True:
        try:
            urlopen(f"http://127.0.0.1:{port}{path}", timeout=2).close()
            break
        except OSError:
            if time.monotonic() > end or process.poll() is not None:
                raise SystemExit(f"{argv[2]} does not answer") from None
            time.sleep(0.2)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


if __name__ == "__main__":
    main()
