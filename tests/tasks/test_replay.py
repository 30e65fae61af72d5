"""Replays on both engines: nothing differs by itself, differences are applied once, and nothing is ever sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from sql import schema
from tasks.desk import Desk
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.contacts import create_contact
from tasks.quarantine_desk import decide_rows
from tasks.replay import Span, apply_replay, preview, preview_replay, span_of
from tasks.rules.errors import UsageError
from tasks.rules.mail_correction import Correction
from tests.samples.mail_room import message
from tests.samples.stored_mail import StoredMail, stored_mail

MORNING = datetime(2026, 11, 17, 6, tzinfo=UTC)
LATER = MORNING + timedelta(days=3)
DAY = Span(MORNING - timedelta(hours=6), MORNING + timedelta(hours=18))
BOUNCE = (
    b"From: MAILER-DAEMON@mx.example.com\r\nReturn-Path: <>\r\nSubject: Undelivered\r\nMessage-ID: <b@example.com>\r\n"
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n"
    b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
    b"Final-Recipient: rfc822; anna@client.example\r\nAction: failed\r\n\r\n--b--\r\n"
)
SILENT = "select (select count(*) from process_inbox), (select count(*) from outbox)"
MADE = "select (select count(*) from lead), (select count(*) from activity)"


@pytest.fixture
def mail(engine: sa.Engine, tmp_path: Path) -> StoredMail:
    """A settled morning: a stranger's two mails, a copy, a bounce, a machine, and one that has no sender."""
    found = stored_mail(engine, tmp_path)
    for raw in (
        message("first", "petr@example.com"),
        message("second", "petr@example.com", "Ещё о насосе"),
        b"Received: by mx2.example; now\r\n" + message("first", "petr@example.com"),
        BOUNCE,
        message("away", "robot@example.com", headers="Auto-Submitted: auto-replied\n"),
        b"Subject: nobody\r\nMessage-ID: <n@example.com>\r\n\r\nx",
    ):
        found.put(raw, MORNING)
    found.settle(MORNING)
    change(found, sa.delete(schema.process_inbox))
    return found


def change(mail: StoredMail, statement: sa.Executable) -> None:
    with writing(mail.desk.engine) as connection:
        connection.execute(statement)


def held_once(mail: StoredMail, key: str = "third") -> int:
    """A stranger's mail as the code of another day left it: in quarantine, nothing made."""
    item_id = mail.put(message(key, f"{key}@example.com"), MORNING)
    values = {"state": "quarantined", "verdict": "broken", "reason": "broken: unknown charset", "settled_at": MORNING}
    change(mail, sa.update(schema.intake_item).where(schema.intake_item.c.id == item_id).values(values))
    row = {"source": "mail", "row_key": f"intake:{item_id}", "reason": "broken: unknown charset", "raw": ""}
    mail.add(schema.quarantine_row, **row, at=MORNING)
    return item_id


def everything(desk: Desk) -> dict[str, list[tuple[object, ...]]]:
    with reading(desk.engine) as connection:
        return {
            name: sorted((tuple(row) for row in connection.execute(sa.select(table))), key=str)
            for name, table in schema.metadata.tables.items()
        }


def test_todays_code_agrees_with_itself_and_a_preview_writes_nothing(mail: StoredMail) -> None:
    before = everything(mail.desk)
    replay = preview(mail.desk, DAY, LATER)
    assert (replay.seen, replay.diffs) == (6, ())
    assert preview_replay.fn(mail.desk, DAY, LATER) == {"seen": 6, "decided": 0, "differing": 0}
    assert everything(mail.desk) == before


@pytest.mark.parametrize("at", [MORNING, LATER])
def test_a_sender_who_became_known_since_changes_nothing(mail: StoredMail, at: datetime) -> None:
    points = [("mail", "petr@example.com", "petr@example.com")]
    with writing(mail.desk.engine) as connection:
        create_contact(connection, name="Пётр", points=points, company_id=None, language="ru", at=at)
    assert preview(mail.desk, DAY, LATER).diffs == ()


