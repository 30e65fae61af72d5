"""A person's word about ambiguous mail, the story of a message, and who is never answered, on both engines."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from sql import schema
from tasks.desk import Desk
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.events import NewEvent, record_event
from tasks.gateways.store.message_story import read_story
from tasks.gateways.store.office_sync import sync_office
from tasks.outbox_desk import decide_mails
from tasks.rules.errors import UsageError
from tasks.rules.message_words import story_json, story_lines
from tasks.rules.office import Person
from tests.samples.desks import desk_with
from tests.samples.post_office import Post
from tests.tasks.outbox_at_work import NOW, dispatch, notice, plan, rows, states

HOUR = timedelta(hours=1)
OLGA = Person("olga", "Ольга", "olga@north-service.example", ("operator",))


@pytest.fixture
def staffed(desk: Desk) -> Desk:
    staffed = desk_with(desk, replace(desk.office, people=(OLGA,)))
    with writing(desk.engine) as connection:
        sync_office(connection, staffed.office, NOW)
    return staffed


@pytest.mark.parametrize(
    ("decision", "state", "accepted"), [("was_sent", "sent", 1), ("send_again", "sent", 2), ("give_up", "refused", 1)]
)
async def test_a_person_decides_once(staffed: Desk, post: Post, decision: str, state: str, accepted: int) -> None:
    plan(staffed, notice("drop-once", policy="ask"))
    post.drop_once = True
    assert await dispatch(staffed) == {"ambiguous": 1}
    decided = decide_mails.fn(staffed, [1, 1, 77], decision, "olga", "called them", NOW + HOUR)  # type: ignore[arg-type]
    assert decided.counts == {decision: 1, "left": 1}
    assert decided.notes == ("outbox 77 is not there, not ambiguous: left alone",)
    again = decide_mails.fn(staffed, [1], "give_up", "olga", "", NOW + HOUR)
    assert again.counts == {"left": 1}
    await dispatch(staffed, NOW + HOUR)
    assert states(staffed) == {"drop-once:0": state}
    assert list(post.counts.values()) == [accepted]
    (word,) = [event for event in rows(staffed, schema.event) if event.kind == "mail.decided"]
    assert (word.actor, word.data["decision"], word.data["note"]) == ("person:1", decision, "called them")


def test_a_stranger_decides_nothing(staffed: Desk) -> None:
    with pytest.raises(UsageError, match="nobody on the staff"):
        decide_mails.fn(staffed, [1], "was_sent", "boris", "", NOW)
    with pytest.raises(UsageError, match="which mails"):
        decide_mails.fn(staffed, [], "was_sent", "olga", "", NOW)


def told(desk: Desk, word: str, language: str = "en") -> str:
    with reading(desk.engine) as connection:
        story = read_story(connection, word)
    assert story is not None
    assert json.loads(json.dumps(story_json(story)))["key"] == story.key
    return "\n".join(story_lines(story, language, ZoneInfo("Europe/Moscow")))


async def test_why_tells_the_cause_the_attempts_and_the_end(desk: Desk) -> None:
    with writing(desk.engine) as connection:
        root = record_event(connection, NewEvent("call:1", NOW, "lead", 4, "lead.created", "channel:call"))
        near = record_event(connection, NewEvent("a:1", NOW, "deal", 5, "deal.moved", "person:1", cause_id=root))
    plan(desk, replace(notice("busy", 3), cause_event_id=near), notice("gone", 4), notice("anna", 5))
    await dispatch(desk)
    story = told(desk, "1")
    assert "caused by event 2: deal.moved of deal 5 by person:1" in story
    assert "caused by event 1: lead.created of lead 4 by channel:call" in story
    assert "to contact:3 (b…@example.com), wording note, kind notice" in story
    assert "attempt 1 2026-11-17 09:30:00: retry, 451 4.3.0 try later" in story
    assert story.endswith("to be tried again from 2026-11-17 09:31:00")
    assert told(desk, "gone:4").endswith("refused for good: it will not be sent")
    by_message_id = rows(desk)[2].message_id
    assert told(desk, by_message_id) == told(desk, by_message_id.strip("<>"))
    assert "отправлено 2026-11-17 09:30:00" in told(desk, "3", "ru")


async def test_why_something_did_not_leave(desk: Desk) -> None:
    night = NOW + 13 * HOUR
    plan(desk, notice("anna", 1), notice("boris", 2, wording="broken"))
    await dispatch(desk, night)
    assert told(desk, "1").endswith("waits until 2026-11-18 08:00:00, held: the client's quiet hours")
    assert "in quarantine (held)" in told(desk, "boris:2")
    with reading(desk.engine) as connection:
        assert read_story(connection, "nothing:1") is None


@pytest.mark.parametrize(
    ("verdict", "is_verified", "reason"),
    [
        ("verified_reply", True, ""),
        ("automatic", True, "an automatic mail is never answered"),
        ("claimed_reply", False, "its author is not proven"),
    ],
)
def test_no_answer_to_machines_and_unproven_authors(desk: Desk, verdict: str, is_verified: bool, reason: str) -> None:
    cause_id = _incoming(desk, verdict, is_verified=is_verified)
    answer = replace(notice("anna", 3), cause_event_id=cause_id)
    to_another = replace(notice("boris", 4), cause_event_id=cause_id)
    assert plan(desk, answer, to_another) == (1 if reason else 2)
    assert plan(desk, answer) == 0
    assert ("never planned" in told(desk, "anna:3")) == bool(reason)
    assert reason in told(desk, "anna:3")


def _incoming(desk: Desk, verdict: str, *, is_verified: bool) -> int:
    """A stored mail of contact 3, and an event two steps after it."""
    item = {
        "source": "office",
        "natural_key": "INBOX:1:1",
        "meaning_key": "m",
        "sha256": "s",
        "raw": b"",
        "size_bytes": 0,
    }
    times = {"received_at": NOW, "fetched_at": NOW, "state": "settled", "verdict": verdict}
    letter = {"origin_key": "mail:1", "kind": "mail", "direction": "in", "at": NOW, "is_reply_verified": is_verified}
    with writing(desk.engine) as connection:
        connection.execute(sa.insert(schema.intake_item).values(item | times))
        connection.execute(sa.insert(schema.activity).values(letter))
        reply = NewEvent("reply:1", NOW, "deal", 5, "reply", "contact:3", {"activity_id": 1})
        root = record_event(connection, reply)
        return record_event(connection, NewEvent("x", NOW, "deal", 5, "deal.moved", "contact:3", cause_id=root))
