"""The mail intake on both engines, from a real IMAP server to leads, activities and replies."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sql.schema import metadata
from tasks.desk import Desk
from tasks.gateways.attachment_files import path_of
from tasks.gateways.secrets_source import SecretSource
from tasks.gateways.store.connection import open_store, writing
from tasks.gateways.store.intake import store_batch
from tasks.mail import fetch_mailboxes
from tasks.rules.errors import CredentialError, UsageError
from tasks.rules.mail.fetched import FetchedBatch, FetchedMail, Position
from tests.samples.desks import desk_with
from tests.samples.mail_desk import fetch, open_mail_desk, picture, rows, take_in
from tests.samples.mail_kinds import ATTACHED, BOUNCE, DAY, PDF
from tests.samples.mail_room import EVENING, MORNING, MailRoom, message, pymap_room
from tests.samples.small_office import small_office

_NUMBERS = count()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailRoom]:
    with pymap_room(tmp_path_factory.mktemp("pymap")) as opened:
        yield opened


@pytest.fixture
def room(server: MailRoom) -> MailRoom:
    """An empty folder on the running server."""
    return server.new_folder(f"i{next(_NUMBERS)}")


def deliver_day(room: MailRoom) -> None:
    for key, raw in DAY.items():
        room.put(key, raw)


def test_a_day_of_mail(engine: sa.Engine, room: MailRoom, tmp_path: Path) -> None:
    desk, known = open_mail_desk(engine, room, tmp_path)
    deliver_day(room)
    assert fetch(desk, EVENING) == {"seen": len(DAY), "fetched": len(DAY), "refused": 0}
    counts = take_in(desk, EVENING, with_gate=True)
    expected = {
        "leads": 3,
        "activities": 5,
        "replies": 1,
        "ignored": 5,
        "quarantined": 3,
        "duplicates": 1,
        "bounces": 1,
    }
    assert counts == {"interpreted": len(DAY), **expected}
    assert rows(engine, "select mail, phone from lead where channel = 'mail' order by mail") == [
        ("bad@example.com", "+79000000501"),
        ("boris@example.com", "+79000000501"),
        ("petr@example.com", rows(engine, "select phone from lead where mail = 'petr@example.com'")[0][0]),
    ]
    assert rows(engine, "select person_id from activity where subject = 'Отчёт'") == [(known.person_id,)]
    assert rows(engine, "select contact_id, lead_id from activity where subject = 'Вопрос по договору'") == [
        (known.contact_id, None)
    ]
    states = "select count(*) from intake_item where state = 'new' or (state <> 'settled' and reason is null)"
    assert rows(engine, states) == [(0,)]


def test_a_proven_reply_reaches_the_process_and_a_claim_does_not(
    engine: sa.Engine, room: MailRoom, tmp_path: Path
) -> None:
    desk, known = open_mail_desk(engine, room, tmp_path)
    deliver_day(room)
    fetch(desk, EVENING)
    take_in(desk, EVENING)
    reply = "select e.actor, e.entity from event e join process_inbox p on p.event_id = e.id where e.kind = 'reply'"
    assert rows(engine, reply) == [(f"contact:{known.contact_id}", "lead")]
    answers = "select is_reply_verified, answers_id, contact_id from activity where answers_id is not null order by 1"
    assert [(bool(a), b, c) for a, b, c in rows(engine, answers)] == [
        (False, known.outbox_id, None),
        (True, known.outbox_id, known.contact_id),
    ]
    claims = rows(engine, "select reason from intake_item where message_id = '<claim@example.com>'")
    assert claims[0][0].startswith("claims to answer our message")


def test_a_bounce_marks_its_address_and_names_our_message(engine: sa.Engine, room: MailRoom, tmp_path: Path) -> None:
    desk, known = open_mail_desk(engine, room, tmp_path)
    room.put("bounce", BOUNCE)
    fetch(desk, EVENING)
    take_in(desk, EVENING)
    assert rows(engine, "select count(*) from contact_point where undeliverable_at is not null") == [(1,)]
    assert rows(engine, "select entity, entity_id from event where kind = 'bounce'") == [("contact", known.contact_id)]


def test_a_stranger_who_writes_twice_has_one_lead(engine: sa.Engine, room: MailRoom, tmp_path: Path) -> None:
    desk, _ = open_mail_desk(engine, room, tmp_path)
    room.put("stranger", DAY["stranger"])
    room.put("again", DAY["again"])
    fetch(desk, EVENING)
    assert take_in(desk, EVENING)["leads"] == 1
    room.put("act", ATTACHED)
    fetch(desk, EVENING)
    assert take_in(desk, EVENING)["leads"] == 0
    assert rows(engine, "select count(distinct lead_id), count(*) from activity") == [(1, 3)]


def test_attachments_are_kept_by_content_under_safe_names(engine: sa.Engine, room: MailRoom, tmp_path: Path) -> None:
    desk, _ = open_mail_desk(engine, room, tmp_path)
    room.put("act", ATTACHED)
    fetch(desk, EVENING)
    take_in(desk, EVENING)
    [(sha256, name, original, content_type)] = rows(
        engine, "select sha256, file_name, original_name, content_type from document"
    )
    assert (original, content_type) == ("../../act.png", "application/pdf")
    assert name.startswith("mail-")
    assert name.endswith("-01.pdf")
    assert path_of(desk.files, sha256).read_bytes() == PDF
    assert sha256 == hashlib.sha256(PDF).hexdigest()


def test_a_second_run_changes_nothing(engine: sa.Engine, room: MailRoom, tmp_path: Path) -> None:
    desk, _ = open_mail_desk(engine, room, tmp_path)
    deliver_day(room)
    for _ in range(2):
        fetch(desk, EVENING)
        take_in(desk, EVENING)
        first = picture(engine)
    assert fetch(desk, EVENING)["seen"] == 0
    assert take_in(desk, EVENING) == {}
    assert picture(engine) == first


def test_killed_anywhere_and_repeated_the_end_is_the_same(engine: sa.Engine, room: MailRoom, tmp_path: Path) -> None:
    deliver_day(room)
    undisturbed = open_store(f"sqlite:///{tmp_path / 'undisturbed.db'}")
    metadata.create_all(undisturbed)
    quiet, _ = open_mail_desk(undisturbed, room, tmp_path / "undisturbed")
    fetch(quiet, EVENING)
    take_in(quiet, EVENING)
    desk, _ = open_mail_desk(engine, room, tmp_path / "killed")
    for statements in count(1):
        with suppress(Killed), killed_after(engine, statements):
            fetch(desk, EVENING)
            take_in(desk, EVENING)
            break
    assert statements > 10
    assert picture(engine) == picture(undisturbed)
    undisturbed.dispose()


class Killed(BaseException):
    """Stands for the process's end: nothing of the code catches it."""


