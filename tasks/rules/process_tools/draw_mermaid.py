"""A process chart as Mermaid text, for a README or a wiki that draws it."""

from __future__ import annotations

from tasks.rules.process_tools.chart import ANYWHERE, ArrowLive, Chart, Live, StageLive


def draw_mermaid(chart: Chart, live: Live | None, language: str) -> str:
    """The chart as a Mermaid flow chart; stage names are ids, so they are put behind a letter."""
    lines = ["flowchart TD", f"  %% {chart.title}"]
    for number, stage in enumerate(chart.stages):
        words = [f"<b>{stage.name}</b>", stage.status]
        if live is not None:
            found = live.stages.get(stage.name, StageLive())
            late = f", {'опаздывает' if language == 'ru' else 'late'}: {found.overdue}" if found.overdue else ""
            words.append(f"{found.now}{late}")
        said = "<br/>".join(_quoted(word) for word in words if word)
        shape = f'(["{said}"])' if stage.ends or number == 0 else f'["{said}"]'
        lines.append(f"  s_{stage.name}{shape}")
    if any(arrow.source == ANYWHERE for arrow in chart.arrows):
        lines.append(f'  any_stage{{{{"{"любой этап" if language == "ru" else "any stage"}"}}}}')
    for arrow in chart.arrows:
        label = "<br/>".join(_quoted(word) for word in arrow.labels)
        if live is not None and arrow.source != ANYWHERE:
            label += f"<br/>{live.arrows.get((arrow.source, arrow.target), ArrowLive()).count}×"
        source = f"s_{arrow.source}" if arrow.source != ANYWHERE else "any_stage"
        lines.append(f'  {source} -->|"{label}"| s_{arrow.target}')
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Words that Mermaid must not take for its own marks."""
    if text.startswith("<b>"):
        return text
    return text.replace("#", "#35;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