def test_a_quarantined_mail_that_is_understood_today_gets_its_lead_once(mail: StoredMail) -> None:
    item_id = held_once(mail)
    [diff] = preview(mail.desk, DAY, LATER).diffs
    assert diff.intake_id == item_id
    before = mail.rows(MADE)[0]
    applied = apply_replay.fn(mail.desk, DAY, LATER)
    assert (applied.counts["changed"], applied.counts["leads"]) == (1, 1)
    number = mail.rows("select number from lead where mail = 'third@example.com'")[0][0]
    assert applied.notes == (f"made without telling anybody: {number}",)
    assert mail.rows(MADE) == [(before[0] + 1, before[1] + 1)]
    assert mail.rows(SILENT) == [(0, 0)]
    assert mail.rows("select state, decided_by from quarantine_row where row_key = 'intake:7'") == [
        ("released", "flow:replay-mail")
    ]
    settled = everything(mail.desk)
    assert "changed" not in apply_replay.fn(mail.desk, DAY, LATER + timedelta(hours=1)).counts
    assert everything(mail.desk) == settled


def test_words_that_are_read_otherwise_today_are_put_right_with_an_event(mail: StoredMail) -> None:
    raw = mail.rows("select id, raw from intake_item order by id")
    change(mail, sa.update(schema.activity).where(schema.activity.c.origin_key == "mail:1").values(reply_text="old"))
    change(mail, sa.update(schema.lead).values(phone=None))
    change(mail, sa.update(schema.intake_item).where(schema.intake_item.c.id == 5).values(verdict="list", reason="old"))
    assert [(one.intake_id, [c.field for c in one.changes]) for one in preview(mail.desk, DAY, LATER).diffs] == [
        (1, ["activity.reply_text", "lead.phone"]),
        (5, ["verdict", "reason"]),
    ]
    made = mail.rows(MADE)
    assert apply_replay.fn(mail.desk, DAY, LATER).counts["changed"] == 2
    assert mail.rows("select phone, revision from lead") == [("+79000000501", 1)]
    assert mail.rows("select verdict from intake_item where id = 5") == [("automatic",)]
    assert (mail.rows(MADE), mail.rows(SILENT)) == (made, [(0, 0)])
    with reading(mail.desk.engine) as connection:
        event = schema.event
        query = sa.select(event.c.data).where(event.c.kind == "mail.replayed", event.c.entity_id == 1)
        [data] = connection.scalars(query)
    assert {"field": "lead.phone", "was": None, "would": "+79000000501"} in data["changes"]
    assert mail.rows("select id, raw from intake_item order by id") == raw
    assert preview(mail.desk, DAY, LATER).diffs == ()


def test_a_bounce_recognised_only_today_is_recorded_in_silence(mail: StoredMail) -> None:
    values = {"verdict": "automatic", "reason": "automatic: old", "state": "ignored"}
    change(mail, sa.delete(schema.event).where(schema.event.c.kind == "bounce"))
    change(mail, sa.update(schema.intake_item).where(schema.intake_item.c.id == 4).values(values))
    apply_replay.fn(mail.desk, DAY, LATER)
    assert mail.rows("select count(*) from event where kind = 'bounce'") == [(1,)]
    assert mail.rows(SILENT) == [(0, 0)]


def test_what_a_person_decided_stays(mail: StoredMail) -> None:
    held_once(mail)
    decide_rows.fn(mail.desk, [2], "reject", "olga", Correction(), "no", MORNING)
    decide_rows.fn(mail.desk, [1], "fix", "olga", Correction("x@example.com"), "", MORNING)
    replay = preview(mail.desk, DAY, LATER)
    assert (replay.seen, replay.decided, replay.diffs) == (5, 2, ())


def test_items_by_number_and_what_is_new_is_left_to_the_intake(mail: StoredMail) -> None:
    new = mail.put(message("new", "new@example.com"), MORNING)
    assert preview(mail.desk, Span(LATER, LATER, (1, 2, new)), LATER).seen == 2


@pytest.mark.parametrize(
    ("first", "last", "ids"), [("", "", []), ("2026-11-17", "", [1]), ("", "2026-11-17", []), ("soon", "", [])]
)
def test_a_span_that_says_nothing_usable(mail: StoredMail, first: str, last: str, ids: list[int]) -> None:
    with pytest.raises(UsageError):
        span_of(mail.desk, first, last, ids, LATER)


def test_days_are_the_offices(mail: StoredMail) -> None:
    span = span_of(mail.desk, "2026-11-17", "2026-11-17", [], LATER)
    assert (span.begins, span.ends) == (datetime(2026, 11, 16, 21, tzinfo=UTC), datetime(2026, 11, 17, 21, tzinfo=UTC))
