"""G3: the six ready rules, each taken up by a small process of the company's own."""

from __future__ import annotations

from typing import Any

from tests.scenarios.items import PRIVATE, begin, commanded, stage_of
from tests.scenarios.world import World

_FIELDS = {
    "number": {"type": "text"},
    "manager": {"type": "person"},
    "client": {"type": "contact"},
    "call_at": {"type": "time"},
    "qualified": {"type": "flag"},
    "kind": {"type": "choice", "options": ["first", "periodic", "urgent"]},
}


def _process(entity: str = "register_entry", ready: list[Any] | None = None) -> dict[str, Any]:
    open_rules = [{"event": "go_on", "by": ["manager"], "to": "second"}]
    end_rules = [{"event": "close", "by": ["manager"], "to": "won"}]
    return {
        "process": "errand",
        "version": 1,
        "title": "Поручение",
        "entity": entity,
        "fields": _FIELDS,
        "stages": {
            "first": {"status": "начато", "within": {"time": "90d working", "blame": ["manager"]}, "rules": open_rules},
            "second": {"status": "идёт", "within": {"time": "90d working", "blame": ["manager"]}, "rules": end_rules},
            "won": {"ends": "won", "status": "закрыто"},
        },
        "ready": ready or [],
    }


async def _begin(world: World, *ready: Any, entity: str = "register_entry", **values: str) -> str:
    world.add_process(_process(entity, list(ready)))
    number = await begin(world, "errand", "mikhail", manager="mikhail", **values)
    await world.go_on()
    return number


async def test_the_owner_is_reminded_while_nothing_moves(world: World) -> None:
    number = await _begin(world, {"remind_owner": {"every": "1d working", "times": 2}})
    for day in ("18", "19", "20"):
        await world.go_to(f"2026-11-{day} 13:00")
    assert len(world.letters("mikhail", "ждёт вас")) == 2
    await commanded(world, number, "go_on", "mikhail")
    await world.go_to("2026-11-23 13:10")
    assert len(world.letters("mikhail", "ждёт вас")) == 3, "another stage reminds anew"


async def test_every_status_brings_a_task(world: World) -> None:
    number = await _begin(world, "task_on_status")
    assert world.open_work() == ["status_task"]
    await commanded(world, number, "go_on", "mikhail")
    await world.go_on()
    assert len(world.letters("mikhail", "Проверить", "work_asked")) == 2
    assert world.open_work() == ["status_task"], "the task of the stage that was left is taken back"


async def test_a_status_that_nobody_looked_after_is_told(world: World) -> None:
    await _begin(world, {"task_on_status": {"due": "1d working"}})
    await world.go_to("2026-11-19 13:00")
    assert len(world.letters("mikhail", "остался без внимания")) == 1
    assert world.open_work() == ["status_task"]


async def test_one_stage_is_reminded_of(world: World) -> None:
    rule = {"stage_reminder": {"stage": "second", "text": "Что со вторым этапом?", "times": 1}}
    number = await _begin(world, rule)
    await world.go_to("2026-11-18 13:00")
    assert not world.letters("mikhail", "Что со вторым")
    await commanded(world, number, "go_on", "mikhail")
    await world.go_to("2026-11-19 14:00")
    assert len(world.letters("mikhail", "Что со вторым")) == 1


async def test_closing_puts_an_event_into_the_calendar(world: World) -> None:
    rule = {"event_on_closing": {"at": "call_at"}}
    number = await _begin(world, rule, call_at="2026-12-01 10:00")
    await commanded(world, number, "go_on", "mikhail")
    await commanded(world, number, "close", "mikhail")
    await world.go_on()
    assert "01.12.2026 10:00" in world.last("mikhail", wording="calendar_invited").subject


async def test_a_groups_calendar_gets_the_event_by_its_id(world: World) -> None:
    """D6: the group is a role, its calendar one that belongs to it; people of a role each get it in their own."""
    world.edit_office("office.yaml", "roles:\n", "roles:\n  crew: { ru: бригада, en: crew }\n")
    calendar = "{ key: crew-calendar, name: Бригада, mail: crew@north-service.example, roles: [crew], is_user: false }"
    world.edit_office("people.yaml", "people:\n", f"people:\n  - {calendar}\n")
    by_group = {"event_on_closing": {"at": "call_at", "who": "crew"}}
    to_each = {"event_on_closing": {"at": "call_at", "who": "dispatcher"}}
    world.edit_office("people.yaml", "roles: [executor, master]", "roles: [executor, master, dispatcher]")
    number = await _begin(world, by_group, to_each, call_at="2026-12-01 10:00")
    await commanded(world, number, "go_on", "mikhail")
    await commanded(world, number, "close", "mikhail")
    await world.go_on()
    told = {letter.person for letter in world.letters(wording="calendar_invited")}
    assert told >= {"crew", "daria"}
    assert len(told) == 3, "both dispatchers, each in their own calendar"
    assert "01.12.2026 10:00" in world.last("crew", wording="calendar_invited").subject


async def test_closing_starts_another_process(world: World) -> None:
    rule = {"start_on_closing": {"process": "collect_documents", "with": {"number": "$number", "closer": "$manager"}}}
    number = await _begin(world, rule, entity="deal", client=PRIVATE)
    await commanded(world, number, "go_on", "mikhail")
    await commanded(world, number, "close", "mikhail")
    assert ("collect_documents", "collecting") in world.rows("SELECT process, stage FROM process_item")


async def test_a_good_lead_becomes_contact_company_and_deal(world: World) -> None:
    rule = {"convert_lead": {"with": {"client": "$client", "manager": "$manager", "kind": "$kind"}, "stage": "won"}}
    number = await _begin(world, rule, client=PRIVATE, kind="first")
    await commanded(world, number, "changed", "mikhail", qualified="true")
    await world.go_on()
    assert stage_of(world, number) == "won"
    assert world.rows("SELECT contact_name, stage FROM deal_course") == [("Людмила Аркадьевна Смирнова", "new")]
