"""The inbox at the door: what a person has been told there, and what they have read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from sql import schema

_notice = schema.notice


@dataclass(frozen=True, slots=True)
class InboxNotice:
    """One notice; `read_at` is None while it is unread, the ids are None where it is about no such thing."""

    notice_id: int
    kind: str
    subject: str
    body: str
    entity: str
    entity_id: int
    work_task_id: int | None
    item_id: int | None
    at: datetime
    read_at: datetime | None


def read_notices(connection: sa.Connection, person_id: int, now: datetime, limit: int = 50) -> list[InboxNotice]:
    """A person's notices at `now`: the unread ones first, then the newest."""
    query = (
        sa.select(_notice)
        .where(_notice.c.person_id == person_id, _notice.c.at <= now)
        .order_by(_notice.c.read_at.is_not(None), _notice.c.at.desc(), _notice.c.id.desc())
        .limit(limit)
    )
    return [
        InboxNotice(
            row.id,
            row.kind,
            row.subject,
            row.body,
            row.entity,
            row.entity_id,
            row.work_task_id,
            row.item_id,
            row.at,
            row.read_at,
        )
        for row in connection.execute(query)
    ]


def count_unread(connection: sa.Connection, person_id: int, now: datetime) -> int:
    """How many notices a person has not read."""
    unread = _notice.c.person_id == person_id, _notice.c.read_at.is_(None), _notice.c.at <= now
    return int(connection.scalar(sa.select(sa.func.count()).where(*unread)) or 0)


def mark_read(connection: sa.Connection, person_id: int, notice_ids: Sequence[int], at: datetime) -> int:
    """The person has read these of their notices at `at`; how many were unread. Others' notices stay as they are."""
    own = _notice.c.person_id == person_id, _notice.c.id.in_(notice_ids), _notice.c.read_at.is_(None)
    return int(connection.execute(sa.update(_notice).where(*own).values(read_at=at)).rowcount)
