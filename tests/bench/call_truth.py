"""What the generator of calls noted while it made them up: the answers that a report has to give."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class Truth:
    """What happened, counted as it was made up; seconds throughout."""

    counts: Counter[str] = field(default_factory=Counter)
    by_queue: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_hour: Counter[tuple[str, int]] = field(default_factory=Counter)
    by_desk: Counter[tuple[str, str]] = field(default_factory=Counter)
    answer_waits: list[int] = field(default_factory=list)
    waits: list[int] = field(default_factory=list)
    call_backs: list[int] = field(default_factory=list)
    callers: Counter[str] = field(default_factory=Counter)
    outside: list[tuple[datetime, datetime]] = field(default_factory=list)

    def note(self, what: str, queue: str, hour: int, seconds: int = 1) -> None:
        """Count something about an incoming call."""
        self.counts[what] += seconds
        self.by_queue[what, queue] += seconds
        self.by_hour[what, hour] += seconds

    def level(self, base: str) -> float:
        """The service level in percent, by one of the four usual definitions."""
        offered, short = self.counts["offered"], self.counts["short"]
        within, gave_up = self.counts["within"], self.counts["abandoned_within"]
        share = {
            "offered": (within, offered),
            "offered_without_short": (within, offered - short),
            "answered": (within, self.counts["answered"]),
            "offered_with_abandoned": (within + gave_up, offered),
        }[base]
        return 100 * share[0] / share[1]

    def forget_single_calls(self) -> None:
        """Keep the sums alone: of millions of calls the rest would fill the memory that is to be measured."""
        for kept in (self.answer_waits, self.waits, self.call_backs, self.callers, self.outside):
            kept.clear()

    def most_at_once(self) -> int:
        """The most calls with the world outside at one moment."""
        moves = [(begins, 1) for begins, _ in self.outside] + [(ends, -1) for _, ends in self.outside]
        most = now = 0
        for _, step in sorted(moves):
            now += step
            most = max(most, now)
        return most
