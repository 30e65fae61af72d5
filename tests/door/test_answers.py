"""Exceptions at the door: asked with what was said before, answered once, suggested, and a rule that can be revoked."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from deployments.door.room import Room
from sql.schema import answer_revocation, event, kept_answer, process_item
from tasks.gateways.store.connection import writing
from tests.door.conftest import Clock
from tests.door.service_order import Order, new_order
from tests.door.visiting import Visits, rows, store_state

Visit = Callable[[Room], Visits]
NASTY = "'; DROP TABLE kept_answer; -- <script>alert(1)</script>"


def hold(order: Order, reason: str = "некого попросить: диспетчер") -> Order:
    """Stop an order as an exception would."""
    held = {"held_at": order.room.now(), "held_reason": reason, "held_path": ["new.1"], "next_due_at": None}
    with writing(order.room.desk.engine) as connection:
        connection.execute(sa.update(process_item).where(process_item.c.id == order.item_id).values(**held))
    return order


def _answer(order: Order, visitor: Visits, choice: str, **more: str) -> int:
    form = {"answer": choice, "revision": str(order.stored.revision), **more}
    return visitor.post(f"/item/{order.item_id}/answer", form).status_code


def test_an_answer_is_kept_and_the_item_goes_on(room: Room, visits: Visit) -> None:
    order = hold(new_order(room))
    maria, egor = visits(room).sign_in("maria"), visits(room).sign_in("egor")
    page = maria.get(f"/ask/{order.item_id}").text
    assert "некого попросить: диспетчер" in page
    assert "new.1" in page
    assert "На такой случай ещё никто не отвечал" in page
    assert _answer(order, egor, "release") == 403
    assert order.stored.item.is_held
    assert _answer(order, maria, "release") == 303
    assert not order.stored.item.is_held
    assert [row.choice for row in rows(room.desk.engine, kept_answer)] == ["release"]
    assert _answer(order, maria, "release") == 303  # a double click
    assert len(rows(room.desk.engine, kept_answer)) == 1


def test_fields_are_written_with_the_answer(lite_room: Room, visits: Visit) -> None:
    order = hold(new_order(lite_room))
    maria = visits(lite_room).sign_in("maria")
    assert _answer(order, maria, "set") == 409  # nothing was changed
    assert _answer(order, maria, "set", kind="never", **{"was:kind": "first"}) == 409
    assert order.stored.item.is_held
    assert _answer(order, maria, "set", kind="urgent", dispatcher="daria", **{"was:kind": "first"}) == 303
    fields = order.stored.item.fields
    assert (fields["kind"], fields["dispatcher"]) == ("urgent", order.people["daria"])


def test_like_answers_become_a_rule_that_can_be_seen_and_revoked(lite_room: Room, visits: Visit, clock: Clock) -> None:
    maria = visits(lite_room).sign_in("maria")
    engine = lite_room.desk.engine
    for number in range(3):
        order = hold(new_order(lite_room, number))
        page = maria.get(f"/ask/{order.item_id}").text
        assert ("★" in page) is bool(number)
        assert ('name="always"' in page) is (number == 2)
        assert "★" in maria.get("/answers").text or not number
        assert _answer(order, maria, "release", always="yes") == 303
        clock.pass_by(minutes=5)
    rules = maria.get("/answers").text
    assert "правило: решается само" in rules
    number = rules.split('name="number" value="')[1].split('"')[0]
    daria = visits(lite_room).sign_in("daria")
    assert daria.post("/answers/revoke", {"number": number, "note": "x"}).status_code == 403
    assert maria.post("/answers/revoke", {"number": number, "note": ""}).status_code == 422
    assert maria.post("/answers/revoke", {"number": number, "note": NASTY}).status_code == 303
    assert maria.post("/answers/revoke", {"number": number, "note": NASTY}).status_code == 303
    assert [row.note for row in rows(engine, answer_revocation)] == [NASTY]
    assert "правило: решается само" not in maria.get("/answers").text


def test_only_this_once(lite_room: Room, visits: Visit) -> None:
    maria = visits(lite_room).sign_in("maria")
    for number in range(3):
        assert _answer(hold(new_order(lite_room, number)), maria, "release") == 303
    assert "правило: решается само" not in maria.get("/answers").text
    assert len(rows(lite_room.desk.engine, answer_revocation)) == 1


def test_many_go_on_at_once(lite_room: Room, visits: Visit) -> None:
    orders = [hold(new_order(lite_room, number)) for number in range(2)]
    maria = visits(lite_room).sign_in("maria")
    chosen = {"item_ids": [str(order.item_id) for order in orders]}
    assert maria.post("/answers/release", chosen).status_code == 422
    assert maria.post("/answers/release", {"sure": "yes"}).status_code == 422
    assert all(order.stored.item.is_held for order in orders)
    assert maria.post("/answers/release", {**chosen, "sure": "yes"}).status_code == 303
    assert not any(order.stored.item.is_held for order in orders)
    assert len(rows(lite_room.desk.engine, event, event.c.kind == "item.released")) == 2


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/item/1/answer", {}),
        ("/item/1/answer", {"answer": NASTY, "revision": "1"}),
        ("/item/1/answer", {"answer": "release", "revision": "x"}),
        ("/item/1/answer", {"answer": "release", "revision": "9" * 30}),
        ("/item/1/answer", {"answer": "set", "revision": "1", NASTY: NASTY}),
        ("/item/1/answer", {"answer": "set", "revision": "1", "kind": NASTY}),
        ("/item/1/answer", {"answer": "set", "revision": "1", "kind": "x" * 5000}),
        ("/item/1/answer", {"answer": "release", "revision": "77"}),
        ("/answers/release", {"item_ids": [NASTY], "sure": "yes"}),
        ("/answers/release", {"item_ids": ["999"], "sure": "yes"}),
        ("/answers/revoke", {"number": NASTY, "note": "x"}),
        ("/answers/revoke", {"number": "1", "note": "x" * 600}),
    ],
)
def test_hostile_answers_change_nothing(lite_room: Room, visits: Visit, path: str, form: dict[str, str]) -> None:
    hold(new_order(lite_room))
    maria = visits(lite_room).sign_in("maria")
    before = store_state(lite_room.desk.engine)
    answer = maria.post(path, form)
    assert answer.status_code in (404, 409, 422)
    assert "<script>" not in answer.text
    assert maria.client.post(path, data=form, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    stranger = visits(lite_room).post(path, form)
    assert stranger.status_code == 422 or stranger.headers["location"].startswith("/in")
    assert store_state(lite_room.desk.engine) == before
