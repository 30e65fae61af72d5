"""People decide about the quarantine, on both engines: once, with an event, and the bytes stay as they came."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.balance import count_held, count_logs
from tasks.gateways.store.work import held_items, hold_item
from tasks.quarantine_desk import Ruled, decide_rows
from tasks.rules.balance import balance_log
from tasks.rules.errors import UsageError
from tasks.rules.mail_correction import Correction
from tasks.rules.office import CallLog, Mailbox, Telephony
from tasks.rules.quarantine import Decision
from tests.samples.mail_room import message
from tests.samples.small_office import small_office
from tests.samples.stored_mail import SPAM, StoredMail, stored_mail

MORNING = datetime(2026, 11, 17, 6, tzinfo=UTC)
NOON = MORNING + timedelta(hours=3)
NOTHING = Correction()
LINE = (
    '"","+79000000201","600","in","","SIP/t-1","SIP/101-2","Queue","600","{start}","2026-11-17 09:00:10",'
    '"2026-11-17 09:01:00",60,50,"ANSWERED","DOCUMENTATION","1795413600.1","","","1795413600.1","1"'
)


@pytest.fixture
def mail(engine: sa.Engine, tmp_path: Path) -> StoredMail:
    """An office with one mailbox that trusts its server's verdicts, and one call log."""
    office = small_office(tmp_path)
    [box] = office.mailboxes
    trusting: Mailbox = replace(box, trusted_verdict_hosts=("mx.north-service.example",))
    telephony = Telephony(logs=(CallLog("pbx", "/var/log/asterisk", "Europe/Moscow"),))
    return stored_mail(engine, tmp_path, replace(office, mailboxes=(trusting,), telephony=telephony))


def decide(
    mail: StoredMail,
    decision: Decision,
    *rows: int,
    correction: Correction = NOTHING,
    note: str = "",
    who: str = "olga",
) -> Ruled:
    return decide_rows.fn(mail.desk, rows, decision, who, correction, note, NOON)


def spam(mail: StoredMail) -> None:
    mail.put(message("win", "petr@example.com", headers=SPAM), MORNING)
    mail.settle(MORNING)
    assert mail.rows("select state, reason from quarantine_row") == [("held", mail.rows(REASON)[0][0])]


REASON = "select reason from intake_item"
ROW = "select state, decided_by, decision_note from quarantine_row"
MADE = "select (select count(*) from lead), (select count(*) from activity), (select count(*) from process_inbox)"


def test_a_released_mail_makes_its_lead_exactly_once(mail: StoredMail) -> None:
    spam(mail)
    raw = mail.rows("select raw, sha256 from intake_item")
    assert decide(mail, "release", 1, note="a client").counts == {
        "released": 1,
        "leads": 1,
        "activities": 0,
        "ignored": 0,
    }
    again = decide(mail, "release", 1)
    assert (again.counts, again.notes) == ({"left": 1}, ("quarantine row 1 was released already by person:1",))
    assert mail.rows(ROW) == [("released", "person:1", "a client")]
    assert mail.rows("select state, reason, entity from intake_item") == [("settled", "released by person:1", "lead")]
    assert mail.rows(MADE) == [(1, 1, 1)]
    assert mail.rows("select kind, entity, entity_id, actor from event where kind like 'quarantine%'") == [
        ("quarantine.released", "intake_item", 1, "person:1")
    ]
    assert mail.rows("select raw, sha256 from intake_item") == raw


def test_the_time_to_take_a_released_lead_runs_from_its_release(mail: StoredMail) -> None:
    spam(mail)
    decide(mail, "release", 1)
    with mail.desk.engine.connect() as connection:
        [due] = connection.scalars(sa.select(schema.lead.c.take_due_at))
    assert due > NOON


def test_what_the_gate_refused_is_taken_when_a_person_says_so(mail: StoredMail) -> None:
    mail.put(message("long", "petr@example.com"), MORNING)
    mail.settle(MORNING, refused={0: ("subject must be short",)})
    assert mail.rows(REASON) == [("gate: subject must be short",)]
    assert decide(mail, "release", 1).counts["leads"] == 1


