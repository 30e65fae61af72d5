"""What each member of staff did and what it brought: requests AND money, response, deadlines, open work.

Times are working seconds of the office. A median stands beside the number of its observations, because one of fewer
than five says little about a person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from operator import eq
from typing import Any

import pandas as pd

from tasks.rules.working_time import WorkingCalendar

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Span:
    """The period [start, end) and the moment the report knows; all aware UTC."""

    start: datetime
    end: datetime
    as_of: datetime

    @property
    def moment(self) -> datetime:
        """When open work is counted: the period's end, or the known moment if that is earlier."""
        return min(self.end, self.as_of)

    def holds(self, at: datetime | None) -> bool:
        """True for a known time inside the period."""
        return at is not None and self.start <= at < self.end and at <= self.as_of


@dataclass(frozen=True, slots=True)
class StaffRows:
    """The rows of lead_rows, deal_rows, task_rows, incident_rows, work_rows and absence_rows."""

    leads: Sequence[Row]
    deals: Sequence[Row]
    tasks: Sequence[Row]
    incidents: Sequence[Row]
    work: Sequence[Row]
    absences: Sequence[Row] = ()


@dataclass(frozen=True, slots=True)
class StaffFigures:
    """One person's figures, or everybody's. Row keys ('lead-5', 'deal-3', 'task-8', 'call-2') lead to the details."""

    assigned: tuple[str, ...]
    handled: tuple[str, ...]
    won: tuple[str, ...]
    won_amount: Decimal
    paid: tuple[str, ...]
    paid_amount: Decimal
    joined: tuple[str, ...]
    joined_amount: Decimal
    first_response: float | None
    responses: tuple[str, ...]
    resolution: float | None
    resolutions: tuple[str, ...]
    kept: tuple[str, ...]
    late: tuple[str, ...]
    workload: tuple[str, ...]
    backlog_median: float | None
    backlog_oldest: float | None
    incidents: tuple[str, ...]
    calls: tuple[str, ...]
    mails: tuple[str, ...]

    @property
    def kept_percent(self) -> float | None:
        """Deadlines kept in percent of those decided in the period; None when none was."""
        decided = len(self.kept) + len(self.late)
        return 100.0 * len(self.kept) / decided if decided else None


def staff_figures(
    rows: StaffRows, people: Sequence[int | None], span: Span, calendar: WorkingCalendar, currency: str
) -> list[StaffFigures]:
    """Figures of each of `people` in their order: row ids of persons, None for work that nobody was given."""
    return [_figures(rows, span, calendar, currency, partial(eq, person)) for person in people]


def office_figures(rows: StaffRows, span: Span, calendar: WorkingCalendar, currency: str) -> StaffFigures:
    """Figures of the whole office, each row counted once, given to somebody or not."""
    return _figures(rows, span, calendar, currency, lambda _: True)


def _figures(
    rows: StaffRows, span: Span, calendar: WorkingCalendar, currency: str, is_mine: Callable[[int | None], bool]
) -> StaffFigures:
    leads = [row for row in rows.leads if is_mine(row["responsible_id"])]
    managed = [row for row in rows.deals if is_mine(row["manager_id"])]
    joined = [r for r in rows.deals if any(who is not None and is_mine(who) for who in _doers(r))]
    tasks = [row for row in rows.tasks if is_mine(row["person_id"])]
    taken = [row for row in leads if span.holds(row["taken_at"])]
    won, joined_won = _won(managed, span), _won(joined, span)
    paid = [row for row in managed if span.holds(row["paid_at"])]
    kept, late = _deadlines(leads, tasks, span)
    ages = _ages(leads, managed, tasks, span, calendar)
    return StaffFigures(
        assigned=_keys("lead", [row for row in leads if row["responsible_id"] and span.holds(row["created_at"])]),
        handled=_keys("lead", [r for r in leads if any(map(span.holds, _steps(r)))]),
        won=_keys("deal", won),
        won_amount=_sum(won, "amount", currency),
        paid=_keys("deal", paid),
        paid_amount=_sum(paid, "invoice_amount", currency),
        joined=_keys("deal", joined_won),
        joined_amount=_sum(joined_won, "amount", currency),
        first_response=median([calendar.seconds_between(r["created_at"], r["taken_at"]) for r in taken]),
        responses=_keys("lead", taken),
        resolution=median([calendar.seconds_between(r["requested_at"], r["ended_at"]) for r in won]),
        resolutions=_keys("deal", won),
        kept=kept,
        late=late,
        workload=tuple(ages),
        backlog_median=median(list(ages.values())),
        backlog_oldest=max(ages.values(), default=None),
        incidents=_keys("incident", [row for row in rows.incidents if is_mine(row["person_id"])]),
        calls=_work(rows, is_mine, {"call_answered"}),
        mails=_work(rows, is_mine, {"mail_received", "mail_sent"}),
    )