class killed_after:  # noqa: N801  # reads as a verb where it is used
    """Ends the work at the n-th write statement within the block."""

    def __init__(self, engine: sa.Engine, statements: int) -> None:
        self.engine, self.left = engine, statements

    def __enter__(self) -> None:
        sa.event.listen(self.engine, "before_cursor_execute", self._strike)

    def __exit__(self, *_error: object) -> None:
        sa.event.remove(self.engine, "before_cursor_execute", self._strike)

    def _strike(self, _connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.lstrip().upper().startswith(("INSERT", "UPDATE")):
            return
        self.left -= 1
        if self.left < 0:
            raise Killed


def test_a_renumbered_mailbox_doubles_nothing(engine: sa.Engine, tmp_path: Path) -> None:
    mailbox = tmp_path / "mailbox"
    mailbox.mkdir()
    with pymap_room(mailbox) as room:
        deliver_day(room)
        desk, _ = open_mail_desk(engine, room, tmp_path)
        fetch(desk, EVENING)
        take_in(desk, EVENING)
    before = picture(engine)
    for path in (mailbox / "Maildir").glob("dovecot-uidlist*"):
        path.unlink()
    with pymap_room(mailbox) as room:
        desk = desk_with(desk, replace(desk.office, mailboxes=(room.mailbox,)))
        assert fetch(desk, EVENING)["seen"] == 0
        assert picture(engine) == before
        room.put("fresh", message("fresh", "fresh@example.com"))
        assert fetch(desk, EVENING)["fetched"] == 1
        assert take_in(desk, EVENING)["leads"] == 1


def test_a_number_given_twice_overwrites_nothing(sqlite_engine: sa.Engine, room: MailRoom, tmp_path: Path) -> None:
    desk, _ = open_mail_desk(sqlite_engine, room, tmp_path)
    room.put("stranger", DAY["stranger"])
    fetch(desk, EVENING)
    with writing(sqlite_engine) as connection:
        connection.execute(sa.text("update intake_item set sha256 = 'other'"))
        connection.execute(sa.text("delete from source_cursor"))
    assert fetch(desk, EVENING)["fetched"] == 1
    fetch(desk, EVENING)
    assert rows(sqlite_engine, "select count(*), sum(case when natural_key like '%#%' then 1 else 0 end)"
                               " from intake_item") == [(2, 1)]  # fmt: skip


def test_what_came_later_than_the_moment_is_left_for_later(engine: sa.Engine, room: MailRoom, tmp_path: Path) -> None:
    desk, _ = open_mail_desk(engine, room, tmp_path)
    room.put("late", message("late", "late@example.com"), at=EVENING)
    fetch(desk, MORNING)
    assert take_in(desk, MORNING) == {}
    fetch(desk, EVENING)
    assert take_in(desk, EVENING)["leads"] == 1


def test_the_gate_refuses_a_mail_and_the_others_go_on(engine: sa.Engine, room: MailRoom, tmp_path: Path) -> None:
    desk, _ = open_mail_desk(engine, room, tmp_path)
    room.put("long", message("long", "long@example.com", subject="ю" * 1200))
    room.put("good", message("good", "good@example.com"))
    fetch(desk, EVENING)
    counts = take_in(desk, EVENING, with_gate=True)
    assert (counts["leads"], counts["quarantined"]) == (1, 1)
    [(reason, source)] = rows(engine, "select reason, source from quarantine_row")
    assert reason.startswith("gate: subject must")
    assert source == "mail"


def test_a_mailbox_that_makes_no_leads_keeps_the_letter(engine: sa.Engine, room: MailRoom, tmp_path: Path) -> None:
    desk, _ = open_mail_desk(engine, room, tmp_path)
    quiet = replace(room.mailbox, lead_from_unknown=False)
    desk = desk_with(desk, replace(desk.office, mailboxes=(quiet,)))
    room.put("stranger", DAY["stranger"])
    fetch(desk, EVENING)
    counts = take_in(desk, EVENING)
    assert (counts["leads"], counts["activities"]) == (0, 1)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(st.binary(max_size=300), st.binary(max_size=99).map(DAY["act"].__add__)), max_size=20))
