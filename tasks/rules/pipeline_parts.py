"""What a pipeline file declares, as frozen values: fields, work, stages, rules and their conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

FieldType = Literal["text", "number", "money", "time", "choice", "person", "contact", "list", "files"]
WorkKind = Literal["task", "approval", "confirm"]
Outcome = Literal["won", "lost", "cancelled"]
Operator = Literal["is", "is_not", "in", "above", "below", "at_least", "at_most", "has", "covers", "filled"]
Text = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time: `seconds`, in opening hours only when `is_working`, or whole working days."""

    seconds: int
    is_working: bool
    working_days: int = 0


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison: a field, `stage`, `visit` or `work.NAME` with a value or `$field`."""

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
    """The part does not hold."""

    part: Condition


Condition = Test | AllOf | AnyOf | NotOf
ALWAYS = AllOf()


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask for a piece of work, unless it is open already."""

    work: str


@dataclass(frozen=True, slots=True)
class WithdrawWork:
    """Take a piece of open work back."""

    work: str


@dataclass(frozen=True, slots=True)
class Assign:
    """Set a field to a value, to another field (`$field`, `$now`), or add a number to it."""

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


@dataclass(frozen=True, slots=True)
class WriteIncident:
    """Write a breach against the persons in a slot."""

    on: str
    what: str


@dataclass(frozen=True, slots=True)
class MakeInvoice:
    """Issue an invoice over the cost; its number goes to `field`, it is to be paid within `due`."""

    field: str
    due: Span


Action = Ask | WithdrawWork | Assign | SetStatus | Tell | WriteIncident | MakeInvoice


@dataclass(frozen=True, slots=True)
class Trigger:
    """What wakes a rule: `name` is the event or 'WORK VERB', `fields` belong to changed, `span` to after,
    `condition` to as_soon_as.
    """

    kind: Literal["event", "work", "changed", "after", "as_soon_as"]
    name: str = ""
    fields: frozenset[str] = frozenset()
    span: Span | None = None
    condition: Condition = ALWAYS


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `key` is its place in the file (STAGE.n), `by` who may, `to` the next stage or ''."""

    key: str
    trigger: Trigger
    by: tuple[str, ...] = ()
    condition: Condition = ALWAYS
    say: Text = field(default_factory=dict)
    do: tuple[Action, ...] = ()
    to: str = ""


@dataclass(frozen=True, slots=True)
class Who:
    """The slots that are asked when the condition holds; the first that holds counts."""

    condition: Condition
    slots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WorkPart:
    """What people owe the item. `is_for_item`: it outlives the stage it was opened in."""

    name: str
    kind: WorkKind
    title: Text
    who: tuple[Who, ...]
    need: int | Literal["all"] = "all"
    due: Span | None = None
    is_for_item: bool = False
    binds: frozenset[str] = frozenset()
    closed_by: tuple[str, ...] = ()
    close_if: Condition = ALWAYS
    say: Text = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Within:
    """The deadline of a stage, and whose breach it is."""

    time: Span
    blame: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StagePart:
    """One stage. An ended stage (`ends`) keeps its own rules, the common ones rest."""

    name: str
    status: Text
    needs: tuple[str, ...] = ()
    within: Within | None = None
    ends: Outcome | None = None
    enter: tuple[Action, ...] = ()
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Compute:
    """A field that follows from others: the sum of a list's amounts, or a choice by another field plus a list."""

    sum_of: str = ""
    pick_by: str = ""
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    plus: str = ""


@dataclass(frozen=True, slots=True)
class FieldPart:
    """One field of the item."""

    name: str
    type: FieldType
    options: tuple[str, ...] = ()
    compute: Compute | None = None


@dataclass(frozen=True, slots=True)
class Pipeline:
    """One version of a process; the first stage is the beginning."""

    name: str
    version: int
    title: Text
    fields: Mapping[str, FieldPart]
    work: Mapping[str, WorkPart]
    stages: Mapping[str, StagePart]
    rules: tuple[Rule, ...]

    @property
    def first_stage(self) -> str:
        """Where an item begins."""
        return next(iter(self.stages))


@dataclass(frozen=True, slots=True)
class Line:
    """One position of an item: from the price list (`price_key`) or by hand ('')."""

    price_key: str
    title: str
    quantity: Decimal
    price: Decimal

    @property
    def amount(self) -> Decimal:
        """Quantity × price, exact to the kopeck."""
        return (self.quantity * self.price).quantize(Decimal("0.01"))
