"""Whoever owes work fills in what it asks: on the item's page without being an editor, and behind the task's link."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from deployments.door.room import Room
from tests.door.service_order import Order, new_order
from tests.door.test_acting import link_of
from tests.door.visiting import Visits, store_state

Visit = Callable[[Room], Visits]


def _owed_by_egor(room: Room) -> Order:
    """The price list is asked of the executor, who is no editor."""
    office = room.desk.office
    process = office.processes["service"]
    work = {**process["work"], "price": {**process["work"]["price"], "who": ["executor"]}}
    processes = {**office.processes, "service": {**process, "work": work, "version": 99}}
    room.desk.office = replace(office, processes=processes, digest="asked", door=replace(office.door, undo_seconds=0))
    order = new_order(room)
    order.act("changed", "olga", sets={"executor": order.people["egor"]})
    return order.to_planning()


def test_the_item_shows_the_fields_that_the_work_asks_for(lite_room: Room, visits: Visit) -> None:
    order = _owed_by_egor(lite_room)
    egor, timur = visits(lite_room).sign_in("egor"), visits(lite_room).sign_in("timur")
    page = egor.get(f"/item/{order.item_id}").text
    assert 'name="work_at"' in page
    assert 'name="kind"' not in page
    assert f"/item/{order.item_id}/price" in page
    assert 'action="/item/1/fields"' not in timur.get(f"/item/{order.item_id}").text
    form = {"revision": str(order.stored.revision), "was:work_at": "", "work_at": "2026-11-20T10:30"}
    assert timur.post(f"/item/{order.item_id}/fields", form).status_code == 403
    assert egor.post(f"/item/{order.item_id}/fields", form).status_code == 303
    assert order.stored.item.fields["work_at"] == "2026-11-20T07:30:00+00:00"
    assert "✓ Записано" in egor.get(f"/item/{order.item_id}").text
    assert egor.get(f"/item/{order.item_id}/price").status_code == 200
    assert timur.get(f"/item/{order.item_id}/price").status_code == 403
    rest = {"revision": str(order.stored.revision), "was:kind": "first", "kind": "urgent"}
    assert egor.post(f"/item/{order.item_id}/fields", rest).status_code == 403


def test_the_link_of_the_task_takes_them_too(lite_room: Room, visits: Visit) -> None:
    order = _owed_by_egor(lite_room)
    link, visitor = link_of(order, "price", "egor"), visits(lite_room)
    assert 'name="work_at"' in visitor.get(link).text
    form = {"revision": str(order.stored.revision), "was:work_at": "", "work_at": "2026-11-20T10:30"}
    wrong = visitor.post(f"{link}/fields", {**form, "work_at": "<b>soon</b>"})
    assert wrong.status_code == 409
    assert 'href="#field-work_at"' in wrong.text
    assert "<b>soon" not in wrong.text
    for _ in range(2):
        assert visitor.post(f"{link}/fields", form).status_code == 303
    assert order.stored.item.fields["work_at"] == "2026-11-20T07:30:00+00:00"


@pytest.mark.parametrize(
    "form",
    [
        {"revision": "1", "kind": "urgent"},
        {"revision": "1", "'; DROP TABLE lead; --": "x"},
        {"revision": "x", "work_at": "2026-11-20T10:30"},
        {"revision": "1", "work_at": "x" * 5000},
    ],
)
def test_nothing_else_is_taken_there(lite_room: Room, visits: Visit, form: dict[str, str]) -> None:
    order = _owed_by_egor(lite_room)
    link, visitor = link_of(order, "price", "egor"), visits(lite_room)
    foreign = link_of(order, "conduct", "daria")
    before = store_state(lite_room.desk.engine)
    assert visitor.post(f"{link}/fields", form).status_code == 422
    assert visitor.post(f"{foreign}/fields", {"revision": "1", "work_at": "2026-11-20T10:30"}).status_code == 422
    assert visitor.post(f"{link}x/fields", form).status_code in (403, 422)
    assert visitor.client.post(f"{link}/fields", data=form, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert store_state(lite_room.desk.engine) == before
