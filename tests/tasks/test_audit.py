"""The nightly audit on both engines, against a real IMAP server: what is lost or invented is found, by its key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from sql import schema
from tasks.audit import balance_sources, check_tables, compile_findings, find_left_overs, plan_alarm, publish_audit
from tasks.desk import Desk
from tasks.gateways.imap_census import take_census
from tasks.gateways.secrets_source import SecretSource
from tasks.gateways.store.connection import writing
from tasks.rules.audit import AuditFindings
from tasks.rules.balance import Difference, SourceBalance
from tasks.rules.office import CallLog, Person, Telephony
from tests.samples.desks import desk_with
from tests.samples.mail_room import EVENING, MORNING, PASSWORD, MailRoom, free_port, message, pymap_room
from tests.samples.small_office import small_office

TEMPLATES = Path(__file__).resolve().parents[2] / "deployments" / "office" / "templates"
NIGHT = EVENING + timedelta(hours=6)
PEOPLE = (
    Person("viktor", "Виктор", "viktor@north-service.example", ("chief", "administrator")),
    Person("olga", "Ольга", "olga@north-service.example", ("operator",)),
)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailRoom]:
    """A mailbox with four mails, one of which comes just before the audit."""
    with pymap_room(tmp_path_factory.mktemp("mail")) as opened:
        for number in range(3):
            opened.put(f"m{number}", message(f"m{number}"), at=MORNING + timedelta(minutes=number))
        take_census(opened.mailbox, PASSWORD, lambda _: set())  # these have their numbers now, the next one comes last
        opened.put("fresh", message("fresh"), at=NIGHT - timedelta(minutes=5))
        yield opened


@dataclass(frozen=True, slots=True)
class Night:
    """An office whose mailbox is running, and its store."""

    desk: Desk
    room: MailRoom

    def store(self, uid: int, state: str = "settled") -> None:
        """Keep a mail as taken in."""
        census = take_census(self.room.mailbox, PASSWORD, lambda _: set())
        row = {
            "source": "office",
            "natural_key": f"INBOX:{census.uidvalidity}:{uid}",
            "meaning_key": str(uid),
            "sha256": "0" * 64,
            "raw": b"",
            "size_bytes": 100,
            "received_at": MORNING,
            "fetched_at": MORNING,
            "state": state,
            "reason": "spam",
            "settled_at": MORNING,
        }
        with writing(self.desk.engine) as connection:
            connection.execute(sa.insert(schema.intake_item).values(row))

    def insert(self, table: sa.Table, *rows: dict[str, object]) -> None:
        """Put rows into the store."""
        with writing(self.desk.engine) as connection:
            connection.execute(sa.insert(table), list(rows))

    def balances(self) -> dict[str, SourceBalance]:
        """The balance by source."""
        return {one.source: one for one in balance_sources.fn(self.desk, NIGHT)}


@pytest.fixture
def night(engine: sa.Engine, room: MailRoom, tmp_path: Path) -> Night:
    """The office at night, with nothing stored."""
    office = replace(small_office(TEMPLATES), mailboxes=(room.mailbox,), people=PEOPLE)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "office-mailbox").write_text(PASSWORD)
    desk = Desk(office, engine, SecretSource(tmp_path / "secrets"), tmp_path / "files", tmp_path / "reports")
    opened = Night(desk, room)
    opened.insert(schema.person, *({"key": one.key, "name": one.name, "mail": one.mail} for one in PEOPLE))
    return opened


def test_a_mailbox_whose_mail_is_all_accounted_for_is_balanced(night: Night) -> None:
    for uid, state in zip(sorted(_uids(night))[:3], ("settled", "quarantined", "ignored"), strict=True):
        night.store(uid, state)
    assert night.balances() == {"mail:office": SourceBalance("mail:office", 3, 1, 1, 1)}


def test_a_lost_row_and_an_extra_row_are_found(night: Night) -> None:
    census = take_census(night.room.mailbox, PASSWORD, lambda _: set())
    first, second, third, _ = sorted(census.uids)
    night.store(first)
    night.store(third)
    night.store(census.next_uid + 5)
    balance = night.balances()["mail:office"]
    prefix = f"uid {census.uidvalidity}:"
    assert balance.differences == (
        Difference("mail:office", f"{prefix}{second}", "not_stored"),
        Difference("mail:office", f"{prefix}{census.next_uid + 5}", "never_there"),
    )
    assert (balance.seen, balance.settled) == (3, 2)


def test_what_is_still_new_is_found(night: Night) -> None:
    for uid in sorted(_uids(night))[:3]:
        night.store(uid, "new")
    wrongs = [one.wrong for one in night.balances()["mail:office"].differences]
    assert wrongs == ["not_settled"] * 3


def test_a_mailbox_that_cannot_be_asked_does_not_stop_the_others(night: Night) -> None:
    for uid in sorted(_uids(night))[:3]:
        night.store(uid)
    mailbox = night.room.mailbox
    far = replace(mailbox, name="far", port=free_port())
    locked = replace(mailbox, name="locked", secret="not-there")
    office = replace(night.desk.office, mailboxes=(far, locked, mailbox, replace(far, name="off", is_active=False)))
    found = {one.source: one for one in balance_sources.fn(desk_with(night.desk, office), NIGHT)}
    assert found["mail:office"].is_balanced
    assert [found[name].differences[0].wrong for name in ("mail:far", "mail:locked")] == ["not_checked"] * 2
    assert "mail:off" not in found


def test_call_log_lines_are_counted_against_their_rows(night: Night) -> None:
    log = CallLog("pbx", "/var/log/asterisk", "Europe/Moscow")
    desk = desk_with(night.desk, replace(night.desk.office, mailboxes=(), telephony=Telephony(logs=(log,))))
    position = {"line": 3, "generation": 1}
    night.insert(
        schema.source_cursor,
        {"source": "calls:pbx:Master.csv", "position": position, "seen_total": 3, "updated_at": NIGHT},
        {"source": "calls:other:Master.csv", "position": position, "seen_total": 9, "updated_at": NIGHT},
    )
    night.insert(schema.call_leg, _leg(1), _leg(2))
    refused = {"source": "pbx", "row_key": "Master.csv:3", "reason": "x", "raw": "x", "at": NIGHT}
    night.insert(schema.quarantine_row, refused)
    assert [(one.seen, one.settled, one.is_balanced) for one in balance_sources.fn(desk, NIGHT)] == [(3, 2, True)]
    with writing(desk.engine) as connection:
        connection.execute(sa.delete(schema.call_leg).where(schema.call_leg.c.file_line == "Master.csv:2"))
    (balance,) = balance_sources.fn(desk, NIGHT)
    assert balance.differences == (Difference("calls:pbx:Master.csv", "Master.csv:2", "uneven", "3 ≠ 1 + 1"),)


def test_left_overs_are_found(night: Night) -> None:
    early = NIGHT - timedelta(hours=2)
    night.insert(
        schema.outbox,
        _mail(1, state="ambiguous"),
        _mail(2, state="claimed", claimed_until=early),
        _mail(3, not_before=NIGHT - timedelta(days=2)),
        _mail(4),
        _mail(5, state="sent"),
        _mail(6, state="ambiguous", channel="xmpp"),
    )
    event = {"at": early, "entity": "lead", "entity_id": 1, "kind": "x", "actor": "clock", "data": {}}
    night.insert(schema.event, event | {"key": "old"}, event | {"key": "new"})
    with writing(night.desk.engine) as connection:
        old, new = connection.scalars(sa.select(schema.event.c.id).order_by(schema.event.c.id))
    waiting = {"entity": "lead", "entity_id": 1}
    night.insert(
        schema.process_inbox, waiting | {"event_id": old, "at": early}, waiting | {"event_id": new, "at": NIGHT}
    )
    ran = {"flow": "intake-mail", "as_of": early, "started_at": early}
    night.insert(schema.flow_ledger, ran | {"ended_at": early}, ran | {"flow": "dispatch-outbox", "ended_at": None})
    assert [(one.key, one.wrong) for one in find_left_overs.fn(night.desk, NIGHT)] == [
        ("outbox:1", "perhaps_sent"),
        ("outbox:2", "sender_gone"),
        ("outbox:3", "not_sent"),
        (f"event:{old}", "not_taken"),
        ("dispatch-outbox", "no_run"),
    ]


def test_the_alarm_is_planned_once_a_day_and_only_when_something_differs(night: Night) -> None:
    clean = AuditFindings((), (), (), (), 3)
    assert plan_alarm.fn(night.desk, clean, NIGHT) == 0
    broken = replace(clean, left_over=tuple(Difference("outbox", f"outbox:{n}", "perhaps_sent") for n in range(25)))
    assert plan_alarm.fn(night.desk, broken, NIGHT) == 1
    assert plan_alarm.fn(night.desk, broken, NIGHT + timedelta(hours=1)) == 0
    with writing(night.desk.engine) as connection:
        (row,) = connection.execute(sa.select(schema.outbox)).all()
    assert (row.recipient, row.subject) == ("viktor@north-service.example", "Ночная сверка: расхождений 25")


def test_a_row_that_breaks_a_promise_is_found_and_shown(night: Night) -> None:
    night.insert(schema.contact, {"name": "x", "created_at": NIGHT})
    points = ({"contact_id": 1, "kind": "phone", "value": v, "raw": v} for v in ("+79000000501", "89000000502"))
    night.insert(schema.contact_point, *points)
    tables = check_tables.fn(night.desk, NIGHT)
    findings = compile_findings(night.desk, (), (), tables)
    assert findings.counts()["failed_expectations"] == 1
    assert [(one.key, one.wrong) for one in findings.differences] == [("contact_point:2", "broken")]
    page = publish_audit.fn(night.desk, findings, tables, NIGHT, 14)
    shown = "".join(file.read_text(encoding="utf-8") for file in page.parent.rglob("*.html"))
    assert "contact_point:2" in shown
    assert "89000000502" not in shown


def _uids(night: Night) -> frozenset[int]:
    return take_census(night.room.mailbox, PASSWORD, lambda _: set()).uids


def _leg(line: int) -> dict[str, object]:
    return {
        "source": "pbx",
        "natural_key": str(line),
        "linked_id": "1",
        "started_at": MORNING,
        "ended_at": MORNING,
        "duration_seconds": 0,
        "talk_seconds": 0,
        "disposition": "busy",
        "raw_line": "",
        "file_line": f"Master.csv:{line}",
    }


def _mail(number: int, **changes: object) -> dict[str, object]:
    row: dict[str, object] = {
        "key": str(number),
        "kind": "notice",
        "channel": "mail",
        "recipient": "olga@north-service.example",
        "recipient_ref": "person:2",
        "subject": "x",
        "raw": b"",
        "message_id": f"<{number}@north-service.example>",
        "policy": "ask",
        "state": "planned",
        "planned_at": MORNING,
        "not_before": NIGHT,
        "entity": "lead",
        "entity_id": 1,
        "claimed_until": None,
    }
    return row | changes
