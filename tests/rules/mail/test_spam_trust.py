"""What the labels teach: contradictions cancel, days are limited, and nobody outweighs all the others."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.mail.spam_trust import LABELS_A_DAY, Lesson, SpamLabel, weigh_labels

DAY = datetime(2026, 11, 17, 6, tzinfo=UTC)


def labels(actor: str, spam: Iterable[int] = (), good: Iterable[int] = (), day: int = 0) -> list[SpamLabel]:
    at = DAY + timedelta(days=day)
    return [SpamLabel(i, True, actor, at) for i in spam] + [SpamLabel(i, False, actor, at) for i in good]


def month(actor: str, spam: Iterable[int], good: Iterable[int]) -> list[SpamLabel]:
    """The same, spread over days so that no day's limit is touched."""
    said = labels(actor, spam, good)
    return [SpamLabel(s.intake_id, s.is_spam, actor, DAY + timedelta(days=n // 50)) for n, s in enumerate(said)]


@pytest.mark.parametrize(
    ("given_labels", "lessons"),
    [
        ([], ()),
        (labels("a", [1]), (Lesson(1, True, 1.0),)),
        (labels("a", [1]) + labels("b", [1]), (Lesson(1, True, 1.0),)),
        (labels("a", [1]) + labels("b", (), [1]), ()),
        (labels("a", [1]) + labels("b", [1]) + labels("c", (), [1]), (Lesson(1, True, 1 / 3),)),
        (labels("a", [1]) + labels("a", (), [1], day=1), (Lesson(1, False, 1.0),)),
        (labels("a", [1], day=1) + labels("a", (), [1]), (Lesson(1, True, 1.0),)),
    ],
    ids=["none", "one", "agreed", "a tie", "two to one", "changed mind", "in any order"],
)
def test_one_mail_counts_for_what_people_say_together(
    given_labels: list[SpamLabel], lessons: tuple[Lesson, ...]
) -> None:
    assert weigh_labels(given_labels).lessons == lessons


@pytest.mark.parametrize(
    ("given_labels", "believed", "may_decide"),
    [
        (month("a", range(500), range(500, 1000)), (0, 0), False),
        (month("a", range(150), range(150, 300)), (0, 0), False),
        (month("a", range(75), range(75, 150)) + month("b", range(150, 225), range(225, 300)), (150, 150), True),
        (month("a", range(75), range(75, 150)) + month("b", range(150, 224), range(225, 300)), (148, 150), False),
        (month("a", range(600), range(600, 1200)) + month("b", range(2000, 2060), ()), (120, 0), False),
        (month("a", range(25), range(100, 400)) + month("b", range(400, 424), range(500, 800)), (48, 600), False),
        (month("a", range(150), ()) + month("b", (), range(200, 350)), (0, 0), False),
    ],
    ids=["one person", "one person, just enough", "two", "one label short", "b is few", "spam is few", "one each"],
)
def test_when_the_model_may_decide(given_labels: list[SpamLabel], believed: tuple[int, int], may_decide: bool) -> None:
    weighed = weigh_labels(given_labels)
    assert weighed.may_decide is may_decide
    assert (weighed.believed_spam, weighed.believed_good) == pytest.approx(believed)


def test_a_day_of_one_person_is_limited() -> None:
    day = labels("a", range(LABELS_A_DAY * 3))
    assert len(weigh_labels(day).lessons) == LABELS_A_DAY
    assert len(weigh_labels(day + labels("a", range(1000, 1010), day=1)).lessons) == LABELS_A_DAY + 10


said = st.builds(
    SpamLabel,
    st.integers(1, 60),
    st.booleans(),
    st.sampled_from(["a", "b", "c"]),
    st.integers(0, 400).map(lambda hours: DAY + timedelta(hours=hours)),
)


@given(st.lists(said, max_size=150), st.randoms(use_true_random=False))
def test_the_order_of_the_labels_does_not_matter(given_labels: list[SpamLabel], chance: object) -> None:
    turned = sorted(given_labels, key=lambda _: chance.random())  # type: ignore[attr-defined]  # a random.Random
    assert weigh_labels(turned) == weigh_labels(given_labels)


@given(st.lists(said, max_size=150))
def test_each_mail_teaches_one_thing_at_most_once(given_labels: list[SpamLabel]) -> None:
    lessons = weigh_labels(given_labels).lessons
    assert len({lesson.intake_id for lesson in lessons}) == len(lessons)
    assert all(0 < lesson.weight <= 1 for lesson in lessons)


@given(st.lists(said, max_size=100), st.integers(0, 900), st.integers(0, 900))
def test_nobody_is_believed_more_than_all_others_together(others: list[SpamLabel], spam: int, good: int) -> None:
    """Whatever one person adds on mail of their own, what is believed at most doubles what the others say."""
    alone = [label for label in others if label.actor != "a"]
    added = month("a", range(1000, 1000 + spam), range(2000, 2000 + good))
    words = {(label.intake_id, label.actor): label for label in sorted(alone, key=lambda one: (one.at, one.is_spam))}
    said_spam = sum(label.is_spam for label in words.values())
    weighed = weigh_labels(alone + added)
    assert weighed.believed_spam <= 2 * said_spam + 1e-9
    assert weighed.believed_good <= 2 * (len(words) - said_spam) + 1e-9
