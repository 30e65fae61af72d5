"""Files of an item's fields: handed over at the item's page and by a task's link, read by whoever may, and refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from deployments.door.room import Room
from sql.schema import activity, document
from tasks.gateways.attachment_files import path_of
from tasks.rules.door.links import read, sign
from tests.door.conftest import Clock
from tests.door.contracts import CHANGED, DRAFT, Upload, handed_in, new_contract, send, sha256, to_client, to_supervisor
from tests.door.test_acting import link_of
from tests.door.test_answers import hold
from tests.door.visiting import Visits, rows, store_state

Visit = Callable[[Room], Visits]
VISITS = ("door_session", "door_sign_in", "presence", "outbox")


def _names_of(room: Room) -> list[str]:
    return [row.original_name for row in rows(room.desk.engine, document)]


def test_a_file_is_handed_over_on_the_item_s_page_and_taken_from_there(room: Room, visits: Visit) -> None:
    order, maria = new_contract(room), visits(room).sign_in("maria")
    page = f"/item/{order.item_id}"
    assert '<input type="file" id="field-document" name="document" accept=' in maria.get(page).text
    handed_in(order, maria)
    assert order.stored.item.fields["document"] == sha256(DRAFT)
    assert path_of(room.desk.files, sha256(DRAFT)).read_bytes() == DRAFT
    assert _names_of(room) == ["договор.pdf"]
    by = rows(room.desk.engine, activity)[-1]
    assert f"person:{by.person_id}" == order.people["maria"]
    assert f'<a href="{page}/field/document">договор.pdf</a>' in maria.get(page).text
    got = visits(room).sign_in("mikhail").get(f"{page}/field/document")
    assert got.content == DRAFT
    assert got.headers["content-type"] == "application/pdf"
    assert got.headers["content-disposition"].startswith("attachment; ")
    assert "sandbox" in got.headers["content-security-policy"]
    # an input without a file changes nothing, and the same bytes are listed once
    before = store_state(room.desk.engine, *VISITS)
    data = {"revision": str(order.stored.revision)}
    assert send(maria, f"{page}/fields", data, ("document", ("", b""))).status_code == 303
    assert store_state(room.desk.engine, *VISITS) == before
    handed_in(order, maria, name="other.pdf")
    assert _names_of(room) == ["договор.pdf"]


def test_a_command_takes_the_file_that_it_lacks(lite_room: Room, visits: Visit) -> None:
    order, maria = new_contract(lite_room), visits(lite_room).sign_in("maria")
    page = maria.get(f"/item/{order.item_id}").text
    assert '<input type="file" id="way-submit-document"' in page
    form = {"command": "submit", "revision": str(order.stored.revision), "sure": "yes"}
    path = f"/item/{order.item_id}/act"
    program = send(maria, path, form, ("document", ("x.pdf", b"MZ")))
    assert program.status_code == 422
    assert 'href="#way-submit-document"' in program.text
    assert send(maria, path, form, ("document", ("v1.pdf", DRAFT))).status_code == 303
    assert (order.stage, order.stored.item.fields["document"]) == ("supervisor", sha256(DRAFT))


def test_the_link_of_a_task_takes_the_file_that_it_asks_for(room: Room, visits: Visit) -> None:
    room.desk.office = replace(room.desk.office, door=replace(room.desk.office.door, undo_seconds=0))
    order, visitor = new_contract(room), visits(room)
    to_supervisor(handed_in(order, visits(room).sign_in("maria")))
    order.act("decline", "mikhail", task_id=order.task("by_supervisor", "mikhail"), sets={"note": "нет даты"})
    link = link_of(order, "rework", "maria")
    page = visitor.get(link).text
    assert f'action="{link}/fields"' in page
    assert 'enctype="multipart/form-data"' in page
    assert f'<a href="{link}/field/sent_back">договор.pdf</a>' in page
    assert visitor.get(f"{link}/field/sent_back").content == DRAFT
    assert visitor.post(link, {"choice": "done"}).status_code == 409
    form = {"revision": str(order.stored.revision)}
    refused = send(visitor, f"{link}/fields", form, ("document", ("page.pdf", b"<html><script>")))
    assert refused.status_code == 422
    assert 'href="#field-document"' in refused.text
    for _ in range(2):
        assert send(visitor, f"{link}/fields", form, ("document", ("v2.pdf", CHANGED))).status_code == 303
    assert order.stored.item.fields["document"] == sha256(CHANGED)
    assert _names_of(room) == ["договор.pdf", "v2.pdf"]
    assert visitor.get(f"{link}/field/document").content == CHANGED
    assert visitor.post(link, {"choice": "done"}).status_code == 303
    assert order.stage == "supervisor"


@pytest.mark.parametrize("content", [b"MZ program", b"<html><script>alert(1)</script>", b"\x7fELF", b""])
def test_what_is_no_document_changes_nothing(lite_room: Room, visits: Visit, content: bytes) -> None:
    order, maria = new_contract(lite_room), visits(lite_room).sign_in("maria")
    before = store_state(lite_room.desk.engine, *VISITS)
    form = {"revision": str(order.stored.revision), "note": "keep my words"}
    answer = send(maria, f"/item/{order.item_id}/fields", form, ("document", ("../../<b>x.pdf", content)))
    assert answer.status_code == 422
    assert 'href="#field-document"' in answer.text
    assert "<b>x" not in answer.text
    assert "keep my words" in answer.text
    assert store_state(lite_room.desk.engine, *VISITS) == before
    assert not lite_room.desk.files.exists()


@pytest.mark.parametrize(
    ("data", "files"),
    [
        ({"document": sha256(DRAFT)}, ()),
        ({"document": "", "was:document": "v1"}, ()),
        ({"document": sha256(DRAFT), "was:document": "v1"}, ()),
        ({}, (("note", ("x.pdf", DRAFT)),)),
        ({}, (("'; DROP TABLE document; --", ("x.pdf", DRAFT)),)),
        ({}, (("document", ("x.pdf", DRAFT)), ("document", ("y.pdf", CHANGED)))),
        ({"document": "v2"}, (("document", ("x.pdf", DRAFT)),)),
    ],
)
def test_nobody_types_a_hash(lite_room: Room, visits: Visit, data: dict[str, str], files: tuple[Upload, ...]) -> None:
    order, maria = new_contract(lite_room, document="v1"), visits(lite_room).sign_in("maria")
    to_supervisor(order)
    order.act("decline", "mikhail", task_id=order.task("by_supervisor", "mikhail"), sets={"note": "нет"})
    link, form = link_of(order, "rework", "maria"), {"revision": str(order.stored.revision), **data}
    before = store_state(lite_room.desk.engine, *VISITS)
    for path, more in (
        (f"/item/{order.item_id}/fields", {}),
        (f"/item/{order.item_id}/act", {"command": "withdraw", "sure": "yes"}),
        (f"{link}/fields", {}),
    ):
        assert send(maria, path, form | more, *files).status_code == 422, path
        if not files:
            assert maria.post(path, form | more).status_code == 422, path
    assert store_state(lite_room.desk.engine, *VISITS) == before


def test_who_may_see_the_item_may_take_its_files_and_nobody_else(lite_room: Room, visits: Visit) -> None:
    order, maria = new_contract(lite_room), visits(lite_room).sign_in("maria")
    handed_in(order, maria)
    page, file_id = f"/item/{order.item_id}", rows(lite_room.desk.engine, document)[0].id
    egor, stranger = visits(lite_room).sign_in("egor"), visits(lite_room)
    daria, anna = visits(lite_room).sign_in("daria"), visits(lite_room).sign_in("anna")
    for path in (f"{page}/field/document", f"/file/{file_id}"):
        assert [one.get(path).status_code for one in (egor, daria, anna, maria)] == [403, 403, 200, 200]
        assert stranger.get(path).headers["location"].startswith("/in?to=")
    for name in ("note", "number", "sent_back", "nothing", "%2e%2e%2fdocument", "document%00", sha256(DRAFT)):
        assert maria.get(f"{page}/field/{name}").status_code == 404
    path_of(lite_room.desk.files, sha256(DRAFT)).unlink()
    assert maria.get(f"{page}/field/document").status_code == 404
    assert f"{page}/field/document" not in maria.get(page).text


def test_a_value_that_names_no_kept_file_is_plain_text(lite_room: Room, visits: Visit) -> None:
    order, visitor = new_contract(lite_room, document="v1"), visits(lite_room).sign_in("maria")
    for value in ("v2", "../" * 20 + "etc/passwd", "A" * 64, "f" * 64):
        order.act("changed", "maria", sets={"document": value})
        page = visitor.get(f"/item/{order.item_id}").text
        assert "/field/document" not in page
        assert f"<dd>{value if value != 'f' * 64 else 'f' * 8}</dd>" in page
        assert visitor.get(f"/item/{order.item_id}/field/document").status_code == 404


def test_a_file_that_came_otherwise_is_called_by_number_and_field(lite_room: Room, visits: Visit) -> None:
    kept = path_of(lite_room.desk.files, sha256(CHANGED))
    kept.parent.mkdir(parents=True)
    kept.write_bytes(CHANGED)
    order, maria = new_contract(lite_room, document=sha256(CHANGED)), visits(lite_room).sign_in("maria")
    assert ">К-17-document.pdf</a>" in maria.get(f"/item/{order.item_id}").text


def test_whoever_is_asked_reads_the_file_by_the_link_while_it_counts(room: Room, visits: Visit, clock: Clock) -> None:
    order, visitor = new_contract(room), visits(room)
    maria = visits(room).sign_in("maria")
    to_client(handed_in(order, maria))
    link = link_of(order, "by_client", order.client)
    token = link.rpartition("/")[2]
    assert f'<a href="{link}/field/document">договор.pdf</a>' in visitor.get(link).text
    got = visitor.get(f"{link}/field/document")
    assert (got.content, got.headers["content-type"]) == (DRAFT, "application/pdf")
    assert got.headers["content-disposition"].startswith("attachment; ")
    for name in ("note", "supervisor", "sent_back", "%2e%2e%2fdocument", "..%2f..%2f..%2fin", "x" * 3000):
        assert visitor.get(f"{link}/field/{name}").status_code == 404
    claim = read(room.secret, token, clock())
    stranger = f"/a/{sign(room.secret, replace(claim, person=order.people['egor']))}"
    assert visitor.get(f"{stranger}/field/document").status_code == 404
    assert visitor.get(f"/t/{token}/field/document").status_code == 403
    assert visitor.get(f"/a/{token[:-4]}AAAA/field/document").status_code == 403
    handed_in(order, maria, CHANGED, "v2.pdf")
    assert visitor.get(f"{link}/field/document").status_code == 404
    assert "/field/document" not in visitor.get(link).text
    again = link_of(order, "by_client", order.client)
    assert visitor.get(f"{again}/field/document").content == CHANGED
    clock.pass_by(days=2)
    assert visitor.get(f"{again}/field/document").status_code == 410


def test_a_client_is_given_no_version_that_went_before(lite_room: Room, visits: Visit) -> None:
    order, maria = new_contract(lite_room), visits(lite_room).sign_in("maria")
    to_supervisor(handed_in(order, maria, name="internal.pdf"))
    order.act("decline", "mikhail", task_id=order.task("by_supervisor", "mikhail"), sets={"note": "нет даты"})
    handed_in(order, maria, CHANGED, "v2.pdf")
    order.act("done", "maria", task_id=order.task("rework", "maria"))
    for name, who in (("by_supervisor", "mikhail"), ("by_head", "viktor")):
        link = link_of(order, name, who)
        assert "internal.pdf" in maria.get(link).text
        order.act("approve", who, task_id=order.task(name, who))
    link, visitor = link_of(order, "by_client", order.client), visits(lite_room)
    page = visitor.get(link).text
    assert "v2.pdf" in page
    assert "internal.pdf" not in page
    assert visitor.get(f"{link}/field/sent_back").status_code == 404


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("<script>alert(1)</script>.pdf", "&lt;script&gt;"),
        ("../../../etc/passwd", "../../../etc/passwd"),
        ('a"; filename="b.exe', "a%22; filename=%22b.exe"),
        ("д" * 500 + ".pdf", "д" * 120),
        ("x\u202efdp.exe", "xfdp.exe"),
    ],
)
def test_hostile_names(lite_room: Room, visits: Visit, name: str, shown: str) -> None:
    order, maria = new_contract(lite_room), visits(lite_room).sign_in("maria")
    handed_in(order, maria, name=name)
    page = maria.get(f"/item/{order.item_id}").text
    assert shown in page
    assert "<script" not in page
    given = maria.get(f"/item/{order.item_id}/field/document")
    assert given.status_code == 200
    header = given.headers["content-disposition"]
    assert header.count('"') == 0
    assert header.isascii()
    assert "/" not in header


def test_a_held_item_s_answer_offers_no_file(lite_room: Room, visits: Visit) -> None:
    order = hold(new_contract(lite_room, document="v1"))
    maria = visits(lite_room).sign_in("maria")
    page = maria.get(f"/item/{order.item_id}").text
    assert 'id="answer-note"' in page
    assert 'id="answer-document"' not in page
    form = {"answer": "set", "revision": str(order.stored.revision), "was:document": "v1", "document": "v2"}
    assert maria.post(f"/item/{order.item_id}/answer", form).status_code == 422
    assert order.stored.item.fields["document"] == "v1"
