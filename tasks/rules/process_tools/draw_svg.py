"""A process chart as one SVG file: readable in a light and in a dark browser, and on paper."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from tasks.rules.process_tools.chart import ANYWHERE, ArrowLive, Chart, ChartArrow, ChartStage, Live, StageLive
from tasks.rules.process_tools.layout import Arrow, Box, Drawing, Placed, Routed, lay_out

_LINE, _CHAR, _PAD, _TITLE_HEIGHT = 15.0, 7.3, 9.0, 44.0
_BOX_CHARS, _LABEL_CHARS, _LABEL_LINES = 26, 24, 3
_STYLE = """
svg{--ink:#1d2430;--soft:#5b6675;--paper:#ffffff;--box:#f3f5f8;--edge:#8a95a5;--now:#1f4e8c;--late:#b3261e;--won:#1e6b3a;
--lost:#8c4a00;--cancelled:#5b6675;background:var(--paper);font:12px system-ui,"Segoe UI","DejaVu Sans",sans-serif}
@media (prefers-color-scheme:dark){svg{--ink:#e8ecf2;--soft:#a7b2c1;--paper:#14181f;--box:#232a35;--edge:#7d8899;
--now:#8fbaf5;--late:#ff9d94;--won:#7fd49c;--lost:#f0b269;--cancelled:#a7b2c1}}
@media print{svg{--ink:#000;--soft:#333;--paper:#fff;--box:#fff;--edge:#444}}
text{fill:var(--ink)}.soft{fill:var(--soft)}.title{font-size:16px;font-weight:600}.name{font-weight:600}
.box{fill:var(--box);stroke:var(--edge);stroke-width:1.2}.first{stroke-width:2.4}.any{stroke-dasharray:5 4}
.won{stroke:var(--won);stroke-width:2}.lost{stroke:var(--lost);stroke-width:2}
.cancelled{stroke:var(--cancelled);stroke-width:2}
.late{fill:var(--late);font-weight:600}.now{fill:var(--now);font-weight:600}
.way{fill:none;stroke:var(--edge);stroke-width:1.3}.head{fill:var(--edge)}
.label{font-size:11px;paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}
"""
_WORDS: Mapping[str, tuple[str, str]] = {
    "any": ("any open stage", "любой открытый этап"),
    "won": ("ends won", "успех"),
    "lost": ("ends lost", "неудача"),
    "cancelled": ("cancelled", "отмена"),
    "starts": ("starts {}", "запускает {}"),
    "now": ("{} here", "сейчас {}"),
    "late": ("{} late", "опаздывает {}"),
    "hours": ("{} h", "{} ч"),
    "more": ("and {} more", "и ещё {}"),
}


def draw_svg(chart: Chart, live: Live | None, language: str) -> str:
    """The chart as an SVG document; with `live` every stage and arrow shows what really happens there."""
    texts = {stage.name: _stage_lines(stage, live, language) for stage in chart.stages}
    if any(arrow.source == ANYWHERE for arrow in chart.arrows):
        texts[ANYWHERE] = [("soft", _say("any", language))]
    labels = {(a.source, a.target): _label_lines(a, live, language) for a in chart.arrows}
    boxes = [Box(name, *_size(lines, minimum=110.0)) for name, lines in texts.items()]
    arrows = [Arrow(*way, *_size(lines, minimum=0.0)) for way, lines in labels.items()]
    drawing = lay_out(boxes, arrows)
    width = max(drawing.width, len(chart.title) * 9.0 + 40)
    body = [_way(routed) for routed in drawing.arrows]
    kinds = {stage.name: stage.ends or ("first" if number == 0 else "") for number, stage in enumerate(chart.stages)}
    body += [_box(drawing.boxes[name], kinds.get(name, "any"), lines) for name, lines in texts.items()]
    body += [_label(routed, chart, labels) for routed in drawing.arrows]
    return _document(chart, drawing, width, body)


def _document(chart: Chart, drawing: Drawing, width: float, body: list[str]) -> str:
    height = drawing.height + _TITLE_HEIGHT
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}"'
            f' height="{height:.0f}" role="img" aria-label="{escape(chart.title)}">',
            f"<style>{_STYLE}</style>",
            '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8"'
            ' orient="auto"><path class="head" d="M0 0L8 4L0 8z"/></marker></defs>',
            f'<text class="title" x="22" y="28">{escape(chart.title)}</text>',
            f'<g transform="translate(0 {_TITLE_HEIGHT:.0f})">',
            *body,
            "</g></svg>\n",
        ]
    )


def _stage_lines(stage: ChartStage, live: Live | None, language: str) -> list[tuple[str, str]]:
    lines = [("name", stage.name)]
    lines += [("soft", line) for line in _wrapped(stage.status, _BOX_CHARS, 2)]
    if stage.ends:
        lines.append(("", _say(stage.ends, language)))
    lines += [("soft", _say("starts", language, name)) for name in stage.starts]
    if live is not None:
        lines += _live_lines(live.stages.get(stage.name, StageLive()), language)
    return lines


def _live_lines(live: StageLive, language: str) -> list[tuple[str, str]]:
    said = _say("now", language, live.now)
    if live.median_hours is not None:
        said += f" · {_say('hours', language, _number(live.median_hours))}"
    late = [("late", _say("late", language, live.overdue))] if live.overdue else []
    return [("now", said), *late]


def _label_lines(arrow: ChartArrow, live: Live | None, language: str) -> list[tuple[str, str]]:
    lines = [("", _cut(label, _LABEL_CHARS)) for label in arrow.labels[:_LABEL_LINES]]
    if len(arrow.labels) > _LABEL_LINES:
        lines.append(("soft", _say("more", language, len(arrow.labels) - _LABEL_LINES)))
    if live is not None and arrow.source != ANYWHERE:
        found = live.arrows.get((arrow.source, arrow.target), ArrowLive())
        hours = "" if found.median_hours is None else f" · {_say('hours', language, _number(found.median_hours))}"
        lines.append(("now", f"{found.count}×{hours}"))
    return lines


def _size(lines: list[tuple[str, str]], *, minimum: float) -> tuple[float, float]:
    width = max((len(text) for _, text in lines), default=0) * _CHAR + 2 * _PAD
    return max(width, minimum), len(lines) * _LINE + (2 * _PAD if minimum else 0.0)


def _box(place: Placed, kind: str, lines: list[tuple[str, str]]) -> str:
    left, top = place.x - place.width / 2, place.y - place.height / 2
    shape = (
        f'<rect class="box {kind}" x="{left:.1f}" y="{top:.1f}" width="{place.width:.1f}"'
        f' height="{place.height:.1f}" rx="{14 if kind in ("won", "lost", "cancelled") else 5}"/>'
    )
    return shape + _text(place.x, place.y, lines, "")


def _label(routed: Routed, chart: Chart, labels: Mapping[tuple[str, str], list[tuple[str, str]]]) -> str:
    way = (routed.arrow.source, routed.arrow.target)
    whole = "\n".join(label for arrow in chart.arrows if (arrow.source, arrow.target) == way for label in arrow.labels)
    return f"<g><title>{escape(whole)}</title>{_text(*routed.label, labels[way], 'label')}</g>"


def _text(x: float, y: float, lines: list[tuple[str, str]], kind: str) -> str:
    first = y - (len(lines) - 1) * _LINE / 2 + 4
    return "".join(
        f'<text class="{f"{kind} {style}".strip()}" x="{x:.1f}" y="{first + number * _LINE:.1f}"'
        f' text-anchor="middle">{escape(text)}</text>'
        for number, (style, text) in enumerate(lines)
    )


def _way(routed: Routed) -> str:
    """The arrow as a soft line: upright where it passes a layer, bent between them, open where its label stands."""
    (x, y), *rest = routed.points
    path = [f"M{x:.1f} {y:.1f}"]
    for next_x, next_y in rest:
        middle = (y + next_y) / 2
        if x == next_x and abs(middle - routed.label[1]) < 0.1:
            path.append(f"M{next_x:.1f} {next_y:.1f}")
        else:
            path.append(f"C{x:.1f} {middle:.1f} {next_x:.1f} {middle:.1f} {next_x:.1f} {next_y:.1f}")
        x, y = next_x, next_y
    return f'<path class="way" d="{"".join(path)}" marker-end="url(#head)"/>'


def _wrapped(text: str, chars: int, most: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= chars:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    if len(lines) > most:
        lines = [*lines[: most - 1], _cut(" ".join(lines[most - 1 :]), chars)]
    return [_cut(line, chars) for line in lines]


def _cut(text: str, chars: int) -> str:
    return text if len(text) <= chars else f"{text[: chars - 1]}…"


def _number(hours: float) -> str:
    return f"{hours:.0f}" if hours >= 10 else f"{hours:.1f}".removesuffix(".0")


def _say(key: str, language: str, *values: object) -> str:
    english, russian = _WORDS[key]
    return (russian if language == "ru" else english).format(*values)
