"""What becomes of a mail once it is understood: a lead, an activity, a remark, or nothing with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from tasks.rules.mail.parsed import ParsedMail
from tasks.rules.mail.plain_text import language_of
from tasks.rules.mail.surroundings import AnsweredMessage, Surroundings, Verdict, VerdictKind
from tasks.rules.mail.undeliverable import ReportedAddress

IntakeState = Literal["settled", "ignored", "quarantined"]
_IGNORED = frozenset({"own", "duplicate", "complaint", "bounce", "automatic", "list"})
_PROVEN = frozenset({"staff", "forwarded", "verified_reply"})
_QUARANTINED = frozenset({"spam", "broken"})
_NO_SUBJECT = {"ru": "Письмо без темы", "en": "Mail without subject"}
_BODY_CHARS = 200_000


@dataclass(frozen=True, slots=True)
class KeptFile:
    """An attachment in the files folder: its content's hash, a safe generated name, what the sender called it."""

    sha256: str
    file_name: str
    original_name: str
    content_type: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Letter:
    """What is recorded as an activity. `phone` is E.164 or None; `contact_id`/`person_id` say who wrote.

    `is_only_noted`: it answers a message of ours, but asks nothing of anybody.
    """

    subject: str
    body_text: str
    reply_text: str
    from_address: str
    from_name: str
    phone: str | None
    language: str
    contact_id: int | None = None
    person_id: int | None = None
    answered: AnsweredMessage | None = None
    is_verified: bool = False
    files: tuple[KeptFile, ...] = ()
    is_only_noted: bool = False


@dataclass(frozen=True, slots=True)
class Settlement:
    """How one intake item ends. `makes_lead` asks for a lead unless the sender already has an open one.

    `claims` is the entity and id that the mail says to be about, without proof.
    """

    intake_id: int
    received_at: datetime
    kind: VerdictKind
    state: IntakeState
    reason: str | None
    letter: Letter | None = None
    makes_lead: bool = False
    take_due_at: datetime | None = None
    duplicate_of_id: int | None = None
    bounced: tuple[ReportedAddress, ...] = ()
    complained: tuple[ReportedAddress, ...] = ()
    claims: tuple[str, int] | None = None
    spam_score: float | None = None


def is_recorded(verdict: Verdict) -> bool:
    """Whether the mail goes on as a record: neither ignored nor quarantined by its verdict."""
    return verdict.kind not in _IGNORED and verdict.kind not in _QUARANTINED


def ending_of(verdict: Verdict, remark: str | None) -> tuple[IntakeState, str | None]:
    """The item's end state and reason; `remark` is what fetching had to say about it."""
    said = "; ".join(part for part in (verdict.reason, remark) if part) or None
    if verdict.kind in _IGNORED:
        return "ignored", f"{verdict.kind}: {said}" if said else verdict.kind
    if verdict.kind in _QUARANTINED:
        return "quarantined", f"{verdict.kind}: {said}" if said else verdict.kind
    return "settled", said


def letter_of(
    mail: ParsedMail, verdict: Verdict, around: Surroundings, reply: str, phone: str | None, files: tuple[KeptFile, ...]
) -> Letter:
    """The activity's content: who wrote what, and which message of ours it answers."""
    language = language_of(f"{mail.subject}{mail.text[:2000]}")
    return Letter(
        subject=mail.subject or _NO_SUBJECT[language],
        body_text=mail.text[:_BODY_CHARS],
        reply_text=reply[:_BODY_CHARS],
        from_address=mail.from_address,
        from_name=mail.from_name,
        phone=phone,
        language=language,
        contact_id=around.contact_id,
        person_id=around.person_id if verdict.kind in _PROVEN else None,
        answered=around.answered,
        is_verified=verdict.kind == "verified_reply",
        files=files,
    )


def claimed_item(verdict: Verdict, around: Surroundings) -> tuple[str, int] | None:
    """What the mail says to be about without proof (entity, id); None for a proven reply, or when it says nothing."""
    if verdict.kind == "verified_reply" or not is_recorded(verdict):
        return None
    claimed = around.answered or around.named_item
    return (claimed.entity, claimed.entity_id) if claimed is not None else None


def wants_lead(verdict: Verdict, around: Surroundings, *, lead_from_unknown: bool) -> bool:
    """A lead for who is known neither as a client nor as staff, where the mailbox makes leads at all.

    What a colleague passes on speaks for its author: there `around.person_id` is only who brought it.
    """
    is_stranger = around.contact_id is None and (around.person_id is None or verdict.kind == "forwarded")
    return lead_from_unknown and is_stranger and verdict.kind in ("unknown_sender", "claimed_reply", "forwarded")
