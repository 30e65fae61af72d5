"""One advance run over a store full of open orders of which few are due: seconds and memory, beside a floor.

The floor writes the same number of letters into the same outbox in transactions of one, with no engine, no item and
no task: what the cheapest program that tells people would cost on this disk. Run: ./callout bench process --store
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy as sa

from sql import schema
from tasks.advance import advance_items
from tasks.desk import Desk
from tasks.gateways.office_folder import load_office
from tasks.gateways.secrets_source import SecretSource
from tasks.gateways.store.connection import open_store, reading, writing
from tasks.gateways.store.office_sync import sync_office
from tasks.gateways.store.process_codec import pack_fields, pack_memory
from tasks.gateways.store.revision import upgrade
from tasks.gateways.store.staff import read_recipients
from tasks.office_round import SERVICE, begin_round
from tasks.outbox import plan_notices
from tasks.rules.outgoing import Notice
from tasks.rules.process.state import Event, Item
from tasks.rules.process.step import begin, step

OFFICE = Path(__file__).resolve().parents[2] / "deployments" / "office"
NOW = datetime(2026, 11, 17, 12, 0, tzinfo=UTC)
_CONTACTS = 1000


def fill_store(url: str, folder: Path, orders: int, due: int) -> None:
    """A store with so many open orders in planning; the price list of `due` of them is late at NOW."""
    engine = open_store(url)
    upgrade(engine)
    desk = open_desk(engine, folder)
    with writing(engine) as connection:
        sync_office(connection, desk.office, NOW - timedelta(days=30))
        contacts = [{"id": n, "name": f"Клиент {n}", "created_at": NOW} for n in range(1000, 1000 + _CONTACTS)]
        connection.execute(sa.insert(schema.contact), contacts)
        points = [
            {"contact_id": n, "kind": "mail", "value": f"c{n}@client.example", "raw": f"c{n}@client.example"}
            for n in range(1000, 1000 + _CONTACTS)
        ]
        connection.execute(sa.insert(schema.contact_point), points)
        late, on_time = waiting_orders(connection, desk)
        for sample, first, last in ((late, 1, due), (on_time, due + 1, orders)):
            if first <= last:
                _insert_order(connection, first, sample)
                _copy_order(connection, first, last)
    engine.dispose()


def _copy_order(connection: sa.Connection, sample: int, last: int) -> None:
    """The orders behind `sample` as its copies, by the database itself: a hundred thousand take seconds."""
    name, contact = "printf('D-%06d', n.number)", f"1000 + n.number % {_CONTACTS}"
    fields = _replaced(
        "t.fields",
        (f"'D-{sample:06d}'", name),
        (f"'contact:{1000 + sample % _CONTACTS}'", f"'contact:' || ({contact})"),
    )
    ids = [(f"'\"task_id\": {2 * sample + place}'", f"'\"task_id\": ' || (2 * n.number + {place})") for place in (0, 1)]
    _copy(connection, schema.deal, sample, last, {"id": "n.number", "number": name, "contact_id": contact})
    values = {"id": "n.number", "entity_id": "n.number", "key": "'deal:' || n.number", "number": name}
    memory = _replaced("t.memory", *ids)
    _copy(connection, schema.process_item, sample, last, values | {"fields": fields, "memory": memory})
    task_id = f"(t.id - {2 * sample} + 2 * n.number)"
    values = {"id": task_id, "key": f"'bench:' || {task_id}", "entity_id": "n.number", "item_id": "n.number"}
    _copy(connection, schema.work_task, sample, last, values, "item_id")


def _replaced(column: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        column = f"replace({column}, {old}, {new})"
    return column


def _copy(
    connection: sa.Connection, table: sa.Table, sample: int, last: int, values: dict[str, str], by: str = "id"
) -> None:
    names = [column.name for column in table.columns]
    into, found = ", ".join(f'"{one}"' for one in names), ", ".join(values.get(one, f't."{one}"') for one in names)
    connection.exec_driver_sql(
        f'INSERT INTO "{table.name}" ({into}) WITH RECURSIVE n(number) AS (SELECT {sample + 1} UNION ALL '  # noqa: S608 (names of our own schema)
        f'SELECT number + 1 FROM n WHERE number < {last}) SELECT {found} FROM n JOIN "{table.name}" t '
        f"ON t.{by} = {sample} WHERE n.number <= {last}"
    )


def waiting_orders(connection: sa.Connection, desk: Desk) -> tuple[Item, Item]:
    """An order whose price list is late at NOW, and one that has time: as the engine itself makes them."""
    run = begin_round(connection, desk.office, NOW)
    by_key = {member.key: member.ref for member in run.staff.values()}
    fields = {"client": "contact:1000", "kind": "periodic", "manager": by_key["maria"], "dispatcher": by_key["daria"]}
    found = []
    for began in (NOW - timedelta(days=1, minutes=30), NOW - timedelta(minutes=30)):
        definition = run.newest(SERVICE)
        facts = run.facts(connection, definition)
        item, _ = begin(definition, facts, key="deal:0", at=began, actor=by_key["maria"], fields=fields)
        item, _ = step(definition, facts, item, Event("start", began, "start", by_key["maria"]))
        assert item.stage == "planning"
        found.append(item)
    return found[0], found[1]


def _insert_order(connection: sa.Connection, number: int, sample: Item) -> None:
    owner = int(str(sample.fields["dispatcher"]).partition(":")[2])
    manager = int(str(sample.fields["manager"]).partition(":")[2])
    contact_id = 1000 + number % _CONTACTS
    name = f"D-{number:06d}"
    work, tasks = {}, []
    for place, (key, one) in enumerate(sample.work.items()):
        task_id = 2 * number + place
        work[key] = replace(one, rows=tuple(replace(row, task_id=task_id) for row in one.rows))
        tasks.append(_task(one, task_id, number, owner))
    fields = {**sample.fields, "client": f"contact:{contact_id}", "number": name}
    item = replace(sample, key=f"deal:{number}", work=work, fields=fields)
    connection.execute(sa.insert(schema.deal), _deal(sample, number, name, contact_id, manager, owner))
    connection.execute(sa.insert(schema.process_item), _item(item, number, name, manager))
    connection.execute(sa.insert(schema.work_task), tasks)


def _deal(sample: Item, number: int, name: str, contact_id: int, manager: int, dispatcher: int) -> dict[str, Any]:
    return {
        "id": number,
        "number": name,
        "pipeline": SERVICE,
        "stage": sample.stage,
        "stage_entered_at": sample.entered_at,
        "status_text": "диспетчер готовит заказ",
        "title": "Обслуживание котла",
        "contact_id": contact_id,
        "manager_id": manager,
        "dispatcher_id": dispatcher,
        "created_at": sample.entered_at,
    }


def _item(item: Item, number: int, name: str, manager: int) -> dict[str, Any]:
    return {
        "id": number,
        "key": item.key,
        "process": SERVICE,
        "version": 2,
        "entity": "deal",
        "entity_id": number,
        "number": name,
        "title": "Обслуживание котла",
        "stage": item.stage,
        "visit": item.visit,
        "stage_entered_at": item.entered_at,
        "status_text": "диспетчер готовит заказ",
        "fields": pack_fields(item.fields),
        "memory": pack_memory(item),
        "created_at": item.entered_at,
        "next_due_at": item.clocks[0].due,
        "deadline_at": next(clock.due for clock in item.clocks if clock.name == "within"),
        "responsible_id": manager,
    }


def _task(work: Any, task_id: int, number: int, owner: int) -> dict[str, Any]:
    return {
        "id": task_id,
        "key": f"bench:{task_id}",
        "entity": "deal",
        "entity_id": number,
        "item_id": number,
        "name": work.name,
        "kind": "task",
        "title": f"{work.name} D-{number:06d}",
        "person_id": owner,
        "opened_at": work.asked_at,
        "due_at": work.rows[0].due_at,
    }


def open_desk(engine: sa.Engine, folder: Path) -> Desk:
    """The sample office over a store."""
    return Desk(load_office(OFFICE), engine, SecretSource(folder), folder, folder)


def advance(url: str, folder: Path) -> dict[str, Any]:
    """One run in this process: seconds, CPU, the most memory, counts."""
    desk = open_desk(open_store(url), folder)
    process = psutil.Process()
    before, started = process.cpu_times(), time.perf_counter()
    counts = advance_items.fn(desk, NOW)
    seconds = time.perf_counter() - started
    after = process.cpu_times()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    cpu = after.user + after.system - before.user - before.system
    return {"seconds": round(seconds, 2), "cpu_seconds": round(cpu, 2), "most_megabytes": most, "counts": counts}


def floor(url: str, folder: Path, letters: int) -> dict[str, float]:
    """So many letters planned with no engine, one transaction each."""
    desk = open_desk(open_store(url), folder)
    with reading(desk.engine) as connection:
        run = begin_round(connection, desk.office, NOW)
        to = next(iter(read_recipients(connection, [next(iter(run.staff))]).values()))
    started = time.perf_counter()
    for number in range(letters):
        data = {"number": f"F-{number}", "title": "", "status": "", "reasons": ["floor"], "path": []}
        notice = Notice(f"floor:{number}", "notice", to, "item_held", data, "deal", number, NOW)
        with writing(desk.engine) as connection:
            plan_notices(connection, desk.office, [notice], NOW)
    return {"floor_seconds": round(time.perf_counter() - started, 2), "letters": letters}


def measure(orders: int, due: int) -> dict[str, Any]:
    """Fill a store, run one advance and the floor, each in a process of its own."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        url = f"sqlite:///{folder / 'store.db'}"
        fill_store(url, folder, orders, due)
        ran = _apart("advance", url, folder, 0)
        ran |= _apart("floor", url, folder, int(ran["counts"].get("notices", 0)))
    return {"orders": orders, "due": due, **ran}


def _apart(what: str, url: str, folder: Path, number: int) -> dict[str, Any]:
    words = [sys.executable, "-m", "tests.bench.process_store", what, url, str(folder), str(number)]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    _, what, url, folder, number = sys.argv
    place = Path(folder)
    print(json.dumps(advance(url, place) if what == "advance" else floor(url, place, int(number))))
