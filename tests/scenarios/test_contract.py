"""G5: a contract goes supervisor, chief, client; each may correct it and send it back."""

from __future__ import annotations

import hashlib

from tests.scenarios.contracts import says, submitted
from tests.scenarios.items import COMPANY, begin, command, commanded, stage_of
from tests.scenarios.world import World

CHANGED = b"%PDF-1.4 the contract, the term is 30 days"


async def test_all_three_approve(world: World) -> None:
    number = await submitted(world)
    for who, stage in (("mikhail", "head"), ("viktor", "client"), (COMPANY, "signed")):
        await says(world, who, "да")
        assert stage_of(world, number) == stage
    for who in ("maria", "mikhail", "viktor", "anna"):
        assert "подписан" in world.last(who, "К-17 подписан").text


async def test_submit_needs_the_file_and_only_the_author_submits(world: World) -> None:
    number = await begin(world, "contract_approval", "maria", number="К-17", client=COMPANY, supervisor="mikhail")
    assert (await command(world, number, "submit", "maria")).counts.get("accepted") is None
    assert (await command(world, number, "submit", "mikhail", document="v1")).counts.get("accepted") is None
    await commanded(world, number, "submit", "maria", document="v1")


async def test_a_silent_client_is_reminded_and_called(world: World) -> None:
    number = await submitted(world)
    await says(world, "mikhail", "да")
    await says(world, "viktor", "да")
    await world.go_to("2026-11-25 13:00")
    assert "ждёт вашего решения" in world.last(COMPANY, "решения").text
    assert world.last("maria", "Позвонить")
    await world.go_to("2026-12-17 13:00")
    assert world.rows("SELECT stage, outcome FROM process_item") == [("abandoned", "lost")]
    assert stage_of(world, number) == "abandoned"


async def test_another_corrects_and_the_author_accepts_or_objects(world: World) -> None:
    number = await submitted(world)
    await commanded(world, number, "correct", "mikhail", document="v2", note="срок 30 дней")
    await world.go_on()
    assert stage_of(world, number) == "author_accepts"
    assert "срок 30 дней" in world.last("maria", "исправил").text
    await commanded(world, number, "accept", "maria")
    await world.go_on()
    assert "версия v2" in world.last("mikhail", "версия").subject
    await says(world, "mikhail", "да")
    await commanded(world, number, "correct", "viktor", document="v3", note="цена")
    assert stage_of(world, number) == "author_accepts"
    assert (await command(world, number, "object", "anna", note="нет")).counts.get("accepted") is None
    await commanded(world, number, "object", "maria", note="цена верна")
    assert stage_of(world, number) == "corrections"


async def test_a_decline_asks_for_a_new_version_and_old_links_are_void(world: World) -> None:
    number = await submitted(world)
    old = world.last("mikhail", "версия v1")
    await says(world, "mikhail", "нет: нет реквизитов")
    assert stage_of(world, number) == "corrections"
    task = world.last("maria", "Исправить договор")
    assert "нет реквизитов" in task.subject, "the author reads what is to be corrected"
    world.answer(task, "готово")
    await world.go_on()
    assert "нет новой версии" in world.last("maria", wording="reply_refused").text
    await commanded(world, number, "changed", "maria", document="v2")
    world.answer(task, "готово")
    await world.go_on()
    assert stage_of(world, number) == "supervisor"
    world.answer(old, "да")
    await world.go_on()
    assert stage_of(world, number) == "supervisor", "that was the old version"
    with world.door() as client:
        page = client.get(old.links[-1])
        assert page.status_code == 200
        assert 'name="choice"' not in page.text
        answered = client.post(old.links[-1], data={"choice": "yes"})
        assert answered.status_code == 303
    assert stage_of(world, number) == "supervisor"
    await says(world, "mikhail", "да")
    assert stage_of(world, number) == "head"


async def test_what_is_to_be_corrected_is_said_at_the_door_and_by_a_form_too(world: World) -> None:
    await submitted(world)
    with world.door() as client:
        link = world.last("mikhail", "версия v1").links[-1]
        assert client.post(link, data={"choice": "no", "text": "другой срок"}).status_code == 303
        world.let_take_effect()
    await world.go_on()
    assert "другой срок" in world.last("maria", "Исправить договор").subject
    await commanded(world, str(world.one("SELECT number FROM process_item")), "changed", "maria", document="v2")
    world.answer(world.last("maria", "Исправить договор"), "готово")
    await world.go_on()
    asked = world.one("SELECT id FROM work_task WHERE state = 'open' AND name = 'by_supervisor'")
    decided = {"task": asked, "decision": "decline", "reason": "цена", "who": "mikhail"}
    await world.run("flows.acts.decide_approval", "DecideApprovalRequest", **decided)
    await world.go_on()
    assert "цена" in world.last("maria", "Исправить договор").subject


async def test_a_change_while_it_is_with_the_chief_is_asked_again(world: World) -> None:
    number = await submitted(world)
    await says(world, "mikhail", "да")
    old = world.last("viktor", "версия v1")
    await commanded(world, number, "changed", "maria", document="v2")
    await world.go_on()
    assert stage_of(world, number) == "head"
    world.answer(old, "да")
    await world.go_on()
    assert stage_of(world, number) == "head"
    await says(world, "viktor", "да")
    assert stage_of(world, number) == "client"


