"""G2 when somebody is late or stays away: reminded, told, and at last given up, with the reason in the status."""

from __future__ import annotations

import pytest

from tests.scenarios.candidates import candidate_at, received
from tests.scenarios.items import PRIVATE, command, commanded, stage_of
from tests.scenarios.world import World

_OFFER = {"salary": "90000", "ceiling": "100000", "start_on": "2026-12-01"}
_STATUS = "SELECT stage, status_text FROM process_item"


async def test_an_interview_that_nobody_confirms(world: World) -> None:
    number = await received(world)
    await commanded(world, number, "select", "olga")
    await commanded(world, number, "invite", "olga", meeting_at="2026-11-25 15:00")
    await world.go_to("2026-11-20 13:00")
    for who in ("olga", PRIVATE):
        assert "25.11.2026 15:00" in world.last(who, "Подтвердите, пожалуйста, собеседование").text
    await world.go_to("2026-11-25 13:00")
    assert "этап опаздывает" in world.last("mikhail", "опаздывает").text
    await world.go_to("2026-12-10 13:00")
    assert world.rows(_STATUS) == [("withdrawn", "кандидат ушёл: кандидат не отвечает")]
    assert world.last(PRIVATE, wording="client_withdrawn")


async def test_scores_that_nobody_gives_are_reminded_of(world: World) -> None:
    await candidate_at(world, "interview")
    await world.go_to("2026-11-20 13:00")
    for who in ("olga", "mikhail"):
        assert world.last(who, "Оцените")


async def test_who_did_not_come_and_is_not_invited_again(world: World) -> None:
    number = await candidate_at(world, "interview")
    assert (await command(world, number, "no_show", "anna")).counts.get("accepted") is None
    await commanded(world, number, "no_show", "mikhail")
    await world.go_to("2026-11-20 13:00")
    assert "этап опаздывает" in world.last("olga", "опаздывает").text
    await world.go_to("2026-11-25 13:00")
    assert world.rows(_STATUS) == [("rejected", "отказ: не пришёл на собеседование")]
    assert "выбрали другого" in world.letters(PRIVATE)[-1].text


async def test_an_offer_that_nobody_prepares(world: World) -> None:
    number = await candidate_at(world, "offering")
    assert (await command(world, number, "propose", "olga")).counts.get("accepted") is None, "salary and date"
    await world.go_to("2026-12-10 13:00")
    assert world.rows(_STATUS) == [("withdrawn", "кандидат ушёл: предложение не подготовлено")]


async def test_a_salary_that_nobody_decides_about(world: World) -> None:
    number = await candidate_at(world, "offering")
    await commanded(world, number, "propose", "olga", **_OFFER | {"salary": "150000"})
    await world.go_to("2026-11-19 13:00")
    for who in ("viktor", "olga"):
        assert "ждёт решения" in world.last(who, "Оклад").text
    assert stage_of(world, number) == "salary_check"


async def _offered(world: World) -> str:
    if not world.take_up("hiring-offered"):
        number = await candidate_at(world, "offering")
        await commanded(world, number, "propose", "olga", **_OFFER)
        await world.go_on()
        world.keep("hiring-offered")
    return str(world.one("SELECT number FROM process_item"))


async def test_a_salary_raised_above_the_ceiling_goes_to_the_director_again(world: World) -> None:
    number = await _offered(world)
    await commanded(world, number, "changed", "olga", salary="150000")
    await world.go_on()
    assert stage_of(world, number) == "salary_check"
    assert world.open_work() == ["salary_ok"], "the offer is taken back"
    assert world.last(PRIVATE, wording="client_withdrawn")


async def _preparing(world: World) -> str:
    number = await _offered(world)
    world.answer(world.last(PRIVATE, "Предложение"), "да")
    await world.go_on()
    assert stage_of(world, number) == "preparing"
    return number


async def test_papers_of_a_new_colleague_that_are_late(world: World) -> None:
    await _preparing(world)
    await world.go_to("2026-12-02 13:00")
    for who in ("olga", "mikhail"):
        assert world.last(who, "не оформлен")
    assert ("welcome", "papers late") in world.rows("SELECT step, what FROM incident")
    await world.go_to("2027-02-10 13:00")
    assert world.rows(_STATUS) == [("withdrawn", "кандидат ушёл: не оформлен вовремя")]
    assert world.open_work() == []


async def test_who_does_not_come_to_work(world: World) -> None:
    number = await _preparing(world)
    assert (await command(world, number, "no_show", "daria")).counts.get("accepted") is None
    await commanded(world, number, "no_show", "mikhail")
    await world.go_on()
    assert world.rows(_STATUS) == [("withdrawn", "кандидат ушёл: не вышел на работу")]
    for who in ("olga", "mikhail"):
        assert "выбыл: не вышел на работу" in world.last(who, "выбыл").text
    assert world.open_work() == []


@pytest.mark.parametrize("stage", ["interview", "offering"])
async def test_a_candidate_withdraws_whatever_the_stage(world: World, stage: str) -> None:
    number = await candidate_at(world, stage)
    assert (await command(world, number, "withdraw", "mikhail")).counts.get("accepted") is None
    await commanded(world, number, "withdraw", "olga")
    await world.go_on()
    assert world.rows(_STATUS) == [("withdrawn", "кандидат ушёл: кандидат отказался")]
    assert world.open_work() == []
