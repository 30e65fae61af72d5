"""The course of a lead: new, taken into work, qualified, converted, or junk, and what an answer makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tasks.rules.pipeline_conditions import Reason
from tasks.rules.reply_command import ReplyCommand

LeadStatus = Literal["new", "in_work", "qualified", "converted", "junk"]
# fields of an answer that become the contact and the company, not the deal
CONTACT_FIELDS = frozenset({"company", "name", "phone", "mail", "title"})


@dataclass(frozen=True, slots=True)
class TakeLead:
    """The responsible person has taken the lead into work."""


@dataclass(frozen=True, slots=True)
class DropLead:
    """The lead is junk: closed, never reminded of again; `is_spam`: its mail is a sample of spam."""

    reason: str
    is_spam: bool = False


@dataclass(frozen=True, slots=True)
class ClearLead:
    """The lead's mail is good after all; a lead that was junk is open again."""


@dataclass(frozen=True, slots=True)
class ConvertLead:
    """The lead is qualified with these answers and becomes contact, company and deal; `is_started`: C1 by hand."""

    answers: tuple[tuple[str, str], ...]
    is_started: bool


@dataclass(frozen=True, slots=True)
class RefuseAnswer:
    """The answer cannot be accepted; nothing changes."""

    reasons: tuple[Reason, ...]


LeadDecision = TakeLead | DropLead | ClearLead | ConvertLead | RefuseAnswer


def decide_answer(status: str, command: ReplyCommand, reasons: tuple[Reason, ...]) -> LeadDecision:
    """What an understood answer makes of a lead; `reasons` tell which values could not be understood."""
    if command.verb == "good" and not reasons:
        return ClearLead()
    if status in ("converted", "junk"):
        return RefuseAnswer((Reason("closed", "lead", status),))
    if reasons:
        return RefuseAnswer(reasons)
    if command.verb in ("junk", "spam"):
        return DropLead(command.reason, is_spam=command.verb == "spam")
    if command.verb == "take":
        return TakeLead() if status == "new" else RefuseAnswer((Reason("closed", "lead", status),))
    if command.verb in ("qualified", "start"):
        return ConvertLead(_answers(command), _is_started(command))
    return RefuseAnswer((Reason("unknown", command.verb or "fields"),))


def _is_started(command: ReplyCommand) -> bool:
    """Naming the dispatcher and the kind is the start by hand."""
    return {"dispatcher", "kind"} <= {name for name, _ in command.fields}


def _answers(command: ReplyCommand) -> tuple[tuple[str, str], ...]:
    positions = [
        f"{p.text} x {p.quantity}" + (f" = {p.price}" if p.price is not None else "") for p in command.positions
    ]
    lines = (("position", "; ".join(positions)),) if positions else ()
    # of a field given twice the last word counts
    return tuple(dict((*command.fields, *command.others, *lines)).items())


def lead_answer(answers: tuple[tuple[str, str], ...], name: str, default: str = "") -> str:
    """One answer by the field's name."""
    return dict(answers).get(name, default)
