"""C6 and C7: everybody is told, also who is no user; the papers that close the order."""

from __future__ import annotations

from icalendar import Calendar

from tests.scenarios.letters import Letter
from tests.scenarios.orders import CLIENT, manager, stand_at
from tests.scenarios.world import World


def _invitation(letter: Letter) -> dict[str, str]:
    (part,) = [part for part in letter.mail.walk() if part.get_content_type() == "text/calendar"]
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    calendar = Calendar.from_ical(content)
    event = calendar.events[0]
    return {
        "method": str(calendar["METHOD"]),
        "uid": str(event["UID"]),
        "sequence": str(event["SEQUENCE"]),
        "start": event.start.isoformat(),
    }


async def test_client_and_executor_are_told_and_invited(world: World) -> None:
    await stand_at(world, "scheduled")
    for who in ("daria", manager(world), "olga", "egor"):
        assert "19.11.2026 10:00" in world.last(who, wording="deal_scheduled").text
    letter = world.last(CLIENT, wording="client_scheduled")
    assert "Егор Николаевич Титов" in letter.text
    assert "6\xa0300,00" in letter.text
    invited = _invitation(world.last("egor", wording="calendar_invited"))
    assert invited["method"] == "REQUEST"
    assert invited["start"].startswith("2026-11-19T10:00:00+03:00")


async def test_a_moved_time_takes_the_old_invitation_back(world: World) -> None:
    await stand_at(world, "scheduled")
    old = _invitation(world.last("egor", wording="calendar_invited"))
    world.answer(world.last("daria", wording="deal_scheduled"), "время: 2026-11-20 11:00")
    await world.go_on()
    assert world.stage == "agreeing"
    taken = _invitation(world.last("egor", wording="calendar_cancelled"))
    assert (taken["method"], taken["uid"]) == ("CANCEL", old["uid"])
    assert int(taken["sequence"]) > int(old["sequence"])
    assert "20.11.2026 11:00" in world.last(CLIENT, wording="work_time_agreed").subject


async def test_another_price_after_the_approval_is_approved_again(world: World) -> None:
    await stand_at(world, "scheduled")
    world.answer(world.last("daria", wording="deal_scheduled"), "позиция: diagnostics x 4")
    await world.go_on()
    assert world.stage == "approving"
    assert "9\xa0600,00" in world.last("daria", wording="work_approval").subject


async def test_the_order_cannot_close_while_a_paper_is_missing(world: World) -> None:
    await stand_at(world, "scheduled")
    world.answer(world.last("egor", wording="work_papers"), "готово", "акт.pdf", "счёт.pdf")
    await world.go_on()
    assert world.stage == "documents"
    said = world.last("daria", "Исполнитель передал документы").text
    assert "договор" in said.partition("Требуются")[2]
    world.answer(world.last(manager(world), wording="deal_scheduled"), "готово")
    await world.go_on()
    assert "договор" in world.last(manager(world), wording="reply_refused").text
    assert world.stage == "documents"
    world.answer(world.last("daria", wording="work_conduct"), "договор во вложении", "Договор 17.pdf")
    await world.go_on()
    assert world.rows("SELECT status_text FROM deal_course") == [("можно закрывать",)]
    world.answer(world.last(manager(world), wording="deal_close_asked"), "готово")
    await world.go_on()
    assert world.stage == "won"


async def test_only_the_manager_closes_the_order(world: World) -> None:
    await stand_at(world, "documents")
    world.answer(world.last("daria", wording="work_conduct"), "готово")
    await world.go_on()
    assert world.stage == "documents"
    assert world.last("daria", wording="reply_refused")


async def test_the_set_differs_by_kind_and_the_manager_adds_a_paper(world: World) -> None:
    await stand_at(world, "planning")
    assert "договор, акт, счёт" in world.last("daria", wording="work_conduct").text
    world.answer(world.last(manager(world), wording="lead_converted"), "вид: периодическое")
    await world.go_on()
    required = "SELECT json_extract(fields, '$.kind') FROM process_item"
    assert world.one(required) == "periodic"
    with world.door() as client:
        await world.sign_in(client, "daria")
        page = client.get("/item/1").text
        assert "0 из 2" in page
        world.answer(world.last(manager(world), wording="lead_converted"), "документы: договор")
        await world.go_on()
        assert "0 из 3" in client.get("/item/1").text


async def test_an_executor_late_with_papers_is_reminded(world: World) -> None:
    await stand_at(world, "scheduled")
    await world.go_to("2026-11-25 12:00")
    assert world.last("egor", "Передать документы", wording="work_overdue")
    assert ("papers", "documents late") in world.rows("SELECT step, what FROM incident")
