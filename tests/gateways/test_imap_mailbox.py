"""Fetching from real IMAP servers: pymap everywhere, Dovecot where CI installs it."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tasks.gateways import imap_mailbox
from tasks.gateways.imap_mailbox import fetch_new
from tasks.rules.errors import CredentialError, OutsideError
from tasks.rules.mail.fetched import AlreadyStored, FetchedBatch, FetchedMail, Ledger, MailIdentity, Position, Visit
from tasks.rules.mail.uid_ranges import UidRanges
from tasks.rules.office import Mailbox
from tests.samples.mail_room import EVENING, MORNING, PASSWORD, MailRoom, dovecot_room, free_port, message, pymap_room

_NUMBERS = count()
UNREAD = Position()


@pytest.fixture(scope="module", params=["pymap", pytest.param("dovecot", marks=pytest.mark.debian)])
def server(request: pytest.FixtureRequest) -> Iterator[MailRoom]:
    """A running server. As root Dovecot reads mail as nobody, whom pytest's private folders do not let in."""
    with TemporaryDirectory(prefix="callout-", ignore_cleanup_errors=True) as base:
        folder = Path(base)
        folder.chmod(0o755)
        with (pymap_room if request.param == "pymap" else dovecot_room)(folder) as opened:
            yield opened


@pytest.fixture
def room(server: MailRoom) -> MailRoom:
    """An empty folder on the running server."""
    return server.new_folder(f"t{next(_NUMBERS)}")


def nothing_stored(_identities: Sequence[MailIdentity]) -> set[int]:
    return set()


def look(
    mailbox: Mailbox,
    position: Position = UNREAD,
    already_stored: AlreadyStored = nothing_stored,
    *,
    password: str = PASSWORD,
    **more: datetime,
) -> Generator[FetchedBatch, None, None]:
    visit = Visit(mailbox, password, mailbox.folders[0], **{"until": EVENING} | more)
    return fetch_new(visit, position, Ledger(already_stored, lambda _keys: set()))


def fetch(room: MailRoom, position: Position = UNREAD, hours: float = 12) -> list[FetchedBatch]:
    return list(look(room.mailbox, position, until=MORNING + timedelta(hours=hours)))


def mails(batches: list[FetchedBatch]) -> list[FetchedMail]:
    return [mail for batch in batches for mail in batch.mails]


def test_every_mail_comes_once_with_its_bytes_and_time(room: MailRoom) -> None:
    for number in range(3):
        room.put(f"m{number}", message(f"m{number}"), at=MORNING + timedelta(minutes=number))
    first = fetch(room)
    assert sorted(mail.raw.replace(b"\r\n", b"\n") for mail in mails(first)) == sorted(
        message(f"m{number}").replace(b"\r\n", b"\n") for number in range(3)
    )
    assert {mail.received_at for mail in mails(first)} == {MORNING + timedelta(minutes=number) for number in range(3)}
    assert fetch(room, first[-1].position) == []


def test_fetching_changes_nothing_on_the_server(room: MailRoom) -> None:
    room.put("m", message("m"))
    fetch(room)
    names = [path.name for box in ("new", "cur") for path in (room.maildir / box).iterdir()]
    assert len(names) == 1
    assert not names[0].partition(":2,")[2].count("S")


def test_the_cursor_waits_for_mail_that_is_still_to_come(room: MailRoom) -> None:
    room.put("late", message("late"), at=MORNING + timedelta(hours=2))
    first = fetch(room, hours=1)
    assert mails(first) == []
    room.put("early", message("early"))
    second = fetch(room, first[-1].position, hours=1)
    assert [b"early" in mail.raw for mail in mails(second)] == [True]
    third = fetch(room, second[-1].position, hours=2)
    assert [b"late" in mail.raw for mail in mails(third)] == [True]
    assert third[-1].position.waiting == UidRanges()


def test_batches_are_bounded_by_count_and_bytes(room: MailRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap_mailbox, "_BATCH_IDS", 3)
    for number in range(7):
        room.put(f"m{number}", message(f"m{number}"))
    assert [len(batch.mails) for batch in fetch(room)] == [3, 3, 1]
    monkeypatch.setattr(imap_mailbox, "_BATCH_BYTES", 1)
    assert [len(batch.mails) for batch in fetch(room)] == [1] * 7


def test_windows_of_a_large_mailbox(room: MailRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap_mailbox, "_SEARCH_UIDS", 2)
    for number in range(5):
        room.put(f"m{number}", message(f"m{number}"))
    assert len(mails(fetch(room))) == 5


