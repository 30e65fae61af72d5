"""The words that suites are written in: kinds of columns, and expectations that carry their reason.

Every expectation has in its meta the `field` it is about and what it `must` be, in words for people.
Missing or unreadable values of a required column are replaced by one that no expectation accepts (see `Kind`),
so that "is there" needs no expectation of its own: each one costs 10 to 15 ms, whatever the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

import pandas as pd
from great_expectations.expectations.core import (  # type: ignore[attr-defined]  # re-exported without saying so
    ExpectColumnPairValuesAToBeGreaterThanB,
    ExpectColumnValueLengthsToBeBetween,
    ExpectColumnValuesToBeBetween,
    ExpectColumnValuesToBeInSet,
    ExpectColumnValuesToMatchRegex,
    ExpectColumnValuesToNotBeNull,
)
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.row_conditions import ComparisonCondition, NullityCondition

OLDEST = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""Nothing the office keeps is older: an earlier time is a broken clock or a parser's mistake.

Without a zone, as all moments of a frame: UTC is meant."""

MAIL_SHAPE = r"^[^@\s<>,;]{1,64}@[^@\s<>,;]{1,255}$"  # lengths of RFC 5321 4.5.3.1
E164_SHAPE = r"^\+[1-9][0-9]{6,14}$"  # ITU-T E.164


RowCondition = ComparisonCondition | NullityCondition


class Kind(StrEnum):
    """How a column is read. Missing or unreadable: NUMBER becomes -1, MOMENT 1970, TEXT empty.

    The MAYBE kinds stay missing, and expectations pass over them.
    """

    NUMBER = "number"
    MOMENT = "moment"
    TEXT = "text"
    MAYBE_NUMBER = "maybe_number"
    MAYBE_MOMENT = "maybe_moment"
    MAYBE_TEXT = "maybe_text"


def _as_it_is(frame: pd.DataFrame) -> pd.DataFrame:
    return frame


@dataclass(frozen=True, slots=True)
class Suite:
    """The columns a batch must have, columns derived from them, and what is expected of each row."""

    name: str
    columns: Mapping[str, Kind]
    expectations: tuple[Expectation, ...]
    derive: Callable[[pd.DataFrame], pd.DataFrame] = field(default=_as_it_is)


def at_least(column: str, minimum: float, must: str = "") -> Expectation:
    """`column` is `minimum` or more."""
    meta = _meta(column, must or f"be {minimum:g} or more")
    return ExpectColumnValuesToBeBetween(column=column, min_value=minimum, meta=meta)


def within(column: str, minimum: float, maximum: float, must: str) -> Expectation:
    """`column` lies between both bounds, inclusive."""
    meta = _meta(column, must)
    return ExpectColumnValuesToBeBetween(column=column, min_value=minimum, max_value=maximum, meta=meta)


def since_2000(column: str) -> Expectation:
    """`column` is a time of this century."""
    meta = _meta(column, "be a time of the year 2000 or later")
    return ExpectColumnValuesToBeBetween(column=column, min_value=OLDEST, meta=meta)


def one_of(column: str, allowed: Sequence[str]) -> Expectation:
    """`column` is one of the words `allowed`."""
    meta = _meta(column, f"be one of {', '.join(allowed)}")
    return ExpectColumnValuesToBeInSet(column=column, value_set=list(allowed), meta=meta)


def matching(column: str, pattern: str, must: str, *, where: RowCondition | None = None, when: str = "") -> Expectation:
    """`column` matches the regular expression, in all rows or those `where` (said in words by `when`)."""
    meta = _meta(column, f"{must}{when and ' ' + when}")
    return ExpectColumnValuesToMatchRegex(column=column, regex=pattern, row_condition=where, meta=meta)


def filled(column: str) -> Expectation:
    """`column` holds more than white space."""
    return matching(column, r"\S", "not be empty")


def present(column: str, where: RowCondition | None, when: str) -> Expectation:
    """`column` is not missing in the rows `where`, which `when` says in words."""
    meta = _meta(column, f"be there{when and ' ' + when}")
    return ExpectColumnValuesToNotBeNull(column=column, row_condition=where, meta=meta)


def zero(column: str, where: RowCondition, when: str) -> Expectation:
    """`column` is zero in the rows `where`, which `when` says in words."""
    meta = _meta(column, f"be zero {when}")
    return ExpectColumnValuesToBeInSet(column=column, value_set=[0], row_condition=where, meta=meta)


def shorter(column: str, limit_chars: int) -> Expectation:
    """`column` has at most so many characters."""
    meta = _meta(column, f"be no longer than {limit_chars} characters")
    return ExpectColumnValueLengthsToBeBetween(column=column, max_value=limit_chars, meta=meta)


def not_below(column: str, other: str, must: str = "", *, about: str = "") -> Expectation:
    """`column` is `other` or more, where both are there; `about` is the field to name in the reason."""
    return ExpectColumnPairValuesAToBeGreaterThanB(
        column_A=column,
        column_B=other,
        or_equal=True,
        ignore_row_if="either_value_is_missing",
        meta=_meta(about or column, must or f"be no earlier than {other}"),
    )


def _meta(name: str, must: str) -> dict[str, str]:
    return {"field": name, "must": must}
