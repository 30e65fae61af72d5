"""The spam model: naive Bayes over hashed words, made anew from labels and stored mail; nothing of it is ever stored.

Rebuilding gives the same model from the same labels. A process keeps the last one, and the hashed words of the mail
it learned from, so that one label more costs one mail more. scikit-learn is imported only when there is something to
learn from: its import takes seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

from tasks.rules.mail.spam_decision import score_of
from tasks.rules.mail.spam_trust import Lesson, Lessons

_HASHES = 2**18
_SMOOTHING = 1.0
_MAX_LESSONS = 5_000

ReadWords = Callable[[Sequence[int]], Iterable[tuple[int, list[str]]]]
"""Gives the words of these mails by intake id; one that cannot be read is left out."""


class SpamModel:
    """A model that was taught; `scores` judges mail by its words."""

    def __init__(self, rows: Mapping[int, Any], lessons: Sequence[Lesson]) -> None:
        from numpy import array
        from scipy.sparse import vstack  # type: ignore[import-untyped]  # scipy ships no types
        from sklearn.naive_bayes import MultinomialNB

        known = [lesson for lesson in lessons if lesson.intake_id in rows]
        words = vstack([rows[lesson.intake_id] for lesson in known], format="csr")
        is_spam = array([lesson.is_spam for lesson in known])
        weights = array([lesson.weight for lesson in known])
        # both kinds weigh the same in words, or a word never seen before would speak for the rarer kind
        mass = weights * words.getnnz(axis=1)
        weights[is_spam] *= mass[~is_spam].sum() / max(mass[is_spam].sum(), 1e-9)
        self._bayes = MultinomialNB(alpha=_SMOOTHING, fit_prior=False).fit(words, is_spam, sample_weight=weights)
        self._odds = self._bayes.feature_log_prob_[1] - self._bayes.feature_log_prob_[0]

    def scores(self, mails: Sequence[Sequence[str]]) -> list[float]:
        """The score of each mail, 0 (good) to 1 (spam)."""
        evidence = _hashed(mails) @ self._odds
        return [score_of(float(found), len(words)) for found, words in zip(evidence, mails, strict=True)]


@dataclass(frozen=True, slots=True)
class Taught:
    """What the labels made: a model (None: they are too few), and whether mail may be put aside by it."""

    model: SpamModel | None = None
    may_decide: bool = False


class SpamMemory:
    """The last model of this process. Safe among threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._key: Hashable = None
        self._store = ""
        self._taught = Taught()
        self._rows: dict[int, Any] = {}

    def recall(self, store: str, mark: Hashable, read_lessons: Callable[[], Lessons], read_words: ReadWords) -> Taught:
        """What the labels teach, made anew only when their `mark` has changed.

        `store` names the database: another one's mail has other words under the same ids.
        """
        with self._lock:
            if self._key != (store, mark):
                if self._store != store:
                    self._rows = {}
                lessons = read_lessons()
                self._taught = Taught(self._rebuild(lessons, read_words), lessons.may_decide)
                self._store, self._key = store, (store, mark)
            return self._taught

    def forget(self) -> None:
        """Start anew, as a new process does."""
        with self._lock:
            self._key, self._store, self._taught, self._rows = None, "", Taught(), {}

    def _rebuild(self, lessons: Lessons, read_words: ReadWords) -> SpamModel | None:
        if not lessons.may_suggest:
            return None
        newest = lessons.lessons[-_MAX_LESSONS:]
        wanted = {lesson.intake_id for lesson in newest}
        self._rows = {intake_id: row for intake_id, row in self._rows.items() if intake_id in wanted}
        missing = sorted(wanted - self._rows.keys())
        read = list(read_words(missing)) if missing else []
        if read:
            rows = _hashed([words for _, words in read])
            self._rows |= {intake_id: rows[number] for number, (intake_id, _) in enumerate(read)}
        kinds = {lesson.is_spam for lesson in newest if lesson.intake_id in self._rows}
        return SpamModel(self._rows, newest) if len(kinds) == 2 else None


def _hashed(mails: Iterable[Sequence[str]]) -> Any:
    """One sparse row of 2^18 counts per mail."""
    from sklearn.feature_extraction import FeatureHasher

    return FeatureHasher(_HASHES, input_type="string", alternate_sign=False).transform(mails)


SPAM_MEMORY = SpamMemory()
"""The one of this process."""
