"""Several dispatcher processes at one outbox, and what the brakes hold, on both engines."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from sql import schema
from tasks.desk import Desk
from tasks.gateways.store.client_sync import sync_clients
from tasks.gateways.store.connection import writing
from tasks.gateways.store.staff import read_recipients
from tasks.rules.office import Brakes, Client, ClientContact, Office
from tasks.rules.outgoing import Notice
from tests.samples.desks import desk_with
from tests.samples.post_office import Post
from tests.tasks.outbox_at_work import NOW, dispatch, notice, plan, rows, start_dispatcher, states

pytestmark = pytest.mark.long

HOUR = timedelta(hours=1)
FAR = Client("far", "Far", (ClientContact("far-anna", "anna", ("anna@example.com",)),), zone="Asia/Vladivostok")
NEAR = ClientContact("near-boris", "boris", ("boris@example.com",))


async def test_four_processes_share_the_work_and_double_nothing(desk: Desk, post: Post) -> None:
    plan(desk, *(notice(f"client{n % 40}", n) for n in range(800)))
    children = [start_dispatcher(desk) for _ in range(4)]
    assert [await asyncio.to_thread(child.wait, 120) for child in children] == [0] * 4
    assert {row.state for row in rows(desk)} == {"sent"}
    assert set(post.accepted) == {row.message_id for row in rows(desk)}
    assert set(post.counts.values()) == {1}
    assert len(rows(desk, schema.outbox_attempt)) == 800
    assert post.connections > 4


def braked(desk: Desk, **brakes: object) -> Desk:
    office: Office = replace(desk.office, brakes=Brakes(**brakes))  # type: ignore[arg-type]  # test data
    return desk_with(desk, office)


async def test_a_recipients_cap_defers_and_drops_nothing(desk: Desk, post: Post) -> None:
    desk = braked(desk, recipient_per_hour=3)
    plan(desk, *(notice("anna", n) for n in range(7)), notice("boris", 9))
    assert await dispatch(desk) == {"sent": 4, "held": 4}
    held = [row for row in rows(desk) if row.state == "planned"]
    assert {(row.hold_reason, row.not_before) for row in held} == {("recipient_cap", NOW + HOUR)}
    assert await dispatch(desk, NOW + HOUR / 2) == {}
    assert await dispatch(desk, NOW + HOUR) == {"sent": 3, "held": 1}
    assert await dispatch(desk, NOW + 2 * HOUR) == {"sent": 1}
    assert set(post.counts.values()) == {1}
    assert len(post.accepted) == 8


async def test_the_offices_cap(desk: Desk) -> None:
    desk = braked(desk, office_per_hour=5)
    plan(desk, *(notice(f"client{n}", n) for n in range(12)))
    sent = [(await dispatch(desk, NOW + hours * HOUR)).get("sent", 0) for hours in range(3)]
    assert sent == [5, 5, 2]


async def test_clients_sleep_and_confirmations_pass(desk: Desk) -> None:
    night = datetime(2026, 11, 17, 19, 30, tzinfo=UTC)  # 22:30 in Moscow
    plan(desk, notice("anna", 1), replace(notice("boris", 2), kind="confirmation"), to_staff(3))
    assert await dispatch(desk, night) == {"sent": 2, "held": 1}
    (held,) = [row for row in rows(desk) if row.state == "planned"]
    assert (held.key, held.hold_reason) == ("anna:1", "quiet_hours")
    assert held.not_before == datetime(2026, 11, 18, 5, 0, tzinfo=UTC)
    assert await dispatch(desk, held.not_before) == {"sent": 1}


async def test_a_client_sleeps_by_the_clock_of_its_own_zone(desk: Desk) -> None:
    afternoon = datetime(2026, 11, 17, 13, 0, tzinfo=UTC)  # 16:00 in Moscow, 23:00 in Vladivostok
    with writing(desk.engine) as connection:
        sync_clients(connection, [FAR, replace(FAR, key="near", zone="", contacts=(NEAR,))], {}, NOW)
        known = read_recipients(connection, ["contact:1", "contact:2"])
    assert {to.name: to.zone for to in known.values()} == {"anna": "Asia/Vladivostok", "boris": ""}
    plan(desk, *(replace(notice(to.name), to=to) for to in known.values()))
    assert await dispatch(desk, afternoon) == {"sent": 1, "held": 1}
    (held,) = [row for row in rows(desk) if row.state == "planned"]
    assert (held.key, held.not_before) == ("anna:0", datetime(2026, 11, 17, 22, 0, tzinfo=UTC))
    assert await dispatch(desk, held.not_before) == {"sent": 1}


async def test_staff_may_be_left_in_peace_until_the_office_opens(desk: Desk) -> None:
    desk = braked(desk, staff_hours="working")
    plan(desk, to_staff(3))
    friday_evening = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
    assert await dispatch(desk, friday_evening) == {"held": 1}
    assert await dispatch(desk, datetime(2026, 11, 23, 6, 0, tzinfo=UTC)) == {"sent": 1}


def to_staff(number: int) -> Notice:
    told = notice("olga", number)
    return replace(told, to=replace(told.to, ref=f"person:{number}"))


@pytest.mark.parametrize(("kind", "policy"), [("reminder", "ask"), ("report", "retry"), ("notice", "retry")])
def test_the_offices_policy_for_a_kind(desk: Desk, kind: str, policy: str) -> None:
    sender = replace(desk.office.sender, ambiguous={"reminder": "ask", "report": "retry"})
    asked = desk_with(desk, replace(desk.office, sender=sender))
    plan(asked, replace(notice("anna"), kind=kind, policy=""))
    assert [row.policy for row in rows(asked)] == [policy]


async def test_caps_count_what_is_under_way(desk: Desk) -> None:
    desk = braked(desk, office_per_hour=2)
    plan(desk, *(notice(f"client{n}", n) for n in range(3)))
    with writing(desk.engine) as connection:
        busy = {"state": "claimed", "claimed_by": "other-host", "claimed_until": datetime.now(UTC) + HOUR}
        connection.execute(sa.update(schema.outbox).where(schema.outbox.c.key == "client0:0").values(busy))
    assert await dispatch(desk) == {"sent": 1, "held": 1}
    assert states(desk) == {"client0:0": "claimed", "client1:1": "sent", "client2:2": "planned"}