def test_whatever_bytes_come_every_item_ends_with_a_word(
    sqlite_engine: sa.Engine, tmp_path: Path, raws: list[bytes]
) -> None:
    desk = Desk(small_office(tmp_path), sqlite_engine, SecretSource(tmp_path), tmp_path / "files", tmp_path)
    mails = tuple(FetchedMail(f"INBOX:1:{next(_NUMBERS)}", raw, len(raw), MORNING) for raw in [*raws, DAY["client"]])
    with writing(sqlite_engine) as connection:
        store_batch(connection, "office", "mail:office:INBOX", FetchedBatch(mails, Position(1, 1)), EVENING)
    assert take_in(desk, EVENING)["interpreted"] == len(mails)
    silent = "select count(*) from intake_item where state = 'new' or (state <> 'settled' and reason is null)"
    assert rows(sqlite_engine, silent) == [(0,)]


def test_an_unknown_mailbox_is_a_mistake_of_the_caller(
    sqlite_engine: sa.Engine, room: MailRoom, tmp_path: Path
) -> None:
    desk, _ = open_mail_desk(sqlite_engine, room, tmp_path)
    with pytest.raises(UsageError, match="no mailbox 'sales'"):
        fetch_mailboxes(desk, ["sales"], EVENING)


def test_a_missing_password_names_the_places_to_put_it(
    sqlite_engine: sa.Engine, room: MailRoom, tmp_path: Path
) -> None:
    desk, _ = open_mail_desk(sqlite_engine, room, tmp_path)
    (tmp_path / "secrets" / "office-mailbox").unlink()
    with pytest.raises(CredentialError, match="CALLOUT_SECRET_OFFICE_MAILBOX"):
        fetch(desk, EVENING)
