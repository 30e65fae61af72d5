"""Whose a lead is and who else a contact may be, in words; what a person said about it is what the conversion does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.contacts import create_contact, known_contact
from tasks.gateways.store.duplicates import pairs_apart
from tasks.lead_desk import order_lead
from tasks.likely_clients import Action, decide_lead_client, likely_of_contact, likely_of_lead
from tasks.merging import decide_duplicates
from tasks.rules.errors import UsageError
from tasks.rules.leads.lead_order import LeadOrder
from tests.tasks.day_at_office import DayAtOffice

MORNING = datetime(2026, 11, 17, 6, 30, tzinfo=UTC)
NOON = MORNING + timedelta(hours=3)
MAIL = "ivan@client-new.example"


@pytest.fixture
def day(engine: sa.Engine, tmp_path: Path) -> DayAtOffice:
    return DayAtOffice(engine, tmp_path, MORNING, "en")


def contact(day: DayAtOffice, name: str, *reach: str) -> int:
    points = [("mail" if "@" in one else "phone", one, one) for one in reach]
    with writing(day.engine) as connection:
        return create_contact(connection, name=name, points=points, company_id=None, language="ru", at=MORNING)


def said(day: DayAtOffice, action: Action, lead_id: int, contact_id: int) -> dict[str, int]:
    return decide_lead_client.fn(day.desk, action, lead_id, contact_id, "mikhail", NOON)


def converted(day: DayAtOffice, lead_id: int) -> int:
    day.advance(MORNING)
    with reading(day.engine) as connection:
        number = connection.scalar(sa.select(schema.lead.c.number).where(schema.lead.c.id == lead_id)) or ""
    acted = order_lead.fn(
        day.desk, LeadOrder(number, "qualify", "mikhail", kind="urgent", dispatcher="daria"), "door", NOON
    )
    assert acted.refused == ()
    with reading(day.engine) as connection:
        return connection.scalar(sa.select(schema.lead.c.contact_id).where(schema.lead.c.id == lead_id)) or 0


def test_a_lead_shows_who_it_may_be_with_the_evidence_in_words(day: DayAtOffice) -> None:
    ivan = contact(day, "Петров Ваня", MAIL, "+79000000901")
    contact(day, "Анна Белова", "anna@example.com")
    lead_id = day.lead(MORNING)
    found = likely_of_lead(day.desk, lead_id, "ru")
    assert (found.contact_id, found.more, found.merges) == (None, 0, ())
    (one,) = found.found
    assert (one.contact_id, one.name, one.mails, one.phones) == (ivan, "Петров Ваня", (MAIL,), ("+79000000901",))
    assert (one.decision, one.words) == (
        "link",
        "тот же адрес почты, та же фамилия и форма того же имени и почта той же компании",
    )
    assert likely_of_lead(day.desk, lead_id, "en").found[0].words.startswith("same mail address, ")


def test_who_a_person_named_gets_the_order(day: DayAtOffice) -> None:
    olga, lead_id = contact(day, "Ольга Гусева", "olga@example.com"), day.lead(MORNING)
    assert said(day, "link", lead_id, olga) == {"linked": 1}
    assert said(day, "link", lead_id, olga) == {"linked": 0}
    assert likely_of_lead(day.desk, lead_id, "en").contact_name == "Ольга Гусева"
    assert said(day, "unlink", lead_id, 0) == {"linked": 1}
    assert likely_of_lead(day.desk, lead_id, "en").contact_id is None
    said(day, "link", lead_id, olga)
    assert converted(day, lead_id) == olga
    with pytest.raises(UsageError, match="its client is settled"):
        said(day, "unlink", lead_id, 0)


def test_who_is_not_the_same_is_neither_listed_nor_taken(day: DayAtOffice) -> None:
    namesake, lead_id = contact(day, "Иван Петров", MAIL), day.lead(MORNING)
    assert said(day, "not_the_same", lead_id, namesake) == {"kept_apart": 1}
    assert said(day, "not_the_same", lead_id, namesake) == {"kept_apart": 0}
    assert likely_of_lead(day.desk, lead_id, "en").found == ()
    with pytest.raises(UsageError, match="take that back first"):
        said(day, "link", lead_id, namesake)
    made = converted(day, lead_id)
    assert made not in (0, namesake)
    with reading(day.engine) as connection:
        assert pairs_apart(connection, (made, namesake)) == {(namesake, made)}
        assert known_contact(connection, made).name == "Иван Петров"
    assert likely_of_contact(day.desk, made, "en").found == ()


def test_a_word_taken_back_counts_no_more(day: DayAtOffice) -> None:
    ivan, lead_id = contact(day, "Иван Петров", MAIL), day.lead(MORNING)
    said(day, "not_the_same", lead_id, ivan)
    assert said(day, "same_again", lead_id, ivan) == {"kept_apart": 1}
    assert [one.contact_id for one in likely_of_lead(day.desk, lead_id, "en").found] == [ivan]
    assert converted(day, lead_id) == ivan


def test_a_contact_shows_duplicates_and_what_can_be_undone(day: DayAtOffice) -> None:
    one, two = contact(day, "Анна Белова", "+79000000902"), contact(day, "Аня Белова", "+79000000903", "a@example.com")
    with writing(day.engine) as connection:
        row = {"kind": "phone", "value": "+79000000902", "contact_id": two, "first_seen": MORNING, "last_seen": MORNING}
        connection.execute(sa.insert(schema.identity).values(row))
    assert [found.contact_id for found in likely_of_contact(day.desk, one, "en").found] == [two]
    done = decide_duplicates.fn(day.desk, "merge", [one, two], 0, "mikhail", "", NOON)
    after = likely_of_contact(day.desk, two, "en")
    assert (after.contact_id, after.found) == (one, ())
    (merged,) = after.merges
    assert (merged.merge_id, merged.contact_id, merged.name) == (done["merge_number"], two, "Аня Белова")
    assert "same mobile" in merged.words


@pytest.mark.parametrize(("who", "lead", "why"), [("", 1, "who decides"), ("mikhail", 99, "no lead 99")])
def test_mistakes_are_named(day: DayAtOffice, who: str, lead: int, why: str) -> None:
    day.lead(MORNING)
    with pytest.raises(UsageError, match=why):
        decide_lead_client.fn(day.desk, "link", lead, 1, who, NOON)
    with pytest.raises(UsageError, match="no contact 99"):
        likely_of_contact(day.desk, 99, "en")