def test_a_mail_without_sender_needs_a_fix(mail: StoredMail) -> None:
    mail.put(
        b"Subject: help\r\nMessage-ID: <n@example.com>\r\n\r\n\xcf\xf0\xe8\xe2\xe5\xf2, \xed\xe0\xf1\xee\xf1", MORNING
    )
    mail.settle(MORNING)
    refused = decide(mail, "release", 1)
    assert refused.counts == {"left": 1}
    assert "no sender address" in refused.notes[0]
    assert mail.rows(ROW)[0][0] == "held"
    assert decide(mail, "fix", 1, correction=Correction("petr@example.com", "cp1251")).counts["leads"] == 1
    assert mail.rows("select mail from lead") == [("petr@example.com",)]
    assert mail.rows("select body_text from activity") == [("Привет, насос",)]


def test_a_rejected_mail_stays_with_its_reason_and_waits_for_nobody(mail: StoredMail) -> None:
    spam(mail)
    with mail.desk.engine.connect() as connection:
        assert count_held(connection) == 1
    assert decide(mail, "reject", 1, note="an advertisement").counts == {"rejected": 1}
    assert mail.rows(ROW) == [("rejected", "person:1", "an advertisement")]
    assert mail.rows("select state from intake_item") == [("quarantined",)]
    assert mail.rows(MADE) == [(0, 0, 0)]
    with mail.desk.engine.connect() as connection:
        assert count_held(connection) == 0


def test_many_deciders_at_once_make_one_lead(mail: StoredMail) -> None:
    spam(mail)
    found: list[Ruled] = []
    threads = [Thread(target=lambda: found.append(decide(mail, "release", 1))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(one.counts.get("released", 0) for one in found) == 1
    assert mail.rows(MADE) == [(1, 1, 1)]


def test_one_row_that_cannot_be_decided_stops_no_other(mail: StoredMail) -> None:
    spam(mail)
    ruled = decide(mail, "release", 99, 1, 1)
    assert ruled.counts["released"] == 1
    assert ruled.notes == ("quarantine row 99 is not there",)


def test_a_call_line_is_released_when_it_parses_today(mail: StoredMail) -> None:
    held = {"source": "pbx", "reason": "gate: duration", "at": MORNING}
    mail.add(schema.quarantine_row, **held, row_key="Master.csv:3", raw=LINE.format(start="2026-11-17 09:00:00"))
    mail.add(schema.quarantine_row, **held, row_key="Master.csv:4", raw=LINE.format(start="yesterday"))
    mail.add(schema.quarantine_row, **held, row_key="queue_log:5", raw="1795413600|1795413600.1|600|NONE|ENTERQUEUE||7")
    ruled = decide(mail, "release", 1, 2, 3)
    assert ruled.counts == {"released": 2, "left": 1}
    assert "is no record today either: a time is not written" in ruled.notes[0]
    assert mail.rows("select source, file_line, call_id from call_leg") == [("pbx", "Master.csv:3", None)]
    assert mail.rows("select file_line from queue_event") == [("queue_log:5",)]
    assert decide(mail, "reject", 2, note="damaged").counts == {"rejected": 1}


def test_the_balance_counts_a_released_line_once(mail: StoredMail) -> None:
    position = {"line": 1, "generation": 1}
    with mail.desk.engine.begin() as connection:
        row = {"source": "calls:pbx:Master.csv", "position": position, "seen_total": 1, "updated_at": MORNING}
        connection.execute(sa.insert(schema.source_cursor).values(row))
    raw = LINE.format(start="2026-11-17 09:00:00")
    mail.add(schema.quarantine_row, source="pbx", row_key="Master.csv:1", reason="x", at=MORNING, raw=raw)
    for _ in range(2):
        with mail.desk.engine.connect() as connection:
            assert [balance_log(one).is_balanced for one in count_logs(connection, {"pbx"})] == [True]
        decide(mail, "release", 1)


def test_a_held_process_item_is_tried_again(mail: StoredMail) -> None:
    with mail.desk.engine.begin() as connection:
        hold_item(connection, "lead:1", "broken", "x", MORNING)
    assert decide(mail, "release", 1).counts == {"released": 1}
    with mail.desk.engine.connect() as connection:
        assert held_items(connection) == set()


def test_somebody_unknown_decides_nothing(mail: StoredMail) -> None:
    with pytest.raises(UsageError, match="nobody on the staff"):
        decide(mail, "release", 1, who="stranger@example.com")
