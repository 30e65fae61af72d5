"""What a process did in a while, counted: moves, work, messages, refusals, hours per stage."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

from tasks.rules.process.decisions import AskWork, Decision, Hold, Incident, Move, Notify, Refuse, StartProcess
from tasks.rules.process.state import Event

_HOUR_SECONDS = 3600


@dataclass(slots=True)
class Tally:
    """Counts of one way of running a process; only what happens from `since` on is counted.

    Keys: moves 'stage → stage', work its name, messages the wording or the words, refusals the command, incidents what
    was wrong, starts the process, ends the outcome. `hours` are the elapsed hours of every finished stay by stage.
    """

    since: datetime
    moves: Counter[str] = field(default_factory=Counter)
    work: Counter[str] = field(default_factory=Counter)
    messages: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    incidents: Counter[str] = field(default_factory=Counter)
    starts: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    hours: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def counters(self) -> dict[str, Counter[str]]:
        """Everything that is counted, by its name."""
        names = ("moves", "work", "messages", "refusals", "incidents", "starts", "ends", "held")
        return {name: getattr(self, name) for name in names}

    def median_hours(self) -> dict[str, float]:
        """The median stay per stage, in hours."""
        return {stage: round(median(hours), 1) for stage, hours in self.hours.items()}


class ItemTally:
    """Adds what one item does to a tally, and keeps its way for whoever asks about this item."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._entered: datetime | None = None
        self.way: list[str] = []

    def look(self, event: Event, decisions: Sequence[Decision]) -> None:
        """One event of the item and what was decided."""
        is_counted = event.at >= self._tally.since
        for decision in decisions:
            if isinstance(decision, Move):
                self._move(decision, event.at, is_counted=is_counted)
            elif is_counted:
                _count(self._tally, decision, event)

    def _move(self, move: Move, at: datetime, *, is_counted: bool) -> None:
        self.way.append(move.target)
        if is_counted:
            self._tally.moves[f"{move.source} → {move.target}" if move.source else f"→ {move.target}"] += 1
            if move.outcome:
                self._tally.ends[move.outcome] += 1
            if move.source and self._entered is not None:
                self._tally.hours[move.source].append((at - self._entered).total_seconds() / _HOUR_SECONDS)
        self._entered = at


def _count(tally: Tally, decision: Decision, event: Event) -> None:
    match decision:
        case AskWork():
            tally.work[decision.owed.name] += 1
        case Notify() if not decision.is_collapsed:
            tally.messages[decision.wording or next(iter(decision.text.values()), "")] += 1
        case Refuse():
            tally.refusals[f"{event.name} {event.work}".strip()] += 1
        case Incident():
            tally.incidents[decision.what] += 1
        case StartProcess():
            tally.starts[decision.process] += 1
        case Hold():
            tally.held[event.clock or event.name] += 1
