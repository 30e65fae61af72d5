"""What several items need, read at once at the beginning of one transaction, and what is written at its end.

A step takes out what it uses: what was read holds for the first step of an item only, and never for what another step
of the same transaction has changed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.item_subject import SubjectRows, read_subject_rows
from tasks.gateways.store.process_courses import CourseRows, write_courses
from tasks.gateways.store.process_items import StoredItem, load_items
from tasks.gateways.store.staff import reachable_contacts, read_recipients
from tasks.gateways.store.work import write_incidents
from tasks.rules.outgoing import Notice, Recipient


@dataclass(frozen=True, slots=True)
class Mark:
    """How much had been collected at a moment."""

    notices: int
    incidents: int
    courses: int


@dataclass(slots=True)
class ItemBatch:
    """`quiet` are items with nothing in their inbox; `contacts` those whose being reachable is known."""

    items: dict[int, StoredItem] = field(default_factory=dict)
    quiet: set[int] = field(default_factory=set)
    subjects: SubjectRows = field(default_factory=SubjectRows)
    recipients: dict[str, Recipient] = field(default_factory=dict)
    known_refs: set[str] = field(default_factory=set)
    contacts: frozenset[str] = frozenset()
    reachable: frozenset[str] = frozenset()
    has_sms: bool = False
    notices: list[Notice] = field(default_factory=list)
    incidents: list[dict[str, Any]] = field(default_factory=list)
    courses: CourseRows = field(default_factory=CourseRows)

    def take(self, item_id: int) -> tuple[StoredItem | None, bool]:
        """The item as it was read, and whether its inbox was empty then; nothing the second time."""
        is_quiet = item_id in self.quiet
        self.quiet.discard(item_id)
        return self.items.pop(item_id, None), is_quiet

    def forget_deal(self, deal_id: int) -> None:
        """A step may have changed what people are told of a deal."""
        self.subjects.deals.pop(deal_id, None)

    def people(self, connection: sa.Connection, refs: Collection[str]) -> dict[str, Recipient]:
        """How to write to each of `refs`; see `read_recipients`."""
        unknown = set(refs) - self.known_refs
        if unknown:
            self.recipients |= read_recipients(connection, unknown)
            self.known_refs |= unknown
        return {ref: self.recipients[ref] for ref in refs if ref in self.recipients}

    def reached(self, connection: sa.Connection, refs: Sequence[str]) -> frozenset[str]:
        """Those of the contacts who can be written to; see `reachable_contacts`."""
        if self.contacts.issuperset(refs):
            return self.reachable.intersection(refs)
        return reachable_contacts(connection, refs, by_sms=self.has_sms)

    def mark(self) -> Mark:
        """Where to go back to when a step is given up."""
        return Mark(len(self.notices), len(self.incidents), len(self.courses.rows))

    def go_back(self, mark: Mark) -> None:
        """Nothing of what was collected since then has happened."""
        del self.notices[mark.notices :], self.incidents[mark.incidents :], self.courses.rows[mark.courses :]

    def write(self, connection: sa.Connection) -> None:
        """Write the incidents and courses that were collected; the notices are the caller's."""
        write_incidents(connection, self.incidents)
        write_courses(connection, self.courses)


def read_batch(
    connection: sa.Connection,
    item_ids: Sequence[int],
    people: Iterable[str],
    until: datetime,
    *,
    has_sms: bool = False,
) -> ItemBatch:
    """Read what the next steps of these items need, up to 500; `people` are the refs of the staff.

    `has_sms`: a telephone that takes SMS is a way to reach a client.
    """
    items = {stored.item_id: stored for stored in load_items(connection, item_ids)}
    inbox = schema.process_inbox
    waiting = connection.scalars(sa.select(inbox.c.item_id).where(inbox.c.item_id.in_(item_ids), inbox.c.at <= until))
    refs = {value for stored in items.values() for value in stored.item.fields.values() if isinstance(value, str)}
    contacts = frozenset(ref for ref in refs if ref.startswith("contact:"))
    deals = sorted({stored.entity_id for stored in items.values() if stored.entity == "deal"})
    known = {*people, *contacts}
    return ItemBatch(
        items=items,
        quiet=set(items) - set(waiting),
        subjects=read_subject_rows(connection, deals, contacts),
        recipients=read_recipients(connection, known),
        known_refs=known,
        contacts=contacts,
        reachable=reachable_contacts(connection, contacts, by_sms=has_sms),
        has_sms=has_sms,
    )
