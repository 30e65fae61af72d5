"""The figures of a set of incoming calls, from their facts: how many, how long they waited, which service level.

A figure that the source cannot tell is None, never 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tasks.rules.calls.facts import HourFact
from tasks.rules.calls.wait_bins import count_calls, count_within, merge_bins, percentile_of
from tasks.rules.office import ServiceLevel

LEVELS = ("offered", "offered_without_short", "answered", "offered_with_abandoned")


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole` calls whose wait is known."""

    part: int
    whole: int

    @property
    def percent(self) -> float | None:
        """In percent; None of no calls."""
        return 100.0 * self.part / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class CallFigures:
    """Figures of a set of incoming calls, seconds throughout.

    `levels` has each definition of ServiceLevel.counts. `flow_out` is None where no queue log tells, `abandoned` and
    `short_abandons` where the source tells no waiting at all.
    """

    offered: int
    answered: int
    missed: int
    abandoned: int | None
    short_abandons: int | None
    flow_out: int | None
    within: int
    unknown_waits: int
    levels: dict[str, Share]
    mean_answer_seconds: float | None
    wait_p50: int | None
    wait_p90: int | None
    wait_p95: int | None
    talk_seconds: int
    mean_talk_seconds: float | None

    @property
    def answered_percent(self) -> float | None:
        """Answered in percent of offered; None when nothing was offered."""
        return Share(self.answered, self.offered).percent


def figures_of(facts: Sequence[HourFact], level: ServiceLevel) -> CallFigures:
    """Figures of these facts' incoming calls by the office's definitions."""
    incoming = [fact for fact in facts if fact.direction == "in"]
    offered, answered = sum(fact.call_count for fact in incoming), sum(fact.answered for fact in incoming)
    answer_waits = merge_bins(fact.answered_waits for fact in incoming)
    abandon_waits = merge_bins(fact.abandoned_waits for fact in incoming)
    waits = merge_bins([answer_waits, abandon_waits, *(fact.other_waits for fact in incoming)])
    known, known_answered = count_calls(waits), count_calls(answer_waits)
    within = count_within(answer_waits, level.threshold_seconds)
    short = count_within(abandon_waits, level.short_abandon_seconds - 1)
    gave_up = count_within(abandon_waits, level.threshold_seconds)
    abandoned, is_told = sum(fact.abandoned for fact in incoming), bool(known) or not offered
    told_flow = [fact.flow_out for fact in incoming if fact.flow_out is not None]
    talk = sum(fact.talk_seconds for fact in incoming)
    wait_sum = sum(fact.answer_wait_seconds for fact in incoming)
    return CallFigures(
        offered=offered,
        answered=answered,
        missed=offered - answered,
        abandoned=abandoned if is_told or abandoned else None,
        short_abandons=short if is_told else None,
        flow_out=sum(told_flow) if told_flow else None,
        within=within,
        unknown_waits=offered - known,
        levels={
            "offered": Share(within, known),
            "offered_without_short": Share(within, known - short),
            "answered": Share(within, known_answered),
            "offered_with_abandoned": Share(within + gave_up, known),
        },
        mean_answer_seconds=wait_sum / known_answered if known_answered else None,
        wait_p50=percentile_of(waits, 50),
        wait_p90=percentile_of(waits, 90),
        wait_p95=percentile_of(waits, 95),
        talk_seconds=talk,
        mean_talk_seconds=talk / answered if answered else None,
    )
