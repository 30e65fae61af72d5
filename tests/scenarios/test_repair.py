"""C9: a task to the master with a link; when it closes, the invoice is issued and the client told. And the branches."""

from __future__ import annotations

import pytest

from tests.scenarios.items import PRIVATE, begin, command, commanded, stage_of
from tests.scenarios.repairs import NUMBER, ready, repairing, written_down
from tests.scenarios.world import World


async def test_start_needs_master_kind_and_defect(world: World) -> None:
    people = {"manager": "mikhail", "dispatcher": "daria"}
    await begin(world, "repair", "olga", client=PRIVATE, kind="paid", **people)
    refused = await command(world, NUMBER, "start", "olga", defect="не греет")
    assert refused.counts.get("accepted") is None
    await commanded(world, NUMBER, "start", "daria", defect="не греет", executor="timur")
    await world.go_on()
    assert "принят в ремонт" in world.last(PRIVATE, NUMBER).text


async def test_a_paid_repair_from_the_task_to_the_money(world: World) -> None:
    await repairing(world)
    task = world.last("egor", "Ремонт D-000001")
    assert "не греет" in task.subject
    assert task.links, "the master has a link"
    world.answer(task, "беру")
    await world.go_on()
    assert "мастер приступил" in world.last("mikhail", NUMBER).text
    world.answer(task, "готово")
    await world.go_on()
    assert "запишите, что сделано" in world.last("egor", wording="reply_refused").text
    await written_down(world)
    world.answer(task, "готово")
    await world.go_on()
    assert stage_of(world, NUMBER) == "ready"
    assert "к оплате 7\xa0900,00" in world.last(PRIVATE, "готов").text
    assert "INV-000001" in world.last(PRIVATE, wording="payment_asked").subject
    assert "7\xa0900,00" in world.last("anna", "INV-000001").subject
    world.answer(world.last("daria", "Выдать заказ"), "готово", "акт.jpg")
    await world.go_on()
    assert world.rows("SELECT process, stage FROM process_item WHERE process <> 'collect_documents' ORDER BY id") == [
        ("repair", "won"),
        ("receive_payment", "invoiced"),
    ]
    assert world.one("SELECT count(*) FROM invoice WHERE cancelled_at IS NULL") == 1, "the client gets one invoice"


async def test_a_warranty_repair_costs_nothing(world: World) -> None:
    await ready(world, "warranty")
    assert "по гарантии" in world.last(PRIVATE, "готов").text
    world.answer(world.last("daria", "Выдать заказ"), "готово", "акт.jpg")
    await world.go_on()
    assert stage_of(world, NUMBER) == "closed"
    assert world.one("SELECT count(*) FROM invoice") == 0
    assert world.one("SELECT count(*) FROM process_item WHERE process = 'receive_payment'") == 0


async def test_the_client_agrees_to_the_price_first(world: World) -> None:
    await repairing(world)
    refused = await command(world, NUMBER, "quote", "egor")
    assert refused.counts.get("accepted") is None, "no prices yet"
    await written_down(world)
    await commanded(world, NUMBER, "quote", "egor")
    await world.go_on()
    asked = world.last(PRIVATE, "Стоимость ремонта")
    world.answer(asked, "нет: дорого")
    await world.go_on()
    assert stage_of(world, NUMBER) == "haggling"
    await commanded(world, NUMBER, "quote", "mikhail")
    await world.go_on()
    world.answer(world.last(PRIVATE, "Стоимость ремонта"), "да")
    await world.go_on()
    assert stage_of(world, NUMBER) == "repairing"
    assert "согласен с ценой" in world.last("egor", NUMBER).text
    assert world.open_work("repair") == ["repair"], "the task was there all the time"


async def test_a_price_nobody_answers_loses_the_order(world: World) -> None:
    await repairing(world)
    await written_down(world)
    await commanded(world, NUMBER, "quote", "egor")
    await world.go_to("2026-11-20 13:00")
    assert world.last("daria", "Позвонить")
    await world.go_to("2026-12-02 13:00")
    assert world.rows("SELECT stage, status_text FROM process_item") == [("lost", "потерян: клиент не ответил о цене")]


async def test_a_missing_part_is_ordered_and_comes(world: World) -> None:
    await repairing(world)
    await commanded(world, NUMBER, "need_part", "egor", part="насос")
    await world.go_on()
    order = world.last("daria", "Заказать деталь")
    world.answer(order, "готово")
    await world.go_on()
    assert "когда деталь обещана" in world.last("daria", wording="reply_refused").text
    await commanded(world, NUMBER, "changed", "daria", part_at="2026-11-25")
    world.answer(order, "готово")
    await world.go_on()
    assert "обещана 25.11.2026" in world.last(PRIVATE, "насос").text
    await commanded(world, NUMBER, "part_arrived", "daria")
    await world.go_on()
    assert stage_of(world, NUMBER) == "repairing"


