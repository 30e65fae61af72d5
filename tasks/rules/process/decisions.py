"""What the engine decides, in the order in which it is to be applied; `rule` is the rule that caused it, or ''.

The key of a decision is (key of the event, its position). `values` are the item's fields at that point of the chain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from tasks.rules.process.definition import DocumentKind, Outcome, Text, WorkKind
from tasks.rules.process.quick import maker, quick
from tasks.rules.process.reasons import Reason
from tasks.rules.process.state import Owed, OwedState, WorkState

WithdrawnBecause = Literal["left", "ended", "decided", "changed", "absent", "rule"]


@quick(frozen=True, slots=True)
class Move:
    """The item goes to another stage ('' is the source of its beginning); `outcome` when it ends there."""

    source: str
    target: str
    visit: int
    outcome: Outcome | None
    status: Text
    rule: str = ""


@quick(frozen=True, slots=True)
class AskWork:
    """Somebody is asked for a piece of work: a new row of work_task; `watchers` are told too."""

    owed: Owed
    kind: WorkKind
    title: Text
    values: Mapping[str, Any]
    content_hash: str = ""
    watchers: tuple[str, ...] = ()
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Reassign:
    """A row of open work changes: another owner (who is told; so is the one before), or one more slot of the owner."""

    before: Owed
    after: Owed


@quick(frozen=True, slots=True)
class BeginWork:
    """Somebody has started a piece of work."""

    owed: Owed
    by: str


@quick(frozen=True, slots=True)
class CloseWork:
    """A row of work ends by an answer; `is_vote`: it is kept as a vote."""

    owed: Owed
    state: OwedState
    by: str
    is_vote: bool
    text: str = ""


@quick(frozen=True, slots=True)
class DecideWork:
    """A piece of work as a whole has come to its end."""

    name: str
    round: int
    state: WorkState
    by: str


@quick(frozen=True, slots=True)
class Withdraw:
    """A row of open work is taken back (its owner is told), or a vote given for other content is void."""

    owed: Owed
    because: WithdrawnBecause

    @property
    def is_vote_void(self) -> bool:
        """Whether an answer had been given."""
        return self.owed.state != "open"


@dataclass(frozen=True, slots=True)
class MarkOverdue:
    """A row of work has passed its due time."""

    owed: Owed


@quick(frozen=True, slots=True)
class Notify:
    """One recipient is told `text` (or the template `wording`), filled with `values` and `stage`.

    `phone_for` is the contact without an address for whom the recipient is told, or ''. `sender` is a person's ref when
    the author is to be named as sender. A clock seen late says so (`late_seconds`), and that it stands for `missed`
    earlier repeats, whose messages are decided but not sent (`is_collapsed`).
    """

    to: str
    wording: str
    text: Text
    values: Mapping[str, Any]
    stage: str
    work: str = ""
    phone_for: str = ""
    sender: str = ""
    late_seconds: int = 0
    missed: int = 0
    is_collapsed: bool = False
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Untold:
    """A slot of a notice means nobody at this moment."""

    slot: str
    wording: str
    text: Text
    rule: str = ""


@quick(frozen=True, slots=True)
class SetField:
    """A field gets a value; None empties it."""

    field: str
    value: Any
    rule: str = ""


@quick(frozen=True, slots=True)
class ShowStatus:
    """The status text changes within a stage."""

    text: Text
    rule: str = ""


@quick(frozen=True, slots=True)
class StartProcess:
    """Another process begins, in the same transaction and under its newest version; `key` is the new item's."""

    process: str
    name: str
    round: int
    key: str
    fields: Mapping[str, Any]
    is_waiting: bool
    author: str
    hops: int
    rule: str = ""


@dataclass(frozen=True, slots=True)
class EndChild:
    """A sub-process is cancelled: the item that waited for it went on without it, or a rule takes it back."""

    name: str
    round: int
    key: str
    hops: int


@quick(frozen=True, slots=True)
class CalendarEvent:
    """An event in the calendars of `who` at `at` (ISO 8601); the same `uid` again moves it."""

    uid: str
    who: tuple[str, ...]
    at: str
    title: Text
    values: Mapping[str, Any]
    rule: str = ""


@dataclass(frozen=True, slots=True)
class MakeDocument:
    """A document is to be made from `values`; its number goes to `field`."""

    uid: str
    make: DocumentKind
    field: str
    due_at: datetime | None
    values: Mapping[str, Any]
    rule: str = ""


@dataclass(frozen=True, slots=True)
class TakeBack:
    """The item is lost or cancelled: what was promised under `uid` (calendar event, document) holds no more."""

    uid: str


@dataclass(frozen=True, slots=True)
class Incident:
    """A breach is written against a person ('' when nobody is in the slot); `step` is the work or the stage."""

    person: str
    slot: str
    step: str
    what: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Late:
    """The event arrived behind a clock that had fired at `fired_at`; it was taken in the item's present state."""

    at: datetime
    fired_at: datetime


@dataclass(frozen=True, slots=True)
class Refuse:
    """A command is refused; nothing else of its chain happens."""

    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Hold:
    """The event was rolled back and waits with its item for a person; `path` are the rules that had acted."""

    reasons: tuple[Reason, ...]
    path: tuple[str, ...] = field(default=())


new_move, new_set_field, new_notify = maker(Move), maker(SetField), maker(Notify)
new_ask_work, new_close_work, new_decide_work = maker(AskWork), maker(CloseWork), maker(DecideWork)

Decision = (
    Move
    | AskWork
    | Reassign
    | BeginWork
    | CloseWork
    | DecideWork
    | Withdraw
    | MarkOverdue
    | Notify
    | Untold
    | SetField
    | ShowStatus
    | StartProcess
    | EndChild
    | CalendarEvent
    | MakeDocument
    | TakeBack
    | Incident
    | Late
    | Refuse
    | Hold
)
