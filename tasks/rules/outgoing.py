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
    """Who is told. `ref` is person:ID or contact:ID."""

    ref: str
    name: str
    mail: str
    language: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to send along; `content_id` makes it an inline picture of the HTML part."""

    file_name: str
    content_type: str
    content: bytes
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one recipient, planned at most once per `key`.

    `wording` names a template of the office folder, `data` its variables. `policy` says what happens when it is
    unknown whether the server accepted it: send again with the same Message-ID, or ask a person; '' is the office's
    policy for this kind of message.
    `asks_task_id` is the work_task this message asks an answer for (a reply to it answers that task).
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
