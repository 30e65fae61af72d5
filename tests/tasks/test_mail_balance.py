"""The balance of mailboxes with several folders, a limited first run, or POP3."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from tasks.gateways.store.connection import writing
from tasks.mail_balance import balance_mailbox
from tasks.mailbox_visits import take_mailbox
from tasks.rules.balance import Difference
from tests.samples.drop_room import ScriptedDrop, drop_mailbox, scripted_drop, traced
from tests.samples.mail_desk import open_mail_desk
from tests.samples.mail_room import EVENING, MORNING, MailRoom, message, pymap_room

_NUMBERS = count()
NIGHT = EVENING + timedelta(hours=6)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailRoom]:
    with pymap_room(tmp_path_factory.mktemp("pymap")) as opened:
        yield opened


def forget(engine: sa.Engine, condition: str) -> None:
    """Lose rows, as nobody should."""
    with writing(engine) as connection:
        connection.execute(sa.text(f"delete from intake_item where {condition}"))  # noqa: S608


def test_each_folder_has_its_balance(engine: sa.Engine, server: MailRoom, tmp_path: Path) -> None:
    first, second = (server.new_folder(f"b{next(_NUMBERS)}") for _ in range(2))
    first.put("one", message("one"))
    second.put("two", message("two"))
    desk, _ = open_mail_desk(engine, first, tmp_path)
    mailbox = replace(first.mailbox, folders=(first.name, second.name))
    take_mailbox(desk, mailbox, EVENING)
    forget(engine, f"natural_key like '{second.name}:%'")
    one, two = balance_mailbox(desk, mailbox, NIGHT)
    assert (one.source, one.seen, one.waiting) == (f"mail:office:{first.name}", 1, 1)
    assert [difference.wrong for difference in two.differences] == ["not_stored"]


def test_what_the_first_run_passed_over_is_counted_and_not_missing(
    engine: sa.Engine, server: MailRoom, tmp_path: Path
) -> None:
    room = server.new_folder(f"b{next(_NUMBERS)}")
    for number in range(3):
        room.put(f"old{number}", message(f"old{number}"), at=MORNING - timedelta(days=5))
    room.put("new", message("new"))
    desk, _ = open_mail_desk(engine, room, tmp_path)
    mailbox = replace(room.mailbox, take_from=date(2026, 11, 17))
    take_mailbox(desk, mailbox, EVENING)
    [balance] = balance_mailbox(desk, mailbox, EVENING)
    assert (balance.seen, balance.waiting, balance.passed_over, balance.is_balanced) == (1, 1, 3, True)
    room.put("moved-in", message("moved-in"), at=MORNING - timedelta(days=5))
    [balance] = balance_mailbox(desk, mailbox, EVENING)
    assert [difference.wrong for difference in balance.differences] == ["not_stored"]


def test_a_maildrop_has_its_balance(engine: sa.Engine, server: MailRoom, tmp_path: Path) -> None:
    desk, _ = open_mail_desk(engine, server, tmp_path)
    with scripted_drop(ScriptedDrop()) as drop:
        mailbox = drop_mailbox(drop.port, take_from=date(2026, 11, 17))
        drop.put("old", traced(message("old"), MORNING - timedelta(days=5)))
        for name in ("one", "two", "three"):
            drop.put(name, traced(message(name)))
        take_mailbox(desk, mailbox, EVENING)
        drop.mails.pop("three")
        [balance] = balance_mailbox(desk, mailbox, EVENING)
        assert (balance.seen, balance.waiting, balance.passed_over, balance.gone) == (2, 2, 1, 1)
        assert balance.is_balanced
        forget(engine, "natural_key = 'pop3:two'")
        [balance] = balance_mailbox(desk, mailbox, NIGHT)
    assert balance.differences == (
        Difference("mail:office", "uid 0:3", "not_stored"),
        *(difference for difference in balance.differences if difference.wrong == "not_settled"),
    )
