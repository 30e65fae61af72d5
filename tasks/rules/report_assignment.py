"""How evenly new leads were given out: what each got, beside the days they were there to get it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tasks.rules.assignment import evenness
from tasks.rules.report_model import Cell, Column, Section, Table, Word

LEAD_ROLE = "manager"
"""Whose members get new leads."""


@dataclass(frozen=True, slots=True)
class Share:
    """One person's new leads (row keys), and on how many working days of the period they were not away."""

    name: str
    assigned: tuple[str, ...]
    days: int


def assignment_section(shares: Sequence[Share]) -> Section:
    """The chapter: a row per person, and how even the shares per day at work are."""
    body = [(Cell(one.name), Cell(len(one.assigned), one.assigned), Cell(one.days)) for one in shares]
    keys = tuple(key for one in shares for key in one.assigned)
    per_day = {str(place): len(one.assigned) / one.days for place, one in enumerate(shares) if one.days}
    even = evenness(per_day)
    total = (Cell(Word("total")), Cell(len(keys), keys), Cell(sum(one.days for one in shares)))
    head = (Column("person", "text"), Column("assigned", "count"), Column("days_at_work", "count"))
    spread = Table("assignment", head, (*body, total), has_total=True)
    measure = Table(
        "evenness",
        (Column("evenness", "percent"),),
        ((Cell(None if even is None else 100 * even, keys, len(keys)),),),
    )
    return Section("assignment", tables=(spread, measure))
