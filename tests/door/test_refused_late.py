"""A press that can no longer take effect when its time comes: the person is told, in one line, with the reasons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from deployments.door.room import Room
from sql.schema import door_act, notice, outbox
from tasks.door_acts import carry_out_due
from tasks.rules.process.values import Line
from tests.door.conftest import Clock
from tests.door.service_order import new_order
from tests.door.test_acting import link_of
from tests.door.visiting import Visits, last_mail, links_in, rows

Visit = Callable[[Room], Visits]


def test_who_pressed_is_told_why_it_did_not_count(room: Room, visits: Visit, clock: Clock) -> None:
    office = room.desk.office
    room.desk.office = replace(office, door=replace(office.door, url=room.local_url))
    order = new_order(room).to_agreeing()
    link = link_of(order, "time_agreed", "egor")
    visits(room).post(link, {"choice": "no", "text": "занят"})
    order.act("cancel", "maria", sets={"reason": "передумали"})  # while it could still be taken back
    clock.pass_by(minutes=2)
    assert carry_out_due(room.desk, clock()) == 0
    engine = room.desk.engine
    kept = rows(engine, door_act)[-1]
    assert kept.state == "refused"
    told = rows(engine, outbox, outbox.c.key.startswith("act_refused"))
    assert [row.recipient_ref for row in told] == [order.people["egor"]]
    assert "не вступил в силу: " in told[0].subject
    text = last_mail(engine, told[0].id)
    assert "> занят" in text
    assert links_in(text) == []  # nothing is asked any more
    assert any("не вступил в силу" in row.subject for row in rows(engine, notice))
    assert carry_out_due(room.desk, clock()) == 0
    assert len(rows(engine, outbox, outbox.c.key.startswith("act_refused"))) == 1
    assert kept.reason in visits(room).get(link).text


def test_it_can_be_answered_anew_while_it_is_asked(lite_room: Room, visits: Visit, clock: Clock) -> None:
    office = lite_room.desk.office
    lite_room.desk.office = replace(office, door=replace(office.door, url=lite_room.local_url))
    order = new_order(lite_room).to_planning()
    lines = (Line("", "Насос", Decimal(1), Decimal(1500)),)
    at = (clock() + timedelta(days=2)).isoformat()
    order.act("changed", "daria", sets={"lines": lines, "work_at": at, "executor": order.people["egor"]})
    visitor = visits(lite_room)
    assert visitor.post(link_of(order, "price", "daria"), {"choice": "done"}).status_code == 303
    order.act("changed", "maria", sets={"work_at": None})
    clock.pass_by(minutes=2)
    assert carry_out_due(lite_room.desk, clock()) == 0
    (again,) = links_in(last_mail(lite_room.desk.engine))
    page = visitor.get(again.removeprefix(lite_room.url)).text
    assert 'name="choice"' in page
    order.act("changed", "maria", sets={"work_at": at})
    assert visitor.post(again.removeprefix(lite_room.url), {"choice": "done"}).status_code == 303
    clock.pass_by(minutes=2)
    assert carry_out_due(lite_room.desk, clock()) == 1
    assert order.stage == "agreeing"
