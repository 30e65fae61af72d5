"""A board's cards and their markers, and the filters as they stand in the address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal

Marker = Literal["held", "late", "today", ""]
# so many cards on a board, the most urgent of every stage; a page of hundreds is read by nobody
_BOARD_CARDS, _FEWEST, _MOST = 64, 5, 20
LIST_CARDS = 50
COUNT_CAP = 1000
_SLOT = re.compile(r"[\s,:;(]*\{[^}]*\}\)?")
_PLACE = re.compile(r"([0-9]{1,17})?_([0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class Card:
    """One item on a board. `responsible_id` 0: nobody."""

    item_id: int
    stage: str
    number: str
    title: str
    status_text: str
    deadline_at: datetime | None
    is_overdue: bool
    is_held: bool
    responsible_id: int

    def marker(self, now: datetime, today_ends: datetime) -> Marker:
        """What is shown beside it, by a shape and a word."""
        if self.is_held:
            return "held"
        if self.is_overdue or (self.deadline_at and self.deadline_at < now):
            return "late"
        return "today" if self.deadline_at and self.deadline_at < today_ends else ""


def end_of_day(now: datetime, zone: tzinfo) -> datetime:
    """When the day of `now` is over in this zone."""
    local = now.astimezone(zone)
    midnight = datetime(local.year, local.month, local.day, tzinfo=zone) + timedelta(days=1)
    return midnight.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of cards ended: the last card's deadline (microseconds since 1970, None for none) and id."""

    deadline: int | None
    item_id: int

    def __str__(self) -> str:
        return f"{'' if self.deadline is None else self.deadline}_{self.item_id}"


def read_place(text: str) -> Place | None:
    """The place in an address; None for the beginning, and for what is no place."""
    found = _PLACE.fullmatch(text)
    if not found:
        return None
    return Place(int(found[1]) if found[1] else None, int(found[2]))


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """Which items: of one process, open or ended so; of one person (None: of all), only the overdue ones."""

    process: str
    outcome: Literal["", "won", "lost", "cancelled"] = ""
    responsible_id: int | None = None
    is_overdue: bool = False


def stage_title(status: str, name: str) -> str:
    """A stage's heading: its status text without what differs from item to item, or its name."""
    return _SLOT.sub("", status).strip() or name.replace("_", " ")


def column_cards(stages: int) -> int:
    """How many cards of each stage a board of so many stages shows."""
    return max(_FEWEST, min(_MOST, _BOARD_CARDS // max(stages, 1)))


def capped(count: int) -> str:
    """A count as it is shown: '1000+' when there are more than anybody counts."""
    return f"{COUNT_CAP}+" if count > COUNT_CAP else str(count)
