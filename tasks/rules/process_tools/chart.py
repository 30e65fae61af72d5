"""A process as boxes and arrows: its stages, what moves an item between them, and how many items stand where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tasks.rules.process_tools.rule_words import (
    condition_words,
    span_words,
    text_words,
    trigger_of,
    trigger_words,
    work_words,
)

ANYWHERE = ""
"""The box for rules of every stage; it has no name of its own in the file."""


@dataclass(frozen=True, slots=True)
class StageLive:
    """Items in a stage now, how many of them are late, and the median hours of a finished stay (None: no stay yet)."""

    now: int = 0
    overdue: int = 0
    median_hours: float | None = None


@dataclass(frozen=True, slots=True)
class ArrowLive:
    """How often items went this way, and the median hours they had stayed before."""

    count: int = 0
    median_hours: float | None = None


@dataclass(frozen=True, slots=True)
class Live:
    """What really happens in a process; the keys of `arrows` are (stage, next stage)."""

    stages: Mapping[str, StageLive] = field(default_factory=dict)
    arrows: Mapping[tuple[str, str], ArrowLive] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChartStage:
    """One stage: `ends` is won, lost, cancelled or ''. `starts` names the processes that begin on entering it."""

    name: str
    status: str
    ends: str
    starts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChartArrow:
    """One way from stage to stage with everything that may take it; the source may be ANYWHERE."""

    source: str
    target: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A process, ready to be drawn."""

    title: str
    stages: tuple[ChartStage, ...]
    arrows: tuple[ChartArrow, ...]


def chart_of(raw: Mapping[str, Any], language: str) -> Chart:
    """The chart of a raw process file, in words of the language."""
    stages = {str(name): part for name, part in _mapping(raw.get("stages")).items() if isinstance(part, Mapping)}
    ways: dict[tuple[str, str], list[str]] = {}
    for name, part in stages.items():
        _add_ways(ways, name, part.get("rules"), stages, language)
    _add_ways(ways, ANYWHERE, raw.get("rules"), stages, language)
    title = text_words(raw.get("title"), language) or str(raw.get("process", ""))
    return Chart(
        f"{title} ({raw.get('process', '')} {raw.get('version', '')})",
        tuple(_stage(name, part, language) for name, part in stages.items()),
        tuple(ChartArrow(*way, tuple(dict.fromkeys(labels))) for way, labels in ways.items()),
    )


def _stage(name: str, part: Mapping[str, Any], language: str) -> ChartStage:
    starts = [
        str(action["start"].get("process", ""))
        for action in _rows(part.get("enter"))
        if isinstance(action, Mapping) and isinstance(action.get("start"), Mapping)
    ]
    return ChartStage(name, text_words(part.get("status"), language), str(part.get("ends") or ""), tuple(starts))


def _add_ways(
    ways: dict[tuple[str, str], list[str]], source: str, rules: Any, stages: Mapping[str, Any], language: str
) -> None:
    for rule in _rows(rules):
        if isinstance(rule, Mapping) and rule.get("to") in stages:
            label = short_trigger(rule, language)
            ways.setdefault((source, str(rule["to"])), []).append(label)


def short_trigger(rule: Mapping[str, Any], language: str) -> str:
    """A few words for an arrow: the command's or the work's name, or the span of time."""
    kind, value = trigger_of(rule)
    if kind == "event" and value != "overdue":
        return str(value)
    if kind == "work":
        return work_words(value, language)
    if kind == "after":
        return f"{'через' if language == 'ru' else 'after'} {span_words(value, language)}"
    return condition_words(value, language) if kind == "as_soon_as" else trigger_words(rule, language)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _rows(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else []
