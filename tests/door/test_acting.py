"""What people do by signed links: looking changes nothing, an answer counts once, can be taken back, and then acts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from icalendar import Calendar

from deployments.door.room import Room
from sql.schema import approval, document, door_act, event, outbox, work_task
from tasks.door_acts import carry_out_due
from tasks.door_links import own_link
from tasks.gateways.attachment_files import path_of
from tasks.rules.door.links import LinkClaim, read, sign
from tests.door.conftest import Clock
from tests.door.service_order import Order, new_order
from tests.door.visiting import Visits, last_mail, links_in, rows, store_state

Visit = Callable[[Room], Visits]
PDF = b"%PDF-1.4 an act"
JPEG = b"\xff\xd8\xff\xe0 a photo of the contract"


def link_of(order: Order, name: str, key: str) -> str:
    """The address where somebody answers what they owe."""
    person = order.people.get(key, key)
    found = own_link(order.room.desk, order.task(name, key), person, order.room.url, order.room.now())
    assert found
    return found.removeprefix(order.room.url)


def _with(room: Room, **door: object) -> Room:
    office = room.desk.office
    room.desk.office = replace(office, door=replace(office.door, **door))  # type: ignore[arg-type]  # test data
    return room


def test_the_letter_s_link_approves_and_takes_effect_after_a_minute(room: Room, visits: Visit, clock: Clock) -> None:
    order = new_order(_with(room, url=room.local_url)).to_approving()
    engine = room.desk.engine
    letter = next(row for row in rows(engine, outbox)[::-1] if row.recipient.startswith("daria"))
    assert letter.work_task_id == order.task("approval", "daria")
    link = links_in(last_mail(engine, letter.id))[-1].removeprefix(room.url)
    visitor = visits(room)
    page = visitor.get(link)
    assert page.status_code == 200
    assert "Диагностика котла" in page.text
    assert "10\u202f001" in page.text or "10\u00a0001" in page.text
    assert 'type="radio"' in page.text
    assert "checked" not in page.text
    assert visitor.post(link, {"choice": "yes", "text": "хорошо"}).headers["location"] == link
    assert order.stage == "approving"
    assert rows(engine, approval) == [row for row in rows(engine, approval) if row.voter != order.people["daria"]]
    shown = visitor.get(link).text
    assert "Отменить" in shown or "Забрать" in shown or "Take it back" in shown
    assert carry_out_due(room.desk, clock()) == 0
    clock.pass_by(seconds=61)
    assert carry_out_due(room.desk, clock()) == 1
    assert carry_out_due(room.desk, clock()) == 0
    vote = next(row for row in rows(engine, approval) if row.voter == order.people["daria"])
    assert vote.is_yes
    happened = rows(engine, event, event.c.key == read(room.secret, link.rpartition("/")[2], clock()).event_key)[0]
    assert (happened.actor, happened.data["channel"]) == (order.people["daria"], "door")
    assert 'name="choice"' not in visitor.get(link).text


def test_taken_back_is_as_if_never_pressed(lite_room: Room, visits: Visit, clock: Clock) -> None:
    order = new_order(lite_room).to_approving()
    link, visitor = link_of(order, "approval", "maria"), visits(lite_room)
    before = store_state(lite_room.desk.engine, "door_act")
    visitor.post(link, {"choice": "no", "text": "дорого"})
    clock.pass_by(seconds=30)
    assert visitor.post(f"{link}/undo").status_code == 303
    clock.pass_by(minutes=5)
    assert carry_out_due(lite_room.desk, clock()) == 0
    assert store_state(lite_room.desk.engine, "door_act") == before
    assert 'name="choice"' in visitor.get(link).text
    visitor.post(link, {"choice": "yes"})  # a changed mind counts
    clock.pass_by(minutes=2)
    assert visitor.post(f"{link}/undo").status_code == 303  # too late: it stays
    assert carry_out_due(lite_room.desk, clock()) == 1
    assert [row.is_yes for row in rows(lite_room.desk.engine, approval)][-1]


def test_at_once_when_the_office_wants_it_so(lite_room: Room, visits: Visit) -> None:
    order = new_order(_with(lite_room, undo_seconds=0)).to_approving()
    visitor = visits(lite_room)
    for key in ("daria", "maria"):
        visitor.post(link_of(order, "approval", key), {"choice": "yes"})
    assert order.stage == "scheduled"
    assert {row.state for row in rows(lite_room.desk.engine, door_act)} == {"done"}


def test_an_answer_pressed_again_and_again_counts_once(lite_room: Room, visits: Visit) -> None:
    order = new_order(_with(lite_room, undo_seconds=0)).to_approving()
    link, visitor = link_of(order, "approval", "daria"), visits(lite_room)
    for choice in ("yes", "yes", "no", "yes"):
        assert visitor.post(link, {"choice": choice, "text": "x"}).status_code == 303
    votes = [row for row in rows(lite_room.desk.engine, approval) if row.voter == order.people["daria"]]
    assert [vote.is_yes for vote in votes] == [True]
    assert order.stage == "approving"


def test_declining_needs_a_reason_and_the_reason_is_kept(lite_room: Room, visits: Visit) -> None:
    order = new_order(_with(lite_room, undo_seconds=0)).to_approving()
    link, visitor = link_of(order, "approval", "maria"), visits(lite_room)
    before = store_state(lite_room.desk.engine)
    for form in ({"choice": "no"}, {"choice": "no", "text": "  "}, {}, {"choice": "done"}, {"text": "keep my words"}):
        answer = visitor.post(link, form)
        assert answer.status_code == 422
        assert "<title>" in answer.text
        assert 'href="#' in answer.text
    assert "keep my words" in answer.text
    assert store_state(lite_room.desk.engine) == before
    visitor.post(link, {"choice": "no", "text": "слишком <b>дорого</b>"})
    assert order.stage == "planning"
    assert order.stored.item.fields["reason"] == "слишком <b>дорого</b>"
    assert "слишком &lt;b&gt;" in visitor.get(link).text


def test_get_storms_change_nothing(room: Room, visits: Visit) -> None:
    order = new_order(room).to_approving()
    before = store_state(room.desk.engine)
    visitor = visits(room)
    for key in ("daria", "maria"):
        link = link_of(order, "approval", key)
        for path in (link, f"{link}/undo", f"{link}?choice=yes", f"{link}/"):
            visitor.scan(path, 5)
    assert store_state(room.desk.engine) == before


def test_forged_foreign_and_expired_links(lite_room: Room, visits: Visit, clock: Clock) -> None:
    order = new_order(lite_room).to_approving()
    link, visitor = link_of(order, "approval", "daria"), visits(lite_room)
    token = link.rpartition("/")[2]
    claim = read(lite_room.secret, token, clock())
    before = store_state(lite_room.desk.engine)

    def signed(**changed: object) -> str:
        return sign(lite_room.secret, replace(claim, **changed))  # type: ignore[arg-type]  # test data

    tried = [
        (f"/a/{token[:-4]}AAAA", 403),
        (f"/a/{sign(b'another store', claim)}", 403),
        (f"/t/{token}", 403),
        (f"/when/{token}", 403),
        (f"/a/{signed(item_id=999)}", 403),
        (f"/a/{signed(work_task_id=999)}", 403),
        (f"/a/{signed(expires_at=clock() - timedelta(seconds=1))}", 410),
        ("/a/%00", 403),
        ("/a/" + "A" * 4000, 403),
    ]
    for path, status in tried:
        for answer in (visitor.get(path), visitor.post(path, {"choice": "yes"})):
            assert answer.status_code == status, path
            assert "Nothing was changed." in answer.text or "Ничего не изменено." in answer.text
    # a link of somebody who is not asked: shown to whom it was handed, and never counts
    stranger = f"/a/{signed(person=order.people['egor'])}"
    assert visitor.post(stranger, {"choice": "yes"}).status_code == 303
    assert 'name="choice"' not in visitor.get(stranger).text
    # somebody else's site
    assert (
        visitor.client.post(link, data={"choice": "yes"}, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    )
    assert store_state(lite_room.desk.engine) == before


def test_an_expired_link_is_renewed_to_the_bound_address_only(lite_room: Room, visits: Visit, clock: Clock) -> None:
    order = new_order(lite_room).to_agreeing()
    link, visitor = link_of(order, "time_agreed", order.client), visits(lite_room)
    clock.pass_by(days=2)
    page = visitor.get(link)
    assert page.status_code == 410
    fresh = re.search(r'action="(/fresh/[^"]+)"', page.text)
    assert fresh
    assert visitor.post(fresh[1]).status_code == 200
    mail = rows(lite_room.desk.engine, outbox)[-1]
    assert mail.recipient_ref == order.client
    again = links_in(last_mail(lite_room.desk.engine))[-1].removeprefix(lite_room.url)
    assert visitor.get(again).status_code == 200
    for _ in range(5):
        visitor.post(fresh[1])
    assert len([row for row in rows(lite_room.desk.engine, outbox) if row.key.startswith("fresh_link")]) <= 3
    assert visitor.post("/fresh/forged").status_code == 403


def test_changed_content_is_asked_anew(lite_room: Room, visits: Visit) -> None:
    order = new_order(_with(lite_room, undo_seconds=0)).to_approving()
    link, visitor = link_of(order, "approval", "maria"), visits(lite_room)
    order.act("changed", "daria", sets={"lines": (order.stored.item.fields["lines"][0],)})
    page = visitor.get(link).text
    assert 'name="choice"' not in page
    assert 'action="/fresh/' in page
    votes = rows(lite_room.desk.engine, approval)
    assert visitor.post(link, {"choice": "yes"}).status_code == 303
    assert rows(lite_room.desk.engine, approval) == votes
    assert 'name="choice"' in visitor.get(link_of(order, "approval", "maria")).text


def test_the_client_confirms_the_time_and_takes_it_along(lite_room: Room, visits: Visit) -> None:
    order = new_order(_with(lite_room, undo_seconds=0)).to_agreeing()
    link, visitor = link_of(order, "time_agreed", order.client), visits(lite_room)
    page = visitor.get(link).text
    assert link.startswith("/when/")
    assert "19 нояб" in page
    assert "4 250" not in page  # a client who confirms a time is shown no price
    calendar = Calendar.from_ical(visitor.get(f"{link}/time.ics").content)
    assert calendar.walk("VEVENT")[0]["DTSTART"].dt == order.room.now() + timedelta(days=2)
    visitor.post(link, {"choice": "yes"})
    visitor.post(link_of(order, "time_agreed", "egor"), {"choice": "yes"})
    assert order.stage == "approving"


def test_papers_are_kept_and_counted_and_the_task_cannot_close_without_them(
    lite_room: Room, visits: Visit, clock: Clock
) -> None:
    order = new_order(_with(lite_room, undo_seconds=0)).to_scheduled()
    link, visitor = link_of(order, "conduct", "daria"), visits(lite_room)
    assert re.search(r"0 (of|из) 3", visitor.get(link).text)
    early = visitor.post(link, {"choice": "done"})
    assert early.status_code == 409
    assert 'role="alert"' in early.text
    answer = visitor.client.post(
        f"{link}/papers",
        files=[("act", ("акт.pdf", PDF)), ("contract", ("IMG_1.jpg", JPEG)), ("nonsense", ("x.pdf", PDF + b"2"))],
        headers={"sec-fetch-site": "same-origin"},
    )
    assert answer.status_code == 303
    assert re.search(r"2 (of|из) 3", visitor.get(link).text)
    kept = rows(lite_room.desk.engine, document)
    assert [(row.content_type, row.original_name) for row in kept][:2] == [
        ("application/pdf", "акт.pdf"),
        ("image/jpeg", "IMG_1.jpg"),
    ]
    assert path_of(lite_room.desk.files, kept[0].sha256).read_bytes() == PDF
    assert kept[0].deal_id
    assert order.stored.item.fields["documents"] == ("act", "contract")


@pytest.mark.parametrize("content", [b"MZ program", b"<html><script>alert(1)</script>", b"\x7fELF", b""])
def test_what_is_no_document_is_not_kept(lite_room: Room, visits: Visit, content: bytes) -> None:
    order = new_order(lite_room).to_planning()
    link, visitor = link_of(order, "conduct", "daria"), visits(lite_room)
    before = store_state(lite_room.desk.engine)
    answer = visitor.client.post(
        f"{link}/papers", files=[("act", ("../../act.pdf", content))], headers={"sec-fetch-site": "same-origin"}
    )
    assert answer.status_code == 422
    assert store_state(lite_room.desk.engine) == before
    assert not lite_room.desk.files.exists()


def test_starting_is_told_and_closing_stays_possible(lite_room: Room, visits: Visit) -> None:
    order = new_order(_with(lite_room, undo_seconds=0)).to_planning()
    link, visitor = link_of(order, "conduct", "daria"), visits(lite_room)
    assert visitor.post(link, {"choice": "begin"}).status_code == 303
    task = rows(lite_room.desk.engine, work_task, work_task.c.id == order.task("conduct", "daria"))[0]
    assert task.begun_at
    assert 'value="begin"' not in visitor.get(link).text
    assert 'value="done"' in visitor.get(link).text


def test_a_claim_is_no_more_than_a_claim(lite_room: Room, visits: Visit, clock: Clock) -> None:
    """Signed by us, but the work has been withdrawn: the page says so, and nothing counts."""
    order = new_order(_with(lite_room, undo_seconds=0)).to_agreeing()
    link, visitor = link_of(order, "time_agreed", order.client), visits(lite_room)
    order.act("cancel", "maria", sets={"reason": "передумали"})
    claim: LinkClaim = read(lite_room.secret, link.rpartition("/")[2], clock())
    assert visitor.get(link).status_code == 200
    before = store_state(lite_room.desk.engine)
    assert visitor.post(link, {"choice": "yes"}).status_code == 303
    assert store_state(lite_room.desk.engine) == before
    assert claim.person == order.client
