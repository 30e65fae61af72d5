"""The pictures of a report's workbook."""

from __future__ import annotations

from dataclasses import dataclass

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from tasks.rules.report_charts import COLOURS
from tasks.rules.report_model import Chart, Table
from tasks.rules.report_words import word

HEAD_ROW, FIRST_ROW = 2, 3
"""Where a sheet has its columns' titles, and its first row under them."""

_CHART_DATA = 20  # the column beside the table in which a chart's numbers begin


@dataclass(frozen=True, slots=True)
class ChartStyles:
    """How the numbers behind a chart are written."""

    head: Format
    text: Format
    count: Format


def draw_chart(
    book: xlsxwriter.Workbook, sheet: Worksheet, chart: Chart, table: Table, language: str, styles: ChartStyles
) -> None:
    """The chart under the table that the sheet holds, drawn by the spreadsheet from numbers beside it."""
    picture = book.add_chart({"type": "column" if chart.shape == "columns" else "bar", "subtype": "stacked"})
    labels = list(dict.fromkeys(bar.label for bar in chart.bars))
    place = _CHART_DATA
    sheet.write_string(HEAD_ROW, place, word(chart.key, language), styles.head)
    for number, label in enumerate(labels, start=FIRST_ROW):
        sheet.write_string(number, place, label, styles.text)
    for offset, series in enumerate(dict.fromkeys(bar.series for bar in chart.bars), start=1):
        sheet.write_string(HEAD_ROW, place + offset, word(series, language), styles.head)
        values = [bar.value for bar in chart.bars if bar.series == series]
        for number, value in enumerate(values, start=FIRST_ROW):
            sheet.write_number(number, place + offset, value, styles.count)
        last = FIRST_ROW + len(labels) - 1
        picture.add_series(
            {
                "name": [sheet.get_name(), HEAD_ROW, place + offset],
                "categories": [sheet.get_name(), FIRST_ROW, place, last, place],
                "values": [sheet.get_name(), FIRST_ROW, place + offset, last, place + offset],
                "fill": {"color": COLOURS[series]},
                "gap": 40,
            }
        )
    picture.set_title({"name": word(chart.key, language), "name_font": {"size": 12}})
    picture.set_legend({"position": "top"})
    picture.set_y_axis({"reverse": chart.shape == "rows", "major_gridlines": {"visible": chart.shape != "rows"}})
    below = FIRST_ROW + len(table.rows) + 1
    sheet.insert_chart(below, 0, picture, {"x_scale": 1.6})
    sheet.print_area(0, 0, below + 16, max(len(table.columns), 10) - 1)
