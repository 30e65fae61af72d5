"""G5 when somebody is late: reminded, called, and at last abandoned; the head declines, or ends a deadlock."""

from __future__ import annotations

from tests.scenarios.contracts import says, submitted
from tests.scenarios.items import COMPANY, begin, command, commanded, stage_of
from tests.scenarios.world import World


async def test_a_draft_is_reminded_of_twice_and_abandoned(world: World) -> None:
    number = await begin(world, "contract_approval", "maria", number="К-17", document="v1")
    for count, day in enumerate(("2026-12-16", "2027-01-26", "2027-02-24"), start=1):
        await world.go_to(f"{day} 13:00")
        assert len(world.letters("m", "всё ещё черновик")) == min(count, 2)
    await world.go_to("2027-04-15 13:00")
    assert stage_of(world, number) == "abandoned"
    assert world.last("maria", "закрыт без ответа")


async def test_the_head_is_late_and_then_declines(world: World) -> None:
    number = await submitted(world)
    await says(world, "mikhail", "да")
    await world.go_to("2026-11-20 13:00")
    for who in ("viktor", "maria"):
        assert world.last(who, "ждёт директора")
    await world.go_to("2026-11-24 13:00")
    assert "этап опаздывает" in world.last("viktor", "опаздывает").text
    await says(world, "viktor", "нет: нет приложения")
    assert stage_of(world, number) == "corrections"
    assert world.last("maria", "Исправить договор", "work_asked")


async def test_corrections_that_are_late_and_at_last_given_up(world: World) -> None:
    number = await submitted(world)
    await says(world, "mikhail", "нет: нет реквизитов")
    assert stage_of(world, number) == "corrections"
    await world.go_to("2026-11-20 13:00")
    for who in ("maria", "mikhail"):
        assert len(world.letters(who, "исправления опаздывают")) == 1
    await world.go_to("2026-12-17 13:00")
    assert world.rows("SELECT stage, outcome FROM process_item") == [("abandoned", "lost")]
    assert world.open_work() == []


async def test_a_client_whom_nobody_calls(world: World) -> None:
    await submitted(world)
    await says(world, "mikhail", "да")
    await says(world, "viktor", "да")
    await world.go_to("2026-11-25 13:00")
    assert world.last("maria", "Позвонить")
    await world.go_to("2026-11-30 13:00")
    assert "клиенту не позвонили" in world.last("mikhail", "не позвонили").text
    await says(world, COMPANY, "да")
    assert world.rows("SELECT stage FROM process_item") == [("signed",)]
    assert world.open_work() == []


async def test_an_author_who_neither_accepts_nor_objects(world: World) -> None:
    number = await submitted(world)
    await commanded(world, number, "correct", "mikhail", document="v2", note="срок")
    await world.go_to("2026-11-20 13:00")
    for who in ("viktor", "maria"):
        assert "этап опаздывает" in world.last(who, "опаздывает").text
    await world.go_to("2026-12-17 13:00")
    assert stage_of(world, number) == "abandoned"


async def test_the_sixth_time_it_is_sent_back_the_head_refuses(world: World) -> None:
    number = await submitted(world)
    for version in range(2, 7):
        await commanded(world, number, "correct", "mikhail", document=f"v{version}", note="ещё раз")
        await commanded(world, number, "accept", "maria")
    await world.go_on()
    await says(world, "mikhail", "нет: снова не то")
    assert stage_of(world, number) == "deadlock"
    assert "шестой круг" in world.last("viktor", "решите").text
    assert world.open_work() == []
    assert (await command(world, number, "refuse", "maria", note="хватит")).counts.get("accepted") is None
    await commanded(world, number, "refuse", "viktor", note="хватит")
    await world.go_on()
    assert world.rows("SELECT stage, status_text FROM process_item") == [("refused", "не состоялся: хватит")]
    for who in ("maria", "mikhail"):
        assert world.last(who, "не состоялся: хватит")
