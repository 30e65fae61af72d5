"""What the engine takes and gives: the item as it stands, an event, the office as known then, and decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

from tasks.rules.assignment import Staff
from tasks.rules.pipeline_conditions import Reason
from tasks.rules.pipeline_parts import Outcome, Text
from tasks.rules.working_time import WorkingCalendar

OwedState = Literal["open", "done", "approved", "declined", "withdrawn"]
Verb = Literal["begin", "done", "approve", "decline"]


@dataclass(frozen=True, slots=True)
class Owed:
    """What one person or contact owes: one row of work_task. `round` counts how often this work was asked for."""

    name: str
    round: int
    owner: str
    state: OwedState
    due_at: datetime | None = None
    is_overdue: bool = False
    is_begun: bool = False
    task_id: int | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One deal as the engine sees it. `fired`: rules and clocks that acted in this stay (`visit`) in the stage.

    `fields` hold persons and contacts as refs, times as ISO 8601 text, money as Decimal, lists as tuples.
    """

    entity_id: int
    stage: str
    visit: int
    entered_at: datetime
    fields: Mapping[str, Any]
    owed: tuple[Owed, ...] = ()
    fired: frozenset[str] = frozenset()
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. A command (`is_command`) may be refused, a fact is only recorded when no rule wants it.

    `name`: a rule's event, a verb for work (begin, done, approve, decline), 'changed', or 'clock'. `sets` are field
    values that come with it. `task_id` is the work_task it answers; `clock` names the clock that is due.
    """

    key: str
    at: datetime
    name: str
    actor: str
    is_command: bool = True
    sets: Mapping[str, Any] = field(default_factory=dict)
    task_id: int | None = None
    text: str = ""
    clock: str = ""


@dataclass(frozen=True, slots=True)
class OfficeFacts:
    """The office as known at the event: staff with absences, open work per person, contacts with a mail address."""

    staff: Staff
    loads: Mapping[str, int]
    reachable: frozenset[str]
    calendar: WorkingCalendar
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Move:
    """The item goes to another stage; `outcome` when it ends there, `status` is shown from then on."""

    source: str
    target: str
    outcome: Outcome | None
    status: Text


@dataclass(frozen=True, slots=True)
class AskWork:
    """Somebody is asked for a piece of work."""

    name: str
    round: int
    owner: str
    kind: str
    title: Text
    due_at: datetime | None
    on_behalf_of: str = ""


@dataclass(frozen=True, slots=True)
class BeginWork:
    """Somebody has started a piece of work."""

    owed: Owed


@dataclass(frozen=True, slots=True)
class CloseWork:
    """A piece of work ends by an answer; `is_vote`: it is kept as a vote."""

    owed: Owed
    state: OwedState
    by: str
    is_vote: bool
    result: str = ""


@dataclass(frozen=True, slots=True)
class Withdraw:
    """A piece of open work is taken back."""

    owed: Owed


@dataclass(frozen=True, slots=True)
class MarkOverdue:
    """A piece of work has passed its due time."""

    owed: Owed


@dataclass(frozen=True, slots=True)
class Notify:
    """One recipient is told what was so at that point of the chain (`seen`).

    `phone_for` is the contact without an address for whom the recipient is told, or ''.
    """

    to: str
    wording: str
    text: Text
    seen: Item
    work: str = ""
    phone_for: str = ""


@dataclass(frozen=True, slots=True)
class SetField:
    """A field gets a value."""

    field: str
    value: Any


@dataclass(frozen=True, slots=True)
class ShowStatus:
    """The status text changes within a stage."""

    text: Text


@dataclass(frozen=True, slots=True)
class Refuse:
    """A command is refused; nothing else of its chain happens."""

    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Incident:
    """A breach is written against a person ('' for nobody)."""

    person: str
    step: str
    what: str


@dataclass(frozen=True, slots=True)
class IssueInvoice:
    """An invoice over the cost is to be made; its number goes to `field`."""

    field: str
    amount: Decimal
    due_at: datetime


Decision = (
    Move
    | AskWork
    | BeginWork
    | CloseWork
    | Withdraw
    | MarkOverdue
    | Notify
    | SetField
    | ShowStatus
    | Refuse
    | Incident
    | IssueInvoice
)


class HeldError(Exception):
    """The event cannot be carried through; the item waits for a person. The text is the reason."""
