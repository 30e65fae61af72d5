"""Bounces, complaints and claims in the store, on both engines: what they mark, what they show, what they cannot do."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sql import schema
from tasks.desk import Desk
from tasks.gateways.store.connection import writing
from tests.samples.mail_desk import OUR_ID, Known, open_mail_desk, rows, take_in
from tests.samples.mail_kinds import BOUNCE, DAY
from tests.samples.mail_room import EVENING, MORNING, MailRoom, message
from tests.samples.mail_store import put

DOMAIN = "north-service.example"
NAMELESS = BOUNCE.replace(OUR_ID.encode(), b"<unknown@north-service.example>")
COMPLAINT = (
    b"From: abuse@isp.example\r\nSubject: abuse\r\nMessage-ID: <c@isp.example>\r\n"
    b"Content-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n--b\r\n"
    b"Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n"
    b"Original-Rcpt-To: anna@client.example\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: "
    + OUR_ID.encode()
    + b"\r\n--b--\r\n"
)


@pytest.fixture
def desk_known(engine: sa.Engine, tmp_path: Path) -> tuple[Desk, Known]:
    """A desk that has sent one message to Anna."""
    return open_mail_desk(engine, MailRoom(tmp_path, 1), tmp_path)


def sent_at(desk: Desk, outbox_id: int, ago: timedelta) -> None:
    with writing(desk.engine) as connection:
        change = sa.update(schema.outbox).where(schema.outbox.c.id == outbox_id)
        connection.execute(change.values(state="sent", sent_at=MORNING - ago))


def marked(desk: Desk) -> int:
    return int(rows(desk.engine, "select count(*) from contact_point where undeliverable_at is not null")[0][0])


def event(desk: Desk, kind: str) -> tuple[str, int, dict[str, Any]]:
    [(entity, entity_id, data)] = rows(
        desk.engine,
        f"select entity, entity_id, data from event where kind = '{kind}'",  # noqa: S608
    )
    return entity, entity_id, json.loads(data) if isinstance(data, str) else data


def test_a_bounce_that_names_our_message_marks_its_recipient(desk_known: tuple[Desk, Known]) -> None:
    desk, known = desk_known
    put(desk, BOUNCE)
    take_in(desk, EVENING)
    assert marked(desk) == 1
    entity, entity_id, data = event(desk, "bounce")
    assert (entity, entity_id, data["outbox_ids"]) == ("contact", known.contact_id, [known.outbox_id])


@pytest.mark.parametrize(("ago", "is_marked"), [(timedelta(days=2), 1), (timedelta(days=20), 0)])
def test_without_our_message_id_it_counts_only_for_whom_we_wrote_to_lately(
    desk_known: tuple[Desk, Known], ago: timedelta, is_marked: int
) -> None:
    desk, known = desk_known
    sent_at(desk, known.outbox_id, ago)
    put(desk, NAMELESS)
    take_in(desk, EVENING)
    assert marked(desk) == is_marked
    assert event(desk, "bounce")[2]["outbox_ids"] == ([known.outbox_id] if is_marked else [])


def test_a_forged_bounce_marks_nobody(desk_known: tuple[Desk, Known]) -> None:
    desk, _ = desk_known
    put(desk, NAMELESS)
    take_in(desk, EVENING)
    assert marked(desk) == 0
    assert event(desk, "bounce")[0] == "intake_item"


def test_a_late_delivery_marks_nobody(desk_known: tuple[Desk, Known]) -> None:
    desk, _ = desk_known
    put(desk, BOUNCE.replace(b"Action: failed", b"Action: delayed"))
    take_in(desk, EVENING)
    assert marked(desk) == 0
    assert rows(desk.engine, "select state, verdict from intake_item") == [("ignored", "bounce")]
    assert rows(desk.engine, "select 1 from event where kind = 'bounce'") == []


def test_a_complaint_is_an_event_and_no_lead(desk_known: tuple[Desk, Known]) -> None:
    desk, known = desk_known
    put(desk, COMPLAINT)
    assert take_in(desk, EVENING)["leads"] == 0
    entity, entity_id, data = event(desk, "complaint")
    assert (entity, entity_id, data["outbox_ids"]) == ("contact", known.contact_id, [known.outbox_id])
    assert marked(desk) == 0


def test_a_claim_is_shown_on_the_item_and_acts_on_nothing(desk_known: tuple[Desk, Known]) -> None:
    desk, _ = desk_known
    put(desk, message("claim", "boris@example.com", "Re: L-0 отменить", headers=f"In-Reply-To: {OUR_ID}\n"))
    assert take_in(desk, EVENING)["leads"] == 1
    entity, _, data = event(desk, "claim")
    assert (entity, data["activity_id"]) == ("lead", rows(desk.engine, "select id from activity")[0][0])
    assert rows(desk.engine, "select is_reply_verified from activity where deal_id is null")[0][0] in (0, False)
    told = "select count(*) from process_inbox p join event e on e.id = p.event_id where e.kind in ('claim', 'reply')"
    assert rows(desk.engine, told) == [(0,)]


def test_a_number_of_ours_in_the_subject_is_a_claim(desk_known: tuple[Desk, Known]) -> None:
    desk, known = desk_known
    with writing(desk.engine) as connection:
        connection.execute(sa.update(schema.lead).values(number="L-777777"))
    put(desk, message("number", "boris@example.com", "Закрыть L-777777"))
    put(desk, message("number2", "anna@client.example", "Закрыть L-777777"))
    take_in(desk, EVENING)
    claims = rows(desk.engine, "select e.entity_id from event e where e.kind = 'claim' and e.entity = 'lead'")
    assert len(claims) == 2
    assert len({lead_id for (lead_id,) in claims}) == 1
    assert rows(desk.engine, "select lead_id from activity where contact_id is not null") == [(None,)]
    assert rows(desk.engine, "select verdict from intake_item order by id") == [("claimed_reply",), ("known_sender",)]
    assert known.contact_id


def test_who_borrows_a_colleagues_name_gets_no_say(desk_known: tuple[Desk, Known]) -> None:
    desk, known = desk_known
    failing = f"Authentication-Results: mx.{DOMAIN}; dmarc=fail header.from={DOMAIN}\n"
    put(
        desk,
        DAY["staff"],
        message("forged", f"olga@{DOMAIN}", "Переведите деньги", headers=failing),
        message("unproven", f"olga@{DOMAIN}", "Отчёт 2"),
    )
    assert take_in(desk, EVENING)["leads"] == 0
    verdicts = rows(desk.engine, "select verdict, state from intake_item order by id")
    assert verdicts == [("staff", "settled"), ("spam", "quarantined"), ("claimed_staff", "settled")]
    assert rows(desk.engine, "select person_id from activity order by id") == [(known.person_id,), (None,)]
