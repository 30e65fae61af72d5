"""Leads at the counter: the qualification form gates them, and a known client's request is an order at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.office_sync import sync_office
from tasks.lead_desk import LeadActed, order_lead, register_request
from tasks.rules.errors import OfficeError, UsageError
from tasks.rules.leads.lead_order import LeadOrder, LeadVerb, Request
from tests.tasks.day_at_office import DayAtOffice

MORNING = datetime(2026, 11, 17, 6, 30, tzinfo=UTC)
NOON = MORNING + timedelta(hours=3)


@pytest.fixture
def day(engine: sa.Engine, tmp_path: Path) -> DayAtOffice:
    """The sample office, whose form demands a size and a date before a lead is converted."""
    day = DayAtOffice(engine, tmp_path, MORNING, "en")
    form = replace(day.desk.office.qualification, version=2, required={"converted": ("size", "wanted_date")})
    day.desk.office = replace(day.desk.office, qualification=form, digest=day.desk.office.digest + "form")
    with writing(engine) as connection:
        sync_office(connection, day.desk.office, MORNING)
    return day


def _order(day: DayAtOffice, lead: str, verb: LeadVerb, who: str = "mikhail", **given: str) -> LeadActed:
    return order_lead.fn(day.desk, LeadOrder(lead, verb, who, **given), "prefect", NOON)


def _lead(day: DayAtOffice) -> sa.Row[tuple[object, ...]]:
    with reading(day.engine) as connection:
        return connection.execute(sa.select(schema.lead)).one()


def _answers(day: DayAtOffice) -> dict[str, tuple[str, int]]:
    with reading(day.engine) as connection:
        rows = connection.execute(sa.select(schema.qualification)).all()
    return {row.field: (row.value, row.form_version) for row in rows}


def test_a_refusal_speaks_the_language_of_who_is_refused(day: DayAtOffice) -> None:
    """The office speaks English, one manager Russian: by a form, and in the letters."""
    person = schema.person
    with writing(day.engine) as connection:
        connection.execute(sa.update(person).where(person.c.key != "olga").values(language="ru"))
    day.lead(MORNING)
    day.advance(MORNING)
    in_russian = ("не заполнено: Размер", "не заполнено: Желаемая дата")
    wanted = {"kind": "urgent", "dispatcher": "daria"}
    assert _order(day, "L-000001", "qualify", "mikhail", **wanted).refused == in_russian
    assert _order(day, "L-000001", "qualify", "olga", **wanted).refused == ("Size is empty", "Wanted date is empty")
    asked = day.letters("lead_new")[-1]
    assert "Желаемая дата: " in day.text(asked), "what is asked is called as its reader calls it"
    day.answer(NOON, "lead_new", asked.recipient, "квалифицирован\nвид: срочное\nдиспетчер: daria")
    day.advance(NOON)
    refusal = day.text(day.letters("reply_refused")[-1])
    assert all(line in refusal for line in in_russian)
    assert "is empty" not in refusal


def test_a_lead_is_no_order_before_the_form_is_filled_in(day: DayAtOffice) -> None:
    day.lead(MORNING)
    day.advance(MORNING)
    assert "Wanted date: (no order without it)" in day.text(day.letters("lead_new")[-1])
    refused = _order(day, "L-000001", "qualify", kind="urgent", dispatcher="daria")
    assert refused.refused == ("Size is empty", "Wanted date is empty")
    assert (_lead(day).status, _answers(day)) == ("new", {})

    kept = _order(day, "L-000001", "answer", answers="Size: 12,5\nfloor: third")
    assert (kept.counts, kept.refused) == ({"leads_answered": 1}, ())
    assert _answers(day) == {"size": ("12.5", 2), "floor": ("third", 2)}

    done = _order(day, "l-000001", "qualify", kind="urgent", dispatcher="daria", answers="wanted date: 19.11.2026")
    assert (done.refused, done.counts["converted"]) == ((), 1)
    assert _lead(day).status == "converted"
    assert _answers(day)["wanted_date"] == ("2026-11-19", 2)


def test_a_later_answer_takes_the_place_of_an_earlier_one_and_a_bad_one_of_none(day: DayAtOffice) -> None:
    day.lead(MORNING)
    _order(day, "L-000001", "answer", answers="size: 10\ndelivery: yes")
    refused = _order(day, "L-000001", "answer", answers="size: big\ndelivery: no")
    assert refused.refused == ("Size: “big” does not fit; possible: 12.5",)
    assert _answers(day) == {"size": ("10", 2), "delivery": ("yes", 2)}
    _order(day, "L-000001", "answer", answers="size: 11")
    assert _answers(day)["size"] == ("11", 2)


def test_the_same_order_twice_changes_nothing_and_says_so(day: DayAtOffice) -> None:
    day.lead(MORNING)
    assert _order(day, "L-000001", "take").counts == {"leads_taken": 1}
    assert _order(day, "L-000001", "take").refused == ("lead: already decided (in work already)",)
    with reading(day.engine) as connection:
        kinds = connection.scalars(sa.select(schema.event.c.kind).where(schema.event.c.entity == "lead")).all()
    assert kinds.count("lead.taken") == 1
    assert kinds.count("refused") == 1


@pytest.mark.parametrize(
    ("lead", "who", "answers", "word"),
    [
        ("L-9", "mikhail", "size: 1", "no lead"),
        ("L-000001", "nobody", "size: 1", "no key or mail address"),
        ("L-000001", "", "size: 1", "no key or mail address"),
        ("L-000001", "mikhail", "size: 1\nhello there", "line 2"),
        ("L-000001", "mikhail", "", "nothing to do"),
    ],
)
def test_a_form_filled_in_wrongly_says_what_is_wrong(
    day: DayAtOffice, lead: str, who: str, answers: str, word: str
) -> None:
    day.lead(MORNING)
    with pytest.raises(UsageError, match=word):
        _order(day, lead, "answer", who, answers=answers)


def test_a_new_clients_request_is_a_lead_once(day: DayAtOffice) -> None:
    request = Request("olga", "Ремонт котла", "Пётр", phone="+7 900 000-05-77", mail="petr@client-fresh.example")
    assert register_request.fn(day.desk, request, NOON) == LeadActed({"leads_created": 1}, (), ("L-000001",))
    assert register_request.fn(day.desk, request, NOON + timedelta(minutes=5)).numbers == ("L-000001",)
    lead = _lead(day)
    assert (lead.channel, lead.status, lead.phone) == ("desk", "new", "+79000000577")
    assert day.advance(NOON)["leads_assigned"] == 1


def test_a_known_clients_request_is_an_order_at_once_with_their_own_manager(day: DayAtOffice) -> None:
    with reading(day.engine) as connection:
        row = connection.execute(
            sa.select(schema.contact_point.c.value, schema.company.c.manager_id)
            .select_from(schema.contact_point.join(schema.contact).join(schema.company))
            .where(schema.contact_point.c.kind == "phone", schema.company.c.manager_id.is_not(None))
            .limit(1)
        ).one()
    request = Request("olga", "Проверка", phone=row.value, answers="size: 5\nwanted date: 2026-11-20")
    acted = register_request.fn(day.desk, request, NOON)
    assert acted.counts["deals_opened"] == 1
    with reading(day.engine) as connection:
        deal = connection.execute(sa.select(schema.deal)).one()
    assert (deal.manager_id, _lead(day).responsible_id) == (row.manager_id, row.manager_id)
    assert register_request.fn(day.desk, request, NOON).counts == {"leads_created": 0}


def test_a_client_who_cannot_be_reached_is_asked_for_an_address(day: DayAtOffice) -> None:
    with pytest.raises(UsageError, match="how else"):
        register_request.fn(day.desk, Request("olga", "Ремонт"), NOON)


def test_a_version_of_the_form_never_changes(day: DayAtOffice) -> None:
    form = replace(day.desk.office.qualification, required={})
    changed = replace(day.desk.office, qualification=form, digest="other")
    with pytest.raises(OfficeError, match="needs the next version"), writing(day.engine) as connection:
        sync_office(connection, changed, NOON)


def test_the_form_is_answered_by_mail_too_and_a_letter_stays_a_letter(day: DayAtOffice) -> None:
    day.lead(MORNING)
    day.advance(MORNING)
    day.answer(MORNING + timedelta(minutes=1), "lead_new", "", "Size: 12\nWanted date: 19.11.2026\n\nBest regards\nM.")
    assert day.advance(MORNING + timedelta(minutes=2))["leads_answered"] == 1
    assert {name: value for name, (value, _) in _answers(day).items()} == {"size": "12", "wanted_date": "2026-11-19"}
    day.answer(MORNING + timedelta(minutes=3), "lead_new", "", "He says: call me tomorrow, size is unclear")
    assert day.advance(MORNING + timedelta(minutes=4))["refused"] == 1
    assert _answers(day)["size"] == ("12", 2)
