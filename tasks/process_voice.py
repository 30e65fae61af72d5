"""What is said about an item: every wording gets the same values, so that a company may word them as it likes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from tasks.gateways.store.item_subject import Subject
from tasks.gateways.store.outbox import message_id_secret
from tasks.gateways.store.presence import read_names
from tasks.gateways.store.process_items import StoredItem
from tasks.gateways.store.staff import read_recipients
from tasks.gateways.wordings import has_wording
from tasks.notifications import reachable, tell
from tasks.office_round import OfficeRound
from tasks.rules.door.links import LinkClaim, action_url, nonce_of, purpose_of, sign
from tasks.rules.door.slots import bound_time, other_times
from tasks.rules.item_words import fill, kind_word, shown_values
from tasks.rules.outgoing import Notice, Recipient
from tasks.rules.process.definition import Definition, Text, WorkPart
from tasks.rules.process.state import Item, Owed

_MINUTES_SAID = 15


@dataclass(frozen=True, slots=True)
class Message:
    """One message to plan: to whom, in which wording, with the item's `values` at that point of the chain.

    `owed` is the work it asks for; `work` the name of the work it is about, or ''. `phone_for` is the contact whom the
    recipient must call, or ''. `late_seconds`: how long after its time the clock behind it was looked at.
    """

    key: str
    to: str
    wording: str
    values: Mapping[str, Any]
    text: Text = field(default_factory=dict)
    stage: str = ""
    work: str = ""
    owed: Owed | None = None
    content_hash: str = ""
    phone_for: str = ""
    sender: str = ""
    late_seconds: int = 0
    missed: int = 0


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who and what caused the messages of one chain, and when."""

    actor: str
    cause_event_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ItemVoice:
    """Speaks about one item after a chain; `made` are numbers of papers that the chain made, by field."""

    run: OfficeRound
    definition: Definition
    stored: StoredItem
    item: Item
    subject: Subject
    made: Mapping[str, str]
    status: str = ""

    def plan(self, connection: sa.Connection, messages: Sequence[Message], speaker: Speaker) -> int:
        """Plan the messages in the caller's transaction; how many are new. Those who cannot be told are left out."""
        batch = self.run.batch
        recipients = self._recipients(connection, {message.to for message in messages})
        secret = message_id_secret(connection, self.run.now) if self.run.office.door.url else b""
        notices = [
            self._notice(message, recipients[message.to], speaker, secret)
            for message in messages
            if message.to in recipients
        ]
        if batch is None:
            return tell(connection, self.run, notices)
        batch.notices.extend(notices)
        return 0

    def _recipients(self, connection: sa.Connection, to: set[str]) -> dict[str, Recipient]:
        """How to write to each of `to`; one without a mail address who can be told otherwise has none here either."""
        batch, office = self.run.batch, self.run.office
        found = batch.people(connection, to) if batch else read_recipients(connection, to)
        others = reachable(connection, office, sorted(to - set(found))) if office.channels.sms.is_on else frozenset()
        return found | {ref: Recipient(ref, *said) for ref, said in read_names(connection, others).items()}

    def _notice(self, message: Message, to: Recipient, speaker: Speaker, secret: bytes) -> Notice:
        owed = message.owed or self._own_work(message, to)
        times = self._other_times(message, owed, speaker)
        return Notice(
            key=message.key,
            kind="task" if message.owed else "notice",
            to=to,
            wording=self._wording(message, to),
            data=self._data(message, to, speaker)
            | {"link": self._link(message, owed, to, speaker, secret), "other_times": times},
            entity=self.stored.entity,
            entity_id=self.stored.entity_id,
            not_before=speaker.at,
            asks_task_id=owed.task_id if owed else None,
            cause_event_id=speaker.cause_event_id,
            sender_name=self.subject.names.get(message.sender, "") if message.sender else "",
            item_id=self.stored.item_id,
        )

    def _wording(self, message: Message, to: Recipient) -> str:
        """The wording named; free text goes through a general one, and a client without address through a colleague."""
        if message.owed:
            own = f"work_{message.work}"
            return own if has_wording(self.run.office, to.language, own) else "work_asked"
        if message.phone_for:
            return "deal_tell_client"
        if message.wording:
            return message.wording
        return "client_notice" if message.to.startswith("contact:") else "deal_notice"

    def _own_work(self, message: Message, to: Recipient) -> Owed | None:
        """The open work that a reminder is about, when its reader owes it: its cause, or the time that it names."""
        if message.wording.endswith("_withdrawn"):
            return None
        named = [part.name for part in self.definition.work.values() if self._names_time_of(message, part)]
        works = [self.item.work[name] for name in (message.work, *named) if name in self.item.work]
        rows = [row for work in works for row in work.rows]
        return next((row for row in rows if row.owner == to.ref and row.state == "open"), None)

    def _names_time_of(self, message: Message, part: WorkPart) -> bool:
        """Whether the free text of a message says the time that this confirmation is about."""
        time = bound_time(self.definition, part) if message.text else ""
        return bool(time) and any(f"{{{time}}}" in text for text in message.text.values())

    def _other_times(self, message: Message, owed: Owed | None, speaker: Speaker) -> tuple[datetime, ...]:
        """The times that can be chosen instead of the one that the reader is asked about."""
        work = self.definition.work.get(owed.name) if owed else None
        return other_times(message.values, bound_time(self.definition, work), speaker.at)

    def _link(self, message: Message, owed: Owed | None, to: Recipient, speaker: Speaker, secret: bytes) -> str:
        """Where the reader can act without an account; '' without a door, or when nothing is asked."""
        door, work = self.run.office.door, self.definition.work.get(owed.name) if owed else None
        if not door.url or owed is None or work is None or owed.task_id is None:
            return ""
        purpose = purpose_of(work.kind)
        asked = self.item.work.get(owed.name)
        claim = LinkClaim(
            purpose=purpose,
            person=to.ref,
            work_task_id=owed.task_id,
            item_id=self.stored.item_id,
            round=owed.round,
            content_hash=message.content_hash or (asked.content_hash if asked else ""),
            nonce=nonce_of(secret, to.ref, owed.task_id, owed.round),
            expires_at=speaker.at + timedelta(days=door.link_days),
        )
        return action_url(door.url, purpose, sign(secret, claim))

    def _data(self, message: Message, to: Recipient, speaker: Speaker) -> dict[str, Any]:
        language, subject, office = to.language, self.subject, self.run.office
        facts = {**message.values, **self.made}
        values = self.words(facts, language, message.stage)
        work = self.definition.work.get(message.work)
        owed = message.owed or next(iter(self._rows(message.work)), None)
        return {
            "number": self.stored.number,
            "title": self.stored.title,
            "client": subject.client_name or values.get("client", ""),
            "company": subject.company_name,
            "client_phone": subject.client_phone,
            "client_mail": subject.client_mail,
            "currency": subject.currency,
            "status": self.status,
            "kind": values.get("kind", ""),
            "reason": values.get("reason", ""),
            "manager": values.get("manager", ""),
            "dispatcher": values.get("dispatcher", ""),
            "executor": values.get("executor", ""),
            "work_at": _moment(facts.get("work_at")),
            "cost": _amount(facts),
            "lines": facts.get("lines") or subject.lines,
            "documents": _kinds(facts.get("documents"), language),
            "required": _kinds(facts.get("required_documents"), language),
            "missing": _kinds(_missing(facts), language),
            "invoice": facts.get("invoice") or subject.invoice,
            "invoice_due_on": subject.invoice_due_on,
            "due_at": owed.due_at if owed else None,
            "text": fill(message.text, language, values),
            "late": _late_words(message.late_seconds, message.missed, language),
            "work": message.work,
            "work_title": fill(work.title, language, values) if work else "",
            "work_kind": work.kind if work else "",
            "author": subject.names.get(message.sender or speaker.actor, office.name),
            "is_client": to.ref.startswith("contact:"),
            "phone_for": subject.names.get(message.phone_for, ""),
            "executors": [member for member in self.run.staff.values() if "executor" in member.roles],
            "dispatchers": [member for member in self.run.staff.values() if "dispatcher" in member.roles],
            "prices": office.prices,
        }

    def words(self, values: Mapping[str, Any], language: str, stage: str = "") -> dict[str, str]:
        """Field values as words, by field; `stage` is shown by its status."""
        names, office = self.subject.names, self.run.office
        shown = shown_values(self.definition, values, names, language, office.zone, self.subject.currency)
        part = self.definition.stages.get(stage or self.item.stage)
        shown["stage"] = fill(part.status, language, shown) if part else stage
        return {"number": self.stored.number, "client": self.subject.client_name} | shown

    def titled(self, work: WorkPart, values: Mapping[str, Any]) -> str:
        """The title of a piece of work in the office's language."""
        language = self.run.office.language
        return fill(work.title, language, self.words({**values, **self.made}, language))

    def _rows(self, work: str) -> tuple[Owed, ...]:
        asked = self.item.work.get(work)
        return asked.rows if asked else ()


def _amount(facts: Mapping[str, Any]) -> Decimal:
    found = facts.get("cost") or facts.get("amount")
    return found if isinstance(found, Decimal) else Decimal(0)


def _moment(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None


def _kinds(codes: Iterable[str] | None, language: str) -> list[str]:
    return [kind_word(code, language) for code in codes or ()]


def _missing(facts: Mapping[str, Any]) -> list[str]:
    there = facts.get("documents") or ()
    return [kind for kind in facts.get("required_documents") or () if kind not in there]


def _late_words(seconds: int, missed: int, language: str) -> str:
    """How late a message is and for how many earlier ones it stands, when somebody should know."""
    if missed:
        more = f"пропущено напоминаний: {missed}" if language == "ru" else f"reminders missed: {missed}"
        return "; ".join(part for part in (_late_words(seconds, 0, language), more) if part)
    minutes = seconds // 60
    if minutes < _MINUTES_SAID:
        return ""
    hours, rest = divmod(minutes, 60)
    if language == "ru":
        return f"{hours} ч {rest} мин" if hours else f"{rest} мин"
    return f"{hours} h {rest} min" if hours else f"{rest} min"
