"""One believable day of the sample company in a store, 2026-11-17, always the same: what the report tests read."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from sql import schema
from sql.view_files import create_views
from tasks.desk import Desk
from tasks.gateways.office_folder import load_office
from tasks.gateways.secrets_source import SecretSource
from tasks.gateways.store.connection import insert, writing
from tasks.gateways.store.office_sync import sync_office

OFFICE = Path(__file__).resolve().parents[2] / "deployments" / "office"
MORNING = datetime(2026, 11, 17, 5, 30, tzinfo=UTC)
AS_OF = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)
FORMULA_NAME = '=HYPERLINK("1+1")'
_PER_HOUR = (3, 14, 22, 20, 17, 9, 15, 18, 16, 12, 5)


def open_filled_desk(engine: sa.Engine, folder: Path) -> Desk:
    """An office whose store holds the day, with its views."""
    desk = Desk(load_office(OFFICE), engine, SecretSource(folder), folder, folder / "reports")
    with writing(engine) as connection:
        sync_office(connection, desk.office, MORNING)
        create_views(connection)
        fill_day(connection)
    return desk


def fill_day(connection: sa.Connection) -> None:
    """Calls with their courses, leads, deals, invoices, tasks, incidents, mails."""
    people = dict(connection.execute(sa.select(schema.person.c.key, schema.person.c.id)).all())
    contacts = list(connection.scalars(sa.select(schema.contact.c.id).order_by(schema.contact.c.id)))
    source = random.Random(17)
    _add(connection, schema.contact, [{"name": FORMULA_NAME, "language": "ru", "created_at": MORNING}])
    odd = connection.scalar(sa.select(sa.func.max(schema.contact.c.id)))
    calls = _calls(source, people, [*contacts, odd])
    _add(connection, schema.call, calls)
    _add(connection, schema.missed_call, _missed(source, calls, people))
    _add(connection, schema.lead, _leads(source, people))
    _add(connection, schema.deal, _deals(source, people, contacts))
    _add(connection, schema.invoice, _invoices())
    _add(connection, schema.work_task, _tasks(source, people))
    _add(connection, schema.incident, _incidents(people))
    _add(connection, schema.activity, _mails(people))


def _add(connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    columns = sorted({name for row in rows for name in row})
    connection.execute(insert(connection, table), [{name: row.get(name) for name in columns} for row in rows])


def _calls(source: random.Random, people: dict[str, int], contacts: list[int]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for hour, count in enumerate(_PER_HOUR, start=8):
        for second in sorted(source.sample(range(3600), count)):
            started = datetime(2026, 11, 17, hour - 3, tzinfo=UTC) + timedelta(seconds=second)
            rows.append(_incoming(source, len(rows) + 1, started, people, contacts))
    for number in range(24):
        started = MORNING + timedelta(minutes=33 + number * 19, seconds=source.randrange(60))
        rows.append(_outgoing(source, len(rows) + 1, started, people, number))
    return rows


def _incoming(
    source: random.Random, number: int, started: datetime, people: Any, contacts: list[int]
) -> dict[str, Any]:
    queue = source.choices(["600", "601", None], [5, 4, 1])[0]
    outcome = source.choices(["answered", "abandoned", "no_answer", "busy"], [82, 12, 5, 1])[0]
    wait = min(int(source.expovariate(1 / 16)) + 2, 170) if outcome != "abandoned" else source.choice([2, 3, 9, 31, 64])
    is_answered = outcome == "answered"
    talk = int(source.lognormvariate(4.9, 0.6)) if is_answered else 0
    is_known = source.random() < 0.55
    withheld = not is_known and source.random() < 0.1
    person = source.choices(["olga", "mikhail", "maria", "daria"], [5, 3, 3, 2])[0]
    phone = f"+7900000{'02' if is_known else '05'}{source.randrange(1, 40):02d}"
    return {
        "id": number,
        "source": "asterisk",
        "linked_id": f"{int(started.timestamp())}.{number}",
        "direction": "in",
        "started_at": started,
        "answered_at": started + timedelta(seconds=wait) if is_answered else None,
        "ended_at": started + timedelta(seconds=wait + talk),
        "outcome": outcome,
        "wait_seconds": None if number == 40 else wait,
        "talk_seconds": talk,
        "leg_count": source.choice([1, 1, 2, 3]),
        "transfer_count": 0,
        "client_raw": "anonymous" if withheld else phone.replace("+7", "8"),
        "client_phone": None if withheld else phone,
        "line": "+79000000100",
        "queue": queue,
        "person_id": people[person] if is_answered else None,
        "contact_id": contacts[-1] if number == 10 else source.choice(contacts) if is_known else None,
        "settled_at": started + timedelta(minutes=30),
    }


def _outgoing(source: random.Random, number: int, started: datetime, people: Any, place: int) -> dict[str, Any]:
    is_answered = source.random() < 0.7
    talk = int(source.lognormvariate(4.6, 0.5)) if is_answered else 0
    return {
        "id": number,
        "source": "asterisk",
        "linked_id": f"{int(started.timestamp())}.{number}",
        "direction": "out",
        "started_at": started,
        "answered_at": started + timedelta(seconds=9) if is_answered else None,
        "ended_at": started + timedelta(seconds=9 + talk),
        "outcome": "answered" if is_answered else "no_answer",
        "wait_seconds": 9,
        "talk_seconds": talk,
        "leg_count": 1,
        "transfer_count": 0,
        "client_raw": f"890000005{place:02d}",
        "client_phone": f"+790000005{place:02d}",
        "line": "+79000000100",
        "person_id": people[source.choice(["olga", "mikhail", "maria"])],
        "settled_at": started + timedelta(minutes=30),
    }


def _missed(source: random.Random, calls: list[dict[str, Any]], people: dict[str, int]) -> list[dict[str, Any]]:
    rows = []
    out = next(call["id"] for call in calls if call["direction"] == "out")
    for call in calls:
        is_owed = call["direction"] == "in" and call["outcome"] != "answered" and call["wait_seconds"] != 2
        if not is_owed or call["client_phone"] is None:
            continue
        state = source.choices(["returned", "came_back", "open"], [6, 2, 2])[0]
        after = timedelta(minutes=source.choice([6, 14, 25, 41, 88]))
        is_open = state == "open"
        rows.append(
            {
                "call_id": call["id"],
                "client_phone": call["client_phone"],
                "at": call["ended_at"],
                "due_at": call["ended_at"] + timedelta(minutes=60),
                "state": state,
                "resolved_by_id": None if is_open else out,
                "resolved_at": None if is_open else call["ended_at"] + after,
                "person_id": people["olga"],
            }
        )
    return rows


def _leads(source: random.Random, people: dict[str, int]) -> list[dict[str, Any]]:
    rows = []
    for number in range(1, 31):
        created = MORNING + timedelta(minutes=11 * number)
        taken = created + timedelta(minutes=source.choice([9, 22, 48, 95, 170])) if number % 7 else None
        status = source.choice(["in_work", "qualified", "converted", "converted", "junk"]) if taken else "new"
        ended = taken + timedelta(minutes=70) if taken and status in ("converted", "junk") else None
        rows.append(
            {
                "number": f"L-{number:06d}",
                "origin_key": f"mail:{number}",
                "status": status,
                "channel": source.choice(["mail", "mail", "call"]),
                "title": source.choice(["Ремонт насоса", "Сертификат на партию", "Полис на склад", "=1+1"]),
                "person_name": "Иван Петров",
                "responsible_id": people[source.choice(["olga", "mikhail", "maria"])] if number != 21 else None,
                "created_at": created,
                "take_due_at": created + timedelta(hours=2),
                "taken_at": taken,
                "qualified_at": taken + timedelta(minutes=40) if taken and status != "in_work" else None,
                "ended_at": ended,
            }
        )
    return rows


def _deals(source: random.Random, people: dict[str, int], contacts: list[int]) -> list[dict[str, Any]]:
    rows = []
    for number in range(1, 19):
        created = MORNING - timedelta(days=number % 5, hours=-1)
        outcome = {0: "won", 1: "won", 2: None, 3: None, 4: "lost", 5: "won"}[number % 6]
        ended = datetime(2026, 11, 17, 7 + number % 7, 20, tzinfo=UTC) if outcome else None
        rows.append(
            {
                "number": f"D-{number:06d}",
                "pipeline": "service",
                "stage": "paid" if outcome == "won" else "agreed",
                "stage_entered_at": created,
                "title": source.choice(["Ремонт котла", "Поверка счётчиков", "Страхование склада"]),
                "contact_id": contacts[number % len(contacts)],
                "manager_id": people[source.choice(["mikhail", "maria"])],
                "dispatcher_id": people["daria"],
                "executor_id": people[source.choice(["egor", "timur"])],
                "amount": Decimal(source.randrange(8, 190) * 500) + Decimal("0.50"),
                "currency": "RUB",
                "outcome": outcome,
                "created_at": created,
                "ended_at": ended,
            }
        )
    return rows


def _invoices() -> list[dict[str, Any]]:
    paid = datetime(2026, 11, 17, 12, 5, tzinfo=UTC)
    return [
        {
            "number": f"S-{deal:06d}",
            "deal_id": deal,
            "amount": Decimal("12500.50"),
            "currency": "RUB",
            "issued_at": MORNING,
            "due_on": paid.date(),
            "paid_at": paid if deal % 2 else None,
        }
        for deal in (1, 5, 6, 7, 11)
    ]


def _tasks(source: random.Random, people: dict[str, int]) -> list[dict[str, Any]]:
    rows = []
    for number in range(1, 41):
        opened = MORNING - timedelta(hours=5) + timedelta(minutes=13 * number)
        due = opened + timedelta(hours=source.choice([2, 6, 30]))
        closed = opened + timedelta(hours=source.choice([1, 3, 5])) if number % 4 else None
        rows.append(
            {
                "key": f"task:{number}",
                "entity": "deal",
                "entity_id": number % 18 + 1,
                "name": "conduct_service",
                "kind": "task",
                "title": source.choice(["Провести услугу", "Согласовать время", "Собрать документы", "Перезвонить"]),
                "person_id": people[source.choice(["mikhail", "maria", "daria", "egor", "timur", "anna"])],
                "state": "done" if closed else "open",
                "opened_at": opened,
                "due_at": due if number % 9 else None,
                "closed_at": closed,
                "closed_by": f"person:{people['daria']}" if closed else None,
            }
        )
    return rows


def _incidents(people: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "key": f"incident:{number}",
            "entity": "lead",
            "entity_id": number,
            "person_id": people[who],
            "step": "take",
            "what": "Лид не взят в работу за 2 рабочих часа",
            "at": MORNING + timedelta(hours=number + 2),
        }
        for number, who in enumerate(("olga", "maria", "maria"), start=1)
    ]


def _mails(people: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "origin_key": f"mail:{100 + number}",
            "kind": "mail",
            "direction": "in",
            "at": MORNING + timedelta(minutes=23 * number),
            "person_id": people[("daria", "egor", "timur", "anna")[number % 4]],
        }
        for number in range(14)
    ]
