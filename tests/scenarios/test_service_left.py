"""C4, C7, C12: an order that lasts too long, is moved by a command, or changes when its papers are there already."""

from __future__ import annotations

from tests.scenarios.items import command, commanded
from tests.scenarios.orders import CLIENT, confirm_time, manager, stand_at
from tests.scenarios.world import World

NUMBER = "D-000001"
_PAPERS = ("акт.pdf", "счёт.pdf", "договор.pdf")


async def test_an_order_that_lasts_too_long_is_an_incident_of_the_dispatcher(world: World) -> None:
    await stand_at(world, "scheduled")
    await world.go_to("2026-11-24 13:00")
    for who in ("daria", manager(world)):
        assert len(world.letters(who, "Провести обслуживание", "work_overdue")) == 1
    late = (
        "SELECT i.what FROM incident i JOIN person p ON p.id = i.person_id WHERE p.key = 'daria' AND step = 'conduct'"
    )
    assert world.rows(late) == [("order overdue",)]
    assert world.open_work("conduct") == ["conduct"], "it is still owed"


async def test_an_order_is_rescheduled_by_those_who_may(world: World) -> None:
    await stand_at(world, "scheduled")
    refused = await command(world, NUMBER, "reschedule", "anna", work_at="2026-11-23 12:00")
    assert refused.counts.get("accepted") is None
    await commanded(world, NUMBER, "reschedule", "daria", work_at="2026-11-23 12:00")
    await world.go_on()
    assert world.stage == "agreeing"
    assert world.last("egor", wording="calendar_cancelled")
    assert "23.11.2026 12:00" in world.last(CLIENT, wording="work_time_agreed").subject


async def test_the_dispatcher_attaches_the_papers_before_the_executor_hands_them_over(world: World) -> None:
    await stand_at(world, "scheduled")
    world.answer(world.last("daria", wording="work_conduct"), "документы во вложении", *_PAPERS)
    await world.go_on()
    assert world.stage == "documents"
    assert world.open_work("papers") == ["papers"]
    world.answer(world.last(manager(world), wording="deal_close_asked"), "готово")
    await world.go_on()
    assert world.stage == "won"
    assert world.last("egor", "Передать документы", "work_withdrawn")


async def test_another_time_or_price_counts_also_when_the_papers_are_there(world: World) -> None:
    await stand_at(world, "documents")
    world.answer(world.last("daria", wording="deal_scheduled"), "время: 2026-11-20 11:00")
    await world.go_on()
    assert world.stage == "agreeing"
    await confirm_time(world)
    await _approved(world)
    assert world.stage == "documents", "the papers are there and not asked for again"
    assert len(world.letters("egor", wording="work_papers")) == 1
    world.answer(world.last("daria", wording="deal_scheduled"), "позиция: diagnostics x 4")
    await world.go_on()
    assert world.stage == "approving"
    await _approved(world)
    assert world.stage == "documents"


async def _approved(world: World) -> None:
    assert world.stage == "approving"
    for who in ("daria", manager(world)):
        world.answer(world.last(who, wording="work_approval"), "да")
    await world.go_on()
