"""A report as one HTML file that needs nothing else: no script, no link outside, readable on paper and on a phone.

A number that has rows behind it is a link to the list of them, and from there to each row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from tasks.gateways.charts import chart_svg
from tasks.gateways.report_evidence import EvidenceBook, asked_in_words
from tasks.rules.report_format import clock, moment, period, written
from tasks.rules.report_model import Cell, Column, Hint, Report, Table
from tasks.rules.report_words import word

_TEMPLATES = Path(__file__).resolve().parent / "report_templates"
_NUMERIC = frozenset(("count", "decimal", "difference", "seconds", "percent", "change", "points", "money"))
FEW = 5


@dataclass(frozen=True, slots=True)
class _Listed:
    """The rows of one figure: its anchor on the page, its title, and the rows as (anchor, label)."""

    key: str
    title: str
    rows: list[tuple[str, str]]


def report_page(report: Report) -> str:
    """The whole page; the same report always gives the same text."""
    page = _Page(report)
    css = Markup((_TEMPLATES / "report.css").read_text(encoding="utf-8").strip())  # noqa: S704  # our own file
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            css=css,
            days=period(report.first_day, report.last_day, report.language),
            moment=moment(report.as_of, report.language, page.zone)[:-3],
            word=page.word,
            cell=page.cell,
            head=page.head,
            hint=page.hint,
            css_class=css_class,
            shade=shade,
            filled=filled,
            svg=lambda chart: Markup(chart_svg(chart, report.language)),  # noqa: S704  # vl-convert escapes its texts
            evidence=page.evidence,
            has_small=any(is_few(cell) for table in _tables(report) for row in table.rows for cell in row),
        )
    )


def css_class(column: Column) -> Markup:
    """Numbers stand right, moments do not break."""
    if column.kind in _NUMERIC:
        return Markup(' class="n"')
    return (
        Markup(' class="when"') if column.kind in ("moment", "day") or column.key in ("hour", "number") else Markup("")
    )


def shade(table: Table, cell: Cell) -> str:
    """How dark a heat map's cell is, ' h0' to ' h5' of its most; '' outside of heat maps."""
    if not table.is_heat or not isinstance(cell.value, int | float):
        return ""
    numbers = [one.value for row in table.rows for one in row if isinstance(one.value, int | float)]
    most = max(numbers, default=0)
    return f" h{round(5 * cell.value / most) if most else 0}"


def filled(table: Table) -> Table:
    """The table without the columns that have nothing in any row: a page is only so wide."""
    used = [n for n in range(len(table.columns)) if n == 0 or any(row[n].value != "" for row in table.rows)]
    rows = tuple(tuple(row[n] for n in used) for row in table.rows)
    return replace(table, columns=tuple(table.columns[n] for n in used), rows=rows)


def is_few(cell: Cell) -> bool:
    """True for a median or share of fewer than five observations."""
    return cell.value is not None and cell.sample is not None and cell.sample < FEW


class _Page:
    """One page being written: it numbers the lists of rows in the order in which figures ask for them."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.zone = ZoneInfo(report.zone)
        self.word: Callable[..., str] = partial(word, language=report.language)
        self._labels = {anchor: self._label(row) for table in report.details for anchor, row in _anchored(table)}
        self._book = EvidenceBook()

    def cell(self, key: str, kind: str, cell: Cell, title: str, row_title: str = "") -> Markup:
        """A value as HTML, linked to its rows, with a star when it stands on few of them.

        Rows that are not listed are in the report's CSV file: the link's tooltip says which.
        """
        kind = cell.kind or kind
        is_time = kind == "seconds" and row_title and cell.value not in (None, "")
        text = escape(clock(round(cell.value)) if is_time else self._written(kind, cell.value))
        if cell.value is None:
            return Markup('<span class="none">{}</span>').format(text)
        if cell.value == 0 and kind in ("count", "money"):
            return Markup('<span class="zero">{}</span>').format(text)
        star = Markup("*") if is_few(cell) else Markup("")
        if cell.address:
            return Markup('<a href="{}" rel="noreferrer">{}</a>').format(cell.address, text)
        full = f"{title} · {row_title}" if row_title else title
        return Markup("{}{}").format(self._linked(text, cell.rows, cell.asked, full), star)

    def head(self, table: Table, column: Column, cell: Cell) -> str | Markup:
        """The first cell of a row."""
        text = self._written(column.kind, cell.value)
        return Markup('<a href="#{}">{}</a>').format(cell.rows[0], text) if table.anchors and cell.rows else text

    def hint(self, hint: Hint) -> Markup:
        """The remark under a figure, its value linked to rows of its own."""
        value = escape(self._written(hint.kind, hint.value))
        said = escape(self.word(hint.key, value="{}"))
        title = self.word(hint.key, value="").strip(" :")
        return said.format(self._linked(value, hint.rows, hint.asked, title) if hint.value else value)

    def evidence(self) -> list[_Listed]:
        """Every list of rows that a figure led to."""
        return [
            _Listed(f"e{one.number}", one.title, [(anchor, self._labels[anchor]) for anchor in one.rows])
            for one in self._book.all()
        ]

    def _linked(self, text: str | Markup, rows: tuple[str, ...], asked: str, title: str) -> str | Markup:
        """The text as a link to the rows, or to the CSV file that holds them; the text alone where there are none."""
        if rows:
            return Markup('<a href="#e{}">{}</a>').format(self._book.listed(rows, title).number, text)
        if asked:
            said = asked_in_words(asked, self.report)
            return Markup('<a href="{}" title="{}">{}</a>').format(self.report.rows_file, said, text)
        return text

    def _label(self, row: tuple[Cell, ...]) -> str:
        first, second = row[0].value, row[1].value
        return f"№ {first} · {second.astimezone(self.zone):%H:%M}" if isinstance(second, datetime) else f"№ {first}"

    def _written(self, kind: str, value: Any) -> str:
        return written(kind, value, self.report.language, self.zone, self.report.currency)


def _tables(report: Report) -> list[Table]:
    return [table for section in report.sections for table in section.tables]


def _anchored(table: Table) -> list[tuple[str, tuple[Cell, ...]]]:
    return list(zip(table.anchors, table.rows, strict=True))


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
