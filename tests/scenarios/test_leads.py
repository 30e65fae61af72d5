"""B1 to B6: leads are taken into work, forgotten, junk, qualified; who gets them; who is who."""

from __future__ import annotations

from typing import Any

from tests.scenarios.orders import CLIENT, QUALIFIED, asked, manager
from tests.scenarios.world import World

_LEAD = "SELECT status FROM lead WHERE id = 1"
_AWAY = {"first_day": "2026-11-17", "last_day": "2026-11-18", "kind": "sick", "who": "viktor"}


async def test_a_forgotten_lead_comes_back_as_a_task_and_is_an_incident(world: World) -> None:
    await asked(world)
    who = manager(world)
    await world.go_to("2026-11-17 12:00")
    assert world.last(who, wording="lead_forgotten")
    assert world.rows("SELECT p.key FROM incident i JOIN person p ON p.id = i.person_id") == [(who,)]
    world.answer(world.last(who, wording="lead_forgotten"), "беру")
    await world.go_on()
    assert world.one(_LEAD) == "in_work"
    await world.go_to("2026-11-20 12:00")
    assert len(world.letters(who, wording="lead_forgotten")) == 2, "to be qualified it has a time of its own"
    await world.go_on()
    assert len(world.letters(who, wording="lead_forgotten")) == 2


async def test_junk_is_never_nagged_about(world: World) -> None:
    await asked(world)
    world.answer(world.last(manager(world), wording="lead_new"), "спам")
    await world.go_on()
    assert world.one(_LEAD) == "junk"
    told = len(world.letters())
    await world.go_to("2026-11-20 12:00")
    assert len(world.letters()) == told
    assert world.one("SELECT count(*) FROM incident") == 0


async def test_required_answers_gate_the_next_status(world: World) -> None:
    world.edit_office("qualification.yaml", "required: {}", "required: {qualified: [address]}")
    world.write(f"Иван <{CLIENT}>", "Ремонт котла", "Нужен ремонт котла")
    await world.go_on()
    letter = world.last(manager(world), wording="lead_new")
    world.answer(letter, QUALIFIED)
    await world.go_on()
    assert "Адрес" in world.last(manager(world), wording="reply_refused").text
    assert world.one("SELECT count(*) FROM deal") == 0
    world.answer(letter, f"{QUALIFIED}\nадрес: ул. Полевая, 3")
    await world.go_on()
    assert world.stage == "planning"


def _counted(world: World) -> tuple[int, ...]:
    """How many orders, contacts and companies there are."""
    query = "SELECT (SELECT count(*) FROM deal), (SELECT count(*) FROM contact), (SELECT count(*) FROM company)"
    return tuple(world.rows(query)[0])


async def test_conversion_makes_order_contact_and_company_in_one_step(world: World) -> None:
    await asked(world)
    with world.door() as client:
        await world.sign_in(client, manager(world))
        page = client.get("/lead/1").text
        assert "Нужен ремонт котла" in page
        assert client.post("/lead/1", data={"verb": "take"}).status_code == 303
        assert world.one(_LEAD) == "in_work"
    before = _counted(world)
    world.answer(world.last(manager(world), wording="lead_new"), QUALIFIED)
    await world.go_on()
    assert [now - then for now, then in zip(_counted(world), before, strict=True)] == [1, 1, 1]
    assert world.one(_LEAD) == "converted"
    assert world.rows("SELECT c.name FROM deal d JOIN company c ON c.id = d.company_id") == [("ООО Новый клиент",)]


async def _requested(world: World, phone: str) -> str:
    """A known client calls the operator; who leads the order."""
    said: dict[str, Any] = {"who": "olga", "title": "Поверка", "phone": phone, "kind": "periodic"}
    await world.run("flows.leads.register_client_request", "RegisterRequestRequest", **said)
    await world.go_on()
    return str(
        world.one(
            "SELECT p.key FROM process_item i JOIN person p ON 'person:' || p.id = json_extract(i.fields, '$.manager') "
            "ORDER BY i.id DESC LIMIT 1"
        )
    )


async def test_a_client_keeps_the_personal_manager_unless_absent(world: World) -> None:
    assert await _requested(world, "+79000000204") == "maria"
    away = {"person": "maria", "substitute": "mikhail"} | _AWAY
    await world.run("flows.acts.register_absence", "RegisterAbsenceRequest", **away)
    assert await _requested(world, "+79000000205") == "mikhail"


async def test_new_leads_go_to_the_least_loaded_who_is_present(world: World) -> None:
    for number in (1, 2):
        world.write(f"Клиент {number} <new{number}@client-new.example>", "Вопрос", f"Сколько стоит ремонт? {number}")
    await world.go_on()
    assert {letter.person for letter in world.letters(wording="lead_new")} == {"maria", "mikhail"}
    away = {"person": "maria", "substitute": "mikhail"} | _AWAY
    await world.run("flows.acts.register_absence", "RegisterAbsenceRequest", **away)
    for number in (3, 4):
        world.write(f"Клиент {number} <new{number}@client-new.example>", "Вопрос", f"Сколько стоит ремонт? {number}")
    await world.go_on()
    assert {letter.person for letter in world.letters(wording="lead_new")[2:]} == {"mikhail"}


async def test_two_contacts_are_merged_parted_and_kept_apart(world: World) -> None:
    for number, sender in enumerate((CLIENT, "ivan@other.example"), start=1):
        world.write(f"Иван Петров <{sender}>", "Ремонт", f"Иван Петров, +7 900 000-05-1{number}")
    await world.go_on()
    for letter in world.letters(wording="lead_new"):
        world.answer(letter, QUALIFIED)
    await world.go_on()
    known = "SELECT contact_id FROM contact_point WHERE value IN ('ivan@client-new.example', 'ivan@other.example')"
    first, second = [number for (number,) in world.rows(f"{known} ORDER BY contact_id")]
    decide = ("flows.duplicates.decide_duplicate_contacts", "DecideDuplicatesRequest")
    await world.run(*decide, action="merge", contacts=[first, second], who="olga")
    assert world.one("SELECT canonical_id FROM contact WHERE id = :id", id=second) == first
    assert world.rows("SELECT DISTINCT contact_id FROM deal") == [(first,)]
    merge = world.one("SELECT id FROM contact_merge")
    await world.run(*decide, action="unmerge", merge=merge, who="olga")
    assert world.one("SELECT canonical_id FROM contact WHERE id = :id", id=second) is None
    assert len(world.rows("SELECT DISTINCT contact_id FROM deal")) == 2
    await world.run(*decide, action="not_the_same", contacts=[first, second], who="olga")
    assert world.one("SELECT count(*) FROM not_the_same") == 1
