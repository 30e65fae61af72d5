"""Items of any process: begun and commanded by the forms of the office, as a colleague fills them in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tasks.rules.summary import RunSummary
from tests.scenarios.world import World

PRIVATE = "l.smirnova@example.com"  # a client of the sample office
COMPANY = "gromova@client-polyus.example"


async def begin(world: World, process: str, who: str, **values: Any) -> str:
    """Begin an item; its number."""
    lines = "\n".join(f"{name}: {value}" for name, value in values.items())
    begun = await world.run("flows.acts.start_process", "StartProcessRequest", process=process, who=who, values=lines)
    assert begun.counts.get("started") == 1, begun.notes
    return begun.notes[0]


async def command(world: World, number: str, name: str, who: str, **values: Any) -> RunSummary:
    """Give an item a command with values, a minute later; what came of it."""
    world.at += timedelta(minutes=1)
    lines = "\n".join(f"{name}: {value}" for name, value in values.items())
    asked = {"number": number, "command": name, "who": who, "values": lines}
    return await world.run("flows.acts.command_item", "CommandItemRequest", **asked)


async def commanded(world: World, number: str, name: str, who: str, **values: Any) -> None:
    """As `command`; it must be accepted."""
    done = await command(world, number, name, who, **values)
    assert done.counts.get("accepted") == 1, done.notes


def stage_of(world: World, number: str) -> str:
    """Where an item stands."""
    return str(world.one("SELECT stage FROM process_item WHERE number = :number ORDER BY id LIMIT 1", number=number))
