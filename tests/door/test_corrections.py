"""Whoever is asked about a file changes it instead of answering, by the vote's signed link: the client too (G5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from deployments.door.guards import size_limit
from deployments.door.room import Room
from sql.schema import document, event
from tasks.door_acts import press
from tasks.gateways.attachment_files import path_of
from tasks.process_acts import Act
from tasks.rules.door.links import read, sign
from tests.door.conftest import Clock
from tests.door.contracts import (
    CHANGED,
    DRAFT,
    Upload,
    handed_in,
    new_contract,
    send,
    sha256,
    to_client,
    to_supervisor,
)
from tests.door.service_order import Order
from tests.door.test_acting import link_of
from tests.door.visiting import Visits, rows, store_state

Visit = Callable[[Room], Visits]
PDF: Upload = ("document", ("v2.pdf", CHANGED))
SAID = {"command": "correct", "note": "другая дата"}


def _at_client(room: Room, visits: Visit) -> tuple[Order, str]:
    """A contract that waits for its client, and the client's link."""
    order = to_client(handed_in(new_contract(room), visits(room).sign_in("maria")))
    return order, link_of(order, "by_client", order.client)


def test_the_client_sends_another_file_and_the_author_has_it(room: Room, visits: Visit) -> None:
    order, link = _at_client(room, visits)
    client = visits(room)
    page = client.get(link).text
    assert "Или исправьте сами" in page or "Or change it yourself" in page
    assert f'action="{link}/act" enctype="multipart/form-data"' in page
    assert 'id="way-correct-document" name="document"' in page
    for _ in range(2):
        assert send(client, f"{link}/act", SAID, PDF).headers["location"] == link
    item = order.stored.item
    assert (item.stage, item.fields["document"], item.fields["note"], item.fields["rounds"]) == (
        "author_accepts",
        sha256(CHANGED),
        "другая дата",
        1,
    )
    said = [
        row for row in rows(room.desk.engine, event) if row.kind == "item.command" and row.data["name"] == "correct"
    ]
    assert [(row.actor, row.data["channel"]) for row in said] == [(order.client, "door")]
    assert [row.original_name for row in rows(room.desk.engine, document)] == ["договор.pdf", "v2.pdf"]
    # what was done is shown, and what came of it is the office's
    page = client.get(link).text
    assert "✓ Записано: Исправить" in page or "✓ Recorded: Correct" in page
    assert "/field/document" not in page
    assert 'type="file"' not in page
    assert client.get(f"{link}/field/document").status_code == 404
    # the other file by the same link is not taken, nor is an answer
    assert send(client, f"{link}/act", SAID, ("document", ("v3.pdf", CHANGED + b"3"))).status_code == 303
    assert client.post(link, {"choice": "yes"}).status_code == 303
    assert order.stored.item.fields["document"] == sha256(CHANGED)
    assert visits(room).sign_in("maria").get(f"/item/{order.item_id}/field/document").content == CHANGED


def test_the_supervisor_and_the_head_do_it_by_their_links_too(lite_room: Room, visits: Visit) -> None:
    order = to_supervisor(handed_in(new_contract(lite_room), visits(lite_room).sign_in("maria")))
    link, visitor = link_of(order, "by_supervisor", "mikhail"), visits(lite_room)
    assert send(visitor, f"{link}/act", SAID, PDF).status_code == 303
    assert order.stage == "author_accepts"
    order.act("accept", "maria")
    order.act("approve", "mikhail", task_id=order.task("by_supervisor", "mikhail"))
    link = link_of(order, "by_head", "viktor")
    page = visitor.get(link).text
    assert 'value="correct"' in page
    assert 'value="withdraw"' not in page  # it only ends the contract: no correction
    assert send(visitor, f"{link}/act", SAID | {"command": "withdraw"}, PDF).status_code == 422
    assert send(visitor, f"{link}/act", SAID, ("document", ("v3.pdf", DRAFT))).status_code == 303
    assert (order.stage, order.stored.item.fields["document"]) == ("author_accepts", sha256(DRAFT))


def test_a_vote_for_no_file_offers_nothing_of_the_kind(lite_room: Room, visits: Visit) -> None:
    order = to_client(new_contract(lite_room, document="v1"))
    link, visitor = link_of(order, "by_client", order.client), visits(lite_room)
    assert 'value="correct"' in visitor.get(link).text  # a version without a kept file can be replaced by one
    order.act("decline", order.client, task_id=order.task("by_client", order.client), sets={"note": "нет"})
    assert 'value="correct"' not in visitor.get(link).text
    assert 'value="correct"' not in visitor.get(link_of(order, "rework", "maria")).text


@pytest.mark.parametrize(
    ("said", "files", "leads_to"),
    [
        (SAID, (), "way-correct-document"),
        (SAID, (("document", ("", b"")),), "way-correct-document"),
        (SAID, (("document", ("x.pdf", b"MZ program")),), "way-correct-document"),
        (SAID, (("document", ("<b>.pdf", b"<html><script>")),), "way-correct-document"),
        (SAID, (("document", ("same.pdf", DRAFT)),), "way-correct-document"),
        (SAID | {"note": "  "}, (PDF,), "way-correct-note"),
        (SAID | {"document": sha256(CHANGED)}, (), ""),
        (SAID | {"document": "v2"}, (PDF,), ""),
        (SAID | {"supervisor": "egor"}, (PDF,), ""),
        (SAID | {"command": "accept"}, (PDF,), ""),
        (SAID | {"command": "approve"}, (PDF,), ""),
        (SAID | {"command": "'; DROP TABLE event; --"}, (PDF,), ""),
        ({"note": "x"}, (PDF,), ""),
        (SAID | {"note": "x" * 5000}, (PDF,), ""),
        (SAID, (PDF, ("document", ("v3.pdf", DRAFT))), ""),
        (SAID, (PDF, ("sent_back", ("v3.pdf", CHANGED))), ""),
    ],
)
def test_what_is_refused_changes_nothing(
    lite_room: Room, visits: Visit, said: dict[str, str], files: tuple[Upload, ...], leads_to: str
) -> None:
    _, link = _at_client(lite_room, visits)
    before = store_state(lite_room.desk.engine)
    answer = send(visits(lite_room), f"{link}/act", said, *files)
    assert answer.status_code == 422
    assert not leads_to or f'href="#{leads_to}"' in answer.text
    assert "<b>.pdf" not in answer.text
    assert not leads_to or (said["note"].strip() in answer.text)
    assert store_state(lite_room.desk.engine) == before
    assert not path_of(lite_room.desk.files, sha256(CHANGED)).exists()


