"""Files of web forms, kept by content with limits; and a known client's post that becomes an order at once."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from httpx import Response

from deployments.door.room import Room
from sql.schema import activity, contact_point, deal, document, form_post, intake_item, lead, process_item
from tasks.gateways.attachment_files import path_of
from tasks.rules.office_door import FormField
from tests.door.visiting import Visits, rows, store_state

Visit = Callable[[Room], Visits]
GOOD = {"name": "Иван Петров", "mail": "ivan@somebody.example", "text": "Котёл не греет, фото внутри"}
PDF, JPEG = b"%PDF-1.4 plan", b"\xff\xd8\xff\xe0 a photo"


def _send(visits: Visit, room: Room, fields: dict[str, str], files: list[Any], **headers: str) -> Response:
    sent = {name.replace("_", "-"): text for name, text in headers.items()}
    return visits(room).client.post("/forms/order", data=fields, files=files, headers=sent)


def _limited(room: Room, **changed: Any) -> None:
    def change(field: FormField) -> FormField:
        return replace(field, **changed) if field.kind == "file" else field

    office = room.desk.office
    forms = tuple(replace(form, fields=tuple(map(change, form.fields))) for form in office.forms)
    room.desk.office = replace(office, forms=forms)


def test_files_are_kept_by_content_and_shown_with_the_lead(room: Room, visits: Visit) -> None:
    files = [("photo", ("IMG 1.jpg", JPEG)), ("photo", ("план.pdf", PDF)), ("unknown", ("x.pdf", PDF + b"2"))]
    answer = _send(visits, room, GOOD, files, idempotency_key="k")
    assert answer.status_code == 201
    again = _send(visits, room, GOOD, files, idempotency_key="other")
    assert again.json() == answer.json()
    engine = room.desk.engine
    kept = rows(engine, document)
    assert [(row.original_name, row.content_type) for row in kept[:2]] == [
        ("IMG 1.jpg", "image/jpeg"),
        ("план.pdf", "application/pdf"),
    ]
    assert len(kept) == 4  # two posts with two files each; the bytes lie once
    assert path_of(room.desk.files, kept[0].sha256).read_bytes() == JPEG
    assert JPEG in zlib.decompress(rows(engine, intake_item)[0].raw)  # the ledger has the whole body
    maria, egor = visits(room).sign_in("maria"), visits(room).sign_in("egor")
    page = maria.get("/lead/1").text
    assert "план.pdf" in page
    given = maria.get(f"/file/{kept[1].id}")
    assert (given.content, given.headers["content-type"]) == (PDF, "application/pdf")
    assert given.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in given.headers["content-security-policy"]
    assert egor.get(f"/file/{kept[1].id}").status_code == 403
    assert maria.get("/file/999").status_code == 404
    assert visits(room).get(f"/file/{kept[1].id}").headers["location"].startswith("/in")


@pytest.mark.parametrize(
    ("files", "limits", "mistake"),
    [
        ([("photo", ("a.pdf", b"MZ program"))], {}, "no_document"),
        ([("photo", ("a.html", b"<html><script>alert(1)</script>"))], {}, "no_document"),
        ([("photo", ("a.pdf", b"\x7fELF"))], {}, "no_document"),
        ([("photo", ("a.pdf", b""))], {}, "no_document"),
        ([("photo", (f"{n}.pdf", PDF)) for n in range(6)], {}, "too_many_files"),
        ([("photo", ("a.pdf", PDF * 200))], {"max_file_kilobytes": 1}, "too_large"),
        ([("other", ("a.pdf", PDF))], {"is_required": True}, "missing"),
    ],
)
def test_wrong_files_are_refused(
    lite_room: Room, visits: Visit, files: list[Any], limits: dict[str, Any], mistake: str
) -> None:
    _limited(lite_room, **limits)
    before = store_state(lite_room.desk.engine)
    answer = _send(visits, lite_room, GOOD, files)
    assert (answer.status_code, answer.json()["fields"]) == (422, {"photo": mistake})
    page = _send(visits, lite_room, GOOD, files, accept="text/html").text
    assert "Фотографии и документы" in page
    assert store_state(lite_room.desk.engine) == before
    assert not lite_room.desk.files.exists()


def test_too_much_is_refused_before_it_is_read(lite_room: Room, visits: Visit) -> None:
    before = store_state(lite_room.desk.engine)
    many = [("photo", (f"{n}.pdf", PDF)) for n in range(40)]
    assert _send(visits, lite_room, GOOD, many).status_code == 400
    assert _send(visits, lite_room, GOOD, [("photo", ("a.pdf", PDF * 1_000_000))]).status_code == 413
    assert visits(lite_room).client.post("/forms/request", content=(b"x" * 9000 for _ in range(9))).status_code == 413
    assert store_state(lite_room.desk.engine) == before


def test_names_of_files_are_only_words(lite_room: Room, visits: Visit) -> None:
    files = [("photo", ('../../<b>"x\r\nBcc: a@b.example', PDF))]
    assert _send(visits, lite_room, GOOD, files).status_code == 201
    (kept,) = rows(lite_room.desk.engine, document)
    assert "/" not in kept.file_name
    maria = visits(lite_room).sign_in("maria")
    assert "<b>" not in maria.get("/lead/1").text
    assert "\n" not in maria.get(f"/file/{kept.id}").headers["content-disposition"]


def _client_mail(room: Room, place: int = 0) -> tuple[int, str]:
    point = rows(room.desk.engine, contact_point, contact_point.c.kind == "mail")[place]
    return point.contact_id, point.value


def test_a_known_client_s_post_is_an_order(room: Room, visits: Visit) -> None:
    contact_id, mail = _client_mail(room)
    known = {"name": "", "mail": mail, "text": "Как в прошлый раз"}
    office = room.desk.office
    forms = tuple(
        replace(form, fields=tuple(replace(field, is_required=False) for field in form.fields)) for form in office.forms
    )
    room.desk.office = replace(office, forms=forms)
    answer = _send(visits, room, known, [("photo", ("план.pdf", PDF))], idempotency_key="k")
    engine = room.desk.engine
    (made,) = rows(engine, deal)
    assert (answer.status_code, answer.json()) == (201, {"number": made.number})
    assert made.contact_id == contact_id
    assert [row.status for row in rows(engine, lead)] == ["converted"]
    (item,) = rows(engine, process_item)
    assert (item.process, item.stage, item.entity_id) == ("service", "new", made.id)
    assert item.fields["client"] == f"contact:{contact_id}"
    assert item.fields["manager"].startswith("person:")
    assert [row.deal_id for row in rows(engine, document)] == [made.id]
    assert [row.deal_id for row in rows(engine, activity)] == [made.id]
    assert [(row.result, row.number) for row in rows(engine, form_post)] == [("deal", made.number)]
    assert _send(visits, room, known, [("photo", ("план.pdf", PDF))], idempotency_key="k").status_code in (200, 409)
    assert len(rows(engine, deal)) == 1
    maria = visits(room).sign_in("viktor")
    assert "план.pdf" in maria.get(f"/item/{item.id}").text


def test_anybody_else_s_post_is_a_lead(lite_room: Room, visits: Visit) -> None:
    assert _send(visits, lite_room, GOOD, []).status_code == 201
    _, mail = _client_mail(lite_room)
    impostor = {"name": "Зинаида Кузьминична Непохожая", "mail": mail, "text": "x"}
    assert _send(visits, lite_room, impostor, []).status_code == 201
    assert rows(lite_room.desk.engine, deal) == []
    assert {row.status for row in rows(lite_room.desk.engine, lead)} == {"new"}
