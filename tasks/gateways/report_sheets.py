"""A report as a workbook: real numbers, dates and durations; text is text and never a formula.

The same report always gives the same bytes: the workbook's creation time is the report's own moment.
"""

from __future__ import annotations

import io
import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from tasks.gateways.report_evidence import EvidenceBook, asked_in_words
from tasks.gateways.report_sheet_charts import FIRST_ROW as _FIRST
from tasks.gateways.report_sheet_charts import HEAD_ROW as _HEAD
from tasks.gateways.report_sheet_charts import ChartStyles, draw_chart
from tasks.rules.report_format import long_day, moment, period, worded
from tasks.rules.report_model import Cell, Column, Report, Section, Table, Word
from tasks.rules.report_words import word

_ILLEGAL_IN_SHEET = re.compile(r"[\[\]:*?/\\']")
_SIGNS = {"RUB": '"₽"', "EUR": '"€"', "USD": '"$"'}
_WIDTHS = {"moment": 19, "day": 12, "money": 17, "count": 12, "percent": 14, "seconds": 14}
_WIDTHS |= dict.fromkeys(("decimal", "difference", "change", "points"), 14)
_SECONDS_A_DAY = 86_400
# what Excel holds: letters in a link's tip and in a cell, points of a row's height
_TIP_CHARS, _CELL_CHARS, _MOST_HEIGHT = 255, 32_000, 409
_DEFINITION_WIDTH, _TITLE_WIDTH, _LINE_HEIGHT = 100, 60, 14


