"""Reading an item: its values, the state of its work, and the clocks that run for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tasks.rules.pipeline_parts import Compute, Pipeline, Span
from tasks.rules.pipeline_state import Item, Owed
from tasks.rules.working_time import WorkingCalendar


@dataclass(frozen=True, slots=True)
class Clock:
    """Something that is due: `within` (the stage), `after:RULE` or `work:NAME:ROUND`."""

    due: datetime
    name: str


def value_of(pipeline: Pipeline, item: Item, name: str) -> Any:
    """The value of a field, `stage`, `visit` or `work.NAME`; None when it is empty."""
    if name.startswith("work."):
        return work_state(pipeline, item, name.removeprefix("work."))
    if name in ("stage", "visit"):
        return getattr(item, name)
    part = pipeline.fields.get(name)
    return _computed(item, part.compute) if part and part.compute else item.fields.get(name)


def _computed(item: Item, compute: Compute) -> Any:
    if compute.sum_of:
        lines = item.fields.get(compute.sum_of) or ()
        return sum((line.amount for line in lines), Decimal(0)) if lines else None
    picked = compute.options.get(str(item.fields.get(compute.pick_by)))
    if picked is None:
        return None
    return (*picked, *(item.fields.get(compute.plus) or ())) if compute.plus else picked


def latest(item: Item, name: str) -> tuple[Owed, ...]:
    """What was asked of everybody when this work was last asked for."""
    rows = [owed for owed in item.owed if owed.name == name]
    newest = max((owed.round for owed in rows), default=0)
    return tuple(owed for owed in rows if owed.round == newest)


def work_state(pipeline: Pipeline, item: Item, name: str) -> str | None:
    """open, done, approved, declined, withdrawn; None when it was never asked for.

    A vote is approved when the yes reach the need, declined as soon as they cannot reach it any more.
    """
    rows, part = latest(item, name), pipeline.work[name]
    if not rows:
        return None
    states = [owed.state for owed in rows]
    if all(state == "withdrawn" for state in states):
        return "withdrawn"
    if part.kind == "task":
        return "done" if "done" in states else "open"
    need = len(rows) if part.need == "all" else min(part.need, len(rows))
    yes = states.count("approved")
    if yes >= need:
        return "approved"
    return "declined" if yes + states.count("open") < need else "open"


def span_end(calendar: WorkingCalendar, start: datetime, span: Span) -> datetime:
    """The moment a span after `start` ends; a working day lasts from opening to closing time."""
    if span.working_days:
        hours = calendar.hours
        day = timedelta(hours=hours.closes.hour - hours.opens.hour, minutes=hours.closes.minute - hours.opens.minute)
        return calendar.add(start, span.working_days * int(day.total_seconds()))
    return calendar.add(start, span.seconds) if span.is_working else start + timedelta(seconds=span.seconds)


def next_clock(pipeline: Pipeline, calendar: WorkingCalendar, item: Item) -> Clock | None:
    """The clock that is due first; None when none runs."""
    return min(_clocks(pipeline, calendar, item), key=lambda clock: (clock.due, clock.name), default=None)


def _clocks(pipeline: Pipeline, calendar: WorkingCalendar, item: Item) -> Iterator[Clock]:
    stage = pipeline.stages[item.stage]
    if stage.within and "within" not in item.fired:
        yield Clock(span_end(calendar, item.entered_at, stage.within.time), "within")
    for rule in stage.rules:
        if rule.trigger.span and rule.key not in item.fired:
            yield Clock(span_end(calendar, item.entered_at, rule.trigger.span), f"after:{rule.key}")
    for owed in item.owed:
        if owed.state == "open" and owed.due_at and not owed.is_overdue:
            yield Clock(owed.due_at, f"work:{owed.name}:{owed.round}")
