"""Fetching by POP3: from a small server with faults on order everywhere, from Dovecot where CI installs it."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tasks.gateways import pop3_mailbox
from tasks.gateways.pop3_mailbox import fetch_new_pop3
from tasks.rules.errors import CredentialError, OutsideError
from tasks.rules.mail.fetched import FetchedBatch, FetchedMail, Ledger, Position, Visit
from tasks.rules.office import Mailbox
from tests.samples.drop_room import DropRoom, ScriptedDrop, dovecot_drop, drop_mailbox, scripted_drop, traced
from tests.samples.mail_room import EVENING, MORNING, PASSWORD, free_port, message


@pytest.fixture
def scripted() -> Iterator[ScriptedDrop]:
    with scripted_drop(ScriptedDrop()) as drop:
        yield drop


@pytest.fixture(params=["scripted", pytest.param("dovecot", marks=pytest.mark.debian)])
def drop(request: pytest.FixtureRequest) -> Iterator[DropRoom]:
    """A maildrop. As root Dovecot reads mail as nobody, whom pytest's private folders do not let in."""
    if request.param == "scripted":
        yield request.getfixturevalue("scripted")
        return
    with TemporaryDirectory(prefix="callout-", ignore_cleanup_errors=True) as base:
        Path(base).chmod(0o755)
        with dovecot_drop(Path(base)) as opened:
            yield opened


class Store:
    """Remembers what was committed, as the ledger does."""

    def __init__(self) -> None:
        self.keys: dict[str, FetchedMail] = {}
        self.position = Position()
        self.passed_over = 0

    def stored_keys(self, natural_keys: Sequence[str]) -> set[str]:
        return set(natural_keys) & self.keys.keys()

    def look(
        self, mailbox: Mailbox, until: datetime = EVENING, since: datetime | None = None, password: str = PASSWORD
    ) -> Generator[FetchedBatch, None, None]:
        visit = Visit(mailbox, password, "INBOX", until, since)
        return fetch_new_pop3(visit, self.position, Ledger(lambda _identities: set(), self.stored_keys))

    def commit(self, batch: FetchedBatch) -> None:
        self.keys |= {mail.natural_key: mail for mail in batch.mails}
        self.position = batch.position
        self.passed_over += batch.passed_over_count

    def take(self, mailbox: Mailbox, **more: Any) -> list[FetchedMail]:
        found: list[FetchedMail] = []
        for batch in self.look(mailbox, **more):
            self.commit(batch)
            found += batch.mails
        return found


@pytest.fixture
def store() -> Store:
    return Store()


def test_every_mail_comes_once_with_its_bytes_and_time(drop: DropRoom, store: Store) -> None:
    raws = [
        traced(message("one")),
        traced(message("dots", text=".\n..two\n...\nlast\n")),
        traced(message("long", text="x" * 70_000 + "\n")),
    ]
    for number, raw in enumerate(raws):
        drop.put(f"m{number}", raw)
    found = store.take(drop_mailbox(drop.port))
    assert sorted(mail.raw for mail in found) == sorted(raws)
    assert {mail.received_at for mail in found} == {MORNING}
    assert all(mail.natural_key.startswith("pop3:") for mail in found)
    assert store.take(drop_mailbox(drop.port)) == []
    assert drop.keys_left() == ["m0", "m1", "m2"]


def test_what_is_deleted_is_stored_before(drop: DropRoom, store: Store) -> None:
    for number in range(3):
        drop.put(f"m{number}", traced(message(f"m{number}")))
    deleting = drop_mailbox(drop.port, after_taking="delete")
    with closing(store.look(deleting)) as batches:
        for batch in batches:
            if batch.mails:
                store.commit(batch)
                break
    assert drop.keys_left() == ["m0", "m1", "m2"]
    drop.put("new", traced(message("new")))
    assert [b"<new@" in mail.raw for mail in store.take(deleting)] == [True]
    assert drop.keys_left() == []


def test_later_mail_is_neither_taken_nor_deleted(drop: DropRoom, store: Store) -> None:
    drop.put("late", traced(message("late"), MORNING + timedelta(hours=2)))
    deleting = drop_mailbox(drop.port, after_taking="delete")
    assert store.take(deleting, until=MORNING + timedelta(hours=1)) == []
    assert drop.keys_left() == ["late"]
    assert len(store.take(deleting, until=MORNING + timedelta(hours=2))) == 1


def test_the_first_run_passes_over_what_is_older(drop: DropRoom, store: Store) -> None:
    drop.put("old", traced(message("old"), MORNING - timedelta(days=2)))
    drop.put("undated", message("undated"))
    drop.put("new", traced(message("new")))
    limited = {"since": MORNING - timedelta(days=1)}
    assert len(store.take(drop_mailbox(drop.port), **limited)) == 2
    assert store.passed_over == 1
    drop.put("older", traced(message("older"), MORNING - timedelta(days=9)))
    assert [b"<older@" in mail.raw for mail in store.take(drop_mailbox(drop.port), **limited)] == [True]
    assert store.passed_over == 1


