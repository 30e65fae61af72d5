"""D2 to D5: people are told by the way that reaches them now: inbox, mail, SMS; in whose name; by which brand."""

from __future__ import annotations

import pytest

from tasks.rules.errors import UsageError
from tests.samples.sms_gateways import KEY, open_sms_gateways
from tests.scenarios.orders import CLIENT, FILLED, confirm_time, manager, stand_at
from tests.scenarios.world import World

_TELL = ("flows.saying.tell_people", "TellPeopleRequest")


async def test_who_is_at_the_door_finds_it_in_the_inbox_and_the_idle_get_mail(world: World) -> None:
    with world.door() as client:
        await world.sign_in(client, "daria")
        assert client.get("/my").status_code == 200
        await world.run(*_TELL, who="viktor", to=["daria", "anna"], text="Собрание в 15:00")
        await world.go_on(1)
        assert "Собрание в 15:00" in client.get("/my").text
        assert not world.letters("daria", "Собрание в 15:00")
        assert world.last("anna", "Собрание в 15:00"), "who is not signed in gets a mail"
        await world.go_on(15)
        await world.run(*_TELL, who="viktor", to=["daria"], text="Собрание в 16:00")
        await world.go_on(1)
        assert world.last("daria", "Собрание в 16:00"), "idle for ten minutes: a mail besides"


async def test_only_an_administrator_speaks_in_the_name_of_another(world: World) -> None:
    with pytest.raises(UsageError, match="only an administrator"):
        await world.run(*_TELL, who="olga", sender="viktor", to=["anna"], text="Премия!")
    await world.run(*_TELL, who="viktor", sender="olga", to=["dispatcher"], text="Позвоните мне")
    await world.go_on(1)
    letter = world.last("daria", "Позвоните мне")
    assert "Ольга Павловна Зимина" in " ".join(str(letter.mail["From"]).split())
    assert not world.letters("anna")


async def test_a_client_is_told_by_sms_beside_the_mail(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """C6: also those who are no users."""
    await stand_at(world, "approving")
    with open_sms_gateways() as gateways:
        world.edit_office("office.yaml", 'gateway: "off" #', f"gateway: smsc\n    url: {gateways.url} #")
        world.edit_office("office.yaml", 'login: "" # smsc only', "login: office")
        world.edit_office("office.yaml", "kinds: [confirmation] #", "kinds: [confirmation, notice] #")
        monkeypatch.setenv("CALLOUT_SECRET_SMS_GATEWAY", KEY)
        for who in ("daria", manager(world)):
            world.answer(world.last(who, wording="work_approval"), "да")
        await world.go_on()
        assert world.last(CLIENT, wording="client_scheduled")
        await world.go_on(1)
        (taken,) = gateways.taken
    assert taken[1].lstrip("+") == "79000000511"
    assert "19.11.2026 10:00" in taken[2]


async def test_the_letters_of_a_brand_say_so_in_the_language_of_their_reader(world: World) -> None:
    """D4: the mailbox that brought the lead says under which name the client is written to."""
    world.edit_office("office.yaml", 'brand: "" #', "brand: certificates #")
    await stand_at(world, "planning")
    world.answer(world.last("daria", wording="work_price"), FILLED)
    await world.go_on()
    asked = world.last(CLIENT, wording="work_time_agreed")
    assert "Северный Сертификат" in str(asked.mail["From"])
    assert "отдел сертификации" in asked.text
    assert asked.mail.get_content_type() == "multipart/alternative", "as text and as HTML"
    await confirm_time(world)
    assert world.stage == "approving"
