"""A button pressed in a calendar answers the open question about the time, once, and never another one."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sql import schema
from tasks.desk import Desk
from tasks.gateways.store.calendar_answers import uid_of
from tasks.gateways.store.connection import writing
from tasks.gateways.store.events import NewEvent, record_event
from tasks.gateways.store.outbox import message_id_secret
from tasks.gateways.store.process_promises import PlannedEntry, cancel_entries, plan_entry
from tasks.invitations import plan_invitations
from tests.gateways.test_calendar_reader import reply
from tests.samples.mail_desk import Known, open_mail_desk, rows, take_in
from tests.samples.mail_room import EVENING, MORNING, MailRoom
from tests.samples.mail_store import put
from tests.samples.small_office import write_wordings

DAY = timedelta(days=1)
SUBJECT = "Subject: {{ title }}\n\n{{ at|moment }}\n"
_MAIL = (
    "From: {sender}\r\nTo: office@north-service.example\r\nSubject: Accepted\r\nMessage-ID: <{number}@mail.example>\r\n"
    "Sender: Calendar <calendar@calendar.example>\r\nAuto-Submitted: auto-generated\r\n"
    "Content-Type: multipart/alternative; boundary=b\r\n\r\n"
    "--b\r\nContent-Type: text/plain\r\n\r\nAnna has answered this invitation.\r\n"
    "--b\r\nContent-Type: text/calendar; charset=UTF-8; method=REPLY\r\n\r\n"
)


class Diary:
    """Anna is invited to a visit, and owes an answer about its time."""

    def __init__(self, desk: Desk, known: Known) -> None:
        self.desk, self.who, self.count = desk, f"contact:{known.contact_id}", 0
        with writing(desk.engine) as connection:
            self.cause = record_event(connection, NewEvent("e", MORNING, "deal", 1, "x", "person:1"))
            item = {
                "key": "i",
                "process": "service",
                "version": 1,
                "entity": "candidate",
                "entity_id": 7,
                "stage": "new",
            }
            times = {"stage_entered_at": MORNING, "created_at": MORNING, "visit": 1, "fields": {}, "memory": {}}
            connection.execute(sa.insert(schema.process_item).values(item | times))
            self.secret = message_id_secret(connection, MORNING)
        self.ask()
        self.put(1)

    def ask(self, kind: str = "confirm") -> None:
        self.count += 1
        work = {"key": f"w{self.count}", "entity": "candidate", "entity_id": 7, "item_id": 1, "name": "time_agreed"}
        owner = {"contact_id": int(self.who[8:]), "opened_at": MORNING, "kind": kind}
        with writing(self.desk.engine) as connection:
            connection.execute(sa.update(schema.work_task).values(state="withdrawn"))
            connection.execute(sa.insert(schema.work_task).values(work | owner))

    def put(self, days: int) -> None:
        """The visit is planned or moved, and Anna told."""
        at = MORNING + timedelta(minutes=days)
        with writing(self.desk.engine) as connection:
            plan_entry(connection, PlannedEntry(1, "1:visit", self.who, MORNING + days * DAY, "Выезд"), at, self.cause)
        assert plan_invitations(self.desk, EVENING) == 1

    def answer(self, word: str, sequence: int = 0, sender: str = "Anna <anna@client.example>", uid: str = "") -> Any:
        """What became of a calendar's answer: its verdict, words, and the task it answers."""
        self.count += 1
        uid = uid or uid_of(self.secret, 1, self.desk.office.domain)
        content = reply(word, uid, "COMMENT:лучше в пятницу\n" if word == "DECLINED" else "")
        content = content.replace(b"SEQUENCE:2", b"SEQUENCE:%d" % sequence)
        mail = _MAIL.format(sender=sender, number=self.count).encode() + content + b"\r\n--b--\r\n"
        put(self.desk, mail)
        take_in(self.desk, EVENING)
        verdict = rows(self.desk.engine, "select verdict from intake_item order by id desc limit 1")[0][0]
        said = rows(self.desk.engine, "select reply_text from activity order by id desc limit 1")
        with self.desk.engine.connect() as connection:
            query = sa.select(schema.event.c.data).where(schema.event.c.kind == "reply").order_by(schema.event.c.id)
            tasks = [data["work_task_id"] for data in connection.scalars(query)]
        return verdict, said[0][0] if said else "", tasks


@pytest.fixture
def diary(engine: sa.Engine, tmp_path: Path) -> Diary:
    desk, known = open_mail_desk(engine, MailRoom(tmp_path, 1), tmp_path)
    words = {f"ru/{name}.txt.j2": SUBJECT for name in ("calendar_invited", "calendar_cancelled")}
    write_wordings(Path(desk.office.templates), words)
    return Diary(desk, known)


@pytest.mark.parametrize(("word", "said"), [("ACCEPTED", "да"), ("DECLINED", "нет: лучше в пятницу")])
def test_a_button_answers_the_open_question(diary: Diary, word: str, said: str) -> None:
    assert diary.answer(word) == ("verified_reply", said, [1])
    assert rows(diary.desk.engine, "select count(*) from document") == [(0,)]


def test_perhaps_is_read_by_a_person(diary: Diary) -> None:
    verdict, said, tasks = diary.answer("TENTATIVE")
    assert (verdict, tasks) == ("verified_reply", [1])
    assert said.endswith("приглашение под вопросом")


def test_an_answer_to_an_earlier_time_is_no_answer_to_the_new_one(diary: Diary) -> None:
    diary.put(2)
    verdict, said, _ = diary.answer("ACCEPTED", sequence=0)
    assert (verdict, said.endswith("принято (прежнее время)")) == ("verified_reply", True)
    assert diary.answer("ACCEPTED", sequence=1)[1] == "да"


def test_what_was_taken_back_cannot_be_accepted(diary: Diary) -> None:
    with writing(diary.desk.engine) as connection:
        cancel_entries(connection, 1, MORNING, diary.cause, uid="1:visit")
    assert diary.answer("ACCEPTED", sequence=1)[1].endswith("(прежнее время)")


def test_another_open_question_is_never_answered(diary: Diary) -> None:
    diary.ask("approval")
    verdict, said, tasks = diary.answer("DECLINED")
    assert (verdict, tasks) == ("verified_reply", [None])
    assert said.startswith("18.11.2026")
    assert said.endswith("отклонено. лучше в пятницу")


def test_a_yes_that_nobody_asked_for_is_only_noted(diary: Diary) -> None:
    diary.ask("task")
    verdict, said, tasks = diary.answer("ACCEPTED")
    assert (verdict, tasks) == ("verified_reply", [])
    assert said.endswith("приглашение принято")


@pytest.mark.parametrize(
    ("sender", "uid"),
    [("boris@elsewhere.example", ""), ("Anna <anna@client.example>", "f" * 32 + "@north-service.example")],
)
def test_neither_a_foreign_sender_nor_a_made_up_uid_counts(diary: Diary, sender: str, uid: str) -> None:
    verdict, _, tasks = diary.answer("ACCEPTED", sender=sender, uid=uid)
    assert (verdict, tasks) == ("automatic", [])
