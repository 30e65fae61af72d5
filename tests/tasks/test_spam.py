"""Spam learned from people's words, on both engines: suggested first, put aside later, never by one person alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from deployments.settings import PROJECT
from sql import schema
from tasks.gateways.spam_model import SPAM_MEMORY
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.contacts import create_contact
from tasks.gateways.store.leads import NewLead, create_leads
from tasks.gateways.store.spam_labels import labels_mark, read_labels, write_label
from tasks.rules.errors import UsageError
from tasks.rules.mail.spam_decision import SPAM_FROM
from tasks.rules.mail.spam_trust import SpamLabel
from tasks.spam import label_mail
from tests.samples.mail_desk import rows, take_in
from tests.samples.spam_letters import label_all, letter, store_letters, store_mail
from tests.tasks.day_at_office import DayAtOffice

NOON = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
LONG_AGO = NOON - timedelta(days=60)
THREE = ("person:1", "person:2", "person:3")


@pytest.fixture
def day(engine: sa.Engine, tmp_path: Path) -> Iterator[DayAtOffice]:
    """The sample office; what a test before has learned is forgotten."""
    SPAM_MEMORY.forget()
    yield DayAtOffice(engine, tmp_path, NOON - timedelta(hours=3))
    SPAM_MEMORY.forget()


def arrive(day: DayAtOffice, number: int, *, is_spam: bool, sender: str = "") -> tuple[str, str, float | None]:
    """A letter arrives and is taken in: its state, reason and score."""
    intake_id = store_mail(day.engine, letter(number, is_spam=is_spam, sender=sender), NOON)
    take_in(day.desk, NOON)
    [item] = [row for row in day.rows(schema.intake_item) if row.id == intake_id]
    return item.state, item.reason or "", item.spam_score


def test_below_three_hundred_labels_it_only_suggests(day: DayAtOffice) -> None:
    spam, good = store_letters(day.engine, 149, LONG_AGO)
    label_all(day.engine, THREE, spam, good, LONG_AGO)
    state, reason, score = arrive(day, 9000, is_spam=True)
    assert (state, reason) == ("settled", "")
    assert score is not None
    assert score >= SPAM_FROM
    assert day.advance(NOON)["leads_assigned"] == 1
    assert f"Похоже на спам: {int(score * 100)} %" in day.text(day.letters("lead_new")[-1])
    state, _, score = arrive(day, 9000, is_spam=False)
    assert state == "settled"
    assert score is not None
    assert score < 0.5
    day.advance(NOON)
    assert "спам: " not in day.text(day.letters("lead_new")[-1])


def test_three_hundred_labels_put_spam_aside_and_a_word_brings_it_back(day: DayAtOffice) -> None:
    assert arrive(day, 8000, is_spam=True) == ("settled", "", None)
    spam, good = store_letters(day.engine, 150, LONG_AGO)
    label_all(day.engine, THREE, spam, good, LONG_AGO)
    state, reason, score = arrive(day, 9000, is_spam=True)
    assert (state, reason) == ("quarantined", f"spam: learned, score {score:.3f}")
    assert rows(day.engine, "select row_key, reason, state from quarantine_row")[0][1:] == (reason, "held")
    assert arrive(day, 9000, is_spam=False)[0] == "settled"
    [(wrong,)] = rows(day.engine, "select id from intake_item where state = 'quarantined'")
    leads = len(day.rows(schema.lead))
    done = label_mail.fn(day.desk, [wrong], "good", "olga", "клиент", NOON)
    assert (done.counts["labelled"], done.counts["released"], done.counts["leads"]) == (1, 1, 1)
    assert len(day.rows(schema.lead)) == leads + 1
    assert rows(day.engine, "select state from quarantine_row") == [("released",)]
    again = label_mail.fn(day.desk, [wrong], "good", "olga", "клиент", NOON)
    assert again.counts["released"] == 0
    assert len(day.rows(schema.lead)) == leads + 1


def test_one_person_alone_never_makes_it_put_mail_aside(day: DayAtOffice) -> None:
    spam, good = store_letters(day.engine, 200, LONG_AGO)
    label_all(day.engine, THREE[:1], spam, good, LONG_AGO)
    state, _, score = arrive(day, 9000, is_spam=True)
    assert state == "settled"
    assert score is not None
    assert score >= SPAM_FROM


def test_who_is_known_is_never_judged(day: DayAtOffice) -> None:
    spam, good = store_letters(day.engine, 150, LONG_AGO)
    label_all(day.engine, THREE, spam, good, LONG_AGO)
    with writing(day.engine) as connection:
        points = [("mail", "anna@client.example", "anna@client.example")]
        create_contact(connection, name="Анна", points=points, company_id=None, language="ru", at=LONG_AGO)
        stranger = NewLead("call:1", "call", "Насос", "", "petr@example.com", None, "ru", None, LONG_AGO, NOON)
        create_leads(connection, [stranger])
    for number, sender in enumerate(("anna@client.example", "olga@north-service.example", "petr@example.com")):
        assert arrive(day, 9000 + number, is_spam=True, sender=sender)[0::2] == ("settled", None)
    assert arrive(day, 9100, is_spam=True, sender="other@example.com")[0] == "quarantined"


def test_a_form_closes_the_lead_and_opens_it_again(day: DayAtOffice) -> None:
    intake_id = store_mail(day.engine, letter(1, is_spam=True), NOON)
    take_in(day.desk, NOON)
    day.advance(NOON)
    done = label_mail.fn(day.desk, [intake_id], "spam", "olga", "реклама", NOON)
    assert (done.counts["labelled"], done.counts["leads_junk"]) == (1, 1)
    assert "is silent: 0 spam and 0 good" in done.notes[-1]
    assert rows(day.engine, "select status from lead") == [("junk",)]
    assert rows(day.engine, "select state, result from work_task") == [("done", "junk")]
    before = day.everything()
    assert not label_mail.fn(day.desk, [intake_id], "spam", "olga", "реклама", NOON).counts["leads_junk"]
    assert day.everything() == before
    later = NOON + timedelta(hours=1)
    assert label_mail.fn(day.desk, [intake_id], "good", "olga", "", later).counts["leads_reopened"] == 1
    [lead] = day.rows(schema.lead)
    assert (lead.status, lead.ended_at) == ("new", None)
    assert lead.take_due_at > later
    assert rows(day.engine, "select state, result from work_task") == [("open", "")]
    assert [(row.label, row.at) for row in day.rows(schema.spam_label)] == [("good", later)]
    kinds = [row.kind for row in day.rows(schema.event)]
    assert [kinds.count(kind) for kind in ("mail.labelled", "lead.junk", "lead.reopened")] == [2, 1, 1]


def test_an_earlier_word_never_replaces_a_later_one(day: DayAtOffice) -> None:
    intake_id = store_mail(day.engine, letter(1, is_spam=True), NOON)
    label_mail.fn(day.desk, [intake_id], "good", "olga", "", NOON)
    done = label_mail.fn(day.desk, [intake_id], "spam", "olga", "", NOON - timedelta(hours=1))
    assert done.counts["labelled"] == 0
    assert "something later" in done.notes[0]
    assert [row.label for row in day.rows(schema.spam_label)] == ["good"]


@pytest.mark.parametrize(
    ("ids", "who", "why"), [([1], "nobody", "does not work here"), ([], "olga", "name the mails"), ([99], "olga", "99")]
)
def test_a_wrong_form_changes_nothing(day: DayAtOffice, ids: list[int], who: str, why: str) -> None:
    store_mail(day.engine, letter(1, is_spam=True), NOON)
    with pytest.raises(UsageError, match=why):
        label_mail.fn(day.desk, ids, "spam", who, "", NOON)
    assert not day.rows(schema.spam_label)


def test_a_mail_address_says_who_just_as_a_key_does(day: DayAtOffice) -> None:
    intake_id = store_mail(day.engine, letter(1, is_spam=True), NOON)
    by_key = label_mail.fn(day.desk, [intake_id], "spam", "olga", "", NOON)
    by_mail = label_mail.fn(day.desk, [intake_id], "good", "Olga@north-service.example", "", NOON)
    assert (by_key.counts["labelled"], by_mail.counts["labelled"]) == (1, 1)
    assert [row.label for row in day.rows(schema.spam_label)] == ["good"]


def test_the_mark_changes_with_every_word(day: DayAtOffice) -> None:
    intake_id = store_mail(day.engine, letter(1, is_spam=True), NOON)
    marks = []
    for is_spam, minutes in ((True, 0), (False, 0), (False, 1), (True, 1)):
        with writing(day.engine) as connection:
            marks.append(labels_mark(connection))
            write_label(connection, SpamLabel(intake_id, is_spam, "person:1", NOON + timedelta(minutes=minutes)))
    with reading(day.engine) as connection:
        marks.append(labels_mark(connection))
        assert [label.is_spam for label in read_labels(connection)] == [True]
    assert marks[0] == ()
    assert len(set(marks)) == len(marks)


def test_answers_to_a_leads_mail_teach(day: DayAtOffice) -> None:
    intake_id = store_mail(day.engine, letter(1, is_spam=True), NOON)
    take_in(day.desk, NOON)
    day.advance(NOON)
    day.answer(NOON + timedelta(minutes=1), "lead_new", "", "спам")
    counts = day.advance(NOON + timedelta(minutes=2))
    assert (counts["leads_junk"], counts["notices"]) == (1, 1)
    assert "образец спама" in day.text(day.letters("lead_spam")[-1])
    [label] = day.rows(schema.spam_label)
    assert (label.intake_item_id, label.label, label.actor) == (
        intake_id,
        "spam",
        day.letters("lead_new")[-1].recipient_ref,
    )
    day.answer(NOON + timedelta(minutes=3), "lead_spam", "", "не спам")
    counts = day.advance(NOON + timedelta(minutes=4))
    assert (counts["leads_reopened"], counts["notices"]) == (1, 1)
    assert "снова открыт" in day.text(day.letters("lead_not_spam")[-1])
    assert [row.label for row in day.rows(schema.spam_label)] == ["good"]
    day.answer(NOON + timedelta(minutes=5), "lead_not_spam", "", "не лид: ошибся адресом")
    assert day.advance(NOON + timedelta(minutes=6))["leads_junk"] == 1
    assert [row.label for row in day.rows(schema.spam_label)] == ["good"]


def test_a_qualified_lead_teaches_that_its_mail_is_good(day: DayAtOffice) -> None:
    store_mail(day.engine, letter(1, is_spam=False), NOON)
    take_in(day.desk, NOON)
    day.advance(NOON)
    day.answer(NOON + timedelta(minutes=1), "lead_new", "", "квалифицирован")
    day.advance(NOON + timedelta(minutes=2))
    assert [row.label for row in day.rows(schema.spam_label)] == ["good"]


def test_a_lead_that_came_by_telephone_teaches_nothing(day: DayAtOffice) -> None:
    day.lead(NOON, mail=None, phone="+79000000501")
    day.advance(NOON)
    day.answer(NOON + timedelta(minutes=1), "lead_new", "", "спам")
    assert day.advance(NOON + timedelta(minutes=2))["leads_junk"] == 1
    assert not day.rows(schema.spam_label)
    assert "образец" not in day.text(day.letters("lead_spam")[-1])


def test_without_labels_nothing_heavy_is_imported() -> None:
    code = (
        "import sys, tasks.mail, tasks.spam, flows.spam; sys.exit('sklearn' in sys.modules or 'scipy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=False).returncode == 0
