"""Deals of the first engine go on as items: the same stage and work, money in its own process, clocks counted anew."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import open_store, reading, writing
from tasks.gateways.store.process_items import find_item, load_item
from tasks.gateways.store.revision import downgrade, upgrade

NOON = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
STORED = "2026-11-17 09:00:00.000000"


@pytest.fixture
def old_engine(tmp_path: Path) -> Iterator[sa.Engine]:
    """A store at the revision before, with one order being planned and one that waits for its money."""
    engine = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    upgrade(engine, "0006")
    with writing(engine) as connection:
        for number, key in enumerate(("maria", "daria", "anna"), start=1):
            _add(connection, "person", id=number, key=key, name=key, mail=f"{key}@example.com")
        _add(connection, "contact", id=1, name="Иван", created_at=STORED)
        _deal(connection, 1, "planning", None, '{"kind": "urgent"}')
        _deal(connection, 2, "won", "won", '{"kind": "urgent", "invoice": "INV-000001"}')
        _task(connection, 1, 1, "conduct", 2)
        _task(connection, 2, 1, "price", 2)
        _task(connection, 3, 2, "payment", 3)
        invoice = {"number": "INV-000001", "deal_id": 2, "amount": 1000, "currency": "RUB"}
        _add(connection, "invoice", **invoice, issued_at=STORED, due_on="2026-11-24")
    yield engine
    engine.dispose()


def _add(connection: sa.Connection, table: str, **values: Any) -> None:
    names = ", ".join(values)
    places = ", ".join(f":{name}" for name in values)
    connection.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({places})"), values)  # noqa: S608 (own names)


def _deal(connection: sa.Connection, number: int, stage: str, outcome: str | None, fields: str) -> None:
    times = {"stage_entered_at": STORED, "created_at": STORED, "ended_at": STORED if outcome else None}
    people = {"contact_id": 1, "manager_id": 1, "dispatcher_id": 2}
    values = {"id": number, "number": f"D-{number}", "pipeline": "service", "pipeline_version": 1, "stage": stage}
    _add(connection, "deal", **values, **times, **people, visit=2, outcome=outcome, fields=fields, amount=1000)


def _task(connection: sa.Connection, number: int, deal: int, name: str, person: int) -> None:
    values = {"id": number, "key": f"t{number}", "entity": "deal", "entity_id": deal, "name": name, "kind": "task"}
    _add(connection, "work_task", **values, person_id=person, opened_at=STORED, due_at="2026-11-18 09:00:00.000000")


def test_an_order_goes_on_in_its_stage_with_its_work(old_engine: sa.Engine) -> None:
    upgrade(old_engine)
    with reading(old_engine) as connection:
        stored = load_item(connection, find_item(connection, "deal:1") or 0)
        inbox = connection.execute(sa.select(schema.process_inbox)).all()
        tasks = {row.id: row.item_id for row in connection.execute(sa.select(schema.work_task))}
    item = stored.item
    assert (stored.process, stored.version, item.stage, item.visit) == ("service", 2, "planning", 2)
    assert (item.fields["client"], item.fields["dispatcher"], item.fields["kind"]) == (
        "contact:1",
        "person:2",
        "urgent",
    )
    assert {name: work.rows[0].task_id for name, work in item.work.items()} == {"conduct": 1, "price": 2}
    assert [clock.name for clock in item.clocks] == ["work:conduct:1", "work:price:1", "within"]
    assert item.clocks[0].due == NOON + timedelta(days=1)
    assert tasks[1] == stored.item_id
    assert (stored.item_id, NOON) in [(row.item_id, row.at) for row in inbox]


def test_a_won_order_waits_for_its_money_in_a_process_of_its_own(old_engine: sa.Engine) -> None:
    upgrade(old_engine)
    with reading(old_engine) as connection:
        order = load_item(connection, find_item(connection, "deal:2") or 0)
        money = load_item(connection, find_item(connection, "deal:2/payment/1") or 0)
        uid = connection.scalar(sa.select(schema.invoice.c.uid))
    assert (order.item.stage, order.item.outcome, order.item.children["payment"].state) == ("won", "won", "open")
    assert (money.process, money.item.stage, money.parent_id) == ("receive_payment", "invoiced", order.item_id)
    assert money.item.work["payment"].rows[0].task_id == 3
    assert money.item.promises == (uid,)


def test_there_and_back_keeps_the_deals(old_engine: sa.Engine) -> None:
    upgrade(old_engine)
    downgrade(old_engine, "0006")
    with reading(old_engine) as connection:
        rows = connection.execute(sa.text("SELECT id, stage, pipeline_version, visit FROM deal ORDER BY id")).all()
    assert [tuple(row) for row in rows] == [(1, "planning", 2, 2), (2, "won", 2, 2)]
