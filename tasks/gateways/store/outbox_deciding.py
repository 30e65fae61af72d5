"""A person's word about mails of which nobody knows whether they were accepted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.events import NewEvent, record_event
from tasks.rules.delivery import Decision, decided_state

_box = schema.outbox


def states_of(connection: sa.Connection, ids: Sequence[int]) -> dict[int, str]:
    """The state of each of these mails that is there."""
    rows = connection.execute(sa.select(_box.c.id, _box.c.state).where(_box.c.id.in_(ids)))
    return {row.id: row.state for row in rows}


def decide_mail(
    connection: sa.Connection, outbox_id: int, decision: Decision, actor: str, note: str, now: datetime
) -> bool:
    """Settle one ambiguous mail as decided, with the event that says who and why; False when it is not ambiguous."""
    state = decided_state(decision)
    values: dict[str, Any] = {"state": state}
    if state == "retry":
        values["not_before"] = now
    if state == "sent":
        values["sent_at"] = now
    changed = connection.execute(
        sa.update(_box)
        .where(_box.c.id == outbox_id, _box.c.state == "ambiguous")
        .values(values)
        .returning(_box.c.attempt_count)
    ).first()
    if changed is None:
        return False
    key = f"mail.decided:{outbox_id}:{changed.attempt_count}"
    data = {"decision": decision, "note": note, "attempt": changed.attempt_count}
    record_event(connection, NewEvent(key, now, "outbox", outbox_id, "mail.decided", actor, data))
    return True
