"""Three outcomes by score, and what each makes of a stranger's mail."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.mail.settlement import Letter, Settlement
from tasks.rules.mail.spam_decision import SpamJudgement, outcome_of, score_of, with_judgement

LETTER = Letter("Тема", "Текст", "Текст", "petr@example.com", "Пётр", None, "ru")
STRANGER = Settlement(
    7, datetime(2026, 11, 17, tzinfo=UTC), "unknown_sender", "settled", None, letter=LETTER, makes_lead=True
)


@pytest.mark.parametrize(
    ("evidence", "word_count", "outcome"),
    [
        (0.0, 100, "good"),
        (-90.0, 100, "good"),
        (5.0, 100, "good"),
        (20.0, 100, "unsure"),
        (36.0, 100, "spam"),
        (36.0, 1000, "good"),
        (3.6, 10, "good"),
        (8.0, 10, "unsure"),
        (1e9, 1, "spam"),
    ],
)
def test_outcomes(evidence: float, word_count: int, outcome: str) -> None:
    assert outcome_of(score_of(evidence, word_count)) == outcome


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6), st.integers(0, 5000))
def test_more_evidence_never_lowers_the_score(evidence: float, more: float, word_count: int) -> None:
    low, high = score_of(evidence, word_count), score_of(evidence + more, word_count)
    assert 0 <= low <= high <= 1


@pytest.mark.parametrize(
    ("score", "may_decide", "state"),
    [
        (0.99, True, "quarantined"),
        (0.99, False, "settled"),
        (0.9, True, "settled"),
        (0.1, True, "settled"),
    ],
)
def test_only_a_sure_score_with_enough_labels_puts_mail_aside(score: float, may_decide: bool, state: str) -> None:
    settled = with_judgement(STRANGER, SpamJudgement(score, may_decide))
    assert (settled.state, settled.spam_score) == (state, score)
    is_aside = state == "quarantined"
    assert settled.makes_lead is not is_aside
    assert (settled.letter is None) is is_aside
    assert (settled.kind, settled.reason) == (
        ("spam", f"spam: learned, score {score:.3f}") if is_aside else ("unknown_sender", None)
    )
