"""G4: an exception stops the item and asks a person; it goes on from there when the cause is put right."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from tests.scenarios.commands import callout
from tests.scenarios.items import begin, command, commanded, stage_of
from tests.scenarios.world import World

CLIENTS = (
    "l.smirnova@example.com",
    "gorin.boris@example.com",
    "zarina.alieva@example.com",
    "f.kuznetsov@example.com",
    "sol@client-optika.example",
)
_FIELDS = {"manager": {"type": "person"}, "courier": {"type": "person"}}


def _giving() -> dict[str, Any]:
    """A process that gives its work to a courier after an hour, also when there is none."""
    give = {"after": "1h", "do": [{"assign": {"field": "courier", "from": ["courier"]}}], "to": "given"}
    return {
        "process": "giving",
        "version": 1,
        "title": "Поручение",
        "entity": "register_entry",
        "fields": _FIELDS,
        "stages": {
            "open": {"status": "готовится", "rules": [give]},
            "given": {"status": "отдано", "rules": [{"event": "close", "by": ["manager"], "to": "won"}]},
            "won": {"ends": "won", "status": "закрыто"},
        },
    }


def _billing() -> dict[str, Any]:
    """A process that makes an invoice after an hour, also when nobody has said over how much."""
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
            "amount": {"type": "money"},
            "invoice": {"type": "text"},
        },
        "stages": {
            "open": {"status": "готовится", "rules": [bill]},
            "billed": {"status": "выставлен", "rules": [{"event": "close", "by": ["manager"], "to": "won"}]},
            "won": {"ends": "won", "status": "закрыт"},
        },
    }


def _circling() -> dict[str, Any]:
    """A process whose two rules wake each other."""
    there = {"changed": ["here"], "do": [{"set": {"there": {"add": 1}}}]}
    back = {"changed": ["there"], "do": [{"set": {"here": {"add": 1}}}]}
    return {
        "process": "circle",
        "version": 1,
        "title": "Круг",
        "entity": "register_entry",
        "fields": {**_FIELDS, "here": {"type": "number"}, "there": {"type": "number"}},
        "stages": {
            "one": {"status": "один", "rules": [there, back, {"event": "end", "by": ["manager"], "to": "won"}]},
            "won": {"ends": "won", "status": "закрыто"},
        },
    }


async def _held(world: World) -> str:
    """Nobody is a courier, and the item stops."""
    world.edit_office("office.yaml", "roles:\n", "roles:\n  courier: { ru: курьер, en: courier }\n")
    world.add_process(_giving())
    number = await begin(world, "giving", "mikhail", manager="mikhail")
    await world.go_on(70)
    assert world.one("SELECT held_reason FROM process_item") != ""
    return number


async def test_an_exception_asks_a_person_and_the_item_goes_on(world: World) -> None:
    number = await _held(world)
    question = world.last("mikhail", wording="item_held")
    assert number in question.subject
    assert stage_of(world, number) == "open", "nothing of the event was done"
    with world.door() as client:
        await world.sign_in(client, "mikhail")
        assert "/item/1/answer" in client.get("/item/1").text
    await world.go_on(600)
    assert stage_of(world, number) == "open", "it waits for the person"
    world.edit_office("people.yaml", "roles: [executor, master]", "roles: [executor, master, courier]")
    world.answer(question, "готово")
    await world.go_on()
    assert stage_of(world, number) == "given"
    assert world.open_work("held") == []


async def test_what_is_released_too_early_stops_again(world: World) -> None:
    number = await _held(world)
    released = await world.run("flows.acts.release_held", "ReleaseItemsRequest", who="viktor")
    assert released.counts["released"] == 1
    await world.go_on()
    assert stage_of(world, number) == "open"
    assert len(world.letters("mikhail", wording="item_held")) == 2
    assert len(world.open_work("held")) == 1


async def test_the_very_field_that_stopped_it_is_put_right_while_it_is_held(world: World) -> None:
    world.add_process(_billing())
    number = await begin(world, "billing", "mikhail", client=CLIENTS[0], manager="mikhail")
    await world.go_on(70)
    question = world.last("mikhail", wording="item_held")
    assert "сумма" in question.text
    refused = await command(world, number, "close", "mikhail")
    assert refused.counts.get("accepted") is None, "held: nothing but values is taken"
    await commanded(world, number, "changed", "mikhail", amount="1500")
    await world.go_on()
    assert stage_of(world, number) == "open", "values alone do not release it"
    assert world.open_work("held") == ["held"]
    world.answer(question, "готово")
    await world.go_on()
    assert stage_of(world, number) == "billed"
    assert world.rows("SELECT amount FROM invoice") == [(1500,)]
    assert len(world.letters("mikhail", wording="item_held")) == 1, "it did not stop again"


async def test_an_answer_is_suggested_and_after_three_times_given_by_itself(world: World) -> None:
    world.at = datetime(2027, 1, 12, 7, 0, tzinfo=UTC)  # the command line has a clock of its own, which is behind
    world.add_process(_billing())
    for client in CLIENTS[:3]:
        await begin(world, "billing", "mikhail", client=client, manager="mikhail")
    await world.go_on(70)
    for item in (1, 2, 3):
        (case,) = [one for one in callout("answers", "held") if one["item_id"] == item]
        assert (case["suggestion"] is None) == (item == 1), "the second time the first answer is suggested"
        callout("answers", "give", str(item), "set", "amount=1500", "--who", "mikhail")
    await world.go_on()
    assert world.rows("SELECT DISTINCT amount FROM invoice") == [(1500,)]
    await begin(world, "billing", "mikhail", client=CLIENTS[3], manager="mikhail")
    await world.go_on(70)
    await world.go_on()
    assert world.rows("SELECT DISTINCT stage FROM process_item") == [("billed",)], "nobody was asked any more"
    (rule,) = callout("answers", "list")
    callout("answers", "revoke", str(rule["number"]), "--who", "mikhail")
    await begin(world, "billing", "mikhail", client=CLIENTS[4], manager="mikhail")
    await world.go_on(70)
    await world.go_on()
    assert world.one("SELECT stage FROM process_item ORDER BY id DESC LIMIT 1") == "open", "a person is asked again"


async def test_a_loop_is_stopped_and_the_others_go_on(world: World) -> None:
    world.add_process(_circling())
    first = await begin(world, "circle", "mikhail", manager="mikhail")
    other = await begin(world, "circle", "maria", manager="maria")
    refused = await command(world, first, "changed", "mikhail", here="1")
    assert refused.counts.get("accepted") is None
    await world.go_on()
    path = world.one("SELECT held_path FROM process_item WHERE number = :number", number=first)
    assert len(json.loads(path)) > 1, "the rules that had acted are said"
    assert world.one("SELECT json_extract(fields, '$.here') FROM process_item WHERE number = :n", n=first) is None
    assert world.last("mikhail", wording="item_held")
    await commanded(world, other, "end", "maria")
    assert stage_of(world, other) == "won"
