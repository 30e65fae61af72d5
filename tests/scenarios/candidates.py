"""Candidates as scenarios begin with them: received, at the interview, to be offered the place."""

from __future__ import annotations

from tests.scenarios.items import PRIVATE, begin, commanded, stage_of
from tests.scenarios.world import World


async def received(world: World, who: str = "daria") -> str:
    staff = {"recruiter": "olga", "lead": "mikhail"}
    return await begin(world, "hiring", who, candidate=PRIVATE, vacancy="Мастер", cv="резюме.pdf", **staff)


async def interviewed(world: World, who: str = "daria") -> str:
    number = await received(world, who)
    await commanded(world, number, "select", "olga")
    await commanded(world, number, "invite", "olga", meeting_at="2026-11-19 15:00")
    await world.go_on()
    for asked in (PRIVATE, "mikhail"):
        world.answer(world.last(asked, "Собеседование «Мастер»"), "да")
    await world.go_on()
    assert stage_of(world, number) == "interview"
    return number


async def _offering(world: World) -> str:
    number = await interviewed(world)
    for who in ("olga", "mikhail"):
        world.answer(world.last(who, "Взять"), "да")
    await world.go_on()
    assert stage_of(world, number) == "offering"
    return number


async def candidate_at(world: World, name: str) -> str:
    """A candidate at that stage, played once for all scenarios."""
    play = {"interview": interviewed, "offering": _offering}[name]
    if not world.take_up(f"hiring-{name}"):
        await play(world)
        world.keep(f"hiring-{name}")
    return str(world.one("SELECT number FROM process_item"))
