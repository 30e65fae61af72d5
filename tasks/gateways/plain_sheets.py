"""A list as a workbook to take away: text stays text and never becomes a formula or a link."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import xlsxwriter

Value = str | int | Decimal | datetime | None
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WIDTH = 22


def plain_workbook(title: str, head: Sequence[str], rows: Iterable[Sequence[Value]], zone: ZoneInfo) -> bytes:
    """One sheet with a filter on its head; times stand in `zone`."""
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(stream, options)
    sheet = book.add_worksheet()
    bold, moment = book.add_format({"bold": True}), book.add_format({"num_format": "dd.mm.yyyy hh:mm"})
    book.set_properties({"title": title})
    sheet.write_row(0, 0, head, bold)
    count = 0
    for count, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, datetime):
                sheet.write_datetime(count, column, value.astimezone(zone).replace(tzinfo=None), moment)
            elif isinstance(value, int | Decimal):
                sheet.write_number(count, column, value)
            elif value:
                sheet.write_string(count, column, value)
    sheet.set_column(0, len(head) - 1, _WIDTH)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(count, 1), len(head) - 1)
    book.close()
    return stream.getvalue()
