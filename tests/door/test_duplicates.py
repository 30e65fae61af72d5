"""Duplicates at the door: evidence in words, merged and undone, two people kept apart, a lead given to its client."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa

from deployments.door.room import Room
from sql.schema import contact, contact_point, event, lead
from tasks.form_files import PostedFile
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.contacts import create_contact
from tasks.gateways.store.identity_lookup import canonical_ids
from tasks.site_forms import Post, take_posts
from tests.door.visiting import Visits, rows, store_state

Visit = Callable[[Room], Visits]
NAME = "Пётр Кириллович Сазонов"
NASTY = "'; DROP TABLE contact; -- <script>alert(1)</script>"


def _contact(room: Room, name: str, mail: str, phone: str) -> int:
    points = [("mail", mail, mail), ("phone", phone, phone)]
    with writing(room.desk.engine) as connection:
        return create_contact(connection, name=name, points=points, company_id=None, language="ru", at=room.now())


def twins(room: Room) -> tuple[int, int]:
    """One person, known twice."""
    one = _contact(room, NAME, "sazonov@somewhere.example", "+79000000301")
    other = _contact(room, "Сазонов Пётр", "p.sazonov@elsewhere.example", "+79000000301")
    return one, other


def _standing(room: Room, contact_id: int) -> int:
    with reading(room.desk.engine) as connection:
        return canonical_ids(connection, [contact_id])[contact_id]


def test_two_contacts_are_merged_and_parted(room: Room, visits: Visit) -> None:
    one, other = twins(room)
    maria, daria = visits(room).sign_in("maria"), visits(room).sign_in("daria")
    page = maria.get("/duplicates").text
    assert NAME in page
    assert "мобильный" in page or "номер" in page
    assert "<script>" not in page
    assert daria.get("/duplicates").status_code == 403
    form = {"action": "same", "contact_id": str(one), "other_id": str(other), "note": NASTY}
    assert daria.post("/duplicates", form).status_code == 403
    assert _standing(room, other) == other
    for _ in range(2):
        assert maria.post("/duplicates", form).status_code == 303
    assert _standing(room, other) == one
    assert len(rows(room.desk.engine, event, event.c.kind == "contact.merged")) == 1
    around = maria.get(f"/duplicates?contact={one}").text
    assert "Отменить слияние" in around
    number = around.split('name="merge_id" value="')[1].split('"')[0]
    for _ in range(2):
        answer = maria.post("/duplicates?around=1", {"action": "undo", "contact_id": str(one), "merge_id": number})
        assert answer.status_code == 303
    assert _standing(room, other) == other


def test_two_people_stay_two_until_that_is_taken_back(lite_room: Room, visits: Visit) -> None:
    one, other = twins(lite_room)
    maria = visits(lite_room).sign_in("maria")
    form = {"action": "not_the_same", "contact_id": str(one), "other_id": str(other)}
    answer = maria.post("/duplicates?around=1", form)
    page = maria.get(answer.headers["location"]).text
    assert 'value="same_again"' in page
    assert 'value="same"' not in page
    assert maria.post("/duplicates", {**form, "action": "same"}).status_code == 409
    assert _standing(lite_room, other) == other
    assert maria.post("/duplicates?around=1", {**form, "action": "same_again"}).status_code == 303
    assert 'value="same"' in maria.get(f"/duplicates?contact={one}").text


def new_lead(room: Room) -> str:
    """A lead of the same person, with a file; the address of its page."""
    body = {
        "name": "Сазонов Пётр Кириллович",
        "mail": "psazonov@third.example",
        "phone": "+79000000301",
        "text": "Насос",
    }
    form = replace(next(form for form in room.office.forms if form.name == "order"), opens_order=False)
    values = {name: [text] for name, text in body.items()}
    file = PostedFile("photo", "насос.pdf", b"%PDF-1.4 a pump")
    (taken,) = take_posts(room.desk, [(form, Post(b"raw", values, "lead", "127.0.0.1", (file,)))], room.now())
    assert taken.number
    return f"/lead/{rows(room.desk.engine, lead)[-1].id}"


def test_a_lead_is_given_to_its_client(lite_room: Room, visits: Visit) -> None:
    one = _contact(lite_room, NAME, "sazonov@somewhere.example", "+79000000301")
    path, maria = new_lead(lite_room), visits(lite_room).sign_in("maria")
    page = maria.get(path).text
    assert NAME in page
    assert f'name="other_id" value="{one}"' in page
    assert maria.post(f"{path}/client", {"action": "not_the_same", "other_id": str(one)}).status_code == 303
    assert f'name="other_id" value="{one}"' not in maria.get(path).text
    apart = maria.get(f"{path}?apart={one}").text
    assert 'value="same_again"' in apart
    assert maria.post(f"{path}/client", {"action": "same_again", "other_id": str(one)}).status_code == 303
    assert maria.post(f"{path}/client", {"action": "same", "other_id": str(one)}).status_code == 303
    assert rows(lite_room.desk.engine, lead)[0].contact_id == one
    assert "Этот лид от клиента" in maria.get(path).text
    assert maria.post(f"{path}/client", {"action": "undo"}).status_code == 303
    assert rows(lite_room.desk.engine, lead)[0].contact_id is None


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/duplicates", {"action": NASTY}),
        ("/duplicates", {"action": "same", "contact_id": NASTY, "other_id": "1"}),
        ("/duplicates", {"action": "same", "contact_id": "1", "other_id": "9" * 30}),
        ("/duplicates", {"action": "same", "contact_id": "1", "other_id": "1"}),
        ("/duplicates", {"action": "same", "contact_id": "1", "other_id": "99999"}),
        ("/duplicates", {"action": "undo", "merge_id": "77"}),
        ("/duplicates", {"action": "same", "contact_id": "1", "other_id": "2", "note": "x" * 600}),
        ("/lead/1/client", {"action": "same", "other_id": "99999"}),
        ("/lead/1/client", {"action": NASTY, "other_id": "1"}),
        ("/lead/77/client", {"action": "same", "other_id": "1"}),
        ("/lead/1/client", {}),
    ],
)
def test_hostile_words_change_nothing(lite_room: Room, visits: Visit, path: str, form: dict[str, str]) -> None:
    new_lead(lite_room)
    maria = visits(lite_room).sign_in("maria")
    before = store_state(lite_room.desk.engine)
    answer = maria.post(path, form)
    assert answer.status_code in (404, 409, 422)
    assert "<script>" not in answer.text
    good = {"action": "same", "contact_id": "1", "other_id": "2"}
    assert maria.client.post(path, data=good, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert visits(lite_room).post(path, good).headers["location"].startswith("/in")
    for query in ("?contact=99999", "?contact=x", "?apart=-1"):
        assert maria.get(f"/duplicates{query}").status_code in (404, 422)
    assert store_state(lite_room.desk.engine) == before


@pytest.mark.long
def test_the_list_goes_on_page_by_page(lite_room: Room, visits: Visit) -> None:
    for number in range(60):
        _contact(lite_room, NAME, f"sazonov{number}@somewhere.example", f"+7900000{1000 + number}")
        _contact(lite_room, "Сазонов Пётр", f"p{number}@elsewhere.example", f"+7900000{1000 + number}")
    maria = visits(lite_room).sign_in("maria")
    page, links, shown = maria.get("/duplicates").text, [], 0
    while True:
        shown += page.count('name="other_id"')
        following = re.search(r'rel="next" href="([^"]+)"', page)
        if following is None:
            break
        links.append(following[1].replace("&amp;", "&"))
        page = maria.get(links[-1]).text
        assert len(links) < 20
    assert links
    assert shown >= 60
    assert 'href="/duplicates"' in page, "back to the beginning"
    pair = {"contact_id": "1", "other_id": "1"}
    assert maria.post(links[0], {**pair, "action": "same"}).status_code == 409
    known = rows(lite_room.desk.engine, contact)
    one, other = known[-2].id, known[-1].id
    answer = maria.post(links[0], {"action": "same", "contact_id": str(one), "other_id": str(other)})
    assert answer.headers["location"] == links[0], "the reader stays on the page"
    for query in ("?part=other", "?part=alike&after=x", "?after=-1"):
        assert maria.get(f"/duplicates{query}").status_code == 422


def test_an_empty_list_says_why(lite_room: Room, visits: Visit) -> None:
    with writing(lite_room.desk.engine) as connection:
        connection.execute(sa.delete(contact_point))
        assert connection.scalar(sa.select(sa.func.count()).select_from(contact))
    page = visits(lite_room).sign_in("olga").get("/duplicates").text
    assert page.count('<p class="sheet">') >= 1
