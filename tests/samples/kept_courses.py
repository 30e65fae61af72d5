"""Twelve courses of the shipped processes that must not depend on how they come about: what people do, by the minute.

Minutes are counted from nine o'clock in Moscow on 17 November 2026, a Tuesday. Work is answered by its name; `of` is
the process of a sub-process or follower that is meant instead of the item itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tasks.rules.process.values import Line

HOUR, DAY = 60, 24 * 60
VISIT = (Line("visit", "Выезд", Decimal(1), Decimal(3000)),)
DEAR = (Line("visit", "Выезд", Decimal(2), Decimal(3000)),)
THURSDAY, FRIDAY, MONDAY = (f"2026-11-{day}T07:00:00+00:00" for day in (19, 20, 23))


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody does at a minute; `sets` may name people as "@key" and the client as "@client"."""

    minute: int
    who: str
    name: str
    work: str = ""
    of: str = ""
    sets: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Course:
    """An item begun by `who` with `fields`, what follows, and where everything stands at `until`."""

    name: str
    process: str
    who: str
    fields: Mapping[str, Any]
    said: tuple[Said, ...]
    until: int
    ends: tuple[tuple[str, str], ...]


def _said(minute: int, who: str, name: str, work: str = "", of: str = "", **sets: Any) -> Said:
    return Said(minute, who, name, work, of, sets)


def _confirmed(minute: int) -> tuple[Said, ...]:
    return tuple(_said(minute + n, who, "approve", "time_agreed") for n, who in enumerate(("client", "egor")))


def _approved(minute: int) -> tuple[Said, ...]:
    return tuple(_said(minute + n, who, "approve", "approval") for n, who in enumerate(("daria", "maria")))


_SERVICE = {"client": "@client", "kind": "urgent", "manager": "@maria"}
_STARTED = (
    _said(1, "maria", "start", dispatcher="@daria"),
    _said(5, "daria", "begin", "conduct"),
    _said(10, "daria", "done", "price", lines=VISIT, executor="@egor", work_at=THURSDAY),
)
_SCHEDULED = (*_STARTED, *_confirmed(20), *_approved(30))
_TO_THE_MONEY = (
    *_SCHEDULED,
    _said(40, "egor", "done", "papers", documents=("act",)),
    _said(50, "maria", "done", "conduct"),
    _said(60, "anna", "done", "payment", of="receive_payment"),
    _said(70, "maria", "changed", of="collect_documents", originals=("act",)),
    _said(71, "maria", "done", "hand_in", of="collect_documents"),
    _said(80, "anna", "changed", of="collect_documents", copies=("act",)),
    _said(81, "anna", "done", "file_papers", of="collect_documents"),
)
_ANOTHER_TIME = (
    *_STARTED,
    _said(20, "client", "decline", "time_agreed", reason="лучше в пятницу"),
    _said(30, "daria", "done", "price", work_at=FRIDAY),
    *_confirmed(40),
    _said(50, "maria", "decline", "approval", reason="дорого"),
    _said(60, "daria", "done", "price"),
    *_confirmed(70),
    *_approved(80),
    _said(90, "daria", "reschedule", work_at=MONDAY),
    *_confirmed(100),
    *_approved(110),
)
_NEW_PRICE = (
    *_STARTED,
    *_confirmed(20),
    _said(30, "daria", "approve", "approval"),
    _said(31, "daria", "changed", lines=DEAR),
    *_approved(32),
    _said(40, "daria", "changed", lines=VISIT),
    *_approved(41),
)
_REPAIR = {"client": "@client", "manager": "@mikhail", "dispatcher": "@daria", "executor": "@egor", "kind": "paid"}
_MENDED = (
    _said(1, "daria", "start", defect="не греет"),
    _said(2, "egor", "begin", "repair"),
    _said(10, "egor", "quote", lines=VISIT),
    _said(20, "client", "approve", "price_agreed"),
    _said(30, "egor", "done", "repair"),
)
_ABSENT = tuple(
    one
    for n in range(2)
    for one in (
        _said(10 + 20 * n, "egor", "no_show"),
        _said(20 + 20 * n, "daria", "done", "new_time", work_at=FRIDAY),
    )
)
_HIRED = (
    _said(1, "maria", "select", cv="cv.pdf"),
    _said(2, "maria", "invite", meeting_at=THURSDAY),
    _said(10, "client", "approve", "slot"),
    _said(11, "egor", "approve", "slot"),
    _said(20, "egor", "approve", "scores"),
    _said(21, "viktor", "approve", "scores"),
    _said(30, "maria", "propose", salary=Decimal(120), ceiling=Decimal(100), start_on="2026-12-01"),
    _said(40, "viktor", "approve", "salary_ok"),
    _said(50, "client", "approve", "offer"),
    _said(60, "maria", "changed", papers=("contract",)),
    _said(61, "maria", "done", "welcome"),
)
_SIGNED = (
    _said(1, "mikhail", "submit"),
    _said(10, "maria", "decline", "by_supervisor", note="нет срока"),
    _said(20, "mikhail", "done", "rework", document="v2"),
    _said(30, "maria", "approve", "by_supervisor"),
    _said(40, "viktor", "correct", document="v3", note="сумма прописью"),
    _said(50, "mikhail", "accept"),
    _said(60, "maria", "approve", "by_supervisor"),
    _said(70, "viktor", "approve", "by_head"),
    _said(80, "client", "approve", "by_client"),
)
_DEBT = (
    _said(36 * DAY, "viktor", "wait"),
    _said(60 * DAY, "viktor", "write_off", reason="банкротство"),
)
_CONTRACT = {"client": "@client", "supervisor": "@maria", "document": "v1", "number": "К-17"}
_PLACE = {"candidate": "@client", "recruiter": "@maria", "lead": "@egor", "vacancy": "Мастер"}
_BILL = {"client": "@client", "manager": "@maria", "amount": Decimal(3000)}