def test_a_huge_mail_is_kept_with_its_headers_and_a_remark(room: MailRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap_mailbox, "MAX_MESSAGE_BYTES", 1000)
    room.put("huge", message("huge", text="x\n" * 2000))
    [mail] = mails(fetch(room))
    assert b"Message-ID: <huge@example.com>" in mail.raw
    assert len(mail.raw) < 1000 < mail.size_bytes
    assert "headers only" in (mail.remark or "")


def test_a_renumbered_mailbox_is_matched_before_anything_is_fetched(room: MailRoom) -> None:
    room.put("known", message("known"))
    room.put("nameless", b"From: a@example.com\r\nSubject: x\r\n\r\ny\r\n")
    room.put("fresh", message("fresh"))
    seen: list[MailIdentity] = []

    def stored(identities: Sequence[MailIdentity]) -> set[int]:
        seen.extend(identities)
        return {identity.uid for identity in identities if identity.key == "<known@example.com>"}

    batches = list(look(room.mailbox, Position(uid_validity=1, uid=99), stored))
    assert batches[0].mails == ()
    assert len(batches[0].position.waiting) == 2
    assert not any(b"known@" in mail.raw for mail in mails(batches))
    assert len(mails(batches)) == 2
    assert sorted(len(identity.key) for identity in seen) == [19, 19, 64]


def test_uids_that_went_backwards_are_a_renumbering(room: MailRoom) -> None:
    room.put("m", message("m"))
    validity = fetch(room)[-1].position.uid_validity
    assert len(mails(fetch(room, Position(validity, uid=500)))) == 1


def test_stopping_half_way_closes_the_connection(room: MailRoom) -> None:
    room.put("m", message("m"))
    with closing(look(room.mailbox)) as batches:
        next(batches)
    assert len(mails(fetch(room))) == 1


def test_a_refused_password_says_so(room: MailRoom) -> None:
    with pytest.raises(CredentialError, match=r"mailbox office: 127\.0\.0\.1 refused the login"):
        list(look(room.mailbox, password="wrong"))


def test_a_missing_folder_says_so(room: MailRoom) -> None:
    with pytest.raises(OutsideError, match="folder 'Archive' cannot be opened"):
        list(look(replace(room.mailbox, folders=("Archive",))))


def test_an_unreachable_server_says_so() -> None:
    away = MailRoom(Path(), free_port()).mailbox
    with pytest.raises(OutsideError, match=rf"mailbox office: cannot reach 127.0.0.1:{away.port}: .*refused"):
        list(look(away))


def test_a_server_without_tls_is_not_spoken_to(room: MailRoom) -> None:
    for security in ("tls", "starttls"):
        secure = replace(room.mailbox, security=security)
        with pytest.raises(OutsideError, match="cannot reach"):
            list(look(secure))


def test_a_password_never_leaves_this_machine_unencrypted() -> None:
    abroad = replace(MailRoom(Path(), 143).mailbox, host="imap.example.com")
    with pytest.raises(OutsideError, match="unencrypted") as caught:
        list(look(abroad))
    assert caught.value.is_permanent


def test_the_first_run_passes_over_what_is_older_and_says_how_much(room: MailRoom) -> None:
    for number, days in enumerate((-9, -1, 0, -2)):
        room.put(f"m{number}", message(f"m{number}"), at=MORNING + timedelta(days=days))
    first = list(look(room.mailbox, since=MORNING - timedelta(hours=1)))
    assert [b"<m2@" in mail.raw for mail in mails(first)] == [True]
    assert sum(batch.passed_over_count for batch in first) == 3
    room.put("moved-in", message("moved-in"), at=MORNING - timedelta(days=5))
    later = list(look(room.mailbox, first[-1].position))
    assert [b"<moved-in@" in mail.raw for mail in mails(later)] == [True]


def test_a_limited_first_run_stays_limited_when_it_is_broken_off(room: MailRoom) -> None:
    for number in range(3):
        room.put(f"old{number}", message(f"old{number}"), at=MORNING - timedelta(days=5))
    with closing(look(room.mailbox, since=MORNING)) as batches:
        position = next(batches).position
    assert mails(fetch(room, position)) == []
    renumbered = replace(position, uid_validity=1)
    assert mails(list(look(room.mailbox, renumbered, lambda _identities: set()))) == []


def test_each_stored_message_accounts_for_one_over_all_questions(
    room: MailRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap_mailbox, "_IDENTITY_IDS", 1)
    for number in range(3):
        room.put(f"m{number}", message("same"))
    asked: list[int] = []

    def one_stored(identities: Sequence[MailIdentity]) -> set[int]:
        asked.extend(identity.uid for identity in identities)
        return {identity.uid for identity in identities if len(asked) == 1}

    assert len(mails(list(look(room.mailbox, Position(uid_validity=1, uid=99), one_stored)))) == 2
    assert len(asked) == 3
