"""What the PBX was answered, kept once, and found beside the call it was about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.call_routing import Answered, keep_answers
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.report_rows import read_rows
from tasks.rules.report_routing import routed_calls

NOON = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
PHONE = "+79000000801"
CALL = {"source": "pbx", "direction": "in", "outcome": "answered", "talk_seconds": 5, "leg_count": 1,
        "transfer_count": 0, "client_phone": PHONE}  # fmt: skip


def _answer(key: str, linked_id: str, people: tuple[int, ...], caller: str | None = PHONE) -> Answered:
    return Answered(key, NOON, linked_id, None, caller, "", "queue", "600", people, "queue 600")


def test_an_answer_is_kept_once_and_meets_its_call(engine: sa.Engine) -> None:
    with writing(engine) as connection:
        people = [{"id": n, "key": f"p{n}", "name": f"P{n}", "mail": f"p{n}@example.com"} for n in (1, 2)]
        connection.execute(sa.insert(schema.person), people)
        calls = [
            CALL | {"linked_id": name, "started_at": at, "ended_at": at, "person_id": person}
            for name, at, person in (("a", NOON, 1), ("b", NOON + timedelta(minutes=30), 2))
        ]
        connection.execute(sa.insert(schema.call), calls)
    answers = [
        _answer("k1", "b", (1, 2)),
        _answer("k2", "", (1,)),
        _answer("k3", "gone", ()),
        _answer("k4", "", (2,), None),
    ]
    assert keep_answers(engine, answers) == 4
    assert keep_answers(engine, answers) == 0
    period = {"from": NOON, "until": NOON + timedelta(days=1), "as_of": NOON + timedelta(days=1)}
    with reading(engine) as connection:
        rows = read_rows(connection, "route_rows", **period)
        before = read_rows(connection, "route_rows", **(period | {"as_of": NOON - timedelta(seconds=1)}))
    assert before == []
    assert rows[0]["asked_at"] == NOON
    told = [(one.should, one.did, one.verdict) for one in routed_calls(rows)]
    assert told == [("P1", "P2", "somebody_else"), ("P1", "P1", "as_told"), ("", "", "no_call"), ("P2", "", "no_call")]
