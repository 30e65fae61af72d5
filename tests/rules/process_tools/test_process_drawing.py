"""The drawing of a process: nothing covers anything, every stage and arrow is there, words are escaped."""

from __future__ import annotations

from itertools import combinations
from xml.dom.minidom import parseString

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.rules.process_tools.chart import ANYWHERE, ArrowLive, Live, StageLive, chart_of
from tasks.rules.process_tools.draw_mermaid import draw_mermaid
from tasks.rules.process_tools.draw_svg import draw_svg
from tasks.rules.process_tools.layout import Arrow, Box, Drawing, lay_out
from tests.rules.process_tools.office_processes import NAMES, raw, small


def _rectangles(drawing: Drawing) -> list[tuple[float, float, float, float]]:
    places = [(box.x, box.y, box.width, box.height) for box in drawing.boxes.values()]
    places += [(*one.label, one.arrow.width, one.arrow.height) for one in drawing.arrows]
    return [(x - w / 2, y - h / 2, x + w / 2, y + h / 2) for x, y, w, h in places]


def _covers(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    return not apart


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 12), st.sets(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=30))
def test_no_box_and_no_label_covers_another(count: int, pairs: set[tuple[int, int]]) -> None:
    boxes = [Box(str(number), 90.0 + 7 * number, 40.0) for number in range(count)]
    arrows = [Arrow(str(a), str(b), 80.0, 20.0) for a, b in sorted(pairs) if a < count and b < count]
    drawing = lay_out(boxes, arrows)
    assert len(drawing.arrows) == sum(1 for arrow in arrows if arrow.source != arrow.target)
    found = _rectangles(drawing)
    assert not any(_covers(one, other) for one, other in combinations(found, 2))
    assert all(min(left, top) >= 0 and right <= drawing.width for left, top, right, _ in found)
    for routed in drawing.arrows:
        source, target = drawing.boxes[routed.arrow.source], drawing.boxes[routed.arrow.target]
        assert abs(routed.points[0][0] - source.x) <= source.width / 2
        assert abs(routed.points[-1][0] - target.x) <= target.width / 2


def test_the_beginning_stands_on_top() -> None:
    drawing = lay_out([Box("a", 50, 20), Box("b", 50, 20)], [Arrow("a", "b"), Arrow("b", "a")])
    assert drawing.boxes["a"].y < drawing.boxes["b"].y


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_stage_of_a_shipped_process_is_drawn(name: str, language: str) -> None:
    chart = chart_of(raw(name), language)
    svg = draw_svg(chart, None, language)
    mermaid = draw_mermaid(chart, None, language)
    parseString(svg)  # noqa: S318 (our own words)
    for stage in raw(name)["stages"]:
        assert f">{stage}</text>" in svg
        assert f"s_{stage}" in mermaid
    assert svg.count("marker-end") == len(chart.arrows) == mermaid.count("-->")


def test_common_rules_start_from_any_stage() -> None:
    chart = chart_of(raw("service"), "en")
    assert {arrow.target for arrow in chart.arrows if arrow.source == ANYWHERE} == {"cancelled", "lost"}
    assert "any open stage" in draw_svg(chart, None, "en")


def test_what_really_happens_is_shown() -> None:
    live = Live({"open": StageLive(12, 3, 7.25)}, {("open", "won"): ArrowLive(40, 30.0)})
    chart = chart_of(small(), "en")
    svg, mermaid = draw_svg(chart, live, "en"), draw_mermaid(chart, live, "en")
    assert all(words in svg for words in ("12 here · 7.2 h", "3 late", "40× · 30 h"))
    assert "12, late: 3" in mermaid
    assert "40×" in mermaid


def test_words_of_the_file_are_never_markup() -> None:
    spoilt = small()
    spoilt["stages"]["open"]["status"] = '<script>alert(1)</script> & "more"'
    spoilt["stages"]["open"]["rules"][0]["work"] = "<b> done"
    svg = draw_svg(chart_of(spoilt, "en"), None, "en")
    parseString(svg)  # noqa: S318 (our own words)
    assert "<script" not in svg
    assert '"more"' not in draw_mermaid(chart_of(spoilt, "en"), None, "en")
