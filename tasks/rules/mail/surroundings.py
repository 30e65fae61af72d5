"""What the guards look at beside the mail itself, and what they answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from tasks.rules.mail.parsed import ParsedMail

VerdictKind = Literal[
    "own", "duplicate", "complaint", "bounce", "automatic", "list", "spam", "staff", "claimed_staff",
    "forwarded", "verified_reply", "claimed_reply", "known_sender", "unknown_sender", "broken",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the mail is, and why in words without personal data ('' where the kind says it all)."""

    kind: VerdictKind
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AnsweredMessage:
    """A message of ours: what it was about and whom it was sent to (`recipient_ref` is person:ID or contact:ID)."""

    outbox_id: int
    recipient: str
    recipient_ref: str
    entity: str
    entity_id: int
    work_task_id: int | None


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation of ours as it stands: the message that told it last, and when its event is.

    `answered.work_task_id` is the open question about the time that its recipient owes an answer to, if there is one.
    """

    answered: AnsweredMessage
    sequence: int
    is_cancelled: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class NamedItem:
    """A lead or deal of ours whose public number stands in the mail's subject: everyone may write it there."""

    entity: Literal["lead", "deal"]
    entity_id: int
    number: str


_NUMBER = re.compile(r"\b[A-ZА-ЯЁ]{1,4}-[0-9]{6,9}\b")
_MAX_NUMBERS = 5


def numbers_in(subject: str) -> list[str]:
    """What looks like a public number of ours (PREFIX-000001) in a subject."""
    return list(dict.fromkeys(_NUMBER.findall(subject)))[:_MAX_NUMBERS] if "-" in subject else []


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the office knows around one mail. `own_addresses` are canonical; `is_our_id`: we gave out its Message-ID.

    `overruled` are verdicts that a person has said to be wrong about this mail.
    """

    own_addresses: frozenset[str]
    own_domain: str
    trusted_hosts: tuple[str, ...] = ()
    is_our_id: bool = False
    duplicate_of_id: int | None = None
    answered: AnsweredMessage | None = None
    person_id: int | None = None
    contact_id: int | None = None
    overruled: frozenset[VerdictKind] = frozenset()
    named_item: NamedItem | None = None
    invited: Invited | None = None


Guard = Callable[[ParsedMail, Surroundings], Verdict | None]
"""One rule: its verdict about the mail, or None where it has nothing to say."""
