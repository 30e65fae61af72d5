"""C4 for a client who has no mail address: the dispatcher calls and answers for them."""

from __future__ import annotations

from tests.scenarios.orders import LINES
from tests.scenarios.world import World

PHONE = "+79000000512"


async def test_a_client_without_mail_is_called(world: World) -> None:
    said = {"who": "olga", "title": "Течёт кран", "name": "Зинаида", "phone": PHONE}
    made = await world.run("flows.leads.register_client_request", "RegisterRequestRequest", **said)
    number = made.notes[0]
    await world.go_on()
    leader = world.last("m", number, "lead_new").person
    qualified = {"lead": number, "action": "qualify", "who": leader, "kind": "urgent", "dispatcher": "daria"}
    await world.run("flows.leads.qualify_lead", "QualifyLeadRequest", **qualified)
    await world.go_on()
    assert world.stage == "planning"
    filled = f"{LINES}\nисполнитель: egor\nвремя: 2026-11-19 10:00\nготово"
    world.answer(world.last("daria", wording="work_price"), filled)
    await world.go_on()
    asked = world.last("daria", wording="work_time_agreed")
    assert "Зинаида" in asked.text
    assert PHONE in asked.text.replace(" ", "")
    world.answer(asked, "да")
    world.answer(world.last("egor", wording="work_time_agreed"), "да")
    await world.go_on()
    assert world.stage == "approving"
    for who in ("daria", leader):
        world.answer(world.last(who, wording="work_approval"), "да")
    await world.go_on()
    assert world.stage == "scheduled"
    assert "Зинаида" in world.last("daria", wording="deal_tell_client").subject
