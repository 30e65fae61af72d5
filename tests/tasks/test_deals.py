"""A lead's whole way to the money, by answers alone, and its side ways."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from sql import schema
from tests.tasks.day_at_office import DayAtOffice
from tests.tasks.order_day import FILLED, MORNING, agree, at, fill, qualify, stage


@pytest.fixture
def day(engine: sa.Engine, tmp_path: Path) -> DayAtOffice:
    return DayAtOffice(engine, tmp_path, MORNING)


def _work_until_scheduled(day: DayAtOffice) -> str:
    """From the first letter to the approved order, each step looked at; the manager's address."""
    qualify(day)
    assert stage(day) == "planning"
    deal = day.rows(schema.deal)[0]
    assert [c.name for c in day.rows(schema.company) if c.key is None] == ["ООО Новый клиент"]
    assert day.letters("deal_started", "daria")[0].subject.startswith(f"[{deal.number}]")
    day.answer(at(5), "work_conduct", "daria", "Беру в работу.")
    day.advance(at(6))
    manager = day.letters("lead_new")[0].recipient
    assert "Диспетчер приступил" in day.text(day.letters("deal_notice", manager)[-1])

    day.answer(at(10), "work_price", "daria", FILLED)
    day.advance(at(11))
    deal = day.rows(schema.deal)[0]
    assert (deal.stage, deal.amount) == ("agreeing", Decimal("8600.00"))
    day.answer(at(20), "work_time_agreed", "ivan", "Да")
    day.advance(at(21))
    assert stage(day) == "agreeing"
    day.answer(at(22), "work_time_agreed", "egor", "да")
    day.advance(at(23))
    assert stage(day) == "approving"
    day.answer(at(30), "work_approval", "daria", "да")
    day.answer(at(31), "work_approval", manager, "одобряю")
    day.advance(at(32))
    assert stage(day) == "scheduled"
    assert day.letters("client_scheduled", "ivan")
    return str(manager)


def test_a_lead_goes_the_whole_way_to_the_money(day: DayAtOffice) -> None:
    manager = _work_until_scheduled(day)
    day.answer(at(40), "work_papers", "egor", "готово, документы во вложении", "акт.pdf", "счёт.pdf")
    day.advance(at(41))
    assert stage(day) == "documents"
    day.answer(at(42), "deal_notice", manager, "готово")
    counts = day.advance(at(43))
    assert counts["refused"] == 1
    assert "договор" in day.text(day.letters("reply_refused", manager)[-1])
    day.answer(at(44), "deal_notice", "daria", "договор: подписан", "договор.pdf")
    day.answer(at(45), "deal_notice", "daria", "Вот договор", "договор.pdf")
    day.advance(at(46))
    day.answer(at(50), "deal_close_asked", manager, "Готово")
    counts = day.advance(at(51))
    assert counts["won"] == 1
    deal = day.rows(schema.deal)[0]
    assert (deal.stage, deal.outcome) == ("won", "won")
    told = [letter.id for letter in (*day.letters("deal_closed", "anna"), *day.letters("work_payment", "anna"))]
    assert told == sorted(told)
    assert "8 600,00" in day.text(day.letters("payment_asked", "ivan")[-1]).replace("\u00a0", " ")

    day.answer(at(60), "work_payment", "anna", "Оплачено")
    assert day.advance(at(61))["paid"] == 1
    assert stage(day) == "won"
    assert day.rows(schema.deal)[0].status_text == "оплачен"
    money = next(row for row in day.rows(schema.process_item) if row.process == "receive_payment")
    assert (money.stage, money.outcome, money.parent_id) == ("paid", "won", day.rows(schema.process_item)[0].id)
    assert day.rows(schema.invoice)[0].paid_at == at(60)
    assert [task.name for task in day.rows(schema.work_task) if task.state == "open"] == ["hand_in"]
    assert not day.rows(schema.quarantine_row)
    assert not day.rows(schema.process_inbox)


def test_the_same_way_in_english(sqlite_engine: sa.Engine, tmp_path: Path) -> None:
    day = DayAtOffice(sqlite_engine, tmp_path, MORNING, "en")
    day.lead(at(0))
    day.advance(at(1))
    manager = day.letters("lead_new")[0].recipient
    for minute, wording, to, text, files in (
        (2, "lead_new", manager, "taking it", ()),
        (3, "lead_new", manager, "Qualified\nname: John Smith", ()),
        (4, "deal_opened", manager, "dispatcher: daria\nkind: urgent\nstart", ()),
        (5, "work_price", "daria", "Done\nposition: visit x 1\nexecutor: egor\ntime: 2026-11-18 10:00", ()),
        (6, "work_time_agreed", "ivan", "Hello,\n\nyes, thank you\n\nBest regards,\nJohn", ()),
        (7, "work_time_agreed", "egor", "yes", ()),
        (8, "work_approval", "daria", "approve", ()),
        (9, "work_approval", manager, "yes", ()),
        (10, "work_papers", "egor", "done, documents attached", ("act.pdf",)),
        (11, "deal_close_asked", manager, "done", ()),
        (12, "work_payment", "anna", "paid", ()),
    ):
        day.answer(at(minute), wording, to, text, *files)
        assert day.advance(at(minute)), wording
    assert day.rows(schema.deal)[0].status_text == "paid"
    assert not day.letters("reply_refused")
    assert not day.rows(schema.quarantine_row)
    plain = [letter.subject.replace("Ремонт котла", "") for letter in day.letters()]
    assert [subject for subject in plain if any("а" <= sign <= "я" for sign in subject.lower())] == []


