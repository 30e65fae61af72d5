"""C10 and the money: what follows a won order, and only a won one."""

from __future__ import annotations

import pytest

from tests.scenarios.items import command, commanded
from tests.scenarios.orders import CLIENT, manager, stand_at
from tests.scenarios.world import World

PAYMENT, PAPERS = 2, 3  # the items that follow the first order
_STAGE = "SELECT stage FROM process_item WHERE id = :item"


async def test_the_payment_comes(world: World) -> None:
    await stand_at(world, "won")
    assert "INV-000001" in world.last(CLIENT, wording="payment_asked").subject
    world.answer(world.last("anna", wording="work_payment"), "оплачено")
    await world.go_on()
    assert world.one(_STAGE, item=PAYMENT) == "paid"
    assert world.last(CLIENT, wording="payment_received")
    assert "получена" in world.last(manager(world), "INV-000001").text
    assert world.rows("SELECT paid_at IS NOT NULL FROM deal_course") == [(1,)]


async def _doubtful(world: World) -> None:
    """Nobody pays for five weeks."""
    if world.take_up("doubtful"):
        return
    await stand_at(world, "won")
    await world.go_to("2026-11-24 13:00")
    for who in ("anna", manager(world)):
        assert world.last(who, "INV-000001", "work_overdue")
    assert "Напоминаем об оплате" in world.letters(CLIENT)[-1].text
    assert world.one("SELECT status_text FROM process_item WHERE id = 2") == "оплата просрочена"
    for count, day in enumerate(("2026-11-27", "2026-12-04", "2026-12-11"), start=1):
        await world.go_to(f"{day} 13:00")
        assert len(world.letters(CLIENT, "ещё не оплачен")) == count
    await world.go_to("2026-12-22 13:00")
    assert world.one(_STAGE, item=PAYMENT) == "doubtful"
    assert len(world.letters(CLIENT, "ещё не оплачен")) == 3, "three reminders, no more"
    world.keep("doubtful")


async def _at_the_door(world: World, who: str, item: int, command: str, **values: str) -> int:
    """A colleague gives a command on the page of an item; the answer's status code."""
    with world.door() as client:
        await world.sign_in(client, who)
        return world.press(client, item, command, **values)


async def test_a_debt_is_written_off_by_the_chief(world: World) -> None:
    await _doubtful(world)
    assert world.last("viktor", "неоплаченным счётом INV-000001")
    assert await _at_the_door(world, "viktor", PAYMENT, "write_off", reason="") == 409
    assert await _at_the_door(world, "viktor", PAYMENT, "write_off", reason="банкротство") == 303
    await world.go_on()
    assert world.one("SELECT status_text FROM process_item WHERE id = 2") == "списан: банкротство"
    told = {letter.person for letter in world.letters(word="Долг по счёту INV-000001 списан: банкротство")}
    assert told == {"anna", "mikhail"}, "the manager, or who stands in for her at the end of December"


async def test_a_client_gets_more_time_and_no_second_invoice(world: World) -> None:
    await _doubtful(world)
    assert await _at_the_door(world, "viktor", PAYMENT, "wait") == 303
    await world.go_on()
    assert world.one(_STAGE, item=PAYMENT) == "waiting"
    assert world.one("SELECT count(*) FROM invoice") == 1
    world.answer(world.last("anna", wording="work_payment"), "оплата поступила")
    await world.go_on()
    assert world.one(_STAGE, item=PAYMENT) == "paid"


async def test_a_sub_process_is_commanded_by_the_number_of_its_order(world: World) -> None:
    await _doubtful(world)
    assert (await command(world, "D-000001", "paid", "anna")).counts.get("accepted") is None, "that is the order"
    assert (await command(world, "D-000001/receive_payment", "wait", "anna")).counts.get("accepted") is None
    await commanded(world, "D-000001/receive_payment", "wait", "viktor")
    await world.go_to("2027-01-15 13:00")
    assert world.one(_STAGE, item=PAYMENT) == "doubtful", "the second term has run out too"
    assert len(world.letters("viktor", "неоплаченным счётом", "work_overdue")) == 1, "and so has the decision's"
    await commanded(world, "D-000001/payment", "paid", "anna")
    assert world.one(_STAGE, item=PAYMENT) == "paid"


