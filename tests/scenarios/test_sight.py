"""C11 to C13 and D7: where everything stands, what is late, who waits for whom, who stands in."""

from __future__ import annotations

from tests.scenarios.orders import manager, stand_at
from tests.scenarios.world import World

_OWNERS = """
SELECT t.name, p.key FROM work_task t JOIN person p ON p.id = t.person_id WHERE t.state = 'open' ORDER BY t.name
"""


async def test_the_status_stands_in_lists_and_details(world: World) -> None:
    await stand_at(world, "agreeing")
    with world.door() as client:
        await world.sign_in(client, "daria")
        assert "согласуется время" in client.get("/board/service").text
        assert "согласуется время" in client.get("/item/1").text
        assert 'aria-current="step"' in client.get("/item/1").text


async def test_who_waits_for_whom_is_visible(world: World) -> None:
    await stand_at(world, "agreeing")
    leader = manager(world)
    with world.door() as client:
        await world.sign_in(client, leader)
        page = client.get("/my").text
        for who in ("Дарья Олеговна Климова", "Егор Николаевич Титов", "Иван"):
            assert who in page, "the leader sees who owes what"
        item = client.get("/item/1").text
        assert "Время работ D-000001: 19.11.2026 10:00" in item
        assert "Егор Николаевич Титов" in item


async def test_a_late_stage_is_told_marked_and_an_incident(world: World) -> None:
    await stand_at(world, "planning")
    await world.go_to("2026-11-19 13:00")
    assert "Этап опаздывает" in world.last(manager(world), "опаздывает").text
    assert world.one("SELECT count(*) FROM incident i JOIN person p ON p.id = i.person_id WHERE p.key = 'daria'") == 2
    with world.door() as client:
        await world.sign_in(client, "viktor")
        assert "D-000001" in client.get("/board/service?overdue=1").text
        assert 'class="mark late"' in client.get("/item/1").text


async def test_an_absence_takes_open_work_to_the_substitute_and_back(world: World) -> None:
    await stand_at(world, "planning")
    assert world.rows(_OWNERS) == [("conduct", "daria"), ("price", "daria")]
    away = {"person": "daria", "substitute": "olga", "kind": "sick", "who": "daria"}
    days = {"first_day": "2026-11-17", "last_day": "2026-11-17"}
    await world.run("flows.acts.register_absence", "RegisterAbsenceRequest", **away, **days)
    await world.go_on()
    assert world.rows(_OWNERS) == [("conduct", "olga"), ("price", "olga")]
    assert world.last("olga", wording="work_price")
    assert world.last("daria", wording="work_withdrawn")
    await world.go_to("2026-11-18 09:30")
    assert world.rows(_OWNERS) == [("conduct", "daria"), ("price", "daria")]
