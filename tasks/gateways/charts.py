"""Charts as SVG for pages and as PNG for mails: the same data always gives the same bytes.

Text in the SVG takes the page's own colour, so it can be read on light, dark and paper.
"""

from __future__ import annotations

import json
import re
from typing import Any

from tasks.rules.report_charts import COLOURS
from tasks.rules.report_model import Chart
from tasks.rules.report_words import word

_INK = "#010203"
_LINE = "#9aa5b1"
_FONT = "Liberation Sans, Arial, sans-serif"
_WIDTH, _COLUMN_HEIGHT, _ROW_HEIGHT = 1020, 230, 32
_NAMESPACE = re.compile(r' xmlns(?::xlink)?="[^"]*"')


def chart_svg(chart: Chart, language: str) -> str:
    """The chart as an SVG element to put into a page: no script, no link, an accessible name."""
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(_spec(chart, language, _INK))
    svg = _NAMESPACE.sub("", svg).replace(f'"{_INK}"', '"currentColor"')
    width, height = re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)[0]
    head = f'<svg class="chart" role="img" aria-label="{word(chart.key, language)}" viewBox="0 0 {width} {height}">'
    return head + svg.split(">", 1)[1]


def chart_png(chart: Chart, language: str) -> bytes:
    """The chart as a picture for a mail, on white, at twice the size for sharp screens."""
    import vl_convert

    return bytes(vl_convert.vegalite_to_png(_spec(chart, language, "#1f2933", "white"), scale=2.0))


def _spec(chart: Chart, language: str, ink: str, background: str = "transparent") -> dict[str, Any]:
    import altair as alt

    rows = [
        {"label": bar.label, "series": word(bar.series, language), "value": bar.value, "order": number}
        for number, bar in enumerate(chart.bars)
    ]
    series = list(dict.fromkeys(bar.series for bar in chart.bars))
    is_upright = chart.shape == "columns"
    by_label, by_value = _axes(chart, language)
    colours = alt.Scale(domain=[word(one, language) for one in series], range=[COLOURS[one] for one in series])
    legend = alt.Legend(orient="top", title=None, symbolType="square", offset=8) if len(series) > 1 else None
    height = _COLUMN_HEIGHT if is_upright else max(1, len(rows) // max(1, len(series))) * _ROW_HEIGHT
    drawn = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar()  # rounded corners of a stack would need numbered clip paths, other ones at every call
        .encode(
            x=alt.X(**(by_label if is_upright else by_value)),
            y=alt.Y(**(by_value if is_upright else by_label)),
            color=alt.Color("series:N", scale=colours, legend=legend),
            order=alt.Order("order:Q"),
        )
        .properties(width=_WIDTH, height=height)
    )
    spec: dict[str, Any] = json.loads(drawn.to_json())
    return spec | {"config": _look(ink, background, language)}


def _axes(chart: Chart, language: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """How labels and how values are laid out."""
    import altair as alt

    is_upright = chart.shape == "columns"
    by_label: dict[str, Any] = {
        "shorthand": "label:N",
        "sort": list(dict.fromkeys(bar.label for bar in chart.bars)),
        "title": word(chart.label_title, language) if is_upright else None,
        "axis": alt.Axis(labelAngle=0, labelLimit=220, ticks=False, domain=is_upright, labelPadding=8),
    }
    by_value: dict[str, Any] = {
        "shorthand": "value:Q",
        "title": word(chart.value_title, language),
        "scale": alt.Scale(nice=6),
        "axis": alt.Axis(tickMinStep=1, grid=True, domain=False, ticks=False, tickCount=6, labelPadding=6),
    }
    return by_label, by_value


def _look(ink: str, background: str, language: str) -> dict[str, Any]:
    """Colours and type of every chart."""
    text = {"labelColor": ink, "titleColor": ink, "labelFontSize": 13, "titleFontSize": 13}
    lines = {"gridColor": _LINE, "gridOpacity": 0.35, "domainColor": _LINE, "titleFontWeight": "normal"}
    return {
        "background": background,
        "font": _FONT,
        "locale": _locale(language),
        "view": {"stroke": None},
        "axis": text | lines,
        "legend": {"labelColor": ink, "labelFontSize": 13},
    }


def _locale(language: str) -> dict[str, Any]:
    """Thousands and decimals of the axis, as d3-format takes them."""
    if language == "ru":
        return {
            "number": {
                "decimal": ",",
                "thousands": "\N{NO-BREAK SPACE}",
                "grouping": [3],
                "currency": ["", "\N{NO-BREAK SPACE}₽"],
            }
        }
    return {"number": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["", ""]}}
