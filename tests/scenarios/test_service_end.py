"""C8 and the ends before their time: won, lost, cancelled; and that the record tells the prescribed course."""

from __future__ import annotations

import json

import pytest

from tests.scenarios.orders import CLIENT, manager, stand_at
from tests.scenarios.world import World

PRESCRIBED = """
    moved new
    moved planning, asked conduct, asked price
    decided price, moved agreeing, asked time_agreed, asked time_agreed
    decided time_agreed, moved approving, asked approval, asked approval
    decided approval, moved scheduled, planned appointment, asked papers
    moved documents, decided papers
    decided conduct, moved won, started payment
    moved invoiced, issued invoice, asked payment
    moved collecting, asked hand_in
"""
COURSE = ["new", "planning", "agreeing", "approving", "scheduled", "documents", "won"]


async def test_a_finished_order_took_the_prescribed_course(world: World) -> None:
    await stand_at(world, "won")
    assert world.moves() == list(zip(["", *COURSE], COURSE, strict=False))
    asked = world.rows("SELECT json_extract(data, '$.name') FROM event WHERE kind = 'work.asked' AND entity_id = 1")
    names = [name for (name,) in asked]
    assert names == [
        "conduct",
        "price",
        "time_agreed",
        "time_agreed",
        "approval",
        "approval",
        "papers",
        "payment",
        "hand_in",
    ]
    assert world.rows("SELECT state, count(*) FROM work_task WHERE name IN ('conduct', 'price') GROUP BY state") == [
        ("done", 2)
    ]
    assert world.rows("SELECT outcome, status_text FROM process_item WHERE process = 'service'") == [
        ("won", "выполнен, ждёт оплаты")
    ]
    assert world.rows("SELECT outcome, status_text FROM deal_course") == [("won", "ждёт оплаты счёта INV-000001")]


async def test_the_record_tells_the_prescribed_course_step_by_step(world: World) -> None:
    await stand_at(world, "won")
    said = {
        "item.moved": ("moved", "to"),
        "work.asked": ("asked", "name"),
        "work.decided": ("decided", "name"),
        "calendar.planned": ("planned", "appointment"),
        "process.started": ("started", "name"),
        "invoice.issued": ("issued", "invoice"),
    }
    record = world.rows("SELECT kind, data FROM event WHERE entity = 'deal' ORDER BY id")
    steps = [
        f"{said[kind][0]} {json.loads(data).get(said[kind][1], said[kind][1])}" for kind, data in record if kind in said
    ]
    assert steps == [step.strip() for line in PRESCRIBED.strip().splitlines() for step in line.split(",")]


async def test_accounting_is_told_before_the_payment_starts(world: World) -> None:
    await stand_at(world, "won")
    to_anna = [letter.wording for letter in world.letters("anna")]
    assert to_anna.index("deal_closed") < to_anna.index("work_payment")
    planned = dict(world.rows("SELECT key, id FROM outbox"))
    closed = world.one("SELECT min(id) FROM outbox WHERE subject LIKE '%Заказ выполнен%'")
    payment = world.one("SELECT min(id) FROM outbox WHERE subject LIKE '%Проследите за оплатой%'")
    assert closed < payment
    assert planned
    order = """
        SELECT kind, json_extract(data, '$.to') FROM event
        WHERE (kind = 'item.moved' AND json_extract(data, '$.to') IN ('won', 'invoiced')) OR kind = 'invoice.issued'
        ORDER BY id
    """
    assert world.rows(order) == [("item.moved", "won"), ("item.moved", "invoiced"), ("invoice.issued", None)]


async def test_every_message_of_the_order_left_once_and_says_why(world: World) -> None:
    await stand_at(world, "won")
    assert world.rows("SELECT state FROM outbox WHERE state <> 'sent'") == []
    sent = [letter.mail["Message-ID"] for letter in world.letters()]
    assert len(sent) == len(set(sent))
    before = len(sent)
    await world.go_on(0)
    await world.go_on(0)
    assert len(world.letters()) == before, "looking again changes nothing"
    assert world.rows("SELECT id FROM outbox WHERE cause_event_id IS NULL AND kind <> 'report'") == []


@pytest.mark.parametrize("stage", ["planning", "approving", "scheduled"])
async def test_a_cancelled_order_takes_everything_back(world: World, stage: str) -> None:
    await stand_at(world, stage)
    who = manager(world)
    cancel = ("flows.acts.cancel_item", "CancelItemRequest")
    bare = await world.run(*cancel, who=who, number="D-000001")
    assert bare.counts.get("accepted") is None, "a reason is needed"
    assert world.stage == stage
    owed = set(world.open_work())
    done = await world.run(*cancel, who=who, number="D-000001", reason="клиент передумал")
    assert done.counts["accepted"] == 1
    await world.go_on()
    assert world.rows("SELECT outcome, status_text FROM deal_course") == [("cancelled", "отменён: клиент передумал")]
    assert owed
    assert world.open_work() == []
    assert "клиент передумал" in world.last("daria", "Заказ отменён").text
    assert world.last(CLIENT, wording="client_cancelled")
    assert world.rows("SELECT process FROM process_item") == [("service",)], "neither payment nor papers"
    if stage == "scheduled":
        assert world.last("egor", wording="calendar_cancelled")
        assert world.rows("SELECT state FROM calendar_entry") == [("cancelled",)]


async def test_the_manager_cancels_by_mail(world: World) -> None:
    await stand_at(world, "agreeing")
    letter = world.last(manager(world), wording="lead_converted")
    world.answer(world.last("daria", wording="work_conduct"), "отменить: передумали")
    await world.go_on()
    assert world.stage == "agreeing", "that is not the dispatcher's to say"
    world.answer(letter, "отменить: передумали")
    await world.go_on()
    assert world.stage == "cancelled"
    assert world.last(CLIENT, wording="client_cancelled")
