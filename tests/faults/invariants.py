"""What must hold whatever died: received = settled + quarantined + ignored, none twice; sent = delivered.

Each check returns what it found wrong, in words; nothing found is an empty list.
"""

from __future__ import annotations

import hashlib
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.desk import Desk
from tasks.gateways.attachment_files import path_of
from tasks.gateways.store.connection import reading
from tasks.outbox import look_at_outbox
from tests.samples.wayward_server import Acceptance

_FINAL = ("settled", "quarantined", "ignored")


def intake_faults(engine: sa.Engine, files: Path, received: Sequence[bytes]) -> list[str]:
    """Differences between what the mail server took (`received`, raw) and the ledger with all that was made of it."""
    items = _rows(engine, schema.intake_item)
    return [
        *_ledger_faults(items, received),
        *_count_faults(engine, items),
        *_state_faults(engine, items),
        *_made_faults(engine, items),
        *_file_faults(engine, files),
    ]


def _ledger_faults(items: Sequence[Any], received: Sequence[bytes]) -> list[str]:
    stored = Counter(_digest(zlib.decompress(item.raw)) for item in items)
    there = Counter(map(_digest, received))
    lost = [f"lost: {count} of mail {digest}" for digest, count in (there - stored).items()]
    return lost + [f"stored {count} time(s) too often: mail {digest}" for digest, count in (stored - there).items()]


def _count_faults(engine: sa.Engine, items: Sequence[Any]) -> list[str]:
    seen = sum(row.seen_total for row in _rows(engine, schema.source_cursor) if row.source.startswith("mail:"))
    return [] if seen == len(items) else [f"the cursors count {seen} mails, the ledger has {len(items)}"]


def _state_faults(engine: sa.Engine, items: Sequence[Any]) -> list[str]:
    found = [f"item {item.id} is {item.state}" for item in items if item.state not in _FINAL]
    found += [f"item {i.id} is {i.state} without a reason" for i in items if i.state != "settled" and not i.reason]
    held = Counter(row.row_key for row in _rows(engine, schema.quarantine_row) if row.source == "mail")
    wanted = Counter(f"intake:{item.id}" for item in items if item.state == "quarantined")
    return found + [f"quarantine differs: {key}" for key in sorted((held - wanted) | (wanted - held))]


def _made_faults(engine: sa.Engine, items: Sequence[Any]) -> list[str]:
    """Every settled item names what was made of it, and nothing was made twice or of an item that is not settled."""
    found: list[str] = []
    settled = {f"mail:{item.id}": item for item in items if item.state == "settled"}
    for table, name in ((schema.lead, "lead"), (schema.activity, "activity")):
        made = {row.origin_key: row.id for row in _rows(engine, table) if row.origin_key.startswith("mail:")}
        named = {origin: item.entity_id for origin, item in settled.items() if item.entity == name}
        found += [f"{name} of {origin}, which is not settled" for origin in made.keys() - settled.keys()]
        found += [f"{origin} names {name} {number}" for origin, number in named.items() if made.get(origin) != number]
    verified = [row for row in _rows(engine, schema.activity) if row.is_reply_verified]
    events = {row.key: row.id for row in _rows(engine, schema.event)}
    waiting = {row.event_id for row in _rows(engine, schema.process_inbox, "event_id")}
    for activity in verified:
        key = f"reply:{activity.origin_key.removeprefix('mail:')}"
        if events.get(key) not in waiting:
            found.append(f"the reply of activity {activity.id} does not wait for the process")
    return found


def _file_faults(engine: sa.Engine, files: Path) -> list[str]:
    found = []
    for row in _rows(engine, schema.document):
        path = path_of(files, row.sha256)
        if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != row.sha256:
            found.append(f"document {row.id}: its file is missing or damaged")
    return found


def dispatch_faults(desk: Desk, accepted: Sequence[Acceptance], now: datetime) -> list[str]:
    """Differences between the outbox after all its senders ended and what the mail server took."""
    boxes = {row.message_id: row for row in _rows(desk.engine, schema.outbox)}
    attempts: dict[int, list[Any]] = defaultdict(list)
    for row in _rows(desk.engine, schema.outbox_attempt):
        attempts[row.outbox_id].append(row)
    taken: dict[str, list[Acceptance]] = defaultdict(list)
    for one in accepted:
        taken[one.message_id].append(one)
    found = [f"accepted but never planned: {message_id}" for message_id in taken.keys() - boxes.keys()]
    for message_id, box in boxes.items():
        found += (f"outbox {box.id} ({box.recipient}): {what}"
                  for what in _mail_faults(box, attempts[box.id], taken[message_id], now))  # fmt: skip
    shown = set(look_at_outbox.fn(desk).ambiguous)
    ambiguous = {box.id for box in boxes.values() if box.state == "ambiguous"}
    return found + _event_faults(desk.engine, boxes.values()) + [f"not shown: {id_}" for id_ in shown ^ ambiguous]


def _mail_faults(box: Any, attempts: Sequence[Any], taken: Sequence[Acceptance], now: datetime) -> list[str]:
    results = Counter(attempt.result for attempt in attempts)
    doubtful = results["sent"] + results["in_doubt"]
    rules = {
        f"accepted {len(taken)} times, {doubtful} attempts explain it": len(taken) > doubtful,
        "accepted more than once, though a person was to be asked": box.policy == "ask" and len(taken) > 1,
        "different bytes were sent": len({one.digest for one in taken}) > 1,
        "went to somebody else": any(one.recipient != box.recipient for one in taken),
        "says sent, was never accepted": box.state == "sent" and not taken,
        "says refused, was accepted": box.state == "refused" and bool(taken),
        f"was accepted, says {box.state}": box.state in ("planned", "claimed") and bool(taken),
        "was accepted, waits without an attempt in doubt": box.state == "retry" and len(taken) > results["in_doubt"],
        f"{results['sent']} attempts say sent": results["sent"] != (box.state == "sent"),
        "is ambiguous without an attempt in doubt": box.state == "ambiguous" and not results["in_doubt"],
        f"is {box.state} though its sender has ended": box.state in ("claimed", "in_doubt"),
        "is due and waits without a reason": _waits(box) and box.not_before <= now and not box.hold_reason,
        "has attempts that are not counted": box.attempt_count != max((a.number for a in attempts), default=0),
        "went on, and an attempt was left without an end": box.state == "sent" and _has_open_end(attempts),
    }
    return [what for what, is_wrong in rules.items() if is_wrong]


def _waits(box: Any) -> bool:
    return box.state in ("planned", "retry")


def _has_open_end(attempts: Sequence[Any]) -> bool:
    return any(attempt.ended_at is None and attempt.result != "in_doubt" for attempt in attempts)


def _event_faults(engine: sa.Engine, boxes: Iterable[Any]) -> list[str]:
    sent = Counter(row.entity_id for row in _rows(engine, schema.event) if row.kind == "mail.sent")
    wanted = Counter(box.id for box in boxes if box.state == "sent")
    return [f"the record of sending outbox {id_} differs" for id_ in (sent - wanted) | (wanted - sent)]


def _digest(raw: bytes) -> str:
    """Of the text with bare line feeds: servers keep mail with either ending."""
    return hashlib.sha256(raw.replace(b"\r\n", b"\n")).hexdigest()[:16]


def _rows(engine: sa.Engine, table: sa.Table, order: str = "id") -> list[Any]:
    key = table.c[order] if order in table.c else next(iter(table.c))
    with reading(engine) as connection:
        return list(connection.execute(sa.select(table).order_by(key)).all())
