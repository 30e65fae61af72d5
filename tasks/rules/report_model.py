"""What a report is before it is drawn: figures, tables and charts that know the rows they come from.

The same report becomes a page, a workbook and a mail; none of them computes anything.
Titles are keys of tasks.rules.report_words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

Kind = Literal[
    "text", "count", "decimal", "difference", "seconds", "percent", "change", "points", "money", "moment", "day", "word"
]


@dataclass(frozen=True, slots=True)
class Word:
    """A value that is a text of ours, by its key: 'total', 'direct'."""

    key: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One value; None is "not available", which is not 0.

    `rows` are the keys of the detail rows it was computed from ('call-12'), `sample` how many observations a median
    or share stands on (None: it is no such figure). Where the rows are too many to be listed, `asked` is the condition
    under which the report's CSV file holds exactly them. `kind` is its own where it is not its column's. `address` is a
    page outside of the report that shows the thing itself (a recording's, which asks who wants to see it).
    """

    value: Any
    rows: tuple[str, ...] = ()
    sample: int | None = None
    asked: str = ""
    kind: Kind | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """`key` names its title; `kind` says how to write it ('word' is itself a key of the wording table)."""

    key: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under columns. `anchors` name the rows (detail tables), `has_total` marks the last row.

    In a heat map (`is_heat`) the numbers' cells are shaded by their value.
    """

    key: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    anchors: tuple[str, ...] = ()
    has_total: bool = False
    is_heat: bool = False


@dataclass(frozen=True, slots=True)
class Hint:
    """A remark under a figure: the text `key` with its {value} written as `kind` says, which leads to rows of its own.

    A setting (a target) leads to none; `rows` and `asked` are as in a Cell.
    """

    key: str
    kind: Kind
    value: Any
    rows: tuple[str, ...] = ()
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number at the head of the report, a remark beside it and, where there is a target, whether it is met."""

    key: str
    kind: Kind
    cell: Cell
    hint: Hint | None = None
    is_good: bool | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label as people read it, its series (a key), its value."""

    label: str
    series: str
    value: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Stacked bars in drawing order, as columns or as rows; both axes' titles are keys."""

    key: str
    shape: Literal["columns", "rows"]
    label_title: str
    value_title: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter: its pictures, then its tables."""

    key: str
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report on local days `first_day` … `last_day` as known at `as_of` (aware UTC).

    `details` are the rows everything leads to; `definitions` the keys of the metrics to explain, with the values
    their text needs; `notes` remarks (key, values), such as days without data. `rows_file` is the CSV file that holds
    the rows where they are too many for the page. Without data (`has_data`) its tables say so.
    """

    name: str
    office: str
    language: str
    zone: str
    currency: str
    first_day: date
    last_day: date
    as_of: datetime
    figures: tuple[Figure, ...]
    sections: tuple[Section, ...]
    details: tuple[Table, ...]
    definitions: tuple[str, ...]
    values: dict[str, Any] = field(default_factory=dict)
    notes: tuple[tuple[str, dict[str, Any]], ...] = ()
    rows_file: str = ""
    has_data: bool = True
