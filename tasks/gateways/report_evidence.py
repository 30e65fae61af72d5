"""The rows behind a report's figures: each set of rows once, under a number, and conditions in a report's own words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from zoneinfo import ZoneInfo

from tasks.rules.report_format import worded, written
from tasks.rules.report_model import Report
from tasks.rules.report_words import word

_CONDITION = re.compile(r"(\w+)([=≠<≤≥])(.*)")
# whose values are keys of the wording table, under which name
_WORDED = {
    "direction": "direction",
    "outcome": "outcome",
    "weekday": "weekday",
    "missed_state": "state",
    "deadline": "deadline",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """The rows of one figure (of several that stand on the same ones): its number from 1, its title, their anchors."""

    number: int
    title: str
    rows: tuple[str, ...]


@dataclass(slots=True)
class EvidenceBook:
    """The lists of rows in the order in which figures ask for them."""

    _found: dict[tuple[str, ...], Evidence] = field(default_factory=dict)

    def listed(self, rows: tuple[str, ...], title: str) -> Evidence:
        """The list of these rows; it bears the title of the first figure that asked for it."""
        if rows not in self._found:
            self._found[rows] = Evidence(len(self._found) + 1, title, rows)
        return self._found[rows]

    def all(self) -> list[Evidence]:
        """Every list that a figure led to."""
        return list(self._found.values())


def asked_in_words(asked: str, report: Report) -> str:
    """The condition of a Cell in the words of the report's CSV file: 'Direction = incoming; Wait ≤ 20'."""
    parts = [
        "; ".join(_CONDITION.sub(partial(_condition, report), one) for one in part.split("; "))
        for part in asked.split(" | ")
    ]
    return f" {word('or', report.language)} ".join(parts)


def _condition(report: Report, found: re.Match[str]) -> str:
    name, sign, value = found.groups()
    language = report.language
    if value in ("yes", "empty"):
        said = word(value, language)
    elif name == "day":
        said = written("day", date.fromisoformat(value), language, ZoneInfo(report.zone), report.currency)
    else:
        prefix = _WORDED.get(name, "")
        said = "/".join(worded(f"{prefix}.{one}", language) for one in value.split("/")) if prefix else value
    return f"{word(name, language)} {sign} {said}"
