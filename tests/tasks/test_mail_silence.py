"""A mailbox that has gone silent is told once, by whoever looks, and once more it is said when it is heard again."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from deployments.settings import PROJECT
from sql.schema import event, intake_item, outbox, source_health
from tasks.desk import Desk
from tasks.gateways.secrets_source import SecretSource
from tasks.gateways.store.connection import insert, reading, writing
from tasks.gateways.store.office_sync import sync_office
from tasks.gateways.store.source_beats import read_signs, write_beats
from tasks.mail_silence import check_silence
from tasks.rules.office import Mailbox, Person
from tests.samples.small_office import small_office

NOW = datetime(2026, 10, 20, 15, 0, tzinfo=ZoneInfo("Europe/Moscow"))  # a Tuesday
MINUTE = timedelta(minutes=1)
_numbers = itertools.count()


@pytest.fixture
def desk(engine: sa.Engine, tmp_path: Path) -> Desk:
    sales = Mailbox("sales", "sales@north-service.example", "127.0.0.1", 1143, "sales", "sales-mailbox")
    office = small_office(PROJECT / "deployments" / "office" / "templates")
    viktor = Person("viktor", "Виктор", "viktor@north-service.example", ("administrator", "chief"))
    eva = Person("eva", "Eva", "eva@north-service.example", ("administrator",), language="en")
    office = replace(office, mailboxes=(*office.mailboxes, sales), people=(viktor, eva))
    with writing(engine) as connection:
        sync_office(connection, office, NOW)
    return Desk(office, engine, SecretSource(tmp_path), tmp_path, tmp_path)


def arrive(desk: Desk, mailbox: str, *moments: datetime) -> None:
    empty: dict[str, Any] = {"meaning_key": "m", "sha256": "s", "raw": b"", "size_bytes": 1, "source": mailbox}
    rows = [
        {**empty, "natural_key": f"INBOX:1:{next(_numbers)}", "received_at": at, "fetched_at": at} for at in moments
    ]
    with writing(desk.engine) as connection:
        connection.execute(insert(connection, intake_item), rows)


def usual_weeks(until: datetime) -> list[datetime]:
    """Five letters an hour by day, for six weeks."""
    hours = (until - timedelta(hours=n) for n in range(6 * 7 * 24))
    busy = [hour for hour in hours if hour.weekday() < 5 and 9 <= hour.hour < 18]
    return [hour - 10 * MINUTE * n for hour in busy for n in range(5)]


def told(desk: Desk) -> list[str]:
    """The kinds of what happened to mailboxes; both administrators, Russian and English, were told of each silence."""
    with reading(desk.engine) as connection:
        kinds = sa.select(event.c.kind).where(event.c.entity == "mailbox").order_by(event.c.id)
        found = list(connection.scalars(kinds))
        count = connection.scalar(sa.select(sa.func.count()).select_from(outbox))
    assert count == 2 * found.count("mailbox-silent")
    return found


def test_a_silent_mailbox_is_told_once_and_heard_again_once(desk: Desk) -> None:
    arrive(desk, "office", *usual_weeks(NOW))
    assert check_silence.fn(desk, NOW + 20 * MINUTE) == {"silent": 0, "heard_again": 0}
    later = NOW + timedelta(days=1)
    assert check_silence.fn(desk, later) == {"silent": 1, "heard_again": 0}
    assert check_silence.fn(desk, later + 5 * MINUTE) == {"silent": 0, "heard_again": 0}
    arrive(desk, "office", later + 6 * MINUTE)
    assert check_silence.fn(desk, later + 7 * MINUTE) == {"silent": 0, "heard_again": 1}
    assert check_silence.fn(desk, later + 8 * MINUTE) == {"silent": 0, "heard_again": 0}
    assert check_silence.fn(desk, later + timedelta(days=1)) == {"silent": 1, "heard_again": 0}
    assert told(desk) == ["mailbox-silent", "mailbox-heard-again", "mailbox-silent"]


def test_a_mailbox_that_nobody_listens_at_any_more_is_told(desk: Desk) -> None:
    with writing(desk.engine) as connection:
        write_beats(connection, ["office", "sales"], NOW)
    assert check_silence.fn(desk, NOW + 30 * MINUTE)["silent"] == 0  # all the house was asleep
    with writing(desk.engine) as connection:
        read = sa.update(source_health).where(source_health.c.source == "mail:office")
        connection.execute(read.values(last_success_at=NOW + 29 * MINUTE))
    assert check_silence.fn(desk, NOW + 30 * MINUTE)["silent"] == 1
    assert check_silence.fn(desk, NOW + 40 * MINUTE) == {"silent": 0, "heard_again": 0}
    with writing(desk.engine) as connection:
        write_beats(connection, ["office"], NOW + 50 * MINUTE)
    assert check_silence.fn(desk, NOW + 51 * MINUTE) == {"silent": 0, "heard_again": 1}
    assert told(desk) == ["mailbox-silent", "mailbox-heard-again"]


def test_a_new_office_and_a_look_into_the_past_raise_no_alarm(desk: Desk) -> None:
    arrive(desk, "office", *(NOW - n * MINUTE for n in range(200)))
    with writing(desk.engine) as connection:
        write_beats(connection, ["office"], NOW + timedelta(days=20))
    assert check_silence.fn(desk, NOW + timedelta(days=2)) == {"silent": 0, "heard_again": 0}
    assert told(desk) == []


def test_a_beat_leaves_what_fetching_noted(engine: sa.Engine) -> None:
    with writing(engine) as connection:
        row = {"source": "mail:office", "failure_count": 3, "last_error": "gone", "last_success_at": NOW}
        connection.execute(insert(connection, source_health), [row])
        write_beats(connection, ["office", "sales"], NOW + MINUTE)
        signs = read_signs(connection, ["office", "sales", "unknown"])
        assert connection.scalar(sa.select(source_health.c.failure_count).where(source_health.c.failure_count > 0)) == 3
    assert [signs[name].beat_at for name in ("office", "sales", "unknown")] == [NOW + MINUTE, NOW + MINUTE, None]
    assert signs["office"].last_success_at == NOW
