"""Leads before they are orders: forgotten, junk, spread over the managers, refused, of one person."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from sql import schema
from tests.tasks.day_at_office import DayAtOffice
from tests.tasks.order_day import MORNING, QUALIFIED, at, qualify


@pytest.fixture
def day(engine: sa.Engine, tmp_path: Path) -> DayAtOffice:
    return DayAtOffice(engine, tmp_path, MORNING)


def test_a_forgotten_lead_is_reminded_of_once_and_junk_never(day: DayAtOffice) -> None:
    forgotten, junk = day.lead(at(0)), day.lead(at(1), mail="spam@example.com")
    day.advance(at(2))
    letters = {letter.entity_id: letter for letter in day.letters("lead_new")}
    day.answer(at(3), "lead_new", letters[junk].recipient, "спам")
    counts = day.advance(at(200))
    assert (counts["leads_forgotten"], counts["leads_junk"]) == (1, 1)
    assert [letter.entity_id for letter in day.letters("lead_forgotten")] == [forgotten]
    assert day.advance(at(400)) == {}


def test_leads_are_spread_over_the_managers(day: DayAtOffice) -> None:
    for number in range(4):
        day.lead(at(number), mail=f"a{number}@example.com")
    assert day.advance(at(9))["leads_assigned"] == 4
    assert len({letter.recipient for letter in day.letters("lead_new")}) == 2


def test_a_wrong_dispatcher_is_refused_with_the_names_that_fit(day: DayAtOffice) -> None:
    day.lead(at(0))
    day.advance(at(1))
    day.answer(at(2), "lead_new", "", "квалифицирован\nвид: first\nдиспетчер: egor")
    assert day.advance(at(3)) == {"refused": 1, "notices": 1}
    assert "daria" in day.text(day.letters("reply_refused")[-1])
    assert not day.rows(schema.deal)


def test_the_same_person_twice_becomes_one_contact(day: DayAtOffice) -> None:
    qualify(day)
    day.lead(at(100))
    day.advance(at(101))
    day.answer(at(102), "lead_new", "", QUALIFIED)
    day.advance(at(103))
    deals = day.rows(schema.deal)
    assert len(deals) == 2
    assert len({deal.contact_id for deal in deals}) == 1
    assert len({deal.company_id for deal in deals}) == 1
