"""Mailboxes side by side on both engines: what hangs or fails delays no other, and is seen."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from sql import schema
from tasks import mail, mailbox_visits
from tasks.desk import Desk
from tasks.gateways import imap_connection
from tasks.gateways.store.connection import writing
from tasks.mail import MailFetch, fetch_mail, fetch_mailboxes
from tasks.mailbox_health import health_rows, mailbox_fails, mailbox_is_well
from tasks.mailbox_visits import take_mailbox
from tasks.rules.errors import CredentialError, OutsideError, StoreError
from tasks.rules.office import Person
from tests.samples.desks import desk_with
from tests.samples.mail_desk import open_mail_desk, rows
from tests.samples.mail_room import EVENING, MORNING, MailRoom, free_port, message, pymap_room

_NUMBERS = count()
TEMPLATES = Path(__file__).resolve().parents[2] / "deployments" / "office" / "templates"
VIKTOR = Person("viktor", "Виктор", "viktor@north-service.example", ("chief", "administrator"), language="en")
OLGA = Person("olga", "Ольга", "olga@north-service.example", ("operator", "administrator"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailRoom]:
    with pymap_room(tmp_path_factory.mktemp("pymap")) as opened:
        yield opened


@dataclass(frozen=True, slots=True)
class House:
    """A desk whose office has the mailbox `office` and a second one, `far`, at a port where nobody answers."""

    desk: Desk
    room: MailRoom

    def run(self, names: list[str], now: datetime = EVENING) -> MailFetch:
        return fetch_mail.fn(self.desk, names, [], now)

    def with_far(self, **changes: object) -> House:
        near, far = self.desk.office.mailboxes
        boxes = (near, replace(far, **changes))  # type: ignore[arg-type]  # a dict of mixed fields
        return House(desk_with(self.desk, replace(self.desk.office, mailboxes=boxes)), self.room)


@pytest.fixture
def house(engine: sa.Engine, server: MailRoom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr(mailbox_visits, "_AGAIN_AFTER_SECONDS", 0.0)
    room = server.new_folder(f"v{next(_NUMBERS)}")
    desk, _ = open_mail_desk(engine, room, tmp_path)
    with writing(engine) as connection:
        connection.execute(sa.insert(schema.person), [{"key": "viktor", "name": VIKTOR.name, "mail": VIKTOR.mail}])
    boxes = (room.mailbox, replace(room.mailbox, name="far", port=free_port()))
    office = replace(desk.office, mailboxes=boxes, people=(VIKTOR, OLGA), templates=str(TEMPLATES))
    return House(desk_with(desk, office), room)


@contextmanager
def deaf_server() -> Iterator[int]:
    """A server that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listening:
        yield listening.getsockname()[1]


def test_one_that_hangs_delays_no_other(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap_connection, "READ_SECONDS", 60)
    monkeypatch.setattr(mail, "_PATIENCE_SECONDS", 3.0)
    house.room.put("new", message("new"))
    began = time.monotonic()
    with deaf_server() as port:
        fetch = house.with_far(port=port).run(["office", "far"])
        assert time.monotonic() - began < 40
        assert fetch.counts == {"seen": 1, "fetched": 1}
        assert not fetch.wait(0.0)
        monkeypatch.setattr(mailbox_visits, "STUCK_SECONDS", 0.0)
        assert fetch.wait(0.0)
    assert [str(error) for error in fetch.errors] == ["mailbox far: the server says nothing more, and is left alone"]
    fetch.require_one()


def test_a_read_without_an_answer_ends_by_itself(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap_connection, "CONNECT_SECONDS", 0.2)
    monkeypatch.setattr(mailbox_visits, "_FLICKER_SECONDS", 0.1)
    with deaf_server() as port:
        fetch = house.with_far(port=port).run(["far"])
    assert [str(error).split(":")[1].strip() for error in fetch.errors] == ["cannot reach 127.0.0.1"]
    with pytest.raises(OutsideError, match="timed out"):
        fetch.require_one()


