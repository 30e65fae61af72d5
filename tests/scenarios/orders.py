"""The course of one service order, step by step, as many scenarios begin with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.scenarios.world import World

CLIENT = "ivan@client-new.example"
QUALIFIED = "квалифицирован\nвид: первичное\nдиспетчер: daria\nкомпания: ООО Новый клиент"
LINES = "позиция: diagnostics x 2\nпозиция: выезд за город = 1500 x 1"
FILLED = f"{LINES}\nисполнитель: egor\nвремя: 2026-11-19 10:00\nготово"


def manager(world: World) -> str:
    """Whoever was asked to qualify the lead leads the order."""
    return world.letters(wording="lead_new")[0].person


async def asked(world: World) -> None:
    """A client has written, a manager is asked to qualify the lead."""
    if world.take_up("lead"):
        return
    world.write(f"Иван <{CLIENT}>", "Ремонт котла", "Нужен ремонт котла, Иван, +7 900 000-05-11")
    await world.go_on()
    assert world.letters("m", wording="lead_new")
    world.keep("lead")


async def opened(world: World) -> None:
    """The lead is an order that nobody has started."""
    await asked(world)
    world.answer(world.last(manager(world), wording="lead_new"), "квалифицирован\nвид: первичное")
    await world.go_on()
    assert world.stage == "new"


async def confirm_time(world: World) -> None:
    """Client and executor agree."""
    for who in (CLIENT, "egor"):
        world.answer(world.last(who, wording="work_time_agreed"), "да")
    await world.go_on()


async def _planning(world: World) -> None:
    await asked(world)
    world.answer(world.last(manager(world), wording="lead_new"), QUALIFIED)
    await world.go_on()


async def _agreeing(world: World) -> None:
    world.answer(world.last("daria", wording="work_price"), FILLED)
    await world.go_on()


async def _scheduled(world: World) -> None:
    for who in ("daria", manager(world)):
        world.answer(world.last(who, wording="work_approval"), "да")
    await world.go_on()


async def _documents(world: World) -> None:
    letter = world.last("egor", wording="work_papers")
    world.answer(letter, "готово", "акт.pdf", "счёт.pdf", "договор.pdf")
    await world.go_on()


async def _won(world: World) -> None:
    world.answer(world.last(manager(world), wording="deal_close_asked"), "готово")
    await world.go_on()


_STEPS: dict[str, Callable[[World], Awaitable[None]]] = {
    "planning": _planning,
    "agreeing": _agreeing,
    "approving": confirm_time,
    "scheduled": _scheduled,
    "documents": _documents,
    "won": _won,
}


async def stand_at(world: World, stage: str) -> None:
    """Play an order up to `stage`, or go on from an office where that was played already."""
    if world.take_up(stage):
        return
    names = list(_STEPS)
    before = names.index(stage) - 1
    if before >= 0:
        await stand_at(world, names[before])
    await _STEPS[stage](world)
    assert world.stage == stage
    world.keep(stage)
