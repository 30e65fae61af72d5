"""Opening a recording at the door: administrators alone, with a reason, and closing it; each an event."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from deployments.door.room import Room
from sql import schema
from tasks.gateways.store.connection import writing
from tests.door.test_recordings_heard import accesses, kept
from tests.door.visiting import Visits, rows

Visit = Callable[[Room], Visits]


def test_an_administrator_opens_and_closes_it(room: Room, visits: Visit) -> None:
    number = kept(room)
    page = f"/recording/{number}"
    viktor, egor = visits(room).sign_in("viktor"), visits(room).sign_in("egor")
    assert egor.get(page).status_code == 403
    opened = viktor.post(f"{page}/open", {"to": "egor", "reason": "обучение"})
    assert (opened.status_code, opened.headers["location"]) == (303, page)
    assert "Егор Николаевич Титов" in viktor.get(page).text
    assert egor.get(page).status_code == 200
    assert "Открыть" not in egor.get(page).text, "who was let in lets nobody in"
    viktor.post(f"{page}/open", {"to": "egor", "reason": "ещё раз"})
    [grantee] = [row.grantee for row in rows(room.desk.engine, schema.recording_grant)]
    assert viktor.post(f"{page}/close", {"to": grantee}).status_code == 303
    viktor.post(f"{page}/close", {"to": grantee})
    assert egor.get(page).status_code == 403
    viktor.post(f"{page}/open", {"to": "role:executor", "reason": "обучение"})
    assert egor.get(page).status_code == 200
    assert [(kind, who) for kind, who, _ in accesses(room) if kind != "refused"] == [
        ("opened", "viktor"), ("closed", "viktor"), ("opened", "viktor")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("to", "reason", "said"),
    [
        ("", "обучение", "Выберите"), ("egor", "  ", "Скажите"), ("nobody", "обучение", "Выберите"),
        ("role:nobody", "обучение", "Выберите"), ("viktor", "обучение", "Выберите"),
        ("<script>", "обучение", "Выберите"), ("' OR 1=1 --", "обучение", "Выберите"),
    ],
)  # fmt: skip
def test_what_is_missing_is_said(lite_room: Room, visits: Visit, to: str, reason: str, said: str) -> None:
    number = kept(lite_room)
    refused = visits(lite_room).sign_in("viktor").post(f"/recording/{number}/open", {"to": to, "reason": reason})
    assert refused.status_code == 422
    assert said in refused.text
    assert "<script>" not in refused.text
    assert rows(lite_room.desk.engine, schema.recording_grant) == []
    assert accesses(lite_room) == []


@pytest.mark.parametrize("act", ["open", "close"])
def test_nobody_else_does(lite_room: Room, visits: Visit, act: str) -> None:
    number = kept(lite_room)
    form = {"to": "egor", "reason": "обучение"}
    path = f"/recording/{number}/{act}"
    assert visits(lite_room).sign_in("maria").post(path, form).status_code == 403
    assert visits(lite_room).post(path, form).headers["location"].startswith("/in?to=")
    viktor = visits(lite_room).sign_in("viktor")
    assert viktor.post(f"/recording/{number + 1}/{act}", form).status_code == 404
    assert viktor.post(path, form, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert rows(lite_room.desk.engine, schema.recording_grant) == []


def test_who_has_left_can_still_lose_the_right(lite_room: Room, visits: Visit) -> None:
    number, engine = kept(lite_room), lite_room.desk.engine
    viktor = visits(lite_room).sign_in("viktor")
    viktor.post(f"/recording/{number}/open", {"to": "egor", "reason": "обучение"})
    with writing(engine) as connection:
        connection.execute(sa.update(schema.person).where(schema.person.c.key == "egor").values(is_active=False))
    [grant] = rows(engine, schema.recording_grant)
    assert grant.grantee in viktor.get(f"/recording/{number}").text
    viktor.post(f"/recording/{number}/close", {"to": grant.grantee})
    assert [row.closed_at is None for row in rows(engine, schema.recording_grant)] == [False]
