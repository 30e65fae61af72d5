"""What a process file declares, as frozen values: fields, work, stages, rules, actions and conditions.

The whole grammar and nothing else; `tasks.rules.process.loader` makes these from a file and checks every name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tasks.rules.process.actions import ALWAYS as ALWAYS
from tasks.rules.process.actions import Action as Action
from tasks.rules.process.actions import AllOf as AllOf
from tasks.rules.process.actions import AnyOf as AnyOf
from tasks.rules.process.actions import Ask as Ask
from tasks.rules.process.actions import AssignPerson as AssignPerson
from tasks.rules.process.actions import Condition as Condition
from tasks.rules.process.actions import DocumentKind as DocumentKind
from tasks.rules.process.actions import MakePaper as MakePaper
from tasks.rules.process.actions import NotOf as NotOf
from tasks.rules.process.actions import Operator as Operator
from tasks.rules.process.actions import PutInCalendar as PutInCalendar
from tasks.rules.process.actions import Reference as Reference
from tasks.rules.process.actions import SetStatus as SetStatus
from tasks.rules.process.actions import SetValue as SetValue
from tasks.rules.process.actions import Span as Span
from tasks.rules.process.actions import Start as Start
from tasks.rules.process.actions import Tell as Tell
from tasks.rules.process.actions import Test as Test
from tasks.rules.process.actions import Text as Text
from tasks.rules.process.actions import WithdrawWork as WithdrawWork
from tasks.rules.process.actions import WriteIncident as WriteIncident

FieldType = Literal[
    "text", "number", "money", "date", "time", "choice", "person", "contact", "list", "file", "files", "flag"
]
WorkKind = Literal["task", "approval", "confirm", "question"]
Outcome = Literal["won", "lost", "cancelled"]
TriggerKind = Literal["event", "work", "changed", "after", "as_soon_as"]


@dataclass(frozen=True, slots=True)
class Trigger:
    """What wakes a rule.

    `name` is the event, or the work or sub-process whose `verb` it is. `fields` belong to changed, `condition` to
    as_soon_as. `span` is what `after` waits; with `every` it comes again, `times` in all (None: until the stage ends).
    """

    kind: TriggerKind
    name: str = ""
    verb: str = ""
    fields: tuple[str, ...] = ()
    condition: Condition = ALWAYS
    span: Span | None = None
    every: Span | None = None
    times: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `key` is its place in the file ('STAGE.n', 'rules.n'), `by` who may, `to` the next stage or ''."""

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
    """What people owe the item.

    `need`: how many slots must say yes (approval, confirm) or be done with it (task, question); 'all' of them, or a
    number. Written without `need`, all must vote, and one may do a task. `is_for_item`: it outlives its stage.
    """

    name: str
    kind: WorkKind
    title: Text
    who: tuple[Who, ...]
    watch: tuple[str, ...] = ()
    need: int | Literal["all"] = "all"
    is_distinct: bool = False
    due: Span | None = None
    is_for_item: bool = False
    binds: tuple[str, ...] = ()
    closed_by: tuple[str, ...] = ()
    close_if: Condition = ALWAYS
    say: Text = field(default_factory=dict)

    @property
    def is_vote(self) -> bool:
        """Whether it is answered by yes or no."""
        return self.kind in ("approval", "confirm")


@dataclass(frozen=True, slots=True)
class Within:
    """The deadline of a stage, and whose breach it is."""

    time: Span
    blame: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StagePart:
    """One stage. One that `ends` the item has no rules: nothing follows any more."""

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
    options: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    plus: str = ""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The fields it is made from."""
        return tuple(name for name in (self.sum_of, self.pick_by, self.plus) if name)


@dataclass(frozen=True, slots=True)
class FieldPart:
    """One field of the item. `is_required`: given at the beginning and never emptied. `title` may be empty."""

    name: str
    type: FieldType
    options: tuple[str, ...] = ()
    is_required: bool = False
    compute: Compute | None = None
    title: Text = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StartOn:
    """The end of another process that starts this one; conditions and references read the ended item's fields."""

    process: str
    ended: Outcome
    condition: Condition
    with_fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rights:
    """Who may see an item, export and edit the file: slots. Nobody is named: everybody of the staff may."""

    see: tuple[str, ...] = ()
    export: tuple[str, ...] = ()
    edit_file: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Definition:
    """One version of a process; the first stage is the beginning. `program` is what the engine made of it."""

    name: str
    version: int
    title: Text
    entity: str
    fields: Mapping[str, FieldPart]
    work: Mapping[str, WorkPart]
    stages: Mapping[str, StagePart]
    rules: tuple[Rule, ...] = ()
    start_on: tuple[StartOn, ...] = ()
    rights: Rights = Rights()
    program: Any = field(default=None, compare=False, repr=False)
    computed: dict[str, Any] = field(default_factory=dict, init=False, compare=False, repr=False)
    """What gives each computed field: one for all that ask for it, it keeps what it last worked out."""

    @property
    def first_stage(self) -> str:
        """Where an item begins."""
        return next(iter(self.stages))
