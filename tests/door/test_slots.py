"""Choosing among several times (C4): the chooser's own is confirmed at once, everybody else is asked about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from deployments.door.room import Room
from sql.schema import contact, outbox, work_task
from tasks.door_acts import carry_out_due
from tasks.rules.process.values import Line
from tests.door.conftest import Clock
from tests.door.service_order import Order, new_order
from tests.door.test_acting import link_of
from tests.door.visiting import Visits, last_mail, links_in, rows, store_state

Visit = Callable[[Room], Visits]
_SAID = {
    "ru": ("Подойдёт и другое время:", "Подтвердить или выбрать другое время можно на странице"),
    "en": ("Another time can be chosen as well:", "Confirm, or choose another time, on this page"),
}


def offered(room: Room, *days: float) -> tuple[Order, list[datetime]]:
    """An order whose time is being agreed, with other times on offer."""
    order = new_order(room).to_planning()
    times = [room.now() + timedelta(days=day) for day in days]
    order.act("changed", "daria", sets={"work_at_options": tuple(time.isoformat() for time in times)})
    return _agreeing(order), times


def _agreeing(order: Order) -> Order:
    order.act(
        "changed",
        "daria",
        sets={
            "lines": (Line("", "Насос", Decimal(1), Decimal(100)),),
            "work_at": (order.room.now() + timedelta(days=2)).isoformat(),
            "executor": order.people["egor"],
        },
    )
    order.act("done", "daria", task_id=order.task("price", "daria"))
    return order


def test_another_time_is_chosen_and_the_others_are_asked_about_it(room: Room, visits: Visit, clock: Clock) -> None:
    order, times = offered(room, 3, 4)
    order.act("approve", "egor", task_id=order.task("time_agreed", "egor"))
    link, visitor = link_of(order, "time_agreed", order.client), visits(room)
    page = visitor.get(link).text
    assert page.count('value="at:') == 2
    assert "checked" not in page
    asked = len(rows(room.desk.engine, outbox, outbox.c.recipient_ref == order.client, outbox.c.state == "planned"))
    choice = f"at:{times[1].isoformat()}"
    assert visitor.post(link, {"choice": choice}).status_code == 303
    assert order.stored.item.fields["work_at"] != times[1].isoformat()  # it can still be taken back
    waiting = visitor.get(link).text
    assert f"{link}/undo" in waiting
    clock.pass_by(minutes=2)
    assert carry_out_due(room.desk, clock()) == 1
    assert carry_out_due(room.desk, clock()) == 0
    assert order.stored.item.fields["work_at"] == times[1].isoformat()
    assert order.stage == "agreeing"
    with pytest.raises(AssertionError):
        order.task("time_agreed", order.client)  # confirmed with the choice
    engine = room.desk.engine
    still = rows(engine, outbox, outbox.c.recipient_ref == order.client, outbox.c.state == "planned")
    assert len(still) == asked  # nobody is written to about a choice of their own
    order.act("approve", "egor", task_id=order.task("time_agreed", "egor"))
    assert order.stage == "approving"


def _letter(order: Order, name: str, key: str) -> str:
    """The text of the letter that asks somebody for a piece of work."""
    engine, task = order.room.desk.engine, order.task(name, key)
    return last_mail(engine, next(row.id for row in rows(engine, outbox) if row.work_task_id == task))


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_letter_lists_the_times_that_can_be_chosen(
    lite_room: Room, visits: Visit, clock: Clock, language: str
) -> None:
    with lite_room.desk.engine.begin() as connection:
        connection.execute(sa.update(contact).values(language=language))
    office = lite_room.desk.office
    lite_room.desk.office = replace(office, door=replace(office.door, url=lite_room.local_url))
    order, times = offered(lite_room, 4, -1, 3)
    heading, page = _SAID[language]
    for who in (order.client, "egor"):
        letter = _letter(order, "time_agreed", who)
        offers = [line for line in letter.splitlines() if line.startswith("- ")]
        zone, day = office.zone, "%d %b %Y" if (language, who) == ("en", order.client) else "%d.%m.%Y"
        assert offers == [f"- {at.astimezone(zone):{day} %H:%M}" for at in (times[2], times[0])], "the next first"
    letter = _letter(order, "time_agreed", order.client)
    assert heading in letter
    (link,) = links_in(letter)
    assert f"{page}: {link}" in letter
    visitor = visits(lite_room)
    assert visitor.get(link.removeprefix(lite_room.url)).text.count('value="at:') == 2
    choice = {"choice": f"at:{times[2].isoformat()}"}
    assert visitor.post(link.removeprefix(lite_room.url), choice).status_code == 303
    clock.pass_by(minutes=2)
    assert carry_out_due(lite_room.desk, clock()) == 1
    assert order.stored.item.fields["work_at"] == times[2].isoformat()
    again = _letter(order, "time_agreed", "egor")
    assert [line for line in again.splitlines() if line.startswith("- ")] == [
        f"- {times[0].astimezone(office.zone):%d.%m.%Y %H:%M}"
    ], "what is proposed now is no other time"


def test_a_letter_without_other_times_says_nothing_of_them(lite_room: Room) -> None:
    order = _agreeing(new_order(lite_room).to_planning())
    for said in _SAID.values():
        assert not any(word in _letter(order, "time_agreed", order.client) for word in said)


def test_who_chose_may_take_it_back(lite_room: Room, visits: Visit, clock: Clock) -> None:
    order, times = offered(lite_room, 3)
    link, visitor = link_of(order, "time_agreed", order.client), visits(lite_room)
    before = store_state(lite_room.desk.engine, "door_act")
    visitor.post(link, {"choice": f"at:{times[0].isoformat()}"})
    assert visitor.post(f"{link}/undo").status_code == 303
    clock.pass_by(minutes=2)
    assert carry_out_due(lite_room.desk, clock()) == 0
    assert store_state(lite_room.desk.engine, "door_act") == before


def test_only_what_is_offered_and_still_to_come(lite_room: Room, visits: Visit, clock: Clock) -> None:
    order, times = offered(lite_room, 0.5, 3)
    link, visitor = link_of(order, "time_agreed", order.client), visits(lite_room)
    stranger = link_of(order, "conduct", "daria")
    clock.pass_by(hours=13)
    before = store_state(lite_room.desk.engine)
    tried = [
        "at:",
        "at:x",
        f"at:{(clock() + timedelta(days=9)).isoformat()}",
        f"at:{times[0].isoformat()}",
        "at:'--<b>",
    ]
    for choice in tried:
        assert visitor.post(link, {"choice": choice}).status_code == 422
        assert visitor.post(stranger, {"choice": choice}).status_code == 422
    assert visitor.post(link, {"choice": "a" * 100}).status_code == 422
    assert store_state(lite_room.desk.engine) == before


def test_times_are_typed_like_any_other(lite_room: Room, visits: Visit) -> None:
    order = new_order(lite_room).to_planning()
    daria = visits(lite_room).sign_in("daria")
    page = daria.get(f"/item/{order.item_id}").text
    assert page.count('name="work_at_options"') == 4
    form = {
        "revision": str(order.stored.revision),
        "was:work_at_options": "",
        "work_at_options": ["2026-11-20T10:30", "", "2026-11-21T09:00", ""],
    }
    assert daria.post(f"/item/{order.item_id}/fields", form).status_code == 303
    at = ("2026-11-20T07:30:00+00:00", "2026-11-21T06:00:00+00:00")
    assert order.stored.item.fields["work_at_options"] == at
    page = daria.get(f"/item/{order.item_id}").text
    assert 'value="2026-11-21T09:00"' in page
    assert "20.11.2026 10:30, 21.11.2026 09:00" in page
    wrong = {**form, "revision": str(order.stored.revision), "work_at_options": ["soon", "<b>"]}
    answer = daria.post(f"/item/{order.item_id}/fields", wrong)
    assert answer.status_code == 409
    assert 'href="#field-work_at_options"' in answer.text


def test_at_once_where_nothing_can_be_taken_back(lite_room: Room, visits: Visit) -> None:
    office = lite_room.desk.office
    lite_room.desk.office = replace(office, door=replace(office.door, undo_seconds=0))
    order, times = offered(lite_room, 3)
    link, visitor = link_of(order, "time_agreed", order.client), visits(lite_room)
    for _ in range(2):
        assert visitor.post(link, {"choice": f"at:{times[0].isoformat()}"}).status_code == 303
    votes = [row for row in rows(lite_room.desk.engine, work_task) if row.name == "time_agreed"]
    assert [row.state for row in votes].count("approved") == 1
    assert order.stored.item.fields["work_at"] == times[0].isoformat()