def days_at_work(rows: StaffRows, person_id: int, days: Sequence[date]) -> int:
    """How many of the office's working `days` somebody was not away."""
    away = [row for row in rows.absences if row["person_id"] == person_id]
    return sum(not any(row["first_on"] <= day <= row["last_on"] for row in away) for day in days)


def median(values: Sequence[float]) -> float | None:
    """The middle value, or the mean of the two middle ones; None of none."""
    return float(pd.Series(list(values), dtype="float64").median()) if values else None


def _deadlines(leads: Iterable[Row], tasks: Iterable[Row], span: Span) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Kept and broken promises of the period.

    A promise is decided once: when it is fulfilled, or at its deadline when it is not; so no period counts it twice.
    """
    promises = [(f"lead-{r['lead_id']}", r["take_due_at"], r["taken_at"] or r["ended_at"]) for r in leads]
    promises += [(f"task-{r['work_task_id']}", r["due_at"], r["closed_at"]) for r in tasks if r["state"] != "withdrawn"]
    kept: list[str] = []
    late: list[str] = []
    for key, due, fulfilled in promises:
        if due is not None and span.holds(min(fulfilled, due) if fulfilled else due):
            (kept if fulfilled and fulfilled <= due else late).append(key)
    return tuple(kept), tuple(late)


def _ages(
    leads: Iterable[Row], deals: Iterable[Row], tasks: Iterable[Row], span: Span, calendar: WorkingCalendar
) -> dict[str, int]:
    """What was open at the moment of counting, by key, with its age in working seconds."""
    spans = [(f"lead-{r['lead_id']}", r["created_at"], r["ended_at"]) for r in leads]
    spans += [(f"deal-{r['deal_id']}", r["created_at"], r["ended_at"]) for r in deals]
    spans += [(f"task-{r['work_task_id']}", r["opened_at"], r["closed_at"]) for r in tasks]
    now = span.moment
    return {
        key: calendar.seconds_between(opened, now)
        for key, opened, ended in spans
        if opened <= now and (ended is None or ended > now)
    }


def _won(deals: Iterable[Row], span: Span) -> list[Row]:
    return [row for row in deals if row["outcome"] == "won" and span.holds(row["ended_at"])]


def _doers(deal: Row) -> tuple[int | None, int | None]:
    return deal["dispatcher_id"], deal["executor_id"]


def _steps(lead: Row) -> tuple[datetime | None, ...]:
    return lead["taken_at"], lead["qualified_at"], lead["ended_at"]


def _sum(deals: Iterable[Row], field: str, currency: str) -> Decimal:
    return sum((r[field] for r in deals if r["currency"] == currency and r[field] is not None), Decimal("0.00"))


def _work(rows: StaffRows, is_mine: Callable[[int | None], bool], kinds: set[str]) -> tuple[str, ...]:
    return tuple(
        f"{row['entity']}-{row['entity_id']}" for row in rows.work if row["work"] in kinds and is_mine(row["person_id"])
    )


def _keys(name: str, rows: Iterable[Row]) -> tuple[str, ...]:
    return tuple(f"{name}-{row[f'{name}_id']}" for row in rows)
