"""What a colleague wants of a lead, as a form says it, and what a client asked for by word of mouth."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from tasks.rules.errors import UsageError
from tasks.rules.mail_address import canonical_mail
from tasks.rules.phones import to_e164
from tasks.rules.reply_command import ReplyCommand, interpret

LeadVerb = Literal["take", "answer", "qualify", "junk", "spam", "good"]
_WORDS: dict[LeadVerb, str] = {
    "take": "take",
    "answer": "",
    "qualify": "qualified",
    "junk": "junk",
    "spam": "spam",
    "good": "not spam",
}


@dataclass(frozen=True, slots=True)
class LeadOrder:
    """One order about a lead. `answers` are lines `name: value`, as in a mail; `lead` is its public number."""

    lead: str
    verb: LeadVerb
    who: str
    answers: str = ""
    kind: str = ""
    dispatcher: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked for at the telephone or the counter, as a colleague writes it down."""

    who: str
    title: str
    name: str = ""
    phone: str = ""
    mail: str = ""
    company: str = ""
    kind: str = ""
    dispatcher: str = ""
    answers: str = ""

    def order(self, number: str) -> LeadOrder:
        """The same for a client who is known: the lead becomes an order at once."""
        said = (("title", self.title), ("company", self.company))
        lines = "\n".join(f"{name}: {text}" for name, text in said if text)
        return LeadOrder(number, "qualify", self.who, f"{lines}\n{self.answers}", self.kind, self.dispatcher)


def command_of(order: LeadOrder) -> ReplyCommand:
    """The order as the command an answer by mail would be. Raises UsageError for lines that are no answers."""
    lines = [_WORDS[order.verb] + (f": {order.reason}" if order.reason and order.verb in ("junk", "spam") else "")]
    lines += [f"{name}: {text}" for name, text in (("kind", order.kind), ("dispatcher", order.dispatcher)) if text]
    given = [line for line in order.answers.splitlines() if line.strip()]
    for number, line in enumerate(given, 1):
        if not re.match(r"\s*[^:=]{1,40}[:=]\s*\S", line):
            raise UsageError(f"answers, line {number}: {line.strip()[:60]!r} is no answer; write it like: address: …")
    command = interpret("\n".join([*filter(None, lines), *given]), frozenset({"*"}))
    if command is None:
        raise UsageError("nothing to do: give answers, one on a line, like: address: …")
    return command


def points_of(request: Request, country: str) -> list[tuple[str, str]]:
    """How the client can be reached, as (kind, canonical value). Raises UsageError when there is no way at all."""
    mail, phone = canonical_mail(request.mail), to_e164(request.phone, country)
    if request.mail and not mail:
        raise UsageError(f"{request.mail!r} is no mail address")
    if request.phone and not phone:
        raise UsageError(f"{request.phone!r} is no telephone number; write it like +7 900 000-00-00")
    points = [(kind, value) for kind, value in (("mail", mail), ("phone", phone)) if value]
    if not points:
        raise UsageError("a mail address or a telephone number is needed: how else would the client be answered?")
    if not request.title.strip():
        raise UsageError("say in a few words what is asked for")
    return points