def report_workbook(report: Report) -> bytes:
    """The workbook: a summary with the definitions, then one sheet per table, the detail rows last."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(
        stream,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": False,
            "default_date_format": "dd.mm.yyyy hh:mm:ss",
        },
    )
    created = report.as_of.replace(tzinfo=None, microsecond=0)
    book.set_properties({"title": _title(report), "company": report.office, "created": created})
    writer = _Writer(report, book)
    writer.summary()
    for section in report.sections:
        writer.section(section)
    for table in report.details:
        writer.table(table)
    writer.evidence_sheet()
    book.close()
    return stream.getvalue()


def _title(report: Report) -> str:
    name = word(report.name, report.language)
    return f"{name}: {period(report.first_day, report.last_day, report.language)}"


class _Writer:
    """One workbook being written."""

    def __init__(self, report: Report, book: xlsxwriter.Workbook) -> None:
        self.report, self.book, self.zone = report, book, ZoneInfo(report.zone)
        self._names: set[str] = set()
        points = f" {word('points', report.language)}"
        sign = _SIGNS.get(report.currency, f'"{report.currency}"')
        shapes: dict[str, dict[str, Any]] = {
            "text": {"indent": 1},
            "word": {"indent": 1},
            "count": {"num_format": "#,##0"},
            "decimal": {"num_format": "#,##0.0"},
            "difference": {"num_format": "+#,##0.0;-#,##0.0;0.0"},
            "change": {"num_format": "+0.0%;-0.0%;0.0%"},
            "points": {"num_format": f'+0.0"{points}";-0.0"{points}";0.0"{points}"'},
            "seconds": {"num_format": "[h]:mm:ss"},
            "percent": {"num_format": "0.0%"},
            "money": {"num_format": f"#,##0.00 {sign}"},
            "moment": {"num_format": "dd.mm.yyyy hh:mm:ss", "align": "left"},
            "day": {"num_format": "dd.mm.yyyy", "align": "left"},
        }
        base = {"font_name": "Arial", "font_size": 10, "valign": "top"}
        self.formats = {kind: book.add_format(base | shape) for kind, shape in shapes.items()}
        self.totals = {kind: book.add_format(base | shape | {"bold": True, "top": 1}) for kind, shape in shapes.items()}
        self.title = book.add_format(base | {"bold": True, "font_size": 14})
        self.soft = book.add_format(base | {"font_color": "#52606D"})
        self.wrapped = book.add_format(base | {"text_wrap": True, "indent": 1, "align": "left"})
        self.head = book.add_format(
            base | {"bold": True, "text_wrap": True, "bg_color": "#1D5F52", "font_color": "#FFFFFF", "border": 1}
        )
        link = {"font_color": "#1D5F52", "underline": 1}
        self.linked = {kind: book.add_format(base | shape | link) for kind, shape in shapes.items()}
        self.evidence = EvidenceBook()
        self.styles = ChartStyles(self.head, self.formats["text"], self.formats["count"])
        self.none = book.add_format(base | {"italic": True, "font_color": "#7B8794", "align": "right"})

    def summary(self) -> None:
        """The first sheet: figures with their definitions, and the remarks."""
        sheet = self._sheet("summary", "summary")
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 1, 20)
        sheet.set_column(2, 2, _DEFINITION_WIDTH)
        self._heads(sheet, ["figure", "value", "definition"])
        row = _FIRST
        for figure in self.report.figures:
            self._text(sheet, row, 0, self._word(figure.key), self.formats["text"])
            self._figure(sheet, row, 1, figure.kind, figure.cell, self._word(figure.key))
            self._explain(sheet, row, figure.key)
            row += 1
        shown = {figure.key for figure in self.report.figures}
        for key in self.report.definitions:
            if key not in shown:
                self._text(sheet, row, 0, self._word(key), self.formats["text"])
                self._explain(sheet, row, key)
                row += 1
        for key, values in self.report.notes:
            self._text(sheet, row + 1, 0, self._word(key, **values), self.soft)
            row += 1

    def _explain(self, sheet: Worksheet, row: int, key: str) -> None:
        text = self._definition(key)
        sheet.set_row(row, _LINE_HEIGHT * (1 + len(text) // (_DEFINITION_WIDTH - 5)))
        self._text(sheet, row, 2, text, self.wrapped)

    def section(self, section: Section) -> None:
        """A sheet per table; the chapter's pictures stand under its first table, drawn by the spreadsheet itself."""
        sheets = [self.table(table) for table in section.tables]
        for chart in section.charts:
            if chart.bars and sheets:
                draw_chart(self.book, sheets[0], chart, section.tables[0], self.report.language, self.styles)

    def table(self, table: Table) -> Worksheet:
        """One table as a sheet with a fixed head and filters."""
        sheet = self._sheet(table.key, table.key)
        self._heads(sheet, [column.key for column in table.columns])
        for number, row in enumerate(table.rows, start=_FIRST):
            is_total = table.has_total and number == len(table.rows) + _FIRST - 1
            formats = self.totals if is_total else self.formats
            for place, (column, cell) in enumerate(zip(table.columns, row, strict=True)):
                if (cell.rows and not table.anchors) or cell.asked or cell.address:
                    title = self._titled(table, row, column)
                    self._figure(sheet, number, place, column.kind, cell, title, is_total=is_total)
                else:
                    self._value(sheet, number, place, column.kind, cell, formats)
        if table.is_heat and table.rows:
            shades = {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": "#7FBFAE"}
            sheet.conditional_format(_FIRST, 1, _FIRST + len(table.rows) - 1, len(table.columns) - 1, shades)
        last = _FIRST + len(table.rows) - (2 if table.has_total else 1)
        sheet.autofilter(_HEAD, 0, max(last, _HEAD), len(table.columns) - 1)
        for place, column in enumerate(table.columns):
            sheet.set_column(place, place, self._width(column, [row[place] for row in table.rows]))
        return sheet

    def _sheet(self, key: str, title: str) -> Worksheet:
        name = _ILLEGAL_IN_SHEET.sub(" ", self._word(key))[:31].strip()
        name = name if name not in self._names else f"{name[:27]} ({len(self._names)})"
        self._names.add(name)
        sheet = self.book.add_worksheet(name)
        report = self.report
        known = self._word("as_of", moment=moment(report.as_of, report.language, self.zone)[:-3])
        self._text(sheet, 0, 0, f"{self._word(report.name)} · {self._word(title)}", self.title)
        self._text(sheet, 1, 0, f"{report.office} · {self._days()} · {known} ({report.zone})", self.soft)
        sheet.freeze_panes(_FIRST, 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(_HEAD)
        return sheet

    def _days(self) -> str:
        first, last, language = self.report.first_day, self.report.last_day, self.report.language
        return (
            period(first, last, language)
            if first == last
            else f"{long_day(first, language)} – {long_day(last, language)}"
        )

    def _heads(self, sheet: Worksheet, keys: list[str]) -> None:
        sheet.set_row(_HEAD, 32)
        for place, key in enumerate(keys):
            self._text(sheet, _HEAD, place, self._word(key), self.head)

    def _value(self, sheet: Worksheet, row: int, place: int, kind: str, cell: Cell, formats: dict[str, Format]) -> None:
        value, kind = cell.value, cell.kind or kind
        if value is None:
            self._text(sheet, row, place, self._word("unavailable"), self.none)
        elif isinstance(value, Word):
            self._text(sheet, row, place, self._word(value.key), formats["text"])
        elif isinstance(value, str):
            self._text(
                sheet, row, place, worded(value, self.report.language) if kind == "word" else value, formats["text"]
            )
        elif isinstance(value, datetime):
            sheet.write_datetime(row, place, value.astimezone(self.zone).replace(tzinfo=None), formats[kind])
        elif kind == "day":
            sheet.write_datetime(row, place, datetime(value.year, value.month, value.day), formats[kind])  # noqa: DTZ001
        else:
            scale = {"seconds": _SECONDS_A_DAY, "percent": 100, "change": 100}.get(kind, 1)
            sheet.write_number(row, place, float(value) / scale if scale != 1 else value, formats[kind])

    def _figure(
        self, sheet: Worksheet, row: int, place: int, kind: str, cell: Cell, title: str, *, is_total: bool = False
    ) -> None:
        """A value that leads to its rows in the evidence sheet, to the CSV file that holds them, or to a page outside.

        The link stays when the value is written over its text.
        """
        own = self.totals if is_total else self.linked
        shape = own[cell.kind or kind]
        if cell.value is None or (cell.value == 0 and not cell.rows):
            self._value(sheet, row, place, kind, cell, self.totals if is_total else self.formats)
            return
        if cell.address:
            sheet.write_url(row, place, cell.address, shape)
        elif cell.rows:
            line = _FIRST + self.evidence.listed(cell.rows, title).number
            sheet.write_url(row, place, f"internal:'{self._evidence_name()}'!A{line}", shape)
        elif cell.asked:
            tip = asked_in_words(cell.asked, self.report)[:_TIP_CHARS]
            sheet.write_url(row, place, f"external:{self.report.rows_file}", shape, tip=tip)
        self._value(sheet, row, place, kind, cell, own)

    def _titled(self, table: Table, row: tuple[Cell, ...], column: Column) -> str:
        """What a figure is, for the list of its rows: table, row, column."""
        value = row[0].value
        if isinstance(value, Word):
            value = self._word(value.key)
        elif table.columns[0].kind == "word":
            value = worded(value, self.report.language)
        elif table.columns[0].kind == "day":
            value = f"{value:%d.%m.%Y}"
        return f"{self._word(table.key)} · {value} · {self._word(column.key)}"

    def _evidence_name(self) -> str:
        return self._word("evidence_rows")[:31]

    def evidence_sheet(self) -> None:
        """The last sheet: under each figure's name the numbers of its rows, as the sheets of rows have them."""
        found = self.evidence.all()
        if not found:
            return
        numbers = {
            anchor: str(row[0].value)
            for table in self.report.details
            for anchor, row in zip(table.anchors, table.rows, strict=True)
        }
        sheet = self._sheet("evidence_rows", "evidence_rows")
        self._heads(sheet, ["figure", "row_count", "row_numbers"])
        for row, one in enumerate(found, start=_FIRST):
            text = ", ".join(numbers[anchor] for anchor in one.rows)
            shown = text if len(text) < _CELL_CHARS else f"{text[:_CELL_CHARS]}…"
            self._text(sheet, row, 0, one.title, self.wrapped)
            sheet.write_number(row, 1, len(one.rows), self.wrapped)
            self._text(sheet, row, 2, shown, self.wrapped)
            lines = 1 + max(len(shown) // (_DEFINITION_WIDTH - 5), len(one.title) // (_TITLE_WIDTH - 5))
            sheet.set_row(row, min(_LINE_HEIGHT * lines, _MOST_HEIGHT))
        sheet.autofilter(_HEAD, 0, _FIRST + len(found) - 1, 2)
        for place, width in enumerate((_TITLE_WIDTH, 12, _DEFINITION_WIDTH)):
            sheet.set_column(place, place, width)

    def _text(self, sheet: Worksheet, row: int, place: int, text: str, shape: Format) -> None:
        sheet.write_string(row, place, text, shape)

    def _width(self, column: Column, cells: list[Cell]) -> float:
        if column.kind in _WIDTHS:
            return _WIDTHS[column.kind]
        texts = [worded(str(c.value), self.report.language) if column.kind == "word" else str(c.value) for c in cells]
        return min(max([len(self._word(column.key)), *map(len, texts)]) + 3, 46)

    def _definition(self, key: str) -> str:
        return self._word(f"define.{key}", **self.report.values) if key in self.report.definitions else ""

    def _word(self, key: str, **values: Any) -> str:
        return word(key, self.report.language, **values)
