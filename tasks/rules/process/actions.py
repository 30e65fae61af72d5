"""The small parts of a process file: spans, references, conditions and actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Operator = Literal["is", "is_not", "in", "above", "below", "at_least", "at_most", "has", "covers", "filled"]
DocumentKind = Literal["invoice", "act", "order"]
Text = Mapping[str, str]
"""Words by language; the key '' holds words that are the same in every language."""


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time: `seconds`, in opening hours only when `is_working`, or whole working days."""

    seconds: int
    is_working: bool = False
    working_days: int = 0


@dataclass(frozen=True, slots=True)
class Reference:
    """`$field`: the value of another field; `$now` is the time of the event."""

    name: str


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison: a field, `stage`, `visit` or `work.NAME` with a value or a Reference."""

    name: str
    operator: Operator
    wanted: Any


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds; no part at all holds too."""

    parts: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class NotOf:
    """The part does not hold; what is unknown stays unknown."""

    part: Condition


Condition = Test | AllOf | AnyOf | NotOf
ALWAYS = AllOf()


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask for a piece of work, unless it is open already."""

    work: str


@dataclass(frozen=True, slots=True)
class WithdrawWork:
    """Take a piece of open work back, or end a sub-process that runs: it is cancelled."""

    work: str


@dataclass(frozen=True, slots=True)
class SetValue:
    """Set a field to a value, to another field (Reference), to nothing (None), or add a number to it."""

    field: str
    value: Any
    is_addition: bool = False


@dataclass(frozen=True, slots=True)
class SetStatus:
    """Show another status text."""

    text: Text


@dataclass(frozen=True, slots=True)
class Tell:
    """Notify: `wording` names a template; when it is '', `text` is said through the general one."""

    to: tuple[str, ...]
    wording: str
    text: Text
    is_from_author: bool = False


@dataclass(frozen=True, slots=True)
class AssignPerson:
    """Put the least loaded, present person of the roles into a field."""

    field: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Start:
    """Start a sub-process; its end wakes `work NAME won|lost|cancelled` here.

    `with_fields` are its fields by value or Reference to ours, `returns` our fields by the name of one of its own.
    With `is_waiting` no `as_soon_as` moves the item while the child runs, and leaving the stage ends the child.
    """

    process: str
    name: str
    with_fields: Mapping[str, Any]
    is_waiting: bool = False
    returns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PutInCalendar:
    """An event in somebody's calendar at the time that the field `at` holds."""

    who: str
    at: str
    title: Text


@dataclass(frozen=True, slots=True)
class WriteIncident:
    """Write a breach against the person in a slot."""

    on: str
    what: str


@dataclass(frozen=True, slots=True)
class MakePaper:
    """Make a document; its number goes to `field`. An invoice may say until when it is to be paid (`due`)."""

    make: DocumentKind
    field: str
    due: Span | None = None


Action = (
    Ask | WithdrawWork | SetValue | SetStatus | Tell | AssignPerson | Start | PutInCalendar | WriteIncident | MakePaper
)
