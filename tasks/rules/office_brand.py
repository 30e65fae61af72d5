"""A brand of the office folder: one more name under which the same people write to clients."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

Language = Literal["ru", "en"]


@dataclass(frozen=True, slots=True)
class Brand:
    """A name under which clients know us; `key` '' is the company itself, without a name of its own beside it.

    `sender_name` stands in From, `footer` below every mail, `accent` (#rrggbb) colours its HTML part. Answers go to
    `reply_to`, an active mailbox; '' is the brand's own mailbox, else the office's first.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
    key: str
    title: str
    sender_name: str
    reply_to: str = ""
    footer: dict[Language, str] = field(default_factory=dict)
    accent: str = "#1d5f52"