def test_a_limited_first_run_stays_limited_when_it_is_broken_off(drop: DropRoom, store: Store) -> None:
    drop.put("old", traced(message("old"), MORNING - timedelta(days=2)))
    with closing(store.look(drop_mailbox(drop.port), since=MORNING)) as batches:
        store.commit(next(batches))
    assert store.take(drop_mailbox(drop.port), since=MORNING) == []


def test_a_mail_without_a_trace_came_when_it_was_fetched(scripted: ScriptedDrop, store: Store) -> None:
    scripted.put("m", message("m"))
    [mail] = store.take(drop_mailbox(scripted.port))
    assert mail.received_at == EVENING


def test_a_huge_mail_is_kept_with_its_headers_and_a_remark(
    drop: DropRoom, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pop3_mailbox, "MAX_MESSAGE_BYTES", 1000)
    drop.put("huge", traced(message("huge", text="x\n" * 2000)))
    [mail] = store.take(drop_mailbox(drop.port))
    assert b"Message-ID: <huge@example.com>" in mail.raw
    assert len(mail.raw) < 1000 < mail.size_bytes
    assert "headers only" in (mail.remark or "")


def test_batches_are_bounded_by_count_and_bytes(
    scripted: ScriptedDrop, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pop3_mailbox, "_BATCH_MAILS", 3)
    for number in range(7):
        scripted.put(f"m{number}", traced(message(f"m{number}")))
    assert [len(batch.mails) for batch in store.look(drop_mailbox(scripted.port))] == [0, 3, 3, 1]
    monkeypatch.setattr(pop3_mailbox, "_BATCH_BYTES", 1)
    assert [len(batch.mails) for batch in store.look(drop_mailbox(scripted.port))] == [0, *[1] * 7]


def test_equal_ids_are_two_messages(scripted: ScriptedDrop, store: Store) -> None:
    scripted.put("same#1", traced(message("same")))
    scripted.put("same#2", traced(message("same")))
    assert [mail.natural_key for mail in store.take(drop_mailbox(scripted.port))] == ["pop3:same", "pop3:same 2"]


def test_a_message_the_server_refuses_is_asked_for_again(scripted: ScriptedDrop, store: Store) -> None:
    scripted.put("bad", traced(message("bad")))
    scripted.put("good", traced(message("good")))
    scripted.refused = "bad"
    batches = list(store.look(drop_mailbox(scripted.port, after_taking="delete")))
    assert [(len(batch.mails), batch.refused_count) for batch in batches] == [(0, 0), (1, 1)]
    assert scripted.keys_left() == ["bad"]


def test_a_line_cut_inside_a_message_keeps_the_rest_for_the_next_time(scripted: ScriptedDrop, store: Store) -> None:
    scripted.put("whole", traced(message("whole")))
    scripted.put("cut", traced(message("cut")))
    scripted.cut_in = "cut"
    with pytest.raises(OutsideError, match="the server failed: the server closed the line"):
        store.take(drop_mailbox(scripted.port, after_taking="delete"))
    assert scripted.keys_left() == ["cut", "whole"]
    scripted.cut_in = ""
    store.take(drop_mailbox(scripted.port))
    assert len(store.keys) == 2


def test_a_server_without_uidl_is_refused_clearly(scripted: ScriptedDrop, store: Store) -> None:
    scripted.has_uidl = False
    with pytest.raises(OutsideError, match=r"mailbox office: the server has no UIDL, .* use IMAP") as caught:
        store.take(drop_mailbox(scripted.port))
    assert caught.value.is_permanent


def test_a_refused_password_says_so(drop: DropRoom, store: Store) -> None:
    with pytest.raises(CredentialError, match=r"mailbox office: 127\.0\.0\.1 refused the login 'office'"):
        store.take(drop_mailbox(drop.port), password="wrong")


def test_a_busy_maildrop_is_no_wrong_password(scripted: ScriptedDrop, store: Store) -> None:
    scripted.login_answer = b"-ERR [IN-USE] another session\r\n"
    with pytest.raises(OutsideError, match="cannot open it now") as caught:
        store.take(drop_mailbox(scripted.port))
    assert not caught.value.is_permanent


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_server_without_tls_is_not_spoken_to(scripted: ScriptedDrop, store: Store, security: str) -> None:
    with pytest.raises(OutsideError, match="cannot reach"):
        store.take(drop_mailbox(scripted.port, security=security))
    assert "PASS" not in scripted.asked


def test_an_unreachable_server_says_so(store: Store) -> None:
    with pytest.raises(OutsideError, match=r"mailbox office: cannot reach 127\.0\.0\.1:.*refused"):
        store.take(drop_mailbox(free_port()))
