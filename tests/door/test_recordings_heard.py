"""Recordings at the door: administrators and those they were opened to, in parts, each access and refusal an event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from deployments.door.room import Room
from sql import schema
from tasks.gateways.recordings.contents import Contents
from tasks.gateways.store.connection import writing
from tasks.gateways.store.leads import NewLead, create_leads
from tasks.recording_access import close_to, export, hold, open_to
from tasks.recordings import forget_recordings
from tasks.rules.errors import OutsideError, UsageError
from tasks.rules.office_recordings import RecordingRules, RecordingSource
from tests.door.conftest import NOON, Clock
from tests.door.visiting import Visits, rows
from tests.samples.recorded_calls import OPEN, fetch_all, put_call, put_file, recording_office
from tests.samples.sounds import wav

Visit = Callable[[Room], Visits]
CONTENT = wav(2.0)


def kept(room: Room, **call: Any) -> int:
    """One kept recording; its id."""
    folder = room.desk.files.parent / "monitor"
    room.desk.office = recording_office(room.office, RecordingSource("folder", str(folder)))
    put_call(room.desk.engine, "a.wav", **call)
    put_file(folder, "a.wav", CONTENT)
    assert fetch_all(room.desk, NOON)[0]["kept"] == 1
    return int(rows(room.desk.engine, schema.recording)[-1].id)


def accesses(room: Room) -> list[tuple[str, str, Any]]:
    """The accesses: kind, who (key), and what is said."""
    keys = {f"person:{row.id}": row.key for row in rows(room.desk.engine, schema.person)}
    table = schema.event
    kinds = ("heard", "refused", "opened", "closed", "held", "released")
    found = rows(room.desk.engine, table, table.c.kind.in_([f"recording.{kind}" for kind in kinds]))
    return [(row.kind[10:], keys[row.actor], row.data) for row in found]


def test_an_administrator_hears_it_whole_or_in_parts(room: Room, visits: Visit) -> None:
    number = kept(room)
    viktor = visits(room).sign_in("viktor")
    page = viktor.get(f"/recording/{number}")
    assert f'<audio controls preload="none" src="/recording/{number}/sound"' in page.text
    assert "media-src 'self'" in page.headers["content-security-policy"]
    assert accesses(room) == []
    whole = viktor.get(f"/recording/{number}/sound")
    assert (whole.status_code, whole.content) == (200, CONTENT)
    assert whole.headers["content-type"] == "audio/wav"
    assert whole.headers["content-disposition"] == f'inline; filename="recording-{number}.wav"'
    assert whole.headers["content-security-policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert (whole.headers["cache-control"], whole.headers["x-content-type-options"]) == ("no-store", "nosniff")
    part = viktor.get(f"/recording/{number}/sound", headers={"range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, CONTENT[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(CONTENT)}"
    saved = viktor.get(f"/recording/{number}/sound?save=1")
    assert saved.headers["content-disposition"].startswith("attachment;")
    said = {"channel": "door", "right": "administrator"}
    assert accesses(room) == [
        ("heard", "viktor", said),
        ("heard", "viktor", said | {"said": "bytes=10-19"}),
        ("heard", "viktor", said),
    ]


@pytest.mark.parametrize(
    ("wanted", "status"),
    [("bytes=999999999-", 416), ("bytes=abc", 400), ("bytes=-5", 206), ("bytes=5-2", 400), ("<script>", 400),
     ("bytes=" + "0-0," * 500 + "1-2", 200)],
)  # fmt: skip
def test_odd_ranges(lite_room: Room, visits: Visit, wanted: str, status: int) -> None:
    number = kept(lite_room)
    answer = visits(lite_room).sign_in("viktor").get(f"/recording/{number}/sound", headers={"range": wanted})
    assert answer.status_code == status
    assert len(accesses(lite_room)) == 1


def test_nobody_else_hears_it_unless_it_is_opened_to_them(room: Room, visits: Visit, clock: Clock) -> None:
    number = kept(room)
    desk, paths = room.desk, (f"/recording/{number}", f"/recording/{number}/sound")
    egor = visits(room).sign_in("egor")
    assert [egor.get(path).status_code for path in paths] == [403, 403]
    assert accesses(room) == [("refused", "egor", {"channel": "door", "reason": "no_right"})] * 2
    assert open_to(desk, number, "egor", "quality review", "viktor", clock.at)
    assert not open_to(desk, number, "egor", "again", "viktor", clock.at)
    assert [egor.get(path).status_code for path in paths] == [200, 200]
    assert accesses(room)[-1][2]["right"].startswith("grant:person:")
    assert visits(room).sign_in("timur").get(paths[1]).status_code == 403
    assert close_to(desk, number, "egor", "viktor", clock.at)
    assert not close_to(desk, number, "egor", "viktor", clock.at)
    assert egor.get(paths[1]).status_code == 403
    assert open_to(desk, number, "role:executor", "training", "viktor", clock.at)
    assert egor.get(paths[1]).content == CONTENT
    told = [(kind, who) for kind, who, _ in accesses(room)][2:]
    assert told == [
        ("opened", "viktor"), ("heard", "egor"), ("refused", "timur"), ("closed", "viktor"), ("refused", "egor"),
        ("opened", "viktor"), ("heard", "egor"),
    ]  # fmt: skip


def test_a_setting_opens_by_role_and_by_line(lite_room: Room, visits: Visit) -> None:
    room, number = lite_room, kept(lite_room)
    maria = visits(room).sign_in("maria")
    path = f"/recording/{number}/sound"
    assert maria.get(path).status_code == 403
    telephony = room.office.telephony
    lines = tuple(replace(line, open_to=("manager",) if line.number == OPEN else ()) for line in telephony.lines)
    for other in (replace(telephony, lines=lines), replace(telephony, recordings=RecordingRules(open_to=("manager",)))):
        room.desk.office = replace(room.office, telephony=other)
        assert maria.get(path).status_code == 200
        room.desk.office = replace(room.office, telephony=telephony)
    assert maria.get(path).status_code == 403
    assert [told[2].get("right") for told in accesses(room)] == [None, "setting:manager", "setting:manager", None]


@pytest.mark.parametrize(
    "path",
    ["/recording/0", "/recording/-1", "/recording/x", "/recording/99999999999999999999", "/recording/1/../../x",
     "/recording/1'--/sound", "/recording/999", "/recording/999/sound", "/recording/1/sound?save=2",
     "/recording/1%2f..%2f2/sound"],
)  # fmt: skip
def test_hostile_numbers_leave_nothing(lite_room: Room, visits: Visit, path: str) -> None:
    kept(lite_room)
    answer = visits(lite_room).sign_in("viktor").get(path)
    assert answer.status_code in (404, 422)
    assert accesses(lite_room) == []


def test_strangers_are_sent_to_sign_in(lite_room: Room, visits: Visit) -> None:
    number = kept(lite_room)
    for path in (f"/recording/{number}", f"/recording/{number}/sound"):
        answer = visits(lite_room).get(path)
        assert (answer.status_code, answer.headers["location"].startswith("/in?to=")) == (303, True)
    assert accesses(lite_room) == []


def test_a_linked_one_lies_elsewhere(lite_room: Room, visits: Visit) -> None:
    room = lite_room
    room.desk.office = recording_office(room.office, RecordingSource("link", hosts=("files.example",)))
    put_call(room.desk.engine, "https://files.example/1?t=x")
    fetch_all(room.desk, NOON)
    answer = visits(room).sign_in("viktor").get("/recording/1/sound")
    assert (answer.status_code, answer.headers["location"]) == (303, "https://files.example/1?t=x")
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert visits(room).sign_in("olga").get("/recording/1/sound").status_code == 403
    assert [kind for kind, _, _ in accesses(room)] == ["heard", "refused"]


def test_a_removed_one_says_so(lite_room: Room, visits: Visit, clock: Clock) -> None:
    room, number = lite_room, kept(lite_room)
    viktor = visits(room).sign_in("viktor")
    assert hold(room.desk, number, "court case 5", "viktor", clock.at)
    assert "court case 5" in viktor.get(f"/recording/{number}").text
    later = clock.at + timedelta(days=400)
    assert forget_recordings.fn(room.desk, later) == {"recordings_removed": 0}
    assert hold(room.desk, number, None, "viktor", clock.at)
    assert forget_recordings.fn(room.desk, later) == {"recordings_removed": 1}
    page = viktor.get(f"/recording/{number}").text
    assert "its time of keeping is over" in page or "срок хранения истёк" in page
    assert "<audio" not in page
    assert viktor.get(f"/recording/{number}/sound").status_code == 404
    assert accesses(room)[-1] == ("refused", "viktor", {"channel": "door", "reason": "not_kept"})
    with pytest.raises(UsageError, match="removed already"):
        hold(room.desk, number, "late", "viktor", later)


def test_a_lost_file_is_no_crash(lite_room: Room, visits: Visit) -> None:
    number = kept(lite_room)
    Contents(lite_room.desk.files).drop(str(rows(lite_room.desk.engine, schema.recording)[0].sha256))
    assert visits(lite_room).sign_in("viktor").get(f"/recording/{number}/sound").status_code == 404


def test_the_lead_of_the_call_shows_it_to_whom_it_is_open(lite_room: Room, visits: Visit) -> None:
    room = lite_room
    with writing(room.desk.engine) as connection:
        create_leads(
            connection, [NewLead("call:1", "call", "Звонок", "", None, "+79000000501", "ru", None, NOON, NOON)]
        )
        lead_id = connection.scalar(sa.select(sa.func.max(schema.lead.c.id)))
    number = kept(room, lead_id=lead_id)
    link = f'href="/recording/{number}"'
    viktor, olga = visits(room).sign_in("viktor"), visits(room).sign_in("olga")
    assert link in viktor.get(f"/lead/{lead_id}").text
    assert link not in olga.get(f"/lead/{lead_id}").text
    open_to(room.desk, number, "role:operator", "review", "viktor", NOON)
    assert link in olga.get(f"/lead/{lead_id}").text


def test_taking_one_out_is_an_access_too(room: Room, clock: Clock) -> None:
    number, file = kept(room), room.desk.files.parent / "taken.wav"
    desk = room.desk
    with pytest.raises(UsageError, match="may not hear"):
        export(desk, number, file, "curious", "egor", clock.at)
    assert not file.exists()
    export(desk, number, file, "for the court", "viktor", clock.at)
    assert (file.read_bytes(), file.stat().st_mode & 0o077) == (CONTENT, 0)
    with pytest.raises(OutsideError, match="cannot be written"):
        export(desk, number, file, "again", "viktor", clock.at)
    assert [(kind, who, data.get("said")) for kind, who, data in accesses(room)] == [
        ("refused", "egor", "curious"),
        ("heard", "viktor", "for the court"),
        ("heard", "viktor", "again"),
    ]


@pytest.mark.parametrize(
    ("to", "reason", "who", "said"),
    [
        ("egor", "review", "olga", "no administrator"),
        ("egor", " ", "viktor", "say why"),
        ("nobody", "review", "viktor", "nobody of people.yaml"),
        ("role:boss", "review", "viktor", "no role 'boss'"),
        ("egor", "review", "", "who you are"),
    ],
)
def test_only_administrators_open_and_say_why(lite_room: Room, to: str, reason: str, who: str, said: str) -> None:
    number = kept(lite_room)
    with pytest.raises(UsageError, match=said):
        open_to(lite_room.desk, number, to, reason, who, NOON)
    with pytest.raises(UsageError, match="no recording 99"):
        open_to(lite_room.desk, 99, "egor", "review", "viktor", NOON)
    assert rows(lite_room.desk.engine, schema.recording_grant) == []
