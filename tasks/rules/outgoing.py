"""What should be said to whom: the decision, before it is worded and sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

AmbiguousPolicy = Literal["retry", "ask"]
MailKind = Literal["notice", "task", "reminder", "report", "confirmation"]


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is told. `ref` is person:ID or contact:ID; `zone` the contact's own time zone, '' for the office's."""

    ref: str
    name: str
    mail: str
    language: str
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to send along; `content_id` makes it an inline picture of the HTML part."""

    file_name: str
    content_type: str
    content: bytes
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class CalendarPart:
    """An iCalendar object that goes with a mail, and what it asks of calendars: REQUEST or CANCEL (RFC 5546)."""

    method: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one recipient, planned at most once per `key`.

    `wording` names a template of the office folder, `data` its variables. `policy` says what happens when it is
    unknown whether the server accepted it: send again with the same Message-ID, or ask a person; '' is the office's
    policy for this kind of message.
    `sender_name` is in whose name it is said, '' for the company's.
    `asks_task_id` is the work_task this message asks an answer for (a reply to it answers that task), `item_id`
    the process item it is about.
    """

    key: str
    kind: str
    to: Recipient
    wording: str
    data: Mapping[str, Any]
    entity: str
    entity_id: int
    not_before: datetime
    policy: AmbiguousPolicy | Literal[""] = ""
    asks_task_id: int | None = None
    cause_event_id: int | None = None
    attachments: tuple[Attachment, ...] = field(default=())
    sender_name: str = ""
    item_id: int | None = None
    calendar: CalendarPart | None = None
