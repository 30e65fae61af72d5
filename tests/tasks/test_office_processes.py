"""The shipped processes in the real office: repair, hiring, contract approval, each way and its side ways."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from sql import schema
from tasks.gateways.strict_yaml import parse_yaml
from tasks.rules.process_tools.ready import merge_ready
from tests.tasks.day_at_office import OFFICE, DayAtOffice
from tests.tasks.walk import LINES, MORNING, Walk


@pytest.fixture
def day(sqlite_engine: sa.Engine, tmp_path: Path) -> DayAtOffice:
    return DayAtOffice(sqlite_engine, tmp_path, MORNING)


def _repair(day: DayAtOffice, kind: str = "paid") -> Walk:
    walk = Walk(day, "repair", client="client", manager="mikhail", dispatcher="daria", executor="egor", kind=kind)
    walk.act("daria", "start", is_refused=True)
    walk.act("daria", "start", defect="не греет")
    assert walk.stage == "repairing"
    return walk


def test_a_repair_from_the_task_to_the_money(day: DayAtOffice) -> None:
    walk = _repair(day)
    assert walk.told("egor", "не греет")
    walk.act("egor", "done", "repair", is_refused=True)
    walk.act("egor", "begin", "repair")
    walk.act("egor", "done", "repair", lines=LINES)
    assert walk.stage == "ready"
    assert walk.told("ivan", "готов, к оплате 4")
    (invoice,) = day.rows(schema.invoice)
    assert invoice.amount == Decimal("4200.00")
    walk.act("daria", "done", "hand_over", is_refused=True)
    walk.act("daria", "done", "hand_over", documents=("act",))
    assert walk.stage == "won"
    walk.close()


def test_a_repair_under_warranty_costs_nothing(day: DayAtOffice) -> None:
    walk = _repair(day, "warranty")
    walk.act("egor", "done", "repair", lines=LINES)
    assert not day.rows(schema.invoice)
    walk.act("daria", "done", "hand_over", documents=("act",))
    assert walk.stage == "closed"
    walk.close()


def test_a_part_that_cannot_be_had_is_the_clients_decision(day: DayAtOffice) -> None:
    walk = _repair(day)
    walk.act("egor", "need_part", part="насос")
    walk.act("daria", "done", "order_part", part_at="2026-11-25")
    assert walk.told("ivan", "насос")
    walk.act("daria", "part_unavailable")
    assert walk.stage == "without_part"
    walk.act("client", "decline", "without_part")
    assert walk.stage == "beyond_repair"
    assert walk.told("ivan", "отремонтировать нельзя")
    walk.close()


def test_the_master_hands_back_and_another_takes_over(day: DayAtOffice) -> None:
    walk = _repair(day)
    walk.act("egor", "hand_back", reason="нет допуска")
    assert walk.stage == "new"
    walk.act("daria", "start", executor=walk.people["timur"])
    walk.act("timur", "done", "repair", lines=LINES)
    assert walk.stage == "ready"
    walk.close()


def test_a_client_who_is_never_there_is_given_up(day: DayAtOffice) -> None:
    walk = _repair(day)
    for _ in range(2):
        walk.act("egor", "no_show")
        assert walk.stage == "no_show"
        walk.act("daria", "done", "new_time", work_at="2026-11-18T10:00:00+03:00")
        assert walk.stage == "repairing"
    walk.act("egor", "no_show")
    assert walk.stage == "lost"
    walk.close()


def test_a_repair_is_late_unclaimed_and_cancelled(day: DayAtOffice) -> None:
    walk = _repair(day)
    walk.wait(9)
    assert walk.told("egor", "ремонт опаздывает")
    walk.act("egor", "quote", lines=LINES)
    walk.act("client", "approve", "price_agreed")
    walk.act("egor", "done", "repair")
    walk.act("mikhail", "cancel", is_refused=True)
    walk.act("mikhail", "cancel", reason="клиент передумал")
    assert walk.stage == "cancelled"
    assert walk.told("anna", "отменён: клиент передумал")
    assert [row.cancelled_at is not None for row in day.rows(schema.invoice)] == [True]
    walk.close()


def _hiring(day: DayAtOffice) -> Walk:
    walk = Walk(
        day, "hiring", candidate="client", recruiter="maria", lead="egor", vacancy="Мастер", ceiling=Decimal(100)
    )
    walk.act("maria", "select", cv="cv.pdf")
    walk.act("maria", "invite", is_refused=True)
    walk.act("maria", "invite", meeting_at="2026-11-19T10:00:00+03:00")
    walk.act("client", "approve", "slot")
    walk.act("egor", "approve", "slot")
    assert walk.stage == "interview"
    return walk


def test_somebody_is_hired_above_the_ceiling(day: DayAtOffice) -> None:
    walk = _hiring(day)
    walk.act("egor", "approve", "scores")
    walk.act("maria", "approve", "scores")
    walk.act("maria", "propose", salary=Decimal(120), start_on="2026-12-01")
    assert walk.stage == "salary_check"
    walk.act("viktor", "approve", "salary_ok")
    walk.act("client", "approve", "offer")
    walk.act("maria", "done", "welcome", is_refused=True)
    walk.act("maria", "done", "welcome", papers=("contract",))
    assert walk.stage == "hired"
    walk.close()


def test_a_candidate_who_does_not_come_twice_is_rejected(day: DayAtOffice) -> None:
    walk = _hiring(day)
    walk.act("egor", "no_show")
    assert walk.stage == "missed"
    walk.act("maria", "invite_again")
    walk.act("maria", "invite", meeting_at="2026-11-20T10:00:00+03:00")
    walk.act("client", "approve", "slot")
    walk.act("egor", "approve", "slot")
    walk.act("egor", "no_show")
    assert walk.stage == "rejected"
    walk.close()


def _contract(day: DayAtOffice) -> Walk:
    walk = Walk(day, "contract_approval", client="client", supervisor="maria", document="v1")
    walk.act("mikhail", "submit")
    assert walk.stage == "supervisor"
    return walk


def test_missed_nights_are_caught_up_and_proved(day: DayAtOffice) -> None:
    walk = _repair(day, "warranty")
    walk.act("egor", "done", "repair", lines=LINES)
    walk.minute += 40 * 24 * 60  # nobody looked for forty days
    day.advance(MORNING + timedelta(minutes=walk.minute))
    assert walk.stage == "ready"
    assert walk.told("ivan", "готов и ждёт вас")
    walk.close()


def test_a_contract_is_corrected_and_signed(day: DayAtOffice) -> None:
    walk = _contract(day)
    walk.act("maria", "decline", "by_supervisor", note="нет срока")
    assert walk.stage == "corrections"
    walk.act("mikhail", "done", "rework", is_refused=True)
    walk.act("mikhail", "done", "rework", document="v2")
    walk.act("maria", "approve", "by_supervisor")
    walk.act("viktor", "correct", document="v3", note="сумма прописью")
    assert walk.stage == "author_accepts"
    walk.act("mikhail", "accept")
    walk.act("maria", "approve", "by_supervisor")
    walk.act("viktor", "approve", "by_head")
    assert walk.stage == "client"
    walk.act("client", "approve", "by_client")
    assert walk.stage == "signed"
    assert walk.told("anna", "подписан")
    walk.close()


def test_an_endless_dispute_is_settled_by_the_chief(day: DayAtOffice) -> None:
    walk = _contract(day)
    for round_ in range(6):
        assert walk.stage == "supervisor"
        walk.act("maria", "decline", "by_supervisor", note="ещё раз")
        if walk.stage == "corrections":
            walk.act("mikhail", "done", "rework", document=f"версия {round_}")
    assert walk.stage == "deadlock"
    assert walk.told("viktor", "шестой круг")
    walk.act("mikhail", "refuse", note="не договорились", is_refused=True)
    walk.act("viktor", "refuse", note="не договорились")
    assert walk.stage == "refused"
    walk.close()


def test_a_client_who_never_answers_is_reminded_and_given_up(day: DayAtOffice) -> None:
    walk = _contract(day)
    walk.act("maria", "approve", "by_supervisor")
    walk.act("viktor", "approve", "by_head")
    walk.wait(9)
    assert walk.told("ivan", "ждёт вашего решения")
    walk.wait(32)
    assert walk.stage == "abandoned"
    walk.close()


def test_a_good_lead_makes_contact_company_and_deal_by_a_ready_rule(day: DayAtOffice) -> None:
    ready = {"convert_lead": {"good": "is_good", "stage": "done", "with": {"manager": "$manager"}}}
    raw = {
        "process": "enquiry",
        "version": 1,
        "entity": "enquiry",
        "ready": [ready],
        "fields": {
            **{name: {"type": "text"} for name in ("name", "mail", "phone", "company")},
            "manager": {"type": "person"},
            "is_good": {"type": "flag"},
        },
        "stages": {
            "new": {"within": {"time": "1d"}, "rules": [{"event": "qualify", "do": [{"set": {"is_good": True}}]}]},
            "done": {"ends": "won"},
        },
    }
    file = OFFICE / "processes" / "ready" / "convert_lead.yaml"
    merged = merge_ready(raw, {"convert_lead": parse_yaml(file.name, file.read_bytes(), {}).value})
    assert merged.flaws == []
    office = day.desk.office
    processes = {**office.processes, "enquiry": merged.raw}
    day.desk.office = replace(office, processes=processes, digest=f"{office.digest}-enquiry")
    client = {"name": "Анна Орлова", "mail": "anna@client-good.example", "company": "ООО Хороший лид"}
    walk = Walk(day, "enquiry", manager="mikhail", **client)
    walk.act("mikhail", "qualify")
    assert walk.stage == "done"
    (deal,) = day.rows(schema.deal)
    assert (deal.pipeline, deal.stage) == ("service", "new")
    contact = next(row for row in day.rows(schema.contact) if row.id == deal.contact_id)
    assert contact.name == "Анна Орлова"
    assert [row.name for row in day.rows(schema.company) if row.id == contact.company_id] == ["ООО Хороший лид"]
    walk.close()
