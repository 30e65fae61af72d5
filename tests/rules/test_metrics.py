"""The reports' figures agree with a second, plain computation; what cannot be known is None, never 0."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.rules.calls.facts import facts_of_calls
from tasks.rules.calls.figures import CallFigures, figures_of
from tasks.rules.metrics import Telephony, local_days, missed_figures, percentile, telephony
from tasks.rules.metrics_staff import Span, StaffRows, office_figures, staff_figures
from tasks.rules.office import Hours, ServiceLevel
from tasks.rules.working_time import working_calendar
from tests.samples.plain_metrics import plain_calls, plain_percentile

MOSCOW = ZoneInfo("Europe/Moscow")
CALENDAR = working_calendar(Hours(time(9), time(18)), MOSCOW)
LEVEL = ServiceLevel(threshold_seconds=20, short_abandon_seconds=5)
TUESDAY = date(2026, 11, 17)
NOON = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)


def _call(call_id: int, **changes: Any) -> dict[str, Any]:
    plain = {
        "call_id": call_id,
        "direction": "in",
        "source": "pbx",
        "started_at": NOON,
        "ended_at": NOON + timedelta(minutes=2),
        "outcome": "answered",
        "wait_seconds": 10,
        "talk_seconds": 60,
        "client_phone": None,
        "queue": None,
        "line": None,
        "person_id": None,
        "flow_out": None,
    }
    return plain | changes


def _measured(calls: list[dict[str, Any]], days: list[date] | None = None) -> Telephony:
    return telephony(facts_of_calls(calls, MOSCOW), days or [TUESDAY], LEVEL, MOSCOW)


def _as_plain(figures: CallFigures) -> dict[str, Any]:
    is_told = figures.unknown_waits < figures.offered or not figures.offered
    return {
        "offered": figures.offered,
        "answered": figures.answered,
        "missed": figures.missed,
        "abandoned": figures.abandoned or 0,
        "short_abandons": figures.short_abandons if is_told else 0,
        **{f"{name}_level": share.percent for name, share in figures.levels.items()},
        "asa": figures.mean_answer_seconds,
        "p50": figures.wait_p50,
        "p90": figures.wait_p90,
        "p95": figures.wait_p95,
        "talk": figures.talk_seconds,
        "aht": figures.mean_talk_seconds,
    }


calls_of_a_day = st.lists(
    st.fixed_dictionaries(
        {
            "direction": st.sampled_from(["in", "in", "in", "out", "internal"]),
            "outcome": st.sampled_from(["answered", "answered", "abandoned", "no_answer", "busy", "failed"]),
            "wait_seconds": st.none() | st.integers(0, 90),
            "talk_seconds": st.integers(0, 900),
            "client_phone": st.none() | st.sampled_from(["+79000000501", "+79000000502", "+79000000503"]),
            "queue": st.sampled_from(["600", "601", None]),
            "person_id": st.sampled_from([1, 2, None]),
        }
    ),
    max_size=40,
)


@settings(deadline=None, max_examples=50)
@given(calls_of_a_day)
def test_both_computations_agree(drawn: list[dict[str, Any]]) -> None:
    calls = [_call(number, **row) for number, row in enumerate(drawn, start=1)]
    found = _measured(calls)
    assert _as_plain(found.total) == pytest.approx(plain_calls(calls, LEVEL), nan_ok=False)
    for queue, figures in found.queues.items():
        part = [call for call in calls if (call["queue"] or "") == queue]
        assert _as_plain(figures) == pytest.approx(plain_calls(part, LEVEL))
    answered = [call for call in calls if call["direction"] == "in" and call["outcome"] == "answered"]
    assert sum(one.answered for one in found.people) == len(answered)


@settings(deadline=None)
@given(st.lists(st.integers(0, 500)), st.sampled_from([50, 90, 95]))
def test_percentiles_follow_their_definition(values: list[int], percent: int) -> None:
    assert percentile(values, percent) == plain_percentile(values, percent)


def test_the_four_service_levels_stand_side_by_side() -> None:
    calls = [
        *(_call(n, wait_seconds=10) for n in range(6)),
        _call(6, wait_seconds=20),
        _call(7, wait_seconds=21),
        _call(8, outcome="abandoned", wait_seconds=4),
        _call(9, outcome="abandoned", wait_seconds=5),
    ]
    levels = {name: share.percent for name, share in _measured(calls).total.levels.items()}
    assert levels == {
        "offered": 70.0,
        "offered_without_short": pytest.approx(100 * 7 / 9),
        "answered": 87.5,
        "offered_with_abandoned": 90.0,
    }


def test_a_wait_that_the_source_cannot_tell_is_not_available() -> None:
    total = _measured([_call(1, wait_seconds=None), _call(2, wait_seconds=None, outcome="no_answer")]).total
    assert (total.levels["offered"].percent, total.mean_answer_seconds, total.wait_p90) == (None, None, None)
    assert (total.offered, total.unknown_waits) == (2, 2)
    assert (total.abandoned, total.short_abandons, total.flow_out) == (None, None, None)


def test_a_day_without_rows_is_unknown_and_a_quiet_one_is_zero() -> None:
    found = _measured([_call(1, direction="out")], local_days(TUESDAY, date(2026, 11, 18)))
    quiet, silent = found.days.values()
    assert quiet is not None
    assert quiet.offered == 0
    assert silent is None


def test_hours_are_those_of_the_office() -> None:
    late = _call(1, started_at=datetime(2026, 11, 17, 20, 59, tzinfo=UTC))
    found = _measured([late])
    assert list(found.hours) == [23]
    assert list(found.cells) == [(1, 23)]


def test_occupancy_is_told_only_where_pauses_are_known() -> None:
    facts = facts_of_calls([_call(1, person_id=1, talk_seconds=600), _call(2, person_id=2)], MOSCOW)
    first, second = telephony(replace(facts, presence={1: (2400, 1200)}), [TUESDAY], LEVEL, MOSCOW).people
    assert (first.occupancy_percent, second.occupancy_percent) == (50.0, None)


def test_staffing_stands_beside_who_answered() -> None:
    calls = [_call(n, person_id=1 + n % 3, talk_seconds=180, wait_seconds=5) for n in range(100)]
    (hour,) = _measured(calls).staffing
    assert (hour.hour, hour.calls_per_day, hour.load_erlangs, hour.needed, hour.present) == (12, 100, 5.0, 8, 3.0)


def test_no_calls_at_all_have_no_shares() -> None:
    empty = figures_of((), LEVEL)
    assert {share.percent for share in empty.levels.values()} == {None}
    assert (empty.talk_seconds, empty.mean_talk_seconds, empty.answered_percent) == (0, None, None)


def test_missed_calls_end_in_one_course_and_times_are_working_times() -> None:
    def missed(number: int, state: str, at: datetime, resolved: datetime | None) -> dict[str, Any]:
        due = at + timedelta(hours=1)
        return {"missed_call_id": number, "state": state, "missed_at": at, "due_at": due, "resolved_at": resolved}

    evening = datetime(2026, 11, 16, 14, 50, tzinfo=UTC)
    rows = [
        missed(1, "returned", evening, datetime(2026, 11, 17, 6, 5, tzinfo=UTC)),
        missed(2, "returned", NOON, NOON + timedelta(minutes=5)),
        missed(3, "came_back", NOON, NOON + timedelta(minutes=1)),
        missed(4, "open", NOON, None),
    ]
    found = missed_figures(rows, CALENDAR, LATER)
    assert (found.returned, found.came_back, found.still_open) == ((1, 2), (3,), (4,))
    assert (found.call_back_p50, found.call_back_p90) == (300, 900)
    assert found.overdue == (1, 4)
    assert found.in_time == (2, 3)


SPAN = Span(datetime(2026, 11, 16, 21, tzinfo=UTC), datetime(2026, 11, 17, 21, tzinfo=UTC), LATER)


def _lead(number: int, who: int | None, taken: datetime | None, ended: datetime | None = None) -> dict[str, Any]:
    return {
        "lead_id": number,
        "responsible_id": who,
        "created_at": NOON,
        "take_due_at": NOON + timedelta(hours=2),
        "taken_at": taken,
        "qualified_at": None,
        "ended_at": ended,
    }


def _deal(number: int, manager: int, executor: int, amount: str, currency: str = "RUB") -> dict[str, Any]:
    return {
        "deal_id": number,
        "manager_id": manager,
        "dispatcher_id": None,
        "executor_id": executor,
        "amount": Decimal(amount),
        "currency": currency,
        "requested_at": NOON,
        "created_at": NOON,
        "ended_at": NOON + timedelta(hours=3),
        "outcome": "won",
        "invoice_amount": Decimal(amount),
        "paid_at": NOON + timedelta(days=3),
    }


def _task(number: int, due_hours: int | None, closed_hours: int | None, state: str = "done") -> dict[str, Any]:
    return {
        "work_task_id": number,
        "person_id": 1,
        "opened_at": NOON,
        "due_at": None if due_hours is None else NOON + timedelta(hours=due_hours),
        "closed_at": None if closed_hours is None else NOON + timedelta(hours=closed_hours),
        "state": state,
    }


def test_work_and_money_are_credited_once() -> None:
    deals = [_deal(1, 1, 2, "100.10"), _deal(2, 1, 3, "0.20"), _deal(3, 1, 2, "5", "EUR")]
    rows = StaffRows([], deals, [], [], [])
    first, second = staff_figures(rows, [1, 2], SPAN, CALENDAR, "RUB")
    assert (first.won_amount, first.joined_amount) == (Decimal("100.30"), Decimal("0.00"))
    assert (second.won_amount, second.joined_amount, second.joined) == (
        Decimal("0.00"),
        Decimal("100.10"),
        ("deal-1", "deal-3"),
    )
    total = office_figures(rows, SPAN, CALENDAR, "RUB")
    assert (total.won_amount, total.joined_amount, total.paid_amount) == (first.won_amount, first.won_amount, 0)


@pytest.mark.parametrize(
    ("due_hours", "closed_hours", "state", "expected"),
    [
        (2, 1, "done", (1, 0)),
        (2, 2, "done", (1, 0)),
        (2, 3, "done", (0, 1)),
        (2, None, "open", (0, 1)),
        (2, 1, "withdrawn", (0, 0)),
        (None, 1, "done", (0, 0)),
        (30, 1, "done", (1, 0)),
        (30, None, "open", (0, 0)),
        (2, 30, "done", (0, 1)),
    ],
)
def test_a_deadline_is_decided_once(
    due_hours: int | None, closed_hours: int | None, state: str, expected: tuple[int, int]
) -> None:
    rows = StaffRows([], [], [_task(1, due_hours, closed_hours, state)], [], [])
    found = office_figures(rows, SPAN, CALENDAR, "RUB")
    assert (len(found.kept), len(found.late)) == expected


def test_response_is_working_time_and_open_work_is_counted_at_the_end() -> None:
    leads = [
        _lead(1, 1, NOON + timedelta(minutes=30)),
        _lead(2, 1, NOON + timedelta(minutes=50), NOON + timedelta(hours=1)),
        _lead(3, None, None),
    ]
    found = office_figures(StaffRows(leads, [], [], [], []), SPAN, CALENDAR, "RUB")
    assert found.first_response == 40 * 60
    assert found.responses == ("lead-1", "lead-2")
    assert found.workload == ("lead-1", "lead-3")
    assert found.backlog_oldest == 6 * 3600
    assert found.kept_percent == pytest.approx(100 * 2 / 3)
    (nobody,) = staff_figures(StaffRows(leads, [], [], [], []), [None], SPAN, CALENDAR, "RUB")
    assert nobody.workload == ("lead-3",)
