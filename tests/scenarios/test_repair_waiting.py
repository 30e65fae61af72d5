"""C9 when somebody has to wait: for a part, the client, the money; what was promised is moved or taken back."""

from __future__ import annotations

from tests.scenarios.items import PRIVATE, commanded, stage_of
from tests.scenarios.repairs import NUMBER, ready, repairing, written_down
from tests.scenarios.world import World


async def test_a_repair_that_is_late_is_an_incident_of_the_master(world: World) -> None:
    await repairing(world)
    await world.go_to("2026-11-25 13:00")
    assert "ремонт опаздывает" in world.last("egor", "опаздывает").text
    assert ("repair", "repair late") in world.rows("SELECT step, what FROM incident")
    await commanded(world, NUMBER, "reschedule", "daria", work_at="2026-11-27 12:00")
    await commanded(world, NUMBER, "reschedule", "egor", work_at="2026-11-30 12:00")
    await world.go_on()
    assert "30.11.2026 12:00" in world.last("egor", wording="calendar_invited").subject
    assert "новое время 30.11.2026 12:00" in world.last(PRIVATE, "новое время").text
    assert world.rows("SELECT state FROM calendar_entry") == [("planned",)], "moved, not made twice"
    await commanded(world, NUMBER, "cancel", "mikhail", reason="передумал")
    await world.go_on()
    assert world.last("egor", wording="calendar_cancelled")


async def test_a_part_that_is_not_ordered_and_never_comes(world: World) -> None:
    await repairing(world)
    await commanded(world, NUMBER, "need_part", "egor", part="насос")
    await world.go_to("2026-11-19 13:00")
    assert ("order_part", "part not ordered") in world.rows("SELECT step, what FROM incident")
    await world.go_to("2026-12-03 13:00")
    assert "всё ещё не пришла" in world.last("mikhail", "не пришла").text
    await world.go_to("2027-01-26 13:00")
    assert stage_of(world, NUMBER) == "without_part", "after forty days the client is asked"
    await world.go_to("2027-02-02 13:00")
    assert world.last("daria", "Позвонить")
    await world.go_to("2027-02-15 13:00")
    assert world.rows("SELECT stage, status_text FROM process_item") == [
        ("lost", "потерян: нет детали, клиент не ответил")
    ]


async def test_the_part_comes_after_all(world: World) -> None:
    await repairing(world)
    await commanded(world, NUMBER, "need_part", "egor", part="насос")
    await commanded(world, NUMBER, "part_unavailable", "daria")
    await commanded(world, NUMBER, "part_arrived", "daria")
    await world.go_on()
    assert stage_of(world, NUMBER) == "repairing"
    assert world.open_work() == ["repair"]


async def test_no_agreement_about_the_price(world: World) -> None:
    await repairing(world)
    await written_down(world)
    await commanded(world, NUMBER, "quote", "egor")
    await world.go_on()
    world.answer(world.last(PRIVATE, "Стоимость ремонта"), "нет: дорого")
    await world.go_on()
    assert "не согласен с ценой" in world.last("mikhail", "не согласен").text
    await commanded(world, NUMBER, "lose", "mikhail", reason="дорого")
    await world.go_on()
    assert stage_of(world, NUMBER) == "lost"
    assert world.last("egor", "потерян: дорого")
    assert world.open_work() == []


async def test_who_has_paid_may_fetch_it_and_who_comes_late_still_gets_it(world: World) -> None:
    await ready(world)
    world.answer(world.last("anna", wording="work_payment"), "оплачено")
    await world.go_on()
    await world.go_on()
    assert "оплачен, можно выдавать" in world.last("daria", "можно выдавать").text
    await world.go_to("2027-02-01 13:00")
    assert stage_of(world, NUMBER) == "unclaimed"
    await commanded(world, NUMBER, "keep", "mikhail")
    await world.go_on()
    assert stage_of(world, NUMBER) == "ready"
    world.answer(world.last("daria", "Выдать заказ", "work_asked"), "готово", "акт.jpg")
    await world.go_on()
    assert stage_of(world, NUMBER) == "won"
    assert world.one("SELECT count(*) FROM invoice") == 1
