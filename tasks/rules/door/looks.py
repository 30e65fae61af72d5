"""What the door's pages show of items and of what people owe them: values that cross from the steps to the pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from tasks.rules.process.values import Line

InputKind = Literal["text", "long", "number", "date", "time", "choice", "person", "flag", "list", "times", "file"]


@dataclass(frozen=True, slots=True)
class Fact:
    """One filled field in words; with `sha256` the value is the name of a file that is kept."""

    name: str
    title: str
    value: str
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A field that was changed, by whom and when."""

    title: str
    value: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Owing:
    """Who owes a piece of work, and what became of it; `by` is who closed it, `result` what they said."""

    task_id: int
    title: str
    name: str
    state: str
    due_at: datetime | None
    is_overdue: bool
    is_begun: bool
    closed_at: datetime | None
    by: str
    result: str


@dataclass(frozen=True, slots=True)
class Paper:
    """One kind of document that is wanted."""

    kind: str
    title: str
    is_there: bool


@dataclass(frozen=True, slots=True)
class Brief:
    """An item in short: number, title, status, client; a contact's own page leaves out how the client is reached."""

    item_id: int
    process: str
    process_title: str
    number: str
    title: str
    status: str
    client: str
    company: str
    phone: str
    address: str
    currency: str
    outcome: str
    is_held: bool


@dataclass(frozen=True, slots=True)
class Input:
    """A field to fill in: `choices` as (value, words)."""

    name: str
    title: str
    kind: InputKind
    value: str
    choices: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class WorkLook:
    """One piece of work as its owner's page shows it.

    `owner` is who owes it now, `state` of their row. `is_vote`: answered by yes or no, for the content `content_hash`
    of the round `round`; `reason_field` keeps why it was declined. `changes`: of what it is about, since.
    `inputs` are the fields that it does not close without, `revision` is the item's.
    `other_times` can be chosen instead of the one that is asked about, which stands in `time_field`.
    `corrections` are the commands by which whoever is asked changes the file that a vote is for instead of answering.
    """

    brief: Brief
    task_id: int
    name: str
    kind: str
    title: str
    owner: str
    owner_name: str
    state: str
    round: int
    newest_round: int
    is_vote: bool
    reason_field: str
    content_hash: str
    opened_at: datetime
    due_at: datetime | None
    is_begun: bool
    closed_at: datetime | None
    closed_by: str
    result: str
    work_at: datetime | None
    time_field: str
    other_times: Sequence[datetime]
    facts: Sequence[Fact]
    lines: Sequence[Line]
    cost: Decimal
    changes: Sequence[Change]
    others: Sequence[Owing]
    papers: Sequence[Paper]
    inputs: Sequence[Input]
    corrections: Sequence[Way]
    revision: int

    @property
    def is_open(self) -> bool:
        """Whether it is still to be answered."""
        return self.state == "open"

    @property
    def papers_there(self) -> int:
        """How many of the wanted documents are there."""
        return sum(paper.is_there for paper in self.papers)


@dataclass(frozen=True, slots=True)
class Way:
    """One command of an item: what it would do in words, why it is grey, and the fields it lacks."""

    name: str
    title: str
    is_open: bool
    effects: Sequence[str]
    reasons: Sequence[str]
    inputs: Sequence[Input]


@dataclass(frozen=True, slots=True)
class Step:
    """One stage in the order of the file."""

    name: str
    title: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Trace:
    """One line of an item's record: when, who, through what, and what in words."""

    at: datetime
    who: str
    channel: str
    words: str
    details: str


@dataclass(frozen=True, slots=True)
class ItemLook:
    """An item as its page shows it."""

    brief: Brief
    version: int
    revision: int
    stage: str
    steps: Sequence[Step]
    since: datetime
    deadline_at: datetime | None
    is_overdue: bool
    held_reason: str
    facts: Sequence[Fact]
    lines: Sequence[Line]
    cost: Decimal
    work: Sequence[Owing]
    ways: Sequence[Way]
    inputs: Sequence[Input]
    record: Sequence[Trace]
    papers: Sequence[Paper]
    children: Sequence[tuple[int, str]]
    parent_id: int | None
    is_deal: bool
