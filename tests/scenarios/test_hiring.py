"""G2: another business on the same engine: hired, rejected, withdrawn, a salary above the ceiling, four eyes."""

from __future__ import annotations

from tests.scenarios.candidates import candidate_at, interviewed, received
from tests.scenarios.items import PRIVATE, command, commanded, stage_of
from tests.scenarios.world import World


async def test_a_candidate_is_hired(world: World) -> None:
    number = await candidate_at(world, "offering")
    assert "резюме на «Мастер» у нас" in world.letters(PRIVATE)[0].text
    assert "19.11.2026 15:00" in world.last("mikhail", wording="calendar_invited").subject
    offer = {"salary": "90000", "ceiling": "100000", "start_on": "2026-12-01"}
    await commanded(world, number, "propose", "olga", **offer)
    await world.go_on()
    world.answer(world.last(PRIVATE, "Предложение"), "да")
    await world.go_on()
    assert stage_of(world, number) == "preparing"
    task = world.last("olga", "Оформить")
    world.answer(task, "готово")
    await world.go_on()
    assert "нет подписанного договора" in world.last("olga", wording="reply_refused").text
    await commanded(world, number, "changed", "olga", papers="договор")
    world.answer(task, "готово")
    await world.go_on()
    assert world.rows("SELECT stage, outcome FROM process_item") == [("hired", "won")]
    for who in ("mikhail", "viktor"):
        assert "принят: Мастер" in world.last(who, "принят").text


async def test_a_candidate_is_rejected(world: World) -> None:
    number = await received(world)
    refused = await command(world, number, "reject", "olga")
    assert refused.counts.get("accepted") is None
    await commanded(world, number, "reject", "olga", reason="нет опыта")
    await world.go_on()
    assert stage_of(world, number) == "rejected"
    assert "выбрали другого" in world.letters(PRIVATE)[-1].text


async def test_the_interview_decides_against(world: World) -> None:
    number = await candidate_at(world, "interview")
    for who in ("olga", "viktor"):
        world.answer(world.last(who, "Взять"), "нет: не подходит")
    await world.go_on()
    assert stage_of(world, number) == "rejected"


async def test_four_eyes(world: World) -> None:
    """Whoever brought the candidate in has no voice about taking them."""
    number = await interviewed(world, "olga")
    assert not world.letters("olga", "Взять")
    world.answer(world.last("olga", "Прочесть резюме", "work_withdrawn"), "да")
    world.answer(world.last("mikhail", "Взять"), "да")
    await world.go_on()
    assert stage_of(world, number) == "interview"
    world.answer(world.last("viktor", "Взять"), "да")
    await world.go_on()
    assert stage_of(world, number) == "offering"


async def test_a_salary_above_the_ceiling_is_the_chiefs_to_decide(world: World) -> None:
    number = await candidate_at(world, "offering")
    offer = {"salary": "150000", "ceiling": "100000", "start_on": "2026-12-01"}
    await commanded(world, number, "propose", "olga", **offer)
    await world.go_on()
    assert stage_of(world, number) == "salary_check"
    world.answer(world.last("viktor", "150\xa0000"), "нет: много")
    await world.go_on()
    assert stage_of(world, number) == "offering"
    assert "не согласован" in world.last("olga", "150").text
    await commanded(world, number, "propose", "olga", salary="120000")
    await world.go_on()
    world.answer(world.last("viktor", "120\xa0000"), "да")
    await world.go_on()
    assert stage_of(world, number) == "offered"
    assert "120\xa0000" in world.last(PRIVATE, "Предложение").text


async def test_a_candidate_declines_the_offer(world: World) -> None:
    number = await candidate_at(world, "offering")
    await commanded(world, number, "propose", "olga", salary="90000", ceiling="100000", start_on="2026-12-01")
    await world.go_on()
    world.answer(world.last(PRIVATE, "Предложение"), "нет: нашёл другое")
    await world.go_on()
    assert world.rows("SELECT stage, status_text FROM process_item") == [
        ("withdrawn", "кандидат ушёл: отказался от предложения")
    ]
    assert "выбыл" in world.last("mikhail", "выбыл").text
    assert stage_of(world, number) == "withdrawn"


async def test_a_candidate_who_does_not_come_twice(world: World) -> None:
    number = await candidate_at(world, "interview")
    await commanded(world, number, "no_show", "mikhail")
    await world.go_on()
    assert stage_of(world, number) == "missed"
    assert world.last("mikhail", wording="calendar_cancelled")
    await commanded(world, number, "invite_again", "olga")
    await commanded(world, number, "invite", "olga", meeting_at="2026-11-23 15:00")
    await world.go_on()
    for who in (PRIVATE, "mikhail"):
        world.answer(world.last(who, "Собеседование «Мастер»"), "да")
    await world.go_on()
    await commanded(world, number, "no_show", "olga")
    assert world.rows("SELECT stage, status_text FROM process_item") == [("rejected", "отказ: не пришёл дважды")]