COURSES: tuple[Course, ...] = (
    Course(
        "to-the-money",
        "service",
        "maria",
        _SERVICE,
        _TO_THE_MONEY,
        DAY,
        (("service", "won"), ("receive_payment", "paid"), ("collect_documents", "filed")),
    ),
    Course("another-time", "service", "maria", _SERVICE, _ANOTHER_TIME, DAY, (("service", "scheduled"),)),
    Course("another-price", "service", "maria", _SERVICE, _NEW_PRICE, DAY, (("service", "scheduled"),)),
    Course(
        "answers-at-last",
        "service",
        "maria",
        _SERVICE,
        (*_STARTED, _said(4 * DAY, "client", "client_answered"), *_confirmed(4 * DAY + 10), *_approved(4 * DAY + 20)),
        5 * DAY,
        (("service", "scheduled"),),
    ),
    Course("never-answers", "service", "maria", _SERVICE, _STARTED, 30 * DAY, (("service", "lost"),)),
    Course(
        "decided-instead",
        "service",
        "maria",
        _SERVICE,
        (
            *_STARTED,
            *_confirmed(20),
            _said(2 * DAY + 2 * HOUR, "viktor", "approve"),
            _said(2 * DAY + 3 * HOUR, "viktor", "cancel", reason="передумали"),
        ),
        3 * DAY,
        (("service", "cancelled"),),
    ),
    Course(
        "repaired",
        "repair",
        "mikhail",
        _REPAIR,
        (
            *_MENDED,
            _said(40, "anna", "done", "payment", of="receive_payment"),
            _said(50, "daria", "done", "hand_over", documents=("act",)),
        ),
        DAY,
        (("repair", "won"), ("receive_payment", "paid")),
    ),
    Course(
        "repair-cancelled",
        "repair",
        "mikhail",
        _REPAIR,
        (*_MENDED, _said(40, "mikhail", "cancel", reason="передумали")),
        10 * DAY,
        (("repair", "cancelled"), ("receive_payment", "cancelled")),
    ),
    Course(
        "never-there",
        "repair",
        "mikhail",
        _REPAIR,
        (_said(1, "daria", "start", defect="не греет"), *_ABSENT, _said(60, "egor", "no_show")),
        DAY,
        (("repair", "lost"),),
    ),
    Course("hired", "hiring", "mikhail", _PLACE, _HIRED, DAY, (("hiring", "hired"),)),
    Course("signed", "contract_approval", "mikhail", _CONTRACT, _SIGNED, DAY, (("contract_approval", "signed"),)),
    Course("a-debt", "receive_payment", "anna", _BILL, _DEBT, 70 * DAY, (("receive_payment", "written_off"),)),
)
BY_NAME: Mapping[str, Course] = {course.name: course for course in COURSES}
