"""Who should have got a call and who did, and how even the queues are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tasks.rules.report_routing import routed_calls, routing_section
from tasks.rules.report_words import word

NOON = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)


def _row(
    route: int, should: int | None, call: int | None = None, took: int | None = None, **more: Any
) -> dict[str, Any]:
    row = {"route_id": route, "asked_at": NOON, "line": None, "queue": "600", "kind": "queue", "is_exact": False,
           "person_id": should, "person_name": should and f"P{should}", "call_id": call,
           "call_started_at": None if call is None else NOON, "taker_id": took, "taker_name": took and f"P{took}",
           "outcome": None if call is None else "answered" if took else "abandoned"}  # fmt: skip
    return row | more


def test_what_became_of_each_answer() -> None:
    rows = [
        _row(1, 1, 11, 1),
        _row(2, 1, 12, 2),
        _row(3, 2, 13),
        _row(4, 2),
        _row(5, None, 14, 1, kind="last_resort"),
        _row(6, 2, 11, 1, asked_at=NOON + timedelta(seconds=20)),  # asked again about the first
    ]
    verdicts = [(one.call_id, one.should, one.did, one.verdict) for one in routed_calls(rows)]
    assert verdicts == [
        (11, "P1", "P1", "as_told"),
        (12, "P1", "P2", "somebody_else"),
        (13, "P2", "", "nobody"),
        (None, "P2", "", "no_call"),
        (14, "", "P1", "somebody_else"),
    ]


def test_of_several_calls_of_a_number_the_nearest_is_meant() -> None:
    rows = [_row(1, 1, n, 1, call_started_at=NOON + timedelta(minutes=m)) for n, m in ((11, -60), (12, 1), (13, 30))]
    assert [one.call_id for one in routed_calls(rows)] == [12]
    assert [one.verdict for one in routed_calls(rows[:1])] == ["no_call"]


def test_the_chapter_counts_and_leads_to_the_rows() -> None:
    calls = routed_calls([_row(1, 1, 11, 1), _row(2, 1, 12, 1), _row(3, 1, 13, 2), _row(4, 3, 14)])
    course, shares, even = routing_section(calls).tables
    assert [row[1].value for row in course.rows] == [2, 1, 1, 0]
    assert course.rows[0][1].rows == ("call-11", "call-12")
    told = [tuple(cell.value for cell in row) for row in shares.rows]
    assert told == [("600", "P1", 3, 2), ("600", "P2", 0, 1), ("600", "P3", 1, 0)]
    assert even.rows[0][1].value == 100 * 9 / (3 * 5)
    assert routing_section([]).tables[2].rows == ()


def test_every_title_is_worded() -> None:
    section = routing_section([])
    keys = [section.key, *(table.key for table in section.tables)]
    keys += [column.key for table in section.tables for column in table.columns]
    keys += [cell.value.key for row in section.tables[0].rows for cell in row if hasattr(cell.value, "key")]
    for language in ("ru", "en"):
        assert all(word(key, language) for key in keys)
