"""The pages of the staff: own work, one item with what one may do, the price list, leads, finding."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from deployments.door.room import Room
from sql.schema import door_draft, event, lead, notice, qualification
from tasks.gateways.store.connection import writing
from tasks.gateways.store.staff import read_recipients
from tasks.notifications import tell
from tasks.office_round import begin_round
from tasks.rules.outgoing import Notice
from tasks.rules.process.values import Line
from tasks.rules.wording_samples import SAMPLES
from tests.door.conftest import Clock
from tests.door.service_order import new_order
from tests.door.visiting import Visits, rows, store_state

Visit = Callable[[Room], Visits]


@pytest.fixture
def quick_room(lite_room: Room) -> Room:
    """A door where decisions take effect at once."""
    office = lite_room.desk.office
    lite_room.desk.office = replace(office, door=replace(office.door, undo_seconds=0))
    return lite_room


def test_my_work_shows_what_is_owed_awaited_and_said(room: Room, visits: Visit, clock: Clock) -> None:
    order = new_order(room).to_approving()
    clock.pass_by(hours=9)
    daria, maria = visits(room).sign_in("daria"), visits(room).sign_in("maria")
    page = daria.get("/my").text
    assert re.search(r"1 решение ждёт вас", page)
    assert f"/task/{order.task('approval', 'daria')}" in page
    assert f"/task/{order.task('conduct', 'daria')}" in page
    assert 'class="mark late"' in page
    waiting = maria.get("/my").text
    assert waiting.count("Дарья Олеговна Климова") >= 1  # the manager leads the order and waits for the dispatcher
    sheet = load_workbook(io.BytesIO(daria.get("/my/table.xlsx").content)).active
    assert sheet is not None
    assert sheet.max_row >= 3
    answer = daria.get(f"/task/{order.task('approval', 'daria')}")
    assert answer.status_code == 303
    assert daria.get(answer.headers["location"]).status_code == 200
    assert daria.get(f"/task/{order.task('approval', 'maria')}").status_code == 404  # not hers


def test_empty_pages_say_what_comes(quick_room: Room, visits: Visit) -> None:
    page = visits(quick_room).sign_in("anna").get("/my").text
    assert "<li>" not in page.partition("<main")[2]
    assert page.count('<p class="sheet">') == 5


def test_notices_are_read(quick_room: Room, visits: Visit) -> None:
    order = new_order(quick_room).to_planning()
    daria, maria = visits(quick_room).sign_in("daria"), visits(quick_room).sign_in("maria")
    with writing(quick_room.desk.engine) as connection:
        run = begin_round(connection, quick_room.office, quick_room.now())
        people = read_recipients(connection, [order.people["daria"], order.people["maria"]])
        said = SAMPLES["deal_notice"][0]
        notices = [
            Notice(f"n:{ref}", "notice", to, "deal_notice", said, "deal", 1, quick_room.now())
            for ref, to in people.items()
        ]
        assert tell(connection, run, notices) == 2
    ids = [row.id for row in rows(quick_room.desk.engine, notice)]
    assert ids
    maria.post("/my/read", {"notice_ids": [str(one) for one in ids]})
    daria.post("/my/read", {"notice_ids": ["x"]})
    by_person = {row.id: row.read_at for row in rows(quick_room.desk.engine, notice)}
    assert any(by_person.values())
    assert not all(by_person.values())  # another person's notices stay unread


def test_an_item_says_where_it_stands_and_why_not(quick_room: Room, visits: Visit) -> None:
    order = new_order(quick_room)
    olga = visits(quick_room).sign_in("olga")
    page = olga.get(f"/item/{order.item_id}").text
    assert "ждёт диспетчера" in page
    assert 'aria-current="step"' in page
    assert "не заполнено: диспетчер" in page
    assert re.search(r"<button disabled>\w", page)  # what is the manager's is grey, with the reason
    assert re.search(r'name="dispatcher" required', page)
    assert olga.get("/deal/1").headers["location"] == f"/item/{order.item_id}"
    assert olga.get("/deal/1/price").headers["location"] == f"/item/{order.item_id}/price"
    assert olga.get(f"/number/{order.stored.number}").headers["location"] == f"/item/{order.item_id}"


def _press(visitor: Visits, item_id: int, command: str, revision: int, **more: str) -> int:
    form = {"command": command, "revision": str(revision), "sure": "yes", **more}
    return visitor.post(f"/item/{item_id}/act", form).status_code


def test_a_command_acts_once_and_is_refused_with_reasons(quick_room: Room, visits: Visit) -> None:
    order = new_order(quick_room)
    olga, egor = visits(quick_room).sign_in("olga"), visits(quick_room).sign_in("egor")
    revision = order.stored.revision
    assert _press(olga, order.item_id, "start", revision) == 409
    assert _press(olga, order.item_id, "start", order.stored.revision, dispatcher="nobody") == 409
    revision = order.stored.revision
    assert _press(egor, order.item_id, "start", revision, dispatcher="daria") == 409  # not his to start
    revision = order.stored.revision
    assert _press(olga, order.item_id, "start", revision, dispatcher="daria") == 303
    assert order.stage == "planning"
    moved = len(rows(quick_room.desk.engine, event, event.c.kind == "item.moved"))
    assert _press(olga, order.item_id, "start", revision, dispatcher="daria") == 303  # a double click
    assert len(rows(quick_room.desk.engine, event, event.c.kind == "item.moved")) == moved
    happened = rows(quick_room.desk.engine, event, event.c.kind == "item.command")[-1]
    assert (happened.actor, happened.data["channel"], happened.data["name"]) == (order.people["olga"], "door", "start")


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"command": "start", "revision": "1"}, 422),
        ({"command": "approve", "revision": "1", "sure": "yes"}, 422),
        ({"command": "changed", "revision": "1", "sure": "yes"}, 422),
        ({"command": "'; --", "revision": "1", "sure": "yes"}, 422),
        ({"command": "start", "revision": "x", "sure": "yes"}, 422),
        ({"command": "start", "revision": "9" * 30, "sure": "yes"}, 422),
        ({"command": "start", "revision": "1", "sure": "yes", "lines": "x" * 5000}, 422),
        ({}, 422),
    ],
)
def test_what_is_no_command_changes_nothing(quick_room: Room, visits: Visit, form: dict[str, str], status: int) -> None:
    order = new_order(quick_room)
    olga = visits(quick_room).sign_in("olga")
    before = store_state(quick_room.desk.engine)
    assert olga.post(f"/item/{order.item_id}/act", form).status_code == status
    assert olga.post("/item/999/act", form).status_code in (404, 422)
    assert olga.get("/item/99999999999999999999").status_code in (404, 422)
    assert store_state(quick_room.desk.engine) == before


def test_fields_are_changed_by_who_runs_orders(quick_room: Room, visits: Visit) -> None:
    order = new_order(quick_room).to_planning()
    daria, egor = visits(quick_room).sign_in("daria"), visits(quick_room).sign_in("egor")
    form = {
        "revision": str(order.stored.revision),
        "work_at": "2026-11-20T10:30",
        "was:work_at": "",
        "executor": "egor",
        "was:executor": "",
        "kind": "first",
        "was:kind": "first",
    }
    assert egor.post(f"/item/{order.item_id}/fields", form).status_code == 403
    assert daria.post(f"/item/{order.item_id}/fields", form).status_code == 303
    fields = order.stored.item.fields
    assert fields["work_at"] == "2026-11-20T07:30:00+00:00"
    assert fields["executor"] == order.people["egor"]
    wrong = form | {"revision": str(order.stored.revision), "work_at": "2001-01-01T10:00"}
    answer = daria.post(f"/item/{order.item_id}/fields", wrong)
    assert answer.status_code == 409
    assert order.stored.item.fields == fields


def test_the_price_list_is_added_up_kept_and_written(quick_room: Room, visits: Visit) -> None:
    order = new_order(quick_room).to_planning()
    daria, egor = visits(quick_room).sign_in("daria"), visits(quick_room).sign_in("egor")
    price = quick_room.office.prices[0]
    path = f"/item/{order.item_id}/price"
    form = {
        "revision": str(order.stored.revision),
        f"quantity:{price.key}": "2,5",
        "free:title:0": "Выезд <b>ночью</b>",
        "free:price:0": "1 200,50",
        "free:quantity:0": "",
    }
    assert egor.post(path, form | {"wanted": "write"}).status_code == 403
    total = Line("", "", Decimal("2.5"), price.price).amount + Decimal("1200.50")
    summed = daria.post(path, form | {"wanted": "sum"}).text
    assert f"{total:,.2f}".replace(",", "\u00a0").replace(".", ",").rstrip("0").rstrip(",")[:5] in summed
    assert "Выезд &lt;b&gt;" in summed
    assert not order.stored.item.fields.get("lines")
    assert daria.post(path, form | {"wanted": "draft"}).status_code == 303
    assert len(rows(quick_room.desk.engine, door_draft)) == 1
    assert "2,5" in daria.get(path).text
    assert daria.post(path, form | {"wanted": "write", f"price:{price.key}": "1"}).status_code == 303
    assert order.stored.item.fields["lines"] == (
        Line(price.key, price.title, Decimal("2.5"), price.price),
        Line("", "Выезд <b>ночью</b>", Decimal(1), Decimal("1200.50")),
    )
    assert rows(quick_room.desk.engine, door_draft) == []


@pytest.mark.parametrize(
    "wrong", [{"quantity": "-1"}, {"quantity": "1e9"}, {"quantity": "NaN"}, {"quantity": "9" * 40}, {"price": "abc"}]
)
def test_wrong_prices_are_refused(quick_room: Room, visits: Visit, wrong: dict[str, str]) -> None:
    order = new_order(quick_room).to_planning()
    daria = visits(quick_room).sign_in("daria")
    before = order.stored
    form = {"revision": str(before.revision), "wanted": "write", "free:title:0": "x"}
    form |= {"free:price:0": wrong.get("price", "1"), "free:quantity:0": wrong.get("quantity", "1")}
    assert daria.post(f"/item/{order.item_id}/price", form).status_code == 422
    assert order.stored == before


def test_a_lead_is_answered_and_qualified(quick_room: Room, visits: Visit) -> None:
    body = {"name": "Иван Петров", "mail": "ivan@somebody.example", "text": "Котёл не греет"}
    visits(quick_room).client.post("/forms/request", json=body)
    maria, egor = visits(quick_room).sign_in("maria"), visits(quick_room).sign_in("egor")
    page = maria.get("/lead/1").text
    assert "Котёл не греет" in page
    assert egor.get("/lead/1").status_code == 403
    assert maria.post("/lead/1", {"verb": "take"}).status_code == 303
    assert rows(quick_room.desk.engine, lead)[0].status == "in_work"
    key = next(iter(quick_room.office.qualification.fields))
    assert maria.post("/lead/1", {"verb": "answer", key: "Москва\nqualified"}).status_code in (303, 409)
    assert maria.post("/lead/1", {"verb": "drop table"}).status_code == 422
    assert maria.post("/lead/1", {}).status_code == 422
    assert maria.get("/lead/77").status_code == 404
    assert {row.field for row in rows(quick_room.desk.engine, qualification)} <= {key}
    assert maria.post("/lead/1", {"verb": "junk", "reason": "ошиблись"}).status_code == 303
    assert rows(quick_room.desk.engine, lead)[0].status == "junk"


@pytest.mark.parametrize(
    ("words", "found"),
    [("кли", 200), ("rkbv", 200), ("", 200), ("%", 200), ("' or 1=1 --", 200), ("x" * 300, 422), ("\x00\x01", 200)],
)
def test_finding(quick_room: Room, visits: Visit, words: str, found: int) -> None:
    new_order(quick_room)
    olga = visits(quick_room).sign_in("olga")
    assert olga.get("/find", params={"q": words}).status_code == found
    if words == "кли":
        assert "Дарья Олеговна Климова" in olga.get("/find", params={"q": words}).text
    if words == "rkbv":  # the same letters in the other keyboard layout
        assert "Дарья Олеговна Климова" in olga.get("/find", params={"q": words}).text


@pytest.mark.parametrize(
    "path", ["/my", "/item/1", "/lead/1", "/find", "/board", "/task/1", "/item/1/price", "/devices"]
)
def test_strangers_are_sent_to_the_entrance(lite_room: Room, visits: Visit, path: str) -> None:
    answer = visits(lite_room).get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/in?to=")
