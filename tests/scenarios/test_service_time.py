"""C4: the time of work is agreed with client and executor; what happens when it is not."""

from __future__ import annotations

from tests.scenarios.orders import CLIENT, FILLED, manager, stand_at
from tests.scenarios.world import World

_WORK_AT = "SELECT json_extract(fields, '$.work_at') FROM process_item WHERE id = 1"


async def test_both_must_confirm(world: World) -> None:
    await stand_at(world, "agreeing")
    world.answer(world.last(CLIENT, wording="work_time_agreed"), "да")
    await world.go_on()
    assert world.stage == "agreeing"
    assert world.open_work("time_agreed") == ["time_agreed"]
    world.answer(world.last("egor", wording="work_time_agreed"), "да")
    await world.go_on()
    assert world.stage == "approving"


async def test_another_time_is_planned_when_the_client_declines(world: World) -> None:
    await stand_at(world, "agreeing")
    world.answer(world.last(CLIENT, wording="work_time_agreed"), "нет: лучше в пятницу утром")
    await world.go_on()
    assert world.stage == "planning"
    assert "лучше в пятницу утром" in world.last("daria", "Предложите другое").text
    assert world.open_work("price") == ["price"]
    assert world.last("egor", wording="work_withdrawn")
    world.answer(world.last("daria", wording="work_price"), "время: 2026-11-20 09:30\nготово")
    await world.go_on()
    assert world.stage == "agreeing"
    assert "20.11.2026 09:30" in world.last(CLIENT, wording="work_time_agreed").subject


async def test_the_letter_lists_other_times_and_the_client_chooses_one(world: World) -> None:
    await stand_at(world, "planning")
    others = "другие подходящие времена: 2026-11-20 12:00, 2026-11-23 09:00"
    world.answer(world.last("daria", wording="work_price"), f"{FILLED.removesuffix('готово')}{others}\nготово")
    await world.go_on()
    assert world.stage == "agreeing"
    letter = world.last(CLIENT, wording="work_time_agreed")
    assert "- 20.11.2026 12:00\n- 23.11.2026 09:00\n" in letter.text.replace("\r", "")
    with world.door() as client:
        page = client.get(letter.links[-1]).text
        assert page.count('value="at:') == 2
        assert client.post(letter.links[-1], data={"choice": "at:2026-11-20T09:00:00+00:00"}).status_code == 303
        world.let_take_effect()
    await world.go_on()
    assert world.one(_WORK_AT) == "2026-11-20T09:00:00+00:00"
    asked = world.last("egor", "20.11.2026 12:00", "work_time_agreed")
    assert "- 23.11.2026 09:00" in asked.text
    assert len(world.letters(CLIENT, wording="work_time_agreed")) == 1, "nobody is asked about a choice of their own"
    world.answer(asked, "да")
    await world.go_on()
    assert world.stage == "approving"


async def test_a_reminder_of_the_time_lists_the_other_times_too(world: World) -> None:
    await stand_at(world, "agreeing")
    others = "другие подходящие времена: 2026-11-20 12:00"
    world.answer(world.last("daria", wording="work_conduct"), others)
    await world.go_to("2026-11-18 10:00")
    world.answer(world.last("daria", wording="work_call_client"), "готово")
    await world.go_on()
    reminder = world.last(CLIENT, "подтвердите время работ")
    assert "- 20.11.2026 12:00" in reminder.text
    with world.door() as client:
        assert client.get(reminder.links[-1]).text.count('value="at:') == 1


async def test_nobody_answers_so_the_dispatcher_calls(world: World) -> None:
    await stand_at(world, "agreeing")
    await world.go_to("2026-11-18 10:00")
    assert world.stage == "agreeing"
    assert world.last("daria", wording="work_overdue")
    world.answer(world.last("daria", wording="work_call_client"), "готово")
    await world.go_on()
    for who in (CLIENT, "egor"):
        assert "подтвердите время работ" in world.letters(who)[-1].text
    world.answer(world.letters(CLIENT)[-1], "да")
    world.answer(world.last("egor", wording="work_time_agreed"), "да")
    await world.go_on()
    assert world.stage == "approving"


async def _unreachable(world: World) -> None:
    if world.take_up("unreachable"):
        return
    await stand_at(world, "agreeing")
    await world.go_to("2026-11-18 10:00")
    await world.go_to("2026-11-18 18:00")
    assert world.stage == "unreachable"
    world.keep("unreachable")


async def test_a_client_who_cannot_be_reached_is_reminded_then_the_order_is_lost(world: World) -> None:
    await _unreachable(world)
    assert "Не удаётся с вами связаться" in world.letters(CLIENT)[-1].text or world.last(CLIENT, "с вами связаться")
    assert world.last(manager(world), "Клиент не отвечает")
    assert ("call_client", "client not called") in world.rows("SELECT step, what FROM incident")
    await world.go_to("2026-11-24 12:00")
    await world.go_to("2026-11-27 12:00")
    assert len(world.letters(CLIENT, "всё ещё ждём")) == 2
    await world.go_to("2026-12-03 12:00")
    assert world.stage == "lost"
    assert world.rows("SELECT outcome, status_text FROM deal_course") == [("lost", "потерян: client unreachable")]
    for who in (manager(world), "olga", "daria"):
        assert "Заказ потерян" in world.last(who, "потерян").text
    assert world.rows("SELECT process FROM process_item") == [("service",)], "a lost order starts nothing"


async def test_a_client_who_answers_at_last_is_asked_about_the_time_again(world: World) -> None:
    await _unreachable(world)
    world.answer(world.letters(CLIENT)[-1], "Извините, был в отпуске. Четверг в десять подходит.")
    await world.go_on()
    assert world.stage == "agreeing"
    assert len(world.letters(CLIENT, wording="work_time_agreed")) == 2
