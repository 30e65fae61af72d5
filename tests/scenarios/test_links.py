"""D8: people act by the links of their mails; looking changes nothing, a decision counts once."""

from __future__ import annotations

from tests.scenarios.orders import CLIENT, manager, stand_at
from tests.scenarios.world import World


async def test_client_and_executor_confirm_by_their_links(world: World) -> None:
    await stand_at(world, "agreeing")
    with world.door() as client:
        for who in (CLIENT, "egor"):
            link = world.last(who, wording="work_time_agreed").links[-1]
            for _ in range(3):
                assert "19.11.2026" in client.get(link).text, "looking is not answering"
            assert client.post(link, data={"choice": "yes"}).status_code == 303
            assert world.stage == "agreeing"
        world.let_take_effect()
    assert world.stage == "approving"
    assert world.rows("SELECT json_extract(data, '$.channel') FROM event WHERE kind = 'item.command'")[-2:] == [
        ("door",),
        ("door",),
    ]


async def test_a_decision_is_taken_back_within_the_minute(world: World) -> None:
    await stand_at(world, "approving")
    link = world.last(manager(world), wording="work_approval").links[-1]
    with world.door() as client:
        assert client.post(link, data={"choice": "no", "text": ""}).status_code == 422, "a decline needs its reason"
        assert client.post(link, data={"choice": "no", "text": "дорого"}).status_code == 303
        assert client.post(f"{link}/undo").status_code == 303
        world.let_take_effect()
        assert world.stage == "approving"
        assert client.post(link, data={"choice": "no", "text": "всё же дорого"}).status_code == 303
        world.let_take_effect()
    await world.go_on()
    assert world.stage == "planning"
    assert "всё же дорого" in world.last("daria", wording="deal_declined").text


async def test_the_executor_hands_papers_over_by_the_link(world: World) -> None:
    await stand_at(world, "scheduled")
    link = world.last("egor", wording="work_papers").links[-1]
    pdf = b"%PDF-1.4\n1 0 obj\n<< >>\nendobj\ntrailer\n<< >>\n%%EOF\n"
    with world.door() as client:
        for kind in ("act", "invoice", "contract"):
            files = {kind: (f"{kind}.pdf", pdf + kind.encode(), "application/pdf")}
            assert client.post(f"{link}/papers", files=files).status_code == 303
        assert "3 из 3" in client.get(link).text
        assert client.post(link, data={"choice": "done"}).status_code == 303
        world.let_take_effect()
    await world.go_on()
    assert world.stage == "documents"
    assert world.last(manager(world), wording="deal_close_asked")


async def test_a_foreign_or_forged_link_opens_nothing(world: World) -> None:
    await stand_at(world, "approving")
    link = world.last("daria", wording="work_approval").links[-1]
    with world.door() as client:
        assert client.get(link[:-4] + "AAAA").status_code in (400, 403, 404, 410)
        assert client.post(link.replace("/a/", "/t/"), data={"choice": "done"}).status_code in (400, 403, 404, 410)
        assert client.post(link, data={"choice": "yes"}, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert world.one("SELECT count(*) FROM door_act") == 0
