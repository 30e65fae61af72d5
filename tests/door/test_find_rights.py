"""Searching shows only what one may see: items by the rights of their process, leads and letters by role."""

from __future__ import annotations

from collections.abc import Callable

from deployments.door.room import Room
from sql.schema import contact
from tests.door.service_order import new_order
from tests.door.test_duplicates import new_lead
from tests.door.visiting import Visits, rows

Visit = Callable[[Room], Visits]


def _found(visitor: Visits, words: str) -> str:
    page = visitor.get("/find", params={"q": words})
    assert page.status_code == 200
    return page.text.partition("<main")[2]


def test_orders_and_clients_go_by_the_right_to_see(room: Room, visits: Visit) -> None:
    order = new_order(room)
    name = next(row.name for row in rows(room.desk.engine, contact) if f"contact:{row.id}" == order.client)
    first = name.split()[0]
    order.act("changed", "olga", sets={"executor": order.people["timur"]})
    egor, olga, viktor = (visits(room).sign_in(key) for key in ("egor", "olga", "viktor"))
    for visitor in (olga, viktor):
        assert order.stored.number in _found(visitor, order.stored.number)
        assert name in _found(visitor, first)
    assert order.stored.number not in _found(egor, "Сервисное")
    assert f"<strong>{name}" not in _found(egor, first)
    assert "Дарья Олеговна Климова" in _found(egor, "клим")
    order.act("changed", "olga", sets={"executor": order.people["egor"]})
    assert order.stored.number in _found(egor, "Сервисное")
    assert name in _found(egor, first)


def test_leads_and_their_letters_are_for_who_handles_them(lite_room: Room, visits: Visit) -> None:
    new_lead(lite_room)
    egor, daria, maria = (visits(lite_room).sign_in(key) for key in ("egor", "daria", "maria"))
    assert "L-000001" in _found(maria, "сазонов")
    for visitor in (egor, daria):
        page = _found(visitor, "сазонов")
        assert "L-000001" not in page
        assert "Насос" not in page
        assert "Ничего не найдено" in page
