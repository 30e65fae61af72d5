"""What the engine takes: an item as it stands, an event, and the office as known at that moment.

Times are aware UTC. Field values: persons and contacts as refs (`person:7`), times and dates as ISO 8601 text, money
as Decimal, lists as tuples, positions as Line, a flag as bool; nothing filled in is None or a missing key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from tasks.rules.assignment import Staff
from tasks.rules.process.definition import Outcome, Text
from tasks.rules.process.quick import maker, quick
from tasks.rules.working_time import WorkingCalendar

OwedState = Literal["open", "done", "approved", "declined", "withdrawn", "void"]
WorkState = Literal["open", "done", "approved", "declined", "withdrawn", "void"]
ChildState = Literal["open", "won", "lost", "cancelled"]

VERBS = ("begin", "done", "approve", "decline")
"""Names of events that answer work; `work` or `task_id` says which."""
FACTS = ("changed", "clock", "absence_changed", "calendar_changed", "child_ended", "hold_released", "parent_ended")
"""Names of events that the engine itself understands; all others are the file's."""


@quick(frozen=True, slots=True)
class Owed:
    """What one person or contact owes: one row of work_task.

    `slots` are those of the file that the owner answers for; `instead_of` is whom the owner stands in for (somebody
    absent, or a contact who has no address and is to be called), or ''.
    """

    name: str
    round: int
    owner: str
    slots: tuple[str, ...]
    state: OwedState = "open"
    due_at: datetime | None = None
    instead_of: str = ""
    is_begun: bool = False
    is_overdue: bool = False
    by: str = ""
    at: datetime | None = None
    task_id: int | None = None

    def closed(self, state: OwedState, by: str, at: datetime | None) -> Owed:
        """The row as an answer, or taking it back, leaves it. (Written out: `replace` costs six times as much.)"""
        return new_owed(
            self.name,
            self.round,
            self.owner,
            self.slots,
            state,
            self.due_at,
            self.instead_of,
            self.is_begun,
            self.is_overdue,
            by,
            at,
            self.task_id,
        )

    def marked(self, *, is_begun: bool = False, is_overdue: bool = False) -> Owed:
        """The row once it was begun, or is late."""
        return new_owed(
            self.name,
            self.round,
            self.owner,
            self.slots,
            self.state,
            self.due_at,
            self.instead_of,
            self.is_begun or is_begun,
            self.is_overdue or is_overdue,
            self.by,
            self.at,
            self.task_id,
        )


@quick(frozen=True, slots=True)
class Work:
    """One piece of work as last asked for: `round` counts how often, `visit` is the stay in a stage it was asked in.

    `content_hash` is of the fields it binds, '' for none. `by` and `at` say who brought the decision and when.
    """

    name: str
    round: int
    visit: int
    state: WorkState
    rows: tuple[Owed, ...]
    asked_at: datetime
    content_hash: str = ""
    by: str = ""
    at: datetime | None = None

    def changed(self, state: WorkState, rows: tuple[Owed, ...], by: str = "", at: datetime | None = None) -> Work:
        """The work with other rows."""
        return new_work(self.name, self.round, self.visit, state, rows, self.asked_at, self.content_hash, by, at)


@quick(frozen=True, slots=True)
class Child:
    """A sub-process as last started under `name`; its `key` is (our key, name, round)."""

    name: str
    round: int
    process: str
    key: str
    state: ChildState = "open"
    is_waiting: bool = False
    returns: Mapping[str, str] = field(default_factory=dict)


@quick(frozen=True, slots=True)
class Clock:
    """Something that falls due, kept with what it was counted from, so that a changed calendar can count it again.

    `name`: `within` (the stage), `after:RULE`, or `work:NAME:ROUND`. `n` counts the firings of an `every`, from 0;
    `basis` is the entry of the stage, the moment the work was asked for, or the previous due time.
    """

    due: datetime
    name: str
    basis: datetime
    n: int = 0


@quick(frozen=True, slots=True)
class Item:
    """One item of a process as the engine sees it. All of it is plain data that a store can keep.

    `visit` counts stays in stages. `fired`: as_soon_as rules that acted in this stay; `standing`: the common ones that
    were true when the last event ended (they act when they become true). `authors`: who last set a field that a
    four-eyes vote binds. `recent`: when each rule acted within the last hour. `promises`: what others were promised
    (calendar events, documents) by uid. `fired_at`: due time of the last clock that fired. `status` is shown.
    """

    key: str
    stage: str
    visit: int
    entered_at: datetime
    fields: Mapping[str, Any]
    work: Mapping[str, Work] = field(default_factory=dict)
    children: Mapping[str, Child] = field(default_factory=dict)
    clocks: tuple[Clock, ...] = ()
    fired: frozenset[str] = frozenset()
    standing: frozenset[str] = frozenset()
    outcome: Outcome | None = None
    status: Text = field(default_factory=dict)
    author: str = ""
    authors: Mapping[str, str] = field(default_factory=dict)
    recent: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)
    promises: tuple[str, ...] = ()
    fired_at: datetime | None = None
    is_held: bool = False


@quick(frozen=True, slots=True)
class Event:
    """One thing that happened. A command (`is_command`) may be refused; a fact is recorded even when no rule wants it.

    `at` is the effective time: when we received it, or the due time of a clock. `name`: a command or fact of the file,
    one of VERBS, or one of FACTS. `sets` are field values that come with it. An answer says which work it answers by
    `work` or `task_id` (neither: the only one the actor may answer so) and for a link which `round` and `content_hash`
    it was given for. `clock` names the clock of a clock event, `seen_at` is when the office looked at it.
    `child_ended` brings `work`, `round`, `outcome` and the child's fields (`returned`). `hops` counts the items it came
    through.
    """

    key: str
    at: datetime
    name: str
    actor: str = ""
    is_command: bool = True
    sets: Mapping[str, Any] = field(default_factory=dict)
    work: str = ""
    task_id: int | None = None
    round: int | None = None
    content_hash: str = ""
    text: str = ""
    clock: str = ""
    seen_at: datetime | None = None
    outcome: Outcome | None = None
    returned: Mapping[str, Any] = field(default_factory=dict)
    hops: int = 0


@dataclass(frozen=True, slots=True)
class OfficeFacts:
    """The office as known at the event: staff with absences, open work per person, contacts we can write to."""

    staff: Staff
    loads: Mapping[str, int]
    reachable: frozenset[str]
    calendar: WorkingCalendar
    zone: ZoneInfo
    found: dict[Any, Any] = field(default_factory=dict, init=False, compare=False, repr=False)
    """Answers already worked out from these facts, kept while they live."""


new_owed, new_work, new_clock, new_item = maker(Owed), maker(Work), maker(Clock), maker(Item)
