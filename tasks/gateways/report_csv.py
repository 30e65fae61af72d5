"""The rows behind a report as CSV for spreadsheets; text is text and never a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

from tasks.rules.report_format import written
from tasks.rules.report_model import Cell, Column, Report
from tasks.rules.report_words import word

_FORMULA_START = ("=", "+", "-", "@", "\t", "\r")
_ROWS_AT_ONCE = 5000


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
    if cell.address:
        return cell.address
    text = written(column.kind, cell.value, report.language, zone, report.currency)
    return f"'{text}" if text.startswith(_FORMULA_START) else text
