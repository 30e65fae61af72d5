"""Repair orders as scenarios begin with them: taken in, written down, ready."""

from __future__ import annotations

from tests.scenarios.items import PRIVATE, begin, commanded, stage_of
from tests.scenarios.world import World

NUMBER = "D-000001"


async def repairing(world: World, kind: str = "paid") -> None:
    if world.take_up(f"repairing-{kind}"):
        return
    people = {"manager": "mikhail", "dispatcher": "daria", "executor": "egor"}
    number = await begin(world, "repair", "olga", client=PRIVATE, kind=kind, defect="не греет", **people)
    assert number == NUMBER
    await commanded(world, NUMBER, "start", "olga")
    await world.go_on()
    assert stage_of(world, NUMBER) == "repairing"
    world.keep(f"repairing-{kind}")


async def ready(world: World, kind: str = "paid") -> None:
    if world.take_up(f"ready-{kind}"):
        return
    await repairing(world, kind)
    await written_down(world)
    world.answer(world.last("egor", "Ремонт D-000001"), "готово")
    await world.go_on()
    assert stage_of(world, NUMBER) == "ready"
    world.keep(f"ready-{kind}")


async def written_down(world: World) -> None:
    """Works and prices come into the order on the page of the price list."""
    with world.door() as client:
        await world.sign_in(client, "daria")
        revision = world.field_on(client.get("/item/1/price").text, "revision")
        form = {"revision": revision, "quantity:repair-boiler": "1", "wanted": "write"}
        assert client.post("/item/1/price", data=form).status_code == 303
