"""The gate's verdict on a batch: which rows go on, which do not, and why, in words free of personal data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tasks.rules.errors import CalloutError


class QualityError(CalloutError):
    """A batch as a whole cannot be judged: a column is missing, or an expectation failed to run."""

    exit_code = 8


@dataclass(frozen=True, slots=True)
class GateResult:
    """Row positions of a batch: those that go on, and those refused with their reasons."""

    good: tuple[int, ...] = ()
    bad: dict[int, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """One row that broke one expectation: `must` says what its field should have been."""

    position: int
    field: str
    must: str


def judge_batch(rows: Sequence[Mapping[str, Any]], findings: Iterable[Finding]) -> GateResult:
    """Merge what was found into one verdict per row; a row keeps every distinct reason, in the order found."""
    reasons: dict[int, dict[str, None]] = {}
    for finding in findings:
        found = value_class(rows[finding.position].get(finding.field))
        sentence = f"{finding.field} must {finding.must}; found {found}"
        reasons.setdefault(finding.position, {})[sentence] = None
    good = tuple(position for position in range(len(rows)) if position not in reasons)
    return GateResult(good, {position: tuple(reasons[position]) for position in sorted(reasons)})


def value_class(value: object) -> str:
    """What kind of value was found, without telling the value itself: it may be about a person."""
    if value is None or value != value:
        return "nothing"
    if isinstance(value, bool):
        return "a truth value"
    if isinstance(value, str):
        return f"text of {len(value)} characters" if value.strip() else "empty text"
    if isinstance(value, int | float | Decimal):
        return _number_class(value)
    if isinstance(value, datetime):
        return f"a time in {value.year}" if value.tzinfo else f"a time without zone in {value.year}"
    if isinstance(value, date):
        return f"a day in {value.year}"
    return "something of another type"


def _number_class(value: float | Decimal) -> str:
    if value == 0:
        return "zero"
    return "a number above zero" if value > 0 else "a number below zero"
