"""What is said about a deal: every wording gets the same values, so that a company may word them as it likes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from tasks.gateways.store.deals import Deal
from tasks.gateways.store.staff import read_recipients
from tasks.office_round import OfficeRound
from tasks.outbox import plan_notices
from tasks.rules.deal_words import fill, kind_word, shown_values
from tasks.rules.outgoing import Notice, Recipient
from tasks.rules.pipeline_parts import Pipeline, Text
from tasks.rules.pipeline_state import Item
from tasks.rules.pipeline_view import latest, value_of


@dataclass(frozen=True, slots=True)
class Message:
    """One message to plan: to whom, in which wording, seen at which state of the item.

    `phone_for` is the contact the recipient must call, or ''. `work` is the piece of work it is about, or ''.
    """

    key: str
    to: str
    wording: str
    seen: Item
    text: Text | None = None
    work: str = ""
    due_at: datetime | None = None
    phone_for: str = ""
    task_id: int | None = None


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who and what caused the messages of one chain, and when."""

    actor: str
    cause_event_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class DealVoice:
    """Speaks about one deal after a chain: `status` is the text shown now, `invoice` the number and due day."""

    run: OfficeRound
    pipeline: Pipeline
    deal: Deal
    status: str
    invoice: str
    invoice_due_on: date | None

    def plan(self, connection: sa.Connection, messages: Sequence[Message], speaker: Speaker) -> int:
        """Plan the messages in the caller's transaction; how many are new. Those without an address are left out."""
        recipients = read_recipients(connection, {message.to for message in messages})
        notices = [
            self._notice(message, recipients[message.to], speaker) for message in messages if message.to in recipients
        ]
        return plan_notices(connection, self.run.office, notices, self.run.now)

    def _notice(self, message: Message, to: Recipient, speaker: Speaker) -> Notice:
        return Notice(
            key=message.key,
            kind="task" if message.task_id else "notice",
            to=to,
            wording=_wording(message),
            data=self._data(message, to, speaker),
            entity="deal",
            entity_id=message.seen.entity_id,
            not_before=self.run.may_write(to.ref, speaker.at),
            asks_task_id=message.task_id,
            cause_event_id=speaker.cause_event_id,
        )

    def _data(self, message: Message, to: Recipient, speaker: Speaker) -> dict[str, Any]:
        seen, names, language = message.seen, self._names(), to.language
        values = self.shown(seen, language)
        work = self.pipeline.work.get(message.work)
        facts = {name: value_of(self.pipeline, seen, name) for name in self.pipeline.fields}
        return {
            "number": self.deal.number,
            "title": self.deal.title,
            "client": self.deal.client_name,
            "company": self.deal.company_name,
            "client_phone": self.deal.client_phone,
            "client_mail": self.deal.client_mail,
            "currency": self.deal.currency,
            "status": self.status,
            "kind": values.get("kind", ""),
            "reason": values.get("reason", ""),
            "manager": values.get("manager", ""),
            "dispatcher": values.get("dispatcher", ""),
            "executor": values.get("executor", ""),
            "work_at": _moment(facts.get("work_at")),
            "cost": facts.get("cost") or Decimal(0),
            "lines": facts.get("lines") or (),
            "documents": _kinds(facts.get("documents"), language),
            "required": _kinds(facts.get("required_documents"), language),
            "missing": _kinds(_missing(facts), language),
            "invoice": self.invoice,
            "invoice_due_on": self.invoice_due_on,
            "due_at": message.due_at or _due_of(seen, message.work),
            "text": fill(message.text or {}, language, values | {"invoice": self.invoice}),
            "work": message.work,
            "work_title": fill(work.title, language, values | {"invoice": self.invoice}) if work else "",
            "author": names.get(speaker.actor, self.run.office.name),
            "is_client": to.ref.startswith("contact:"),
            "phone_for": names.get(message.phone_for, ""),
            "executors": [m for m in self.run.staff.values() if "executor" in m.roles],
            "dispatchers": [m for m in self.run.staff.values() if "dispatcher" in m.roles],
            "prices": self.run.office.prices,
        }

    def shown(self, item: Item, language: str) -> dict[str, str]:
        """The item's fields as words."""
        return shown_values(self.pipeline, item, self._names(), language, self.run.office.zone, self.deal.currency)

    def _names(self) -> dict[str, str]:
        people = {member.ref: member.name for member in self.run.staff.values()}
        return people | {str(self.deal.item.fields["client"]): self.deal.client_name}


def _wording(message: Message) -> str:
    """The wording named; free text goes through a general one, and a client without address through a colleague."""
    if message.phone_for and not message.task_id:
        return "deal_tell_client"
    if message.wording:
        return message.wording
    return "client_notice" if message.to.startswith("contact:") else "deal_notice"


def _moment(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None


def _kinds(codes: Iterable[str] | None, language: str) -> list[str]:
    return [kind_word(code, language) for code in codes or ()]


def _due_of(seen: Item, work: str) -> datetime | None:
    return next((owed.due_at for owed in latest(seen, work)), None)


def _missing(facts: dict[str, Any]) -> list[str]:
    there = facts.get("documents") or ()
    return [kind for kind in facts.get("required_documents") or () if kind not in there]
