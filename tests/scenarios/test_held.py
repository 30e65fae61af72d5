"""G4: an exception stops the item and asks a person; it goes on from there when the cause is put right."""

from __future__ import annotations

from typing import Any

from tests.scenarios.items import PRIVATE, begin, command, commanded, stage_of
from tests.scenarios.world import World


def _billing() -> dict[str, Any]:
    """A process that makes an invoice, also when nobody has said over how much."""
    bill = {"after": "1h", "do": [{"document": {"make": "invoice", "as": "invoice"}}], "to": "billed"}
    return {
        "process": "billing",
        "version": 1,
        "title": "Счёт",
        "entity": "deal",
        "fields": {
            "number": {"type": "text"},
            "client": {"type": "contact"},
            "manager": {"type": "person"},
            "lines": {"type": "list"},
            "cost": {"type": "money", "compute": {"sum": "lines"}},
            "invoice": {"type": "text"},
        },
        "stages": {
            "open": {"status": "готовится", "rules": [bill]},
            "billed": {"status": "выставлен", "rules": [{"event": "close", "by": ["manager"], "to": "won"}]},
            "won": {"ends": "won", "status": "закрыт"},
        },
    }


def _circling() -> dict[str, Any]:
    """A process whose two rules send the item to and fro."""
    there = {"as_soon_as": {"ready": True}, "to": "two"}
    back = {"as_soon_as": {"ready": True}, "to": "one"}
    return {
        "process": "circle",
        "version": 1,
        "title": "Круг",
        "entity": "register_entry",
        "fields": {"ready": {"type": "flag"}, "manager": {"type": "person"}},
        "stages": {
            "one": {"status": "один", "rules": [there, {"event": "end", "by": ["manager"], "to": "won"}]},
            "two": {"status": "два", "rules": [back]},
            "won": {"ends": "won", "status": "закрыт"},
        },
    }


async def _held(world: World) -> str:
    world.add_process(_billing())
    number = await begin(world, "billing", "mikhail", client=PRIVATE, manager="mikhail")
    await world.go_on(70)
    assert world.one("SELECT held_reason FROM process_item") != ""
    return number


async def test_an_exception_asks_a_person_and_the_item_goes_on(world: World) -> None:
    number = await _held(world)
    question = world.last("mikhail", wording="item_held")
    assert number in question.subject
    assert world.one("SELECT count(*) FROM invoice") == 0, "nothing of the event was done"
    with world.door() as client:
        await world.sign_in(client, "mikhail")
        assert "/item/1/release" in client.get("/item/1").text
        revision = world.field_on(client.get("/item/1/price").text, "revision")
        form = {"revision": revision, "quantity:diagnostics": "1", "wanted": "write"}
        assert client.post("/item/1/price", data=form).status_code == 303
    world.answer(question, "готово")
    await world.go_on()
    assert stage_of(world, number) == "billed"
    assert world.rows("SELECT number, amount FROM invoice") == [("INV-000001", 2400)]
    assert world.open_work("held") == []


async def test_what_is_released_too_early_stops_again(world: World) -> None:
    number = await _held(world)
    released = await world.run("flows.acts.release_held", "ReleaseItemsRequest", who="viktor")
    assert released.counts["released"] == 1
    await world.go_on()
    assert stage_of(world, number) == "open"
    assert len(world.letters("mikhail", wording="item_held")) == 2
    assert len(world.open_work("held")) == 1


async def test_a_loop_is_stopped_and_the_others_go_on(world: World) -> None:
    world.add_process(_circling())
    first = await begin(world, "circle", "mikhail", manager="mikhail")
    other = await begin(world, "circle", "maria", manager="maria")
    refused = await command(world, first, "changed", "mikhail", ready="true")
    assert refused.counts.get("accepted") is None
    await world.go_on()
    assert stage_of(world, first) == "one"
    path = world.one("SELECT held_path FROM process_item WHERE number = :number", number=first)
    assert "one" in path
    assert "two" in path, "the rules that had acted are said"
    assert world.last("mikhail", wording="item_held")
    await commanded(world, other, "end", "maria")
    assert stage_of(world, other) == "won"