def test_many_mailboxes_are_taken_side_by_side(house: House) -> None:
    house.room.put("new", message("new"))
    near = house.desk.office.mailboxes[0]
    boxes = tuple(replace(near, name=f"box{number}") for number in range(12))
    desk = desk_with(house.desk, replace(house.desk.office, mailboxes=boxes))
    fetch = fetch_mail.fn(desk, [box.name for box in boxes], [], EVENING)
    while not fetch.wait(10):  # this machine may be slower than the flow's patience
        pass
    assert fetch.counts == {"seen": 12, "fetched": 12}
    assert rows(desk.engine, "select count(distinct source), count(distinct meaning_key) from intake_item") == [(12, 1)]


def test_a_failing_box_is_tried_once_more_and_the_failure_counts_once(house: House) -> None:
    [error] = house.run(["office", "far"]).errors
    assert str(error).startswith("mailbox far: cannot reach")
    assert rows(house.desk.engine, "select source, failure_count from source_health order by source") == [
        ("mail:far", 1),
        ("mail:office", 0),
    ]


def test_a_box_rests_after_failures_unless_it_is_named(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[list[str]] = []
    told: list[str] = []

    def remember(_desk: Desk, names: list[str], notes: list[str], _now: datetime) -> None:
        tried.append(names)
        told.extend(notes)

    monkeypatch.setattr(mail, "fetch_mail", remember)
    for minute in range(2):
        fetch_mailboxes(house.desk, [], MORNING)
        mailbox_fails(house.desk, "far", "gone", MORNING + timedelta(minutes=minute))
    fetch_mailboxes(house.desk, [], MORNING + timedelta(minutes=5))
    assert told == ["mailbox far: failed 2 times in a row and rests until 09:06; named explicitly it is tried at once"]
    fetch_mailboxes(house.desk, ["far"], MORNING + timedelta(minutes=5))
    fetch_mailboxes(house.desk, [], MORNING + timedelta(minutes=6))
    assert tried == [["office", "far"], ["office", "far"], ["office"], ["far"], ["office", "far"]]


def test_failing_and_recovering_are_one_event_each_and_one_alarm(house: House) -> None:
    mailbox_is_well(house.desk, "far", MORNING)
    for _ in range(2):
        for minute in (5, 10, 15, 20):
            mailbox_fails(house.desk, "far", "mailbox far: gone", MORNING + timedelta(minutes=minute))
    assert mailbox_is_well(house.desk, "far", MORNING + timedelta(minutes=25))
    assert not mailbox_is_well(house.desk, "far", MORNING + timedelta(minutes=30))
    assert rows(house.desk.engine, "select kind from event where entity = 'mailbox' order by id") == [
        ("mailbox-failed",),
        ("mailbox-recovered",),
    ]
    told = rows(house.desk.engine, "select recipient, subject from outbox where entity = 'alarm' order by recipient")
    assert told == [
        ("olga@north-service.example", "Почтовый ящик far не читается"),
        ("viktor@north-service.example", "Mailbox far cannot be read"),
    ]
    mailbox_fails(house.desk, "far", "again", MORNING + timedelta(minutes=35))
    assert rows(house.desk.engine, "select count(*) from event where kind = 'mailbox-failed'") == [(2,)]


def test_one_failure_is_no_alarm(house: House) -> None:
    mailbox_fails(house.desk, "far", "gone", MORNING)
    mailbox_fails(house.desk, "far", "gone", MORNING)
    assert rows(house.desk.engine, "select count(*) from outbox where entity = 'alarm'") == [(0,)]


def test_the_table_says_how_each_mailbox_is(house: House) -> None:
    mailbox_is_well(house.desk, "office", MORNING)
    for _ in range(2):
        mailbox_fails(house.desk, "far", "mailbox far: gone", MORNING)
    near, far = health_rows(house.desk, MORNING)
    assert (near["state"], near["last read"], near["next try"]) == ("reads", "2026-11-17 09:00", "at the next run")
    assert (far["state"], far["last read"], far["last error"]) == ("fails, waits", "never", "mailbox far: gone")
    assert far["next try"] == "2026-11-17 09:05"


def test_a_missing_secret_is_a_failure_of_that_box_only(house: House) -> None:
    house.room.put("new", message("new"))
    fetch = house.with_far(secret="not-there").run(["office", "far"])
    assert [type(error) for error in fetch.errors] == [CredentialError]
    assert fetch.counts["fetched"] == 1


def test_a_failing_store_is_no_fault_of_a_mailbox(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.room.put("new", message("new"))

    def full(*_args: object) -> int:
        raise StoreError("the database failed: disk full")

    monkeypatch.setattr(mailbox_visits, "store_batch", full)
    with pytest.raises(StoreError):
        house.run(["office"])
    assert rows(house.desk.engine, "select count(*) from source_health") == [(0,)]


def test_an_answer_nobody_foresaw_stops_no_other_box(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.room.put("new", message("new"))
    usual = mailbox_visits.take_mailbox

    def odd(desk: Desk, mailbox: object, now: datetime, visit: object) -> dict[str, int]:
        if mailbox is desk.office.mailboxes[1]:
            raise IndexError("pop from empty list")
        return usual(desk, mailbox, now, visit)  # type: ignore[arg-type]

    monkeypatch.setattr(mailbox_visits, "take_mailbox", odd)
    fetch = house.run(["office", "far"])
    assert [str(error) for error in fetch.errors] == ["mailbox far: failed unexpectedly: IndexError"]
    assert fetch.counts["fetched"] == 1


def test_every_folder_is_taken_and_a_missing_one_stops_no_other(house: House, server: MailRoom) -> None:
    other = server.new_folder(f"v{next(_NUMBERS)}")
    house.room.put("one", message("one"))
    other.put("two", message("two"))
    box = replace(house.room.mailbox, folders=(house.room.name, "Nowhere", other.name))
    with pytest.raises(OutsideError, match="folder 'Nowhere' cannot be opened"):
        take_mailbox(house.desk, box, EVENING)
    keys = rows(house.desk.engine, "select natural_key from intake_item order by id")
    assert [key.split(":")[0] for (key,) in keys] == [house.room.name, other.name]


def test_two_fetchers_at_once_store_each_mail_once(house: House) -> None:
    for number in range(30):
        house.room.put(f"m{number}", message(f"m{number}"))
    start = threading.Barrier(3)
    failed: list[BaseException] = []

    def work() -> None:
        start.wait()
        try:
            take_mailbox(house.desk, house.room.mailbox, EVENING)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failed
    assert rows(house.desk.engine, "select count(*), count(distinct natural_key) from intake_item") == [(30, 30)]
    assert rows(house.desk.engine, "select seen_total from source_cursor where source like 'mail:%'") == [(30,)]


def test_the_first_run_leaves_older_mail_and_says_so(house: House) -> None:
    midnight = MORNING - timedelta(hours=9)  # in Moscow
    house.room.put("old", message("old"), at=midnight - timedelta(seconds=1))
    house.room.put("new", message("new"), at=midnight)
    near, far = house.desk.office.mailboxes
    limited = replace(near, take_from=date(2026, 11, 17))
    desk = desk_with(house.desk, replace(house.desk.office, mailboxes=(limited, far)))
    fetch = fetch_mail.fn(desk, ["office"], [], EVENING)
    assert fetch.counts == {"seen": 1, "fetched": 1, "passed_over": 1}
    assert fetch.notes == ["mailbox office: 1 message(s) were passed over on the first run, received before 2026-11-17"]
    assert fetch_mail.fn(desk, ["office"], [], EVENING).notes == []
