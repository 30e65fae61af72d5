"""What a learned score means for a stranger's mail: good, unsure or spam, and what becomes of it.

The score is the odds of spam as ten average words of the mail give them, so that a long mail is no surer than a short
one of the same kind; the few words of a very short one are never enough. Thresholds: `./callout bench spam`.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Literal

from tasks.rules.mail.settlement import Settlement

SpamOutcome = Literal["good", "unsure", "spam"]
UNSURE_FROM = 0.75
SPAM_FROM = 0.97
_AVERAGE_WORDS = 10
# a shorter mail counts as if it were filled up with words that say nothing
_ENOUGH_WORDS = 40


@dataclass(frozen=True, slots=True)
class SpamJudgement:
    """A mail's score, 0 to 1, and whether the labels are enough to decide by it."""

    score: float
    may_decide: bool


def score_of(evidence: float, word_count: int) -> float:
    """The score, 0 to 1, from the summed log odds of spam against good and the number of different words."""
    exponent = _AVERAGE_WORDS * evidence / max(word_count, _ENOUGH_WORDS)
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, exponent))))


def outcome_of(score: float) -> SpamOutcome:
    """The outcome of a score: the middle is left to people."""
    if score >= SPAM_FROM:
        return "spam"
    return "unsure" if score >= UNSURE_FROM else "good"


def with_judgement(settlement: Settlement, judgement: SpamJudgement) -> Settlement:
    """The settlement with its score; quarantined when the score says spam and the labels are enough."""
    if not judgement.may_decide or outcome_of(judgement.score) != "spam":
        return dataclasses.replace(settlement, spam_score=judgement.score)
    return dataclasses.replace(
        settlement,
        kind="spam",
        state="quarantined",
        reason=f"spam: learned, score {judgement.score:.3f}",
        letter=None,
        makes_lead=False,
        spam_score=judgement.score,
    )
