"""The service order through the real doors: mail in and out, links, forms; each branch of MISSION C."""

from __future__ import annotations

from tests.scenarios.world import World

CLIENT = "ivan@client-new.example"
QUALIFIED = "квалифицирован\nвид: первичное\nдиспетчер: daria\nкомпания: ООО Новый клиент"
FILLED = "позиция: boiler-check x 2\nпозиция: выезд за город = 1500 x 1\nисполнитель: egor\nвремя: 2026-11-19 10:00\nготово"


async def begin_order(world: World) -> None:
    """A client writes, the manager qualifies and starts the order by hand."""
    world.write(f"Иван <{CLIENT}>", "Ремонт котла", "Нужен ремонт котла, Иван, +7 900 000-05-11")
    await world.go_on()
    (lead,) = world.letters("m", "L-000001")
    world.answer(lead, QUALIFIED)
    await world.go_on()


async def test_a_lead_becomes_an_order_that_the_dispatcher_is_told_of(world: World) -> None:
    await begin_order(world)
    assert world.one("SELECT stage FROM deal") == "planning"
    assert world.letters("daria", "D-000001")