def test_forged_foreign_and_expired_links_and_other_sites(lite_room: Room, visits: Visit, clock: Clock) -> None:
    order, link = _at_client(lite_room, visits)
    visitor, token = visits(lite_room), link.rpartition("/")[2]
    claim = read(lite_room.secret, token, clock())
    before = store_state(lite_room.desk.engine)

    def signed(**changed: object) -> str:
        return sign(lite_room.secret, replace(claim, **changed))  # type: ignore[arg-type]  # test data

    for path, status in (
        (f"/a/{token[:-4]}AAAA", 403),
        (f"/a/{sign(b'another store', claim)}", 403),
        (f"/when/{token}", 403),
        (f"/t/{token}", 404),
        (f"/a/{signed(item_id=999)}", 403),
        (f"/a/{signed(work_task_id=999)}", 403),
        (f"/a/{signed(expires_at=clock() - timedelta(seconds=1))}", 410),
        (f"/a/{signed(person=order.people['egor'])}", 303),
        (f"/a/{signed(round=0)}", 303),
        (f"/a/{signed(content_hash='0' * 64)}", 303),
    ):
        assert send(visitor, f"{path}/act", SAID, PDF).status_code == status, path
    other_site = send(visitor, f"{link}/act", SAID, PDF, **{"sec-fetch-site": "cross-site"})
    assert other_site.status_code == 403
    assert store_state(lite_room.desk.engine) == before
    assert not path_of(lite_room.desk.files, sha256(CHANGED)).exists()


def test_looking_changes_nothing(room: Room, visits: Visit) -> None:
    _, link = _at_client(room, visits)
    before, visitor = store_state(room.desk.engine), visits(room)
    for path in (link, f"{link}/act", f"{link}/act?command=correct&note=x", f"{link}/field/document"):
        visitor.scan(path, 3)
    assert store_state(room.desk.engine) == before


def test_a_change_between_the_look_and_the_press_refuses_it(room: Room, visits: Visit, clock: Clock) -> None:
    """The page was open; what it showed has changed meanwhile. The check is in the transaction that acts."""
    order, link = _at_client(room, visits)
    claim = read(room.secret, link.rpartition("/")[2], clock())
    wanted = Act(
        key=f"{claim.event_key}:correct",
        item_id=order.item_id,
        name="correct",
        actor=order.client,
        channel="door",
        sets={"document": sha256(CHANGED), "note": "x"},
        task_id=claim.work_task_id,
        round=claim.round,
        content_hash=claim.content_hash,
    )
    order.act("changed", "maria", sets={"document": "v3"})
    assert [one.kind for one in press(room.desk, wanted, clock()).reasons] == ["closed"]
    assert send(visits(room), f"{link}/act", SAID, PDF).status_code == 303
    assert (order.stage, order.stored.item.fields["document"]) == ("client", "v3")
    again = link_of(order, "by_client", order.client)
    newest = read(room.secret, again.rpartition("/")[2], clock())
    for claimed in (replace(newest, round=newest.round - 1), replace(newest, content_hash=claim.content_hash)):
        older = replace(wanted, task_id=newest.work_task_id, round=claimed.round, content_hash=claimed.content_hash)
        assert [one.kind for one in press(room.desk, older, clock()).reasons] == ["outdated"]
    stranger = replace(wanted, task_id=newest.work_task_id, round=newest.round, content_hash=newest.content_hash)
    assert press(room.desk, replace(stranger, actor=order.people["egor"]), clock()).reasons
    assert order.stage == "client"
    assert send(visits(room), f"{again}/act", SAID, PDF).status_code == 303
    assert order.stage == "author_accepts"


def test_an_answer_that_waits_leaves_no_room_for_a_correction(lite_room: Room, visits: Visit) -> None:
    order, link = _at_client(lite_room, visits)
    client = visits(lite_room)
    assert client.post(link, {"choice": "yes"}).status_code == 303
    assert 'value="correct"' not in client.get(link).text
    assert client.get(f"{link}/field/document").content == DRAFT
    assert send(client, f"{link}/act", SAID, PDF).status_code == 303
    assert order.stored.item.fields["document"] == sha256(DRAFT)
    client.post(f"{link}/undo")
    assert send(client, f"{link}/act", SAID, PDF).status_code == 303
    assert order.stage == "author_accepts"


def test_how_large_it_may_be(lite_room: Room, visits: Visit) -> None:
    _, link = _at_client(lite_room, visits)
    assert size_limit(f"{link}/act") == size_limit("/t/x/papers") > size_limit(link)
    large = ("document", ("large.pdf", CHANGED + b"x" * size_limit(f"{link}/act")))
    assert send(visits(lite_room), f"{link}/act", SAID, large).status_code == 413
