"""How evenly new leads were given out."""

from __future__ import annotations

from datetime import date

import pytest

from tasks.rules.assignment import evenness
from tasks.rules.metrics_staff import StaffRows, days_at_work
from tasks.rules.report_assignment import Share, assignment_section


@pytest.mark.parametrize(
    ("shares", "even"),
    [
        ({}, None),
        ({"a": 0, "b": 0}, None),
        ({"a": 3, "b": 3, "c": 3}, 1.0),
        ({"a": 5, "b": 0}, 0.5),
        ({"a": 4, "b": 2}, 0.9),
    ],
)
def test_evenness_is_jains_index(shares: dict[str, float], even: float | None) -> None:
    assert evenness(shares) == (None if even is None else pytest.approx(even))


def test_somebody_away_half_the_time_with_half_the_leads_is_even() -> None:
    shares = [Share("Мария", ("lead-1", "lead-2"), 2), Share("Михаил", ("lead-3",), 1), Share("Павел", (), 0)]
    spread, measure = assignment_section(shares).tables
    assert [tuple(cell.value for cell in row[1:]) for row in spread.rows] == [(2, 2), (1, 1), (0, 0), (3, 3)]
    assert measure.rows[0][0].value == pytest.approx(100)
    assert measure.rows[0][0].rows == ("lead-1", "lead-2", "lead-3")


def test_days_at_work_leave_out_every_absence() -> None:
    days = [date(2026, 11, day) for day in (16, 17, 18, 19, 20)]
    away = [
        {"person_id": 7, "first_on": date(2026, 11, 14), "last_on": date(2026, 11, 17)},
        {"person_id": 7, "first_on": date(2026, 11, 17), "last_on": date(2026, 11, 18)},
        {"person_id": 8, "first_on": date(2026, 11, 16), "last_on": date(2026, 11, 20)},
    ]
    rows = StaffRows([], [], [], [], [], away)
    assert [days_at_work(rows, person, days) for person in (6, 7, 8)] == [5, 2, 0]
