"""A contract as scenarios begin with it: submitted, and what those who approve it say."""

from __future__ import annotations

from tests.scenarios.items import COMPANY, begin, commanded, stage_of
from tests.scenarios.world import World


async def submitted(world: World) -> str:
    """A contract at its supervisor; its number."""
    if not world.take_up("contract"):
        values = {"number": "К-17", "document": "v1", "client": COMPANY, "supervisor": "mikhail"}
        number = await begin(world, "contract_approval", "maria", **values)
        await commanded(world, number, "submit", "maria")
        await world.go_on()
        assert stage_of(world, number) == "supervisor"
        world.keep("contract")
    return str(world.one("SELECT number FROM process_item"))


async def says(world: World, who: str, word: str) -> None:
    """Somebody answers the letter about the newest version."""
    world.answer(world.last(who, "Договор К-17, версия"), word)
    await world.go_on()
