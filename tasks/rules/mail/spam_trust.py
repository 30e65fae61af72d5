"""How far the labels of people are to be believed: nobody's word outweighs all the others' together.

Whoever takes over one account could otherwise teach the office to put clients' letters aside. Below the needed
number of labels the model may only suggest; from there on it decides, and learns from each person no more than from
all the others together, of spam and of good mail apart. One person alone can therefore never make it decide.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

DECIDES_FROM = 300
DECIDES_FROM_OF_EACH = 50
SUGGESTS_FROM_OF_EACH = 10
LABELS_A_DAY = 100


@dataclass(frozen=True, slots=True)
class SpamLabel:
    """What one person said about one mail. `actor` is person:ID, `at` an aware time."""

    intake_id: int
    is_spam: bool
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Lesson:
    """One mail to learn from; `weight` above 0, at most 1."""

    intake_id: int
    is_spam: bool
    weight: float


@dataclass(frozen=True, slots=True)
class Lessons:
    """What the labels teach. `believed_spam` and `believed_good` are labels as far as they are believed."""

    lessons: tuple[Lesson, ...] = ()
    believed_spam: float = 0.0
    believed_good: float = 0.0

    @property
    def may_suggest(self) -> bool:
        """Whether there is enough of both kinds to say anything."""
        spam = sum(lesson.is_spam for lesson in self.lessons)
        return min(spam, len(self.lessons) - spam) >= SUGGESTS_FROM_OF_EACH

    @property
    def may_decide(self) -> bool:
        """Whether a mail may be put aside on its score alone."""
        enough = self.believed_spam + self.believed_good >= DECIDES_FROM
        return enough and min(self.believed_spam, self.believed_good) >= DECIDES_FROM_OF_EACH


@dataclass(frozen=True, slots=True)
class _Share:
    """One person's part in what is said of one mail."""

    intake_id: int
    is_spam: bool
    actor: str
    weight: float


def weigh_labels(labels: Iterable[SpamLabel]) -> Lessons:
    """What to learn from the labels: the last word of each person, so many a day, contradictions cancelled.

    A mail on which people disagree counts for what the majority is ahead, as a part of all votes; a tie for nothing.
    """
    shares = _shares(_within_days(_last_words(labels)))
    spam = _believed([share for share in shares if share.is_spam])
    good = _believed([share for share in shares if not share.is_spam])
    believed_spam, believed_good = (sum(share.weight for share in part) for part in (spam, good))
    believed = Lessons(_lessons([*spam, *good]), believed_spam, believed_good)
    return believed if believed.may_decide else Lessons(_lessons(shares), believed_spam, believed_good)


def _last_words(labels: Iterable[SpamLabel]) -> list[SpamLabel]:
    last: dict[tuple[int, str], SpamLabel] = {}
    for label in sorted(labels, key=lambda label: (label.at, label.is_spam)):
        last[(label.intake_id, label.actor)] = label
    return list(last.values())


def _within_days(labels: Iterable[SpamLabel]) -> list[SpamLabel]:
    """The first labels of each person on each day (UTC); the rest of that day counts for nothing."""
    by_day: dict[tuple[str, date], list[SpamLabel]] = defaultdict(list)
    for label in labels:
        by_day[(label.actor, label.at.astimezone(UTC).date())].append(label)
    return [
        label
        for day in by_day.values()
        for label in sorted(day, key=lambda label: (label.at, label.intake_id))[:LABELS_A_DAY]
    ]


def _shares(labels: Sequence[SpamLabel]) -> list[_Share]:
    votes: dict[int, list[SpamLabel]] = defaultdict(list)
    for label in labels:
        votes[label.intake_id].append(label)
    found: list[_Share] = []
    for intake_id, said in sorted(votes.items()):
        for_spam = [label.actor for label in said if label.is_spam]
        for_good = [label.actor for label in said if not label.is_spam]
        ahead = abs(len(for_spam) - len(for_good)) / len(said)
        is_spam = len(for_spam) > len(for_good)
        winners = sorted(for_spam if is_spam else for_good)
        found += [_Share(intake_id, is_spam, actor, ahead / len(winners)) for actor in winners if ahead]
    return found


def _believed(shares: Sequence[_Share]) -> list[_Share]:
    """The same with the one who says most brought down to what all the others say together."""
    weights = _by_actor(shares)
    if not weights:
        return []
    first = max(weights, key=lambda actor: (weights[actor], actor))
    others = sum(weight for actor, weight in weights.items() if actor != first)
    factor = min(1.0, others / weights[first])
    lowered = [
        _Share(share.intake_id, share.is_spam, share.actor, share.weight * factor) if share.actor == first else share
        for share in shares
    ]
    return [share for share in lowered if share.weight > 0]


def _by_actor(shares: Iterable[_Share]) -> Mapping[str, float]:
    weights: dict[str, float] = defaultdict(float)
    for share in shares:
        weights[share.actor] += share.weight
    return weights


def _lessons(shares: Iterable[_Share]) -> tuple[Lesson, ...]:
    weights: dict[tuple[int, bool], float] = defaultdict(float)
    for share in shares:
        weights[(share.intake_id, share.is_spam)] += share.weight
    return tuple(
        Lesson(intake_id, is_spam, min(1.0, weight)) for (intake_id, is_spam), weight in sorted(weights.items())
    )