async def test_a_cancelled_invoice_is_taken_back(world: World) -> None:
    await stand_at(world, "won")
    assert await _at_the_door(world, manager(world), PAYMENT, "cancel", reason="ошибка в сумме") == 303
    await world.go_on()
    assert "оплачивать его не нужно" in world.letters(CLIENT)[-1].text
    assert world.rows("SELECT cancelled_at IS NOT NULL FROM invoice") == [(1,)]


async def test_originals_are_handed_in_and_filed(world: World) -> None:
    await stand_at(world, "won")
    closer = manager(world)
    assert "соберите документы (договор, акт, счёт)" in world.last(closer, "выигран").text
    assert world.last("anna", "передаст")
    asked = world.last(closer, "Сдать оригиналы", "work_asked")
    world.answer(asked, "готово")
    await world.go_on()
    assert "не хватает оригиналов" in world.last(closer, wording="reply_refused").text
    await _fill(world, closer, originals="акт, счёт, договор")
    world.answer(asked, "готово")
    await world.go_on()
    assert world.one(_STAGE, item=PAPERS) == "filing"
    await _fill(world, "anna", copies="акт, счёт, договор")
    world.answer(world.last("anna", "Подшить", "work_asked"), "готово")
    await world.go_on()
    assert world.rows("SELECT stage, outcome FROM process_item WHERE id = 3") == [("filed", "won")]


async def _fill(world: World, who: str, **values: str) -> None:
    """A colleague changes fields on the page of the papers."""
    with world.door() as client:
        await world.sign_in(client, who)
        revision = world.field_on(client.get(f"/item/{PAPERS}").text, "revision")
        assert client.post(f"/item/{PAPERS}/fields", data={"revision": revision} | values).status_code == 303


async def test_wrong_papers_are_sent_back(world: World) -> None:
    await stand_at(world, "won")
    closer = manager(world)
    await _fill(world, closer, originals="акт, счёт, договор")
    world.answer(world.last(closer, "Сдать оригиналы", "work_asked"), "готово")
    await world.go_on()
    assert await _at_the_door(world, "anna", PAPERS, "send_back", reason="нет печати") == 303
    await world.go_on()
    assert world.one(_STAGE, item=PAPERS) == "collecting"
    assert "нет печати" in world.last(closer, "возвращены").text
    assert len(world.letters(closer, "Сдать оригиналы", "work_asked")) == 2


async def test_late_originals_are_an_incident_and_at_last_waived(world: World) -> None:
    await stand_at(world, "won")
    await world.go_to("2026-11-24 13:00")
    for who in (manager(world), "viktor"):
        assert world.last(who, "Сдать оригиналы", "work_overdue")
    assert ("hand_in", "originals late") in world.rows("SELECT step, what FROM incident")
    await world.go_to("2027-01-15 13:00")
    assert world.one(_STAGE, item=PAPERS) == "stuck"
    assert await _at_the_door(world, "viktor", PAPERS, "waive", reason="клиент закрылся") == 303
    await world.go_on()
    assert world.one("SELECT status_text FROM process_item WHERE id = 3") == "списано: клиент закрылся"


@pytest.mark.parametrize(("word", "outcome"), [("потерян: ушёл к другим", "lost"), ("отменить: не нужно", "cancelled")])
async def test_what_is_not_won_collects_nothing(world: World, word: str, outcome: str) -> None:
    await stand_at(world, "documents")
    world.answer(world.last(manager(world), wording="deal_close_asked"), word)
    await world.go_on()
    assert world.rows("SELECT process, outcome FROM process_item") == [("service", outcome)]
    assert not world.letters("anna")
