"""Who is to be told that a paper expires: windows instead of dates, so that a missed night loses nothing.

A step of the ladder is entered so many days before the last day of validity and stays until the next is entered.
What is due depends on what was told, never on whether we looked on the very day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tasks.rules.office import LadderStep

# Whom to tell when there is nobody in a place: a client without mail is the manager's to call.
_INSTEAD = {"client": "manager", "responsible": "manager", "manager": "chief"}


@dataclass(frozen=True, slots=True)
class Paper:
    """One entry of a register in its present term, and who stands in each place of the ladder (refs, maybe none).

    `told` are the (stage days, ref) already settled in this term.
    """

    entry_id: int
    term_version: int
    valid_until: date
    places: Mapping[str, Sequence[str]]
    told: Collection[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Reminder:
    """One line to one recipient. `late_days`: since the stage was entered; `is_overtaken`: settled without telling."""

    entry_id: int
    term_version: int
    stage_days: int
    recipient: str
    days_left: int
    late_days: int
    is_overtaken: bool


def due_reminders(papers: Iterable[Paper], ladder: Sequence[LadderStep], today: date) -> list[Reminder]:
    """Everything to be told or settled today, for papers of one register.

    Each recipient hears of a paper once per stage, and only the most urgent stage entered that names them; the stages
    before it are settled as overtaken. A paper never spoken of before is told at its current stage alone, so that a
    fresh register brings no flood.
    """
    return [reminder for paper in papers for reminder in _of_paper(paper, ladder, today)]


def _of_paper(paper: Paper, ladder: Sequence[LadderStep], today: date) -> Iterator[Reminder]:
    days_left = (paper.valid_until - today).days
    entered = sorted((step for step in ladder if step.days >= days_left), key=lambda step: step.days)
    stages = _stages_by_recipient(paper, entered)
    for recipient, (own, *older) in stages.items():
        if (own, recipient) in paper.told:
            continue
        is_told = own == entered[0].days or bool(paper.told)
        for stage in (own, *older):
            if (stage, recipient) not in paper.told:
                is_overtaken = stage != own or not is_told
                yield Reminder(
                    paper.entry_id, paper.term_version, stage, recipient, days_left, stage - days_left, is_overtaken
                )


def _stages_by_recipient(paper: Paper, entered: Sequence[LadderStep]) -> dict[str, list[int]]:
    """Recipient → the stages that name them, most urgent first."""
    found: dict[str, list[int]] = {}
    for step in entered:
        for recipient in dict.fromkeys(ref for place in step.to for ref in _standing_in(paper, place)):
            found.setdefault(recipient, []).append(step.days)
    return found


def _standing_in(paper: Paper, place: str) -> Sequence[str]:
    refs = paper.places.get(place, ())
    return refs if refs or place not in _INSTEAD else _standing_in(paper, _INSTEAD[place])
