"""C1 to C3: the order is started by hand, the task is begun, the price list is filled."""

from __future__ import annotations

from tests.scenarios.orders import CLIENT, manager, opened, stand_at
from tests.scenarios.world import World

_ORDER = "SELECT stage, status_text, amount FROM deal_course"


async def test_start_is_refused_until_the_dispatcher_is_set(world: World) -> None:
    await opened(world)
    asked = world.last(manager(world), wording="deal_opened")
    world.answer(asked, "старт")
    await world.go_on()
    refusal = world.last(manager(world), wording="reply_refused")
    assert "диспетчер" in refusal.text
    assert world.stage == "new"
    assert not world.letters("daria")
    world.answer(refusal, "диспетчер: daria\nстарт")
    await world.go_on()
    assert world.stage == "planning"
    told = world.last("daria", wording="deal_started")
    author = world.one("SELECT manager_name FROM deal_course")
    assert author in told.text
    assert author in " ".join(str(told.mail["From"]).split()), "the sender is the author"
    assert f"Почта: {CLIENT}" in told.text, "values of the order stand in the text"


async def test_the_operator_starts_the_order_by_a_form(world: World) -> None:
    await opened(world)
    refused = await world.run("flows.acts.start_order", "StartOrderRequest", who="egor", number="D-000001")
    assert refused.counts.get("accepted") is None
    assert refused.notes
    started = await world.run(
        "flows.acts.start_order", "StartOrderRequest", who="olga", number="D-000001", dispatcher="daria"
    )
    assert started.counts["accepted"] == 1
    await world.go_on()
    assert world.stage == "planning"
    assert world.last("daria", wording="deal_started")
    assert world.said_by("start") == [("olga", "prefect")]


async def test_a_known_client_has_an_order_at_once(world: World) -> None:
    """The operator writes down what a known client asked on the telephone; nobody has to qualify it."""
    said = {"who": "olga", "title": "Поверка манометра", "phone": "+79000000201", "kind": "periodic"}
    made = await world.run("flows.leads.register_client_request", "RegisterRequestRequest", dispatcher="daria", **said)
    assert made.notes
    await world.go_on()
    assert world.stage == "planning"
    told = world.last("daria", wording="deal_started")
    assert "Вера Николаевна Громова" in told.text
    assert "акт, счёт" in told.text, "a periodic service needs no contract"


async def test_when_the_dispatcher_begins_the_manager_is_told(world: World) -> None:
    await stand_at(world, "planning")
    task = world.last("daria", wording="work_conduct")
    assert "D-000001: Иван" in task.subject, "values of the order stand in the title"
    world.answer(task, "беру")
    await world.go_on()
    assert "приступил" in world.last(manager(world), wording="deal_notice").text
    assert world.stage == "planning", "the order waits for the task"


async def test_the_price_list_is_filled_at_the_door(world: World) -> None:
    await stand_at(world, "planning")
    with world.door() as client:
        await world.sign_in(client, "daria")
        page = client.get("/item/1/price").text
        assert "Диагностика оборудования" in page
        form = {
            "revision": world.field_on(page, "revision"),
            "quantity:diagnostics": "2",
            "free:title:0": "Выезд за город",
            "free:price:0": "1500",
            "free:quantity:0": "1",
            "wanted": "sum",
        }
        assert "6\xa0300" in client.post("/item/1/price", data=form).text, "it adds up before anything is written"
        assert world.one("SELECT count(*) FROM deal_line") == 0
        assert client.post("/item/1/price", data=form | {"wanted": "write"}).status_code == 303
    assert world.rows("SELECT price_item_id IS NOT NULL, title, amount FROM deal_line ORDER BY position") == [
        (1, "Диагностика оборудования", 4800),
        (0, "Выезд за город", 1500),
    ]
    assert world.rows(_ORDER) == [("planning", "диспетчер готовит заказ", 6300)]


async def test_a_missing_position_comes_as_a_row_by_mail_and_wrong_ones_are_refused(world: World) -> None:
    await stand_at(world, "planning")
    asked = world.last("daria", wording="work_price")
    world.answer(asked, "позиция: нет-такой x 2\nготово")
    await world.go_on()
    assert "нет-такой" in world.last("daria", wording="reply_refused").text
    world.answer(asked, "готово")
    await world.go_on()
    assert world.stage == "planning", "the task does not close while the order is not filled in"
    world.answer(asked, "позиция: Замена насоса = 12 500,50 x 2")
    await world.go_on()
    assert world.rows(_ORDER) == [("planning", "диспетчер готовит заказ", 25001)]


async def test_a_late_price_list_is_reminded_of(world: World) -> None:
    await stand_at(world, "planning")
    await world.go_to("2026-11-17 18:00")
    for who in ("daria", manager(world)):
        assert "Заполнить прайс-лист" in world.last(who, wording="work_overdue").text
    assert world.rows("SELECT step, what FROM incident") == [("price", "price list late")]
    await world.go_on()
    assert len(world.letters("daria", wording="work_overdue")) == 1, "once"