def test_a_declined_approval_goes_back_to_planning_and_can_be_cancelled(day: DayAtOffice) -> None:
    agree(day)
    manager = day.letters("lead_new")[0].recipient
    day.answer(at(30), "work_approval", manager, "отклонить: слишком дорого")
    assert day.advance(at(31))["declined"] == 1
    assert stage(day) == "planning"
    assert "слишком дорого" in day.text(day.letters("deal_declined", "daria")[-1])
    day.answer(at(32), "work_approval", "daria", "да")
    assert day.advance(at(33))["refused"] == 1
    day.answer(at(40), "deal_declined", manager, "отменить: клиент передумал")
    day.advance(at(41))
    deal, item = day.rows(schema.deal)[0], day.rows(schema.process_item)[0]
    assert (deal.stage, deal.outcome, item.next_due_at) == ("cancelled", "cancelled", None)
    assert day.letters("client_cancelled", "ivan")
    assert not [task for task in day.rows(schema.work_task) if task.state == "open"]


def test_a_closed_order_cannot_be_changed_any_more(day: DayAtOffice) -> None:
    fill(day)
    manager = day.letters("lead_new")[0].recipient
    day.answer(at(20), "lead_converted", manager, "отменить: клиент передумал")
    day.answer(at(21), "work_price", "daria", "позиция: visit x 9\nготово")
    day.advance(at(22))
    deal = day.rows(schema.deal)[0]
    assert (deal.stage, deal.amount) == ("cancelled", Decimal("8600.00"))
    assert "отменено" in day.text(day.letters("reply_refused", "daria")[-1])


def test_a_client_who_does_not_like_the_time_is_offered_another(day: DayAtOffice) -> None:
    fill(day)
    day.answer(at(20), "work_time_agreed", "ivan", "нет: лучше в пятницу")
    day.advance(at(21))
    assert stage(day) == "planning"
    assert "лучше в пятницу" in day.text(day.letters("deal_notice", "daria")[-1])
    assert "19.11.2026 10:00" in day.text(day.letters("deal_notice", "daria")[-1])
    day.answer(at(22), "work_price", "daria", "время: 20.11 12:00\nготово")
    day.advance(at(23))
    assert stage(day) == "agreeing"
    assert "20.11.2026 12:00" in day.text(day.letters("work_time_agreed", "ivan")[-1])


def test_words_that_are_no_command_reach_a_person(day: DayAtOffice) -> None:
    fill(day)
    day.answer(at(20), "work_time_agreed", "ivan", "Да, но только если будет скидка")
    assert day.advance(at(21))["letters"] == 1
    assert stage(day) == "agreeing"
    assert "скидка" in day.text(day.letters("letter_received", "daria")[-1])


def test_a_client_without_mail_is_called(day: DayAtOffice) -> None:
    day.lead(at(0), mail=None, phone="+79000000501")
    day.advance(at(1))
    day.answer(at(2), "lead_new", "", "квалифицирован\nвид: срочное\nдиспетчер: daria")
    day.advance(at(3))
    day.answer(at(10), "work_price", "daria", FILLED)
    day.advance(at(11))
    asked = day.letters("work_time_agreed", "daria")[-1]
    assert "+79000000501" in day.text(asked)
    day.answer(at(20), "work_time_agreed", "daria", "да")
    day.answer(at(21), "work_time_agreed", "egor", "да")
    day.advance(at(22))
    assert stage(day) == "approving"


def test_a_late_price_list_is_reminded_of_once_at_its_own_time(day: DayAtOffice) -> None:
    qualify(day)
    later = at(3) + timedelta(days=2)
    counts = day.advance(later)
    assert counts["incidents"] >= 1
    late = [incident for incident in day.rows(schema.incident) if incident.what == "price list late"]
    assert [incident.at for incident in late] == [datetime(2026, 11, 17, 14, 2, tzinfo=UTC)]
    assert day.letters("work_overdue", "daria")
    assert day.advance(later) == {}
