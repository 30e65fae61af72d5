"""G2, the side ways: another time, nobody decides, the offer is changed or taken back, the vacancy is closed."""

from __future__ import annotations

from tests.scenarios.candidates import candidate_at, received
from tests.scenarios.items import PRIVATE, command, commanded, stage_of
from tests.scenarios.world import World

_OFFER = {"salary": "90000", "ceiling": "100000", "start_on": "2026-12-01"}


async def test_the_interview_is_moved_and_its_invitation_taken_back(world: World) -> None:
    number = await received(world)
    await commanded(world, number, "select", "olga")
    assert (await command(world, number, "invite", "olga")).counts.get("accepted") is None, "when?"
    await commanded(world, number, "invite", "olga", meeting_at="2026-11-19 15:00")
    await world.go_on()
    world.answer(world.last(PRIVATE, "Собеседование «Мастер»"), "нет: не могу")
    await world.go_on()
    assert "предложите другое время" in world.last("olga", "другое время").text
    await commanded(world, number, "invite", "olga", meeting_at="2026-11-20 15:00")
    await world.go_on()
    for who in (PRIVATE, "mikhail"):
        world.answer(world.last(who, "20.11.2026 15:00"), "да")
    await world.go_on()
    assert stage_of(world, number) == "interview"
    await commanded(world, number, "reschedule", "mikhail")
    await world.go_on()
    assert stage_of(world, number) == "selected"
    assert world.last("mikhail", wording="calendar_cancelled")
    assert "переносится" in world.last(PRIVATE, "переносится").text
    assert world.open_work("scores") == []


async def test_an_unread_cv_is_an_incident_and_at_last_rejected(world: World) -> None:
    number = await received(world)
    await world.go_to("2026-11-20 13:00")
    assert ("screen", "CV unread") in world.rows("SELECT step, what FROM incident")
    await world.go_to("2026-12-17 13:00")
    assert stage_of(world, number) == "rejected"


async def test_the_director_decides_when_nobody_scores(world: World) -> None:
    number = await candidate_at(world, "interview")
    await world.go_to("2026-12-02 13:00")
    assert stage_of(world, number) == "undecided"
    assert "решите" in world.last("viktor", "оценок нет").text
    assert (await command(world, number, "hire", "olga")).counts.get("accepted") is None
    await commanded(world, number, "hire", "viktor")
    assert stage_of(world, number) == "offering"


async def test_an_offer_is_changed_and_at_last_taken_back(world: World) -> None:
    number = await candidate_at(world, "offering")
    await commanded(world, number, "propose", "olga", **_OFFER)
    await world.go_on()
    old = world.last(PRIVATE, "Предложение")
    await commanded(world, number, "change_offer", "olga")
    await commanded(world, number, "propose", "olga", salary="95000")
    await world.go_on()
    world.answer(old, "да")
    await world.go_on()
    assert stage_of(world, number) == "offered", "that was another offer"
    assert (await command(world, number, "take_back", "viktor")).counts.get("accepted") is None, "why?"
    await commanded(world, number, "take_back", "viktor", reason="место закрыто")
    await world.go_on()
    assert stage_of(world, number) == "rejected"
    assert world.open_work() == []


async def test_an_offer_that_nobody_answers_runs_out(world: World) -> None:
    number = await candidate_at(world, "offering")
    await commanded(world, number, "propose", "olga", **_OFFER)
    await world.go_to("2026-11-24 13:00")
    assert "ждёт ответа" in world.last(PRIVATE, "ждёт ответа").text
    await world.go_to("2026-12-10 13:00")
    assert world.rows("SELECT stage, status_text FROM process_item") == [
        ("withdrawn", "кандидат ушёл: срок предложения истёк")
    ]
    assert stage_of(world, number) == "withdrawn"


async def test_a_vacancy_is_closed(world: World) -> None:
    number = await candidate_at(world, "interview")
    assert (await command(world, number, "close_vacancy", "olga")).counts.get("accepted") is None
    await commanded(world, number, "close_vacancy", "mikhail")
    await world.go_on()
    assert world.rows("SELECT stage, outcome FROM process_item") == [("closed", "cancelled")]
    assert "закрыта" in world.last(PRIVATE, "закрыта").text
    assert world.last("mikhail", wording="calendar_cancelled")
    assert world.open_work() == []