@pytest.mark.parametrize(("word", "stage"), [("да", "waiting_part"), ("нет: не буду ждать", "beyond_repair")])
async def test_a_part_that_cannot_be_had_is_the_clients_to_decide(world: World, word: str, stage: str) -> None:
    if not world.take_up("without_part"):
        await repairing(world)
        await commanded(world, NUMBER, "need_part", "egor", part="насос")
        await commanded(world, NUMBER, "part_unavailable", "daria")
        await world.go_on()
        world.keep("without_part")
    world.answer(world.last(PRIVATE, "достать нельзя"), word)
    await world.go_on()
    assert stage_of(world, NUMBER) == stage
    if stage == "beyond_repair":
        assert "отремонтировать нельзя: нет детали" in world.last(PRIVATE, "забрать").text


async def test_a_client_who_is_not_there_gets_another_time(world: World) -> None:
    await repairing(world)
    await commanded(world, NUMBER, "no_show", "egor")
    await world.go_on()
    assert "не застали" in world.last(PRIVATE, NUMBER).text
    await commanded(world, NUMBER, "changed", "daria", work_at="2026-11-20 12:00")
    world.answer(world.last("daria", "Договориться"), "готово")
    await world.go_on()
    assert stage_of(world, NUMBER) == "repairing"
    assert "20.11.2026 12:00" in world.last("egor", wording="calendar_invited").subject
    await commanded(world, NUMBER, "no_show", "egor")
    await world.go_on()
    assert world.last("egor", wording="calendar_cancelled")
    await commanded(world, NUMBER, "changed", "daria", work_at="2026-11-21 12:00")
    world.answer(world.last("daria", "Договориться"), "готово")
    await world.go_on()
    await commanded(world, NUMBER, "no_show", "egor")
    assert world.rows("SELECT stage, status_text FROM process_item") == [
        ("lost", "потерян: клиент трижды не был на месте")
    ]


async def test_the_master_hands_it_back_or_is_replaced(world: World) -> None:
    await repairing(world)
    await commanded(world, NUMBER, "reassign", "daria")
    await world.go_on()
    assert world.last("timur", "Ремонт D-000001")
    assert world.last("egor", wording="work_withdrawn")
    await commanded(world, NUMBER, "hand_back", "timur", reason="нет допуска")
    await world.go_on()
    assert stage_of(world, NUMBER) == "new"
    assert "нет допуска" in world.last("daria", "отказался").text
    assert world.open_work("repair") == []


async def test_a_finished_repair_that_nobody_fetches(world: World) -> None:
    await ready(world)
    await world.go_to("2026-11-25 13:00")
    assert len(world.letters(PRIVATE, "ждёт вас")) == 1
    await world.go_to("2026-12-03 13:00")
    assert "не забирают" in world.last("mikhail", "не забирают").text
    assert world.last("daria", "Позвонить")
    await world.go_to("2027-02-01 13:00")
    assert stage_of(world, NUMBER) == "unclaimed"
    await commanded(world, NUMBER, "lose", "viktor", reason="не забран")
    assert stage_of(world, NUMBER) == "lost"


async def test_a_complaint_is_repaired_under_warranty(world: World) -> None:
    await ready(world)
    await commanded(world, NUMBER, "complain", "daria", reason="снова не греет")
    await world.go_on()
    assert stage_of(world, NUMBER) == "repairing"
    assert "снова не греет" in world.last("egor", "рекламация").text
    assert len(world.letters("egor", "Ремонт D-000001", "work_asked")) == 2


async def test_a_cancelled_repair_takes_the_invoice_back(world: World) -> None:
    await ready(world)
    await commanded(world, NUMBER, "cancel", "mikhail", reason="клиент отказался")
    await world.go_on()
    assert world.last(PRIVATE, "Заказ D-000001 отменён")
    assert world.rows("SELECT cancelled_at IS NOT NULL FROM invoice") == [(1,)]
    assert world.last(PRIVATE, "оплачивать его не нужно")
    assert "INV-000001 отменён: клиент отказался" in world.last("anna", "отменён").text
    assert world.rows("SELECT process, outcome FROM process_item ORDER BY id") == [
        ("repair", "cancelled"),
        ("receive_payment", "cancelled"),
    ]
    assert world.open_work() == []
    told = len(world.letters())
    await world.go_to("2026-12-22 13:00")
    assert len(world.letters()) == told, "nobody is reminded of a bill that was taken back"


async def test_beyond_repair(world: World) -> None:
    await repairing(world)
    await commanded(world, NUMBER, "beyond_repair", "egor", reason="сгорел")
    await world.go_on()
    assert "отремонтировать нельзя: сгорел" in world.last(PRIVATE, NUMBER).text
    assert world.open_work() == []
