"""C9, what is left lying: prices, times and calls that nobody settles; a master who is ready before the part is."""

from __future__ import annotations

import pytest

from tests.scenarios.items import PRIVATE, begin, commanded, stage_of
from tests.scenarios.repairs import NUMBER, ready, repairing, written_down
from tests.scenarios.world import World

_STATUS = "SELECT stage, status_text FROM process_item WHERE process = 'repair'"
_INCIDENTS = "SELECT step, what FROM incident"


async def test_a_repair_that_nobody_starts_is_late(world: World) -> None:
    people = {"manager": "mikhail", "dispatcher": "daria"}
    await begin(world, "repair", "olga", client=PRIVATE, kind="paid", defect="не греет", **people)
    await world.go_to("2026-11-18 10:00")
    assert "этап опаздывает" in world.last("mikhail", "опаздывает").text
    assert world.one("SELECT p.key FROM incident i JOIN person p ON p.id = i.person_id") == "daria"


async def test_a_price_that_did_not_suit_and_nobody_goes_on(world: World) -> None:
    await repairing(world)
    await written_down(world)
    await commanded(world, NUMBER, "quote", "egor")
    await world.go_on()
    world.answer(world.last(PRIVATE, "Стоимость ремонта"), "нет: дорого")
    await world.go_to("2026-11-20 13:00")
    assert "этап опаздывает" in world.last("mikhail", "опаздывает").text
    await world.go_to("2026-12-03 13:00")
    assert stage_of(world, NUMBER) == "lost"
    assert world.open_work() == []


async def test_a_client_who_was_not_there_and_gets_no_other_time(world: World) -> None:
    await repairing(world)
    await commanded(world, NUMBER, "no_show", "egor")
    await world.go_to("2026-11-19 13:00")
    for who in ("daria", "mikhail"):
        assert "новое время не назначено" in world.last(who, "не назначено").text
    await world.go_to("2026-12-03 13:00")
    assert world.rows(_STATUS) == [("lost", "потерян: клиент недоступен")]
    assert world.open_work() == [], "the master's task is taken back too"


@pytest.mark.parametrize(("where", "asked", "late"), [
    ("quoting", "2026-11-19 12:00", "2026-11-20 13:00"),
    ("without_part", "2026-11-20 12:00", "2026-11-23 13:00"),
    ("ready", "2026-12-01 12:00", "2026-12-02 13:00"),
])  # fmt: skip
async def test_a_client_whom_nobody_calls_is_an_incident(world: World, where: str, asked: str, late: str) -> None:
    await _WAYS[where](world)
    assert stage_of(world, NUMBER) == where
    await world.go_to(asked)
    assert world.last("daria", "Позвонить")
    assert ("call_client", "client not called") not in world.rows(_INCIDENTS)
    await world.go_to(late)
    assert ("call_client", "client not called") in world.rows(_INCIDENTS)


async def _quoting(world: World) -> None:
    await repairing(world)
    await written_down(world)
    await commanded(world, NUMBER, "quote", "egor")


async def _without_part(world: World) -> None:
    await repairing(world)
    await commanded(world, NUMBER, "need_part", "egor", part="насос")
    await commanded(world, NUMBER, "part_unavailable", "daria")


_WAYS = {"quoting": _quoting, "without_part": _without_part, "ready": ready}


async def test_the_master_is_ready_before_the_part_is(world: World) -> None:
    await repairing(world)
    await commanded(world, NUMBER, "need_part", "egor", part="насос")
    await world.go_on()
    await written_down(world)
    world.answer(world.last("egor", "Ремонт D-000001"), "готово")
    await world.go_on()
    assert stage_of(world, NUMBER) == "ready"
    assert world.open_work("order_part") == []
    assert world.last(PRIVATE, wording="payment_asked")


async def test_a_thing_that_nobody_fetches_is_lost_at_last(world: World) -> None:
    await ready(world)
    await world.go_to("2027-02-01 13:00")
    assert stage_of(world, NUMBER) == "unclaimed"
    assert world.last("viktor", "решите, что делать")
    await world.go_to("2027-03-15 13:00")
    assert world.rows(_STATUS) == [("lost", "потерян: заказ не забран")]


async def test_a_debt_that_is_written_off_is_told_to_those_who_have_the_thing(world: World) -> None:
    await ready(world)
    await commanded(world, f"{NUMBER}/receive_payment", "write_off", "viktor", reason="банкротство")
    await world.go_on()
    await world.go_on()
    for who in ("daria", "mikhail"):
        assert "долг списан" in world.last(who, "долг списан").text
    assert stage_of(world, NUMBER) == "ready", "the thing is still here"