async def test_the_sixth_round_is_a_deadlock_that_the_chief_settles(world: World) -> None:
    number = await submitted(world)
    for version in range(2, 8):
        assert stage_of(world, number) == "supervisor"
        await commanded(world, number, "correct", "mikhail", document=f"v{version}", note="ещё раз")
        if version < 7:
            await commanded(world, number, "accept", "maria")
    await world.go_on()
    assert stage_of(world, number) == "deadlock"
    assert "шестой круг" in world.last("viktor", "решите").text
    await commanded(world, number, "settle", "viktor")
    assert stage_of(world, number) == "supervisor"


async def test_a_contract_is_withdrawn(world: World) -> None:
    number = await submitted(world)
    assert (await command(world, number, "withdraw", "mikhail")).counts.get("accepted") is None
    await commanded(world, number, "withdraw", "maria")
    await world.go_on()
    assert stage_of(world, number) == "withdrawn"
    for who in ("mikhail", "viktor", COMPANY):
        assert "отозван" in world.last(who, "К-17 отозван").text
    assert world.open_work() == []


async def test_the_substitute_of_an_absent_supervisor_decides(world: World) -> None:
    number = await submitted(world)
    days = {"first_day": "2026-11-17", "last_day": "2026-11-20", "kind": "sick", "who": "viktor"}
    away = {"person": "mikhail", "substitute": "anna"} | days
    await world.run("flows.acts.register_absence", "RegisterAbsenceRequest", **away)
    await world.go_on()
    assert world.last("mikhail", wording="work_withdrawn")
    await says(world, "anna", "да")
    assert stage_of(world, number) == "head"


async def test_the_chief_decides_instead_of_a_silent_supervisor(world: World) -> None:
    number = await submitted(world)
    await world.go_to("2026-11-19 13:00")
    assert "ждёт руководителя" in world.last("viktor", "К-17 ждёт").text
    assert (await command(world, number, "decide_instead", "maria")).counts.get("accepted") is None
    await commanded(world, number, "decide_instead", "viktor")
    await world.go_on()
    assert stage_of(world, number) == "head"
    assert world.last("mikhail", wording="work_withdrawn")


async def test_the_client_corrects_and_at_last_refuses(world: World) -> None:
    number = await submitted(world)
    await says(world, "mikhail", "да")
    await says(world, "viktor", "да")
    await says(world, COMPANY, "нет: другой срок")
    assert stage_of(world, number) == "corrections"
    await commanded(world, number, "changed", "maria", document="v2")
    world.answer(world.last("maria", "Исправить договор"), "готово")
    await world.go_on()
    for who in ("mikhail", "viktor"):
        await says(world, who, "да")
    assert stage_of(world, number) == "client"
    await commanded(world, number, "client_refuses", "maria", note="выбрали другого")
    await world.go_on()
    assert world.rows("SELECT outcome, status_text FROM process_item") == [("lost", "не состоялся: выбрали другого")]
    assert world.last("mikhail", "не состоялся: выбрали другого")


async def test_the_client_corrects_by_the_link_and_approves_what_came_of_it(world: World) -> None:
    number = await submitted(world)
    await says(world, "mikhail", "да")
    await says(world, "viktor", "да")
    old = world.last(COMPANY, "Договор К-17, версия").links[-1]
    with world.door() as client:
        page = client.get(old).text
        assert "Или исправьте сами" in page
        form = {"command": "correct", "note": "срок 30 дней"}
        sent = client.post(f"{old}/act", data=form, files={"document": ("договор, срок.pdf", CHANGED)})
        assert sent.status_code == 303
        assert "Записано: Исправить" in client.get(old).text
    await world.go_on()
    assert stage_of(world, number) == "author_accepts"
    assert "срок 30 дней" in world.last("maria", "клиент исправил").text
    await commanded(world, number, "accept", "maria")
    await world.go_on()
    for who in ("mikhail", "viktor"):
        await says(world, who, "да")
    letter = world.last(COMPANY, "Договор К-17, версия")
    version = hashlib.sha256(CHANGED).hexdigest()[:8]
    assert version in letter.subject
    with world.door() as client:
        new = letter.links[-1]
        assert f'href="{new.removeprefix(str(client.base_url).rstrip("/"))}/field/document">договор, срок.pdf</a>' in (
            client.get(new).text
        )
        given = client.get(f"{new}/field/document")
        assert (given.content, given.headers["content-type"]) == (CHANGED, "application/pdf")
        assert client.get(f"{old}/field/document").status_code == 404
        item = world.one("SELECT id FROM process_item")
        await world.sign_in(client, "anna")
        assert client.get(f"/item/{item}/field/document").content == CHANGED
        assert client.post(new, data={"choice": "yes"}).status_code == 303
        world.let_take_effect()
    await world.go_on()
    assert stage_of(world, number) == "signed"
    assert "подписан" in world.last("anna", "К-17 подписан").text
