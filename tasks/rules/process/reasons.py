"""Why something was refused or held: each reason with what was found and what was wanted, and how chains are ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from tasks.rules.process.definition import Text

ReasonKind = Literal[
    "empty",  # the field `name` is empty
    "differs",  # `name` is `found`, and `operator` `wanted` does not hold
    "missing",  # the list `name` has `found`; `wanted` are the items it lacks
    "words",  # what the file says itself
    "who",  # only `wanted` (slots) may do it
    "closed",  # the work `name` was decided: `found` by `by` at `at`
    "outdated",  # the vote `name` was asked for other content or in round `found`; round `wanted` counts
    "four_eyes",  # `by` made it, or has voted already, and cannot vote on `name`
    "bound",  # an approval of `name` cannot change the field `found` that it is about
    "nothing_asked",  # it is not clear which work is meant; `wanted` are those it could be
    "not_here",  # the command `name` is not for the stage `found`; it is for the stages `wanted`
    "ended",  # the item has ended as `found`
    "held",  # the item waits for a person who puts it right
    "unknown",  # there is no field, command or work `name`; `wanted` is the nearest
    "value",  # the field `name` cannot be `found`; `wanted` says what it can be
    "required",  # the field `name` must not be empty
    "computed",  # the field `name` follows from others and is not set
    "nobody",  # nobody can be asked for the work `name`: no person for the slots `wanted`
    "unassigned",  # nobody of the roles `wanted` can be put into the field `name`
    "circle",  # rules run in a circle, or too many in one chain: `found` is the path
    "too_often",  # the rule `name` acted more than `wanted` times within an hour
    "hops",  # the event came through more than `wanted` items
    "waits",  # the sub-process `name` is still running
]


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason; which of the other fields mean something is said at its kind."""

    kind: ReasonKind
    name: str = ""
    operator: str = ""
    found: Any = None
    wanted: Any = None
    words: Text = field(default_factory=dict)
    by: str = ""
    at: datetime | None = None


class RefusedError(Exception):
    """The command is not accepted; nothing of its chain happens."""

    def __init__(self, *reasons: Reason) -> None:
        self.reasons = reasons
        super().__init__("refused")


class HeldError(Exception):
    """The event cannot be carried through: all of it is rolled back, and the item waits for a person."""

    def __init__(self, *reasons: Reason) -> None:
        self.reasons = reasons
        super().__init__("held")
