"""A report as a workbook and as CSV: real numbers, dates and durations; text is text and never a formula.

The same report always gives the same bytes: the workbook's creation time is the report's own moment.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from tasks.rules.report_charts import COLOURS
from tasks.rules.report_format import long_day, moment, period, worded, written
from tasks.rules.report_model import Cell, Chart, Column, Report, Section, Table, Word
from tasks.rules.report_words import word

_FORMULA_START = ("=", "+", "-", "@", "\t", "\r")
_ILLEGAL_IN_SHEET = re.compile(r"[\[\]:*?/\\']")
_SIGNS = {"RUB": '"₽"', "EUR": '"€"', "USD": '"$"'}
_WIDTHS = {"moment": 19, "day": 12, "money": 17, "count": 12, "percent": 14, "seconds": 14}
_WIDTHS |= dict.fromkeys(("decimal", "difference", "change", "points"), 14)
_HEAD, _FIRST = 2, 3
_SECONDS_A_DAY = 86_400
_ROWS_AT_ONCE = 5000
_DEFINITION_WIDTH, _LINE_HEIGHT, _CHART_DATA = 100, 14, 20


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
    book.close()
    return stream.getvalue()


def report_csv(report: Report) -> bytes:
    """The first table of detail rows as CSV: UTF-8 with byte-order mark, semicolons where the comma is a decimal sign.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    table = report.details[0]
    return b"".join(csv_parts(report, table.columns, table.rows))


def csv_parts(report: Report, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """The same file in parts of some thousand rows, however many `rows` there are."""
    zone = ZoneInfo(report.zone)
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=";" if report.language == "ru" else ",", lineterminator="\r\n")
    writer.writerow([word(column.key, report.language) for column in columns])
    yield b"\xef\xbb\xbf"
    for number, row in enumerate(rows, start=1):
        writer.writerow([_csv_value(column, cell, report, zone) for column, cell in zip(columns, row, strict=True)])
        if number % _ROWS_AT_ONCE == 0:
            yield _taken(stream)
    yield _taken(stream)


def _taken(stream: io.StringIO) -> bytes:
    """What the stream holds; it is empty afterwards."""
    text = stream.getvalue()
    stream.seek(0)
    stream.truncate()
    return text.encode()


def _csv_value(column: Column, cell: Cell, report: Report, zone: ZoneInfo) -> str:
    if cell.value is None:
        return ""
    if column.kind in ("count", "seconds"):
        return str(cell.value)
    if column.kind in ("money", "percent") and cell.value != "":
        return str(cell.value).replace(".", "," if report.language == "ru" else ".")
    text = written(column.kind, cell.value, report.language, zone, report.currency)
    return f"'{text}" if text.startswith(_FORMULA_START) else text


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
        self.wrapped = book.add_format(base | {"text_wrap": True, "indent": 1})
        self.head = book.add_format(
            base | {"bold": True, "text_wrap": True, "bg_color": "#1D5F52", "font_color": "#FFFFFF", "border": 1}
        )
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
            self._value(sheet, row, 1, figure.kind, figure.cell, self.formats)
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
                self._chart(sheets[0], chart, section.tables[0])

    def table(self, table: Table) -> Worksheet:
        """One table as a sheet with a fixed head and filters."""
        sheet = self._sheet(table.key, table.key)
        self._heads(sheet, [column.key for column in table.columns])
        for number, row in enumerate(table.rows, start=_FIRST):
            is_total = table.has_total and number == len(table.rows) + _FIRST - 1
            formats = self.totals if is_total else self.formats
            for place, (column, cell) in enumerate(zip(table.columns, row, strict=True)):
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

    def _text(self, sheet: Worksheet, row: int, place: int, text: str, shape: Format) -> None:
        sheet.write_string(row, place, text, shape)

    def _chart(self, sheet: Worksheet, chart: Chart, table: Table) -> None:
        picture = self.book.add_chart({"type": "column" if chart.shape == "columns" else "bar", "subtype": "stacked"})
        labels = list(dict.fromkeys(bar.label for bar in chart.bars))
        place = _CHART_DATA
        self._text(sheet, _HEAD, place, self._word(chart.key), self.head)
        for number, label in enumerate(labels, start=_FIRST):
            self._text(sheet, number, place, label, self.formats["text"])
        for offset, series in enumerate(dict.fromkeys(bar.series for bar in chart.bars), start=1):
            self._text(sheet, _HEAD, place + offset, self._word(series), self.head)
            values = [bar.value for bar in chart.bars if bar.series == series]
            for number, value in enumerate(values, start=_FIRST):
                sheet.write_number(number, place + offset, value, self.formats["count"])
            last = _FIRST + len(labels) - 1
            picture.add_series(
                {
                    "name": [sheet.get_name(), _HEAD, place + offset],
                    "categories": [sheet.get_name(), _FIRST, place, last, place],
                    "values": [sheet.get_name(), _FIRST, place + offset, last, place + offset],
                    "fill": {"color": COLOURS[series]},
                    "gap": 40,
                }
            )
        picture.set_title({"name": self._word(chart.key), "name_font": {"size": 12}})
        picture.set_legend({"position": "top"})
        picture.set_y_axis({"reverse": chart.shape == "rows", "major_gridlines": {"visible": chart.shape != "rows"}})
        below = _FIRST + len(table.rows) + 1
        sheet.insert_chart(below, 0, picture, {"x_scale": 1.6})
        sheet.print_area(0, 0, below + 16, max(len(table.columns), 10) - 1)

    def _width(self, column: Column, cells: list[Cell]) -> float:
        if column.kind in _WIDTHS:
            return _WIDTHS[column.kind]
        texts = [worded(str(c.value), self.report.language) if column.kind == "word" else str(c.value) for c in cells]
        return min(max([len(self._word(column.key)), *map(len, texts)]) + 3, 46)

    def _definition(self, key: str) -> str:
        return self._word(f"define.{key}", **self.report.values) if key in self.report.definitions else ""

    def _word(self, key: str, **values: Any) -> str:
        return word(key, self.report.language, **values)
