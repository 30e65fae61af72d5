"""The shipped processes in the real office: repair, hiring, contract approval, each way and its side ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.contacts import create_contact
from tasks.gateways.store.process_items import load_item
from tasks.gateways.strict_yaml import parse_yaml
from tasks.office_round import begin_round
from tasks.process_acts import Act, acting, start_item
from tasks.process_tools.proving import prove_courses
from tasks.rules.process.values import Line
from tasks.rules.process_tools.ready import merge_ready
from tests.tasks.day_at_office import OFFICE, DayAtOffice

MORNING = datetime(2026, 11, 17, 6, 0, tzinfo=UTC)
LINES = (Line("", "Замена насоса", Decimal(1), Decimal(4200)),)


class Walk:
    """One item of a process, moved on by what people do; minutes go by by themselves."""

    def __init__(self, day: DayAtOffice, process: str, **fields: Any) -> None:
        self.day, self.process, self.minute = day, process, 1
        rows = {row.key: f"person:{row.id}" for row in day.rows(schema.person)}
        self.people: Mapping[str, str] = {**rows, "client": self._client()}
        values = {name: self.people.get(value, value) for name, value in fields.items()}
        with writing(day.engine) as connection:
            run = begin_round(connection, day.desk.office, MORNING)
            actor = self.people["mikhail"]
            self.item_id = start_item(connection, run, process, key=f"form:{process}", actor=actor, fields=values)

    def _client(self) -> str:
        with writing(self.day.engine) as connection:
            contact = create_contact(
                connection,
                name="Иван Петров",
                points=[("mail", "ivan@client-new.example", "ivan@client-new.example")],
                company_id=None,
                language="ru",
                at=MORNING,
            )
        return f"contact:{contact}"

    def act(self, who: str, name: str, work: str = "", is_refused: bool = False, **sets: Any) -> None:
        """Somebody does something; it must be accepted, or refused."""
        self.minute += 1
        task = self._task(work) if work else None
        at = MORNING + timedelta(minutes=self.minute)
        wanted = Act(f"act:{self.minute}", self.item_id, name, self.people[who], "cli", sets, task_id=task)
        acted = acting(self.day.engine, self.day.desk.office, at, wanted)
        assert acted.is_accepted is not is_refused, acted.reasons
        self.day.advance(at)

    def _task(self, work: str) -> int:
        tasks = [one for one in self.day.rows(schema.work_task) if one.item_id == self.item_id and one.name == work]
        return int(tasks[-1].id)

    def wait(self, days: int) -> None:
        """Days pass, and every few hours somebody looks."""
        end = self.minute + days * 24 * 60
        while self.minute < end:
            self.minute += 240
            self.day.advance(MORNING + timedelta(minutes=self.minute))

    @property
    def stage(self) -> str:
        with reading(self.day.engine) as connection:
            return load_item(connection, self.item_id).item.stage

    def told(self, who: str, words: str) -> bool:
        """Whether somebody was written these words."""
        return any(words in self.day.text(letter) for letter in self.day.letters(to=who))

    def close(self) -> None:
        """Nothing is held, and what happened is what the engine would do again."""
        assert not [row.held_reason for row in self.day.rows(schema.process_item) if row.held_at]
        until = MORNING + timedelta(minutes=self.minute + 1)
        assert prove_courses.fn(self.day.desk, MORNING, until).mismatches == ()


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
    assert walk.told("anna", "аннулируйте счёт")
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
