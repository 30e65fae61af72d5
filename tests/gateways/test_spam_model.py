"""The model is the same from the same labels, learns no more than it is told, and is made anew only when it must be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tasks.gateways.mail_parser import parse_mail
from tasks.gateways.spam_model import SpamMemory, Taught
from tasks.rules.mail.parsed import ParsedMail
from tasks.rules.mail.spam_trust import Lesson, Lessons
from tasks.rules.mail.spam_words import spam_words
from tests.samples.spam_letters import letter

SPAM_IDS, GOOD_IDS = range(40), range(100, 160)
LESSONS = Lessons(tuple(Lesson(i, i in SPAM_IDS, 1.0) for i in (*SPAM_IDS, *GOOD_IDS)), 40, 60)
NEXT = [(number, is_spam) for number in range(500, 540) for is_spam in (True, False)]


def words(number: int, *, is_spam: bool) -> list[str]:
    mail = parse_mail(letter(number, is_spam=is_spam))
    assert isinstance(mail, ParsedMail)
    return spam_words(mail)


class Archive:
    """Stored mail that remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def read(self, ids: Sequence[int]) -> Iterable[tuple[int, list[str]]]:
        self.asked += ids
        return [(i, words(i, is_spam=i in SPAM_IDS)) for i in ids]


def scores(taught: Taught) -> list[float]:
    assert taught.model is not None
    return taught.model.scores([words(number, is_spam=is_spam) for number, is_spam in NEXT])


def test_it_tells_new_mail_apart_and_is_the_same_each_time() -> None:
    first, second = (scores(SpamMemory().recall("a", 1, lambda: LESSONS, Archive().read)) for _ in range(2))
    assert first == second
    assert all((score > 0.75) is is_spam for score, (_, is_spam) in zip(first, NEXT, strict=True))


def test_it_is_made_anew_only_when_the_labels_changed_and_reads_only_what_is_new() -> None:
    memory, archive = SpamMemory(), Archive()
    first = memory.recall("a", 1, lambda: LESSONS, archive.read)
    assert memory.recall("a", 1, lambda: LESSONS, archive.read) is first
    assert len(archive.asked) == 100
    more = Lessons((*LESSONS.lessons, Lesson(200, False, 1.0)), 40, 61)
    assert memory.recall("a", 2, lambda: more, archive.read) is not first
    assert archive.asked[100:] == [200]
    assert scores(memory.recall("a", 2, lambda: more, archive.read)) == scores(
        SpamMemory().recall("a", 2, lambda: more, Archive().read)
    )
    memory.recall("b", 2, lambda: more, archive.read)
    assert len(archive.asked) == 202


def test_few_labels_make_no_model() -> None:
    few = Lessons(LESSONS.lessons[:49], 40, 9)
    archive = Archive()
    assert SpamMemory().recall("a", 1, lambda: few, archive.read) == Taught(None, may_decide=False)
    assert not archive.asked


def test_mail_that_cannot_be_read_teaches_nothing() -> None:
    assert SpamMemory().recall("a", 1, lambda: LESSONS, lambda _ids: []).model is None
    only_spam = [(i, words(i, is_spam=True)) for i in SPAM_IDS]
    assert SpamMemory().recall("a", 1, lambda: LESSONS, lambda _ids: only_spam).model is None


def test_a_word_that_is_hardly_believed_changes_little() -> None:
    """One good letter called spam with a small weight moves its like less than one with the full weight."""
    base = scores(SpamMemory().recall("a", 1, lambda: LESSONS, Archive().read))
    moved = []
    for weight in (0.1, 1.0):
        lessons = Lessons(
            tuple(
                Lesson(s.intake_id, s.intake_id < 105, weight if 100 <= s.intake_id < 105 else 1.0)
                for s in LESSONS.lessons
            ),
            45,
            55,
        )
        found = scores(SpamMemory().recall("a", 1, lambda lessons=lessons: lessons, Archive().read))  # type: ignore[misc]
        moved.append(sum(abs(one - other) for one, other in zip(base, found, strict=True)))
    assert 0 < moved[0] < moved[1]


def test_words_never_seen_speak_for_neither_kind() -> None:
    """However many labels there are of one kind."""
    taught = SpamMemory().recall("a", 1, lambda: LESSONS, Archive().read)
    assert taught.model is not None
    [score] = taught.model.scores([[f"неизвестное{number}" for number in range(60)]])
    assert abs(score - 0.5) < 1e-4
