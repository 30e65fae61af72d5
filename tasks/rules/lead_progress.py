"""The course of a lead: new, taken into work, qualified, converted, or junk, and what an answer makes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tasks.rules.leads.qualification import Answers, missing_for
from tasks.rules.leads.qualification_form import GatedStatus, Language, QualificationForm
from tasks.rules.process.reasons import Reason
from tasks.rules.reply_command import ReplyCommand


class LeadHeldError(Exception):
    """A lead cannot go on by itself; it waits for a person. The text is the reason."""


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
class KeepAnswers:
    """Questions of the form are answered; the lead stays where it is."""


@dataclass(frozen=True, slots=True)
class ConvertLead:
    """The lead is qualified with these answers and becomes contact, company and deal; `is_started`: C1 by hand."""

    answers: tuple[tuple[str, str], ...]
    is_started: bool


@dataclass(frozen=True, slots=True)
class RefuseAnswer:
    """The answer cannot be accepted; nothing changes."""

    reasons: tuple[Reason, ...]


Accepted = TakeLead | DropLead | ClearLead | KeepAnswers | ConvertLead
LeadDecision = Accepted | RefuseAnswer
Lacking = Callable[[GatedStatus], tuple[Reason, ...]]


def decide_answer(
    status: str, command: ReplyCommand, reasons: tuple[Reason, ...], lacking: Lacking = lambda _status: ()
) -> LeadDecision:
    """What an understood answer makes of a lead; `reasons` tell which values could not be understood.

    `lacking` says what the qualification form still demands before a status is reached.
    """
    if command.verb == "good" and not reasons:
        return ClearLead()
    if status in ("converted", "junk"):
        return RefuseAnswer((Reason("closed", "lead", found=status),))
    if reasons:
        return RefuseAnswer(reasons)
    if command.verb in ("junk", "spam"):
        return DropLead(command.reason, is_spam=command.verb == "spam")
    if command.verb == "take":
        missing = lacking("in_work") if status == "new" else (Reason("closed", "lead", found=status),)
        return RefuseAnswer(missing) if missing else TakeLead()
    if command.verb in ("qualified", "start"):
        missing = lacking("converted")
        return RefuseAnswer(missing) if missing else ConvertLead(_answers(command), _is_started(command))
    if not command.verb and command.others and not command.fields:
        return KeepAnswers()
    return RefuseAnswer((Reason("unknown", command.verb or "fields"),))


def form_reasons(answers: Answers, language: Language) -> tuple[Reason, ...]:
    """What is wrong with answers to the form, in the words of the form."""
    return tuple(
        Reason("value", bad.field.titles.get(language, bad.field.key), found=bad.found, wanted=(bad.wanted,))
        for bad in answers.bad
    )


def lacking_of(form: QualificationForm, known: dict[str, str], language: Language) -> Lacking:
    """What the form demands of a lead about which `known` is answered."""

    def lacking(status: GatedStatus) -> tuple[Reason, ...]:
        missing = missing_for(form, known, status)
        return tuple(Reason("empty", asked.titles.get(language, asked.key)) for asked in missing)

    return lacking


def _is_started(command: ReplyCommand) -> bool:
    """Naming the dispatcher and the kind is the start by hand."""
    return {"dispatcher", "kind"} <= {name for name, _ in command.fields}


def _answers(command: ReplyCommand) -> tuple[tuple[str, str], ...]:
    """What becomes contact, company and deal; questions of the form are kept as they are read."""
    positions = [
        f"{p.text} x {p.quantity}" + (f" = {p.price}" if p.price is not None else "") for p in command.positions
    ]
    lines = (("position", "; ".join(positions)),) if positions else ()
    # of a field given twice the last word counts
    return tuple(dict((*command.fields, *lines)).items())


def lead_answer(answers: tuple[tuple[str, str], ...], name: str, default: str = "") -> str:
    """One answer by the field's name."""
    return dict(answers).get(name, default)
