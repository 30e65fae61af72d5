"""What it takes to begin an item of a process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Beginning:
    """An item to begin: the process, its natural key, who began it (`author`), its first values and its place.

    `event_key` is the key under which the beginning stands in the record. `entity_id` None: it is its own entity.
    """

    process: str
    key: str
    event_key: str
    at: datetime
    actor: str
    fields: Mapping[str, Any]
    entity_id: int | None
    title: str = ""
    number: str = ""
    author: str = ""
    parent_id: int | None = None
    parent_work: str = ""
    hops: int = 0
    is_command: bool = False
    channel: str = ""
    cause_id: int | None = None
