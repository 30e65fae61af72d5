"""Reminding people before papers expire: one digest per recipient and night, planned once."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.desk import Desk
from tasks.gateways.store.connection import writing
from tasks.gateways.store.outbox import outbox_ids
from tasks.gateways.store.registers import (
    EntryFacts,
    Staff,
    entries_ending,
    link_reminders,
    mail_of_contacts,
    settle_reminders,
    staff_on,
    told_stages,
)
from tasks.outbox import plan_notices
from tasks.rules.errors import UsageError
from tasks.rules.ladder import Paper, Reminder, due_reminders
from tasks.rules.office import Office, Register
from tasks.rules.outgoing import Notice, Recipient
from tasks.rules.quiet_hours import quiet_hours, telling_time
from tasks.rules.working_time import working_calendar

_ROUND = 50  # recipients per transaction: writing mail takes milliseconds, and others want to write too


@dataclass(frozen=True, slots=True)
class _Due:
    """What is due to whom, and all that is needed to say it."""

    reminders: tuple[Reminder, ...]
    recipients: dict[str, Recipient]
    entries: dict[int, EntryFacts]


@task(name="plan-reminders", cache_policy=NO_CACHE)
def plan_reminders(desk: Desk, now: datetime, registers: Sequence[str]) -> dict[str, int]:
    """Plan a digest for everyone who is to be told; counts of `told` and `overtaken` lines and `mails`.

    `registers` are keys of the office folder, none for all. Raises UsageError for a key that is not there.
    """
    chosen = _chosen(desk.office, registers)
    today = now.astimezone(desk.office.zone).date()
    with writing(desk.engine) as connection:
        due = _find_due(connection, chosen, today)
        # at once, so that a run killed below does not take a fresh register for one long spoken of
        overtaken = settle_reminders(connection, [one for one in due.reminders if one.is_overtaken], now)
    by_recipient: dict[str, list[Reminder]] = defaultdict(list)
    for reminder in due.reminders:
        if not reminder.is_overtaken:
            by_recipient[reminder.recipient].append(reminder)
    names = list(by_recipient)
    counts = {"told": 0, "overtaken": len(overtaken), "mails": 0}
    for start in range(0, len(names), _ROUND):
        with writing(desk.engine) as connection:
            for name in names[start : start + _ROUND]:
                for key, count in _tell(connection, desk.office, due, by_recipient[name], now).items():
                    counts[key] += count
    return counts


def _chosen(office: Office, keys: Sequence[str]) -> list[Register]:
    unknown = sorted(set(keys) - {register.key for register in office.registers})
    if unknown:
        known = ", ".join(register.key for register in office.registers)
        raise UsageError(f"there is no register {unknown[0]!r}; the office folder has: {known}")
    return [register for register in office.registers if not keys or register.key in keys]


def _find_due(connection: sa.Connection, registers: Sequence[Register], today: date) -> _Due:
    staff = staff_on(connection, today)
    recipients = {recipient.ref: recipient for recipient in staff.people.values()}
    entries: dict[int, EntryFacts] = {}
    reminders: list[Reminder] = []
    for register in registers:
        first_days = max((step.days for step in register.ladder), default=0)
        found = entries_ending(connection, register.key, today + timedelta(days=first_days))
        clients = mail_of_contacts(connection, (entry.contact_id for entry in found if entry.contact_id))
        told = told_stages(connection, register.key)
        papers = [_paper(entry, staff, clients, told.get((entry.entry_id, entry.term_version), ())) for entry in found]
        reminders += due_reminders(papers, register.ladder, today)
        recipients |= {client.ref: client for client in clients.values()}
        entries |= {entry.entry_id: entry for entry in found}
    return _Due(tuple(reminders), recipients, entries)


def _paper(entry: EntryFacts, staff: Staff, clients: dict[int, Recipient], told: Any) -> Paper:
    client = clients.get(entry.contact_id or 0)
    # a chief without a substitute is told all the same: behind a chief stands nobody
    chiefs = dict.fromkeys(staff.stand_in.get(chief) or chief for chief in staff.chiefs)
    places = {
        "responsible": _reader(staff, entry.responsible_id),
        "manager": _reader(staff, entry.manager_id),
        "client": [client.ref] if client else [],
        "chief": [f"person:{chief}" for chief in chiefs],
    }
    return Paper(entry.entry_id, entry.term_version, entry.valid_until, places, told)


def _reader(staff: Staff, person_id: int | None) -> list[str]:
    reader = staff.stand_in.get(person_id or 0)
    return [f"person:{reader}"] if reader else []


def _tell(
    connection: sa.Connection, office: Office, due: _Due, reminders: Sequence[Reminder], now: datetime
) -> dict[str, int]:
    """Settle one recipient's reminders and plan the digest of those that no other run has taken meanwhile."""
    new = settle_reminders(connection, reminders, now)
    if not new:
        return {}
    lines = sorted(new, key=lambda one: (one.days_left, due.entries[one.entry_id].register, one.entry_id))
    notice = _digest(office, due, lines, now)
    mails = plan_notices(connection, office, [notice], now)
    outbox_id = outbox_ids(connection, [notice.key]).get(notice.key)
    link_reminders(connection, lines, outbox_id)
    return {"told": len(lines) if outbox_id else 0, "mails": mails}


def _digest(office: Office, due: _Due, lines: Sequence[Reminder], now: datetime) -> Notice:
    to = due.recipients[lines[0].recipient]
    items = ",".join(f"{one.entry_id}:{one.term_version}:{one.stage_days}" for one in lines)
    titles = {register.key: register.titles for register in office.registers}
    not_before = telling_time(working_calendar(office.hours, office.zone), quiet_hours(office).of(to.zone), now)
    read_on = not_before.astimezone(office.zone).date()
    return Notice(
        key=f"remind:{to.ref}:{hashlib.sha256(items.encode()).hexdigest()[:24]}",
        kind="reminder",
        to=to,
        wording="remind_expiry",
        data={
            "is_client": to.ref.startswith("contact:"),
            "items": [_item(due.entries[one.entry_id], one, titles, to.language, read_on) for one in lines],
        },
        entity="register_entry",
        entity_id=lines[0].entry_id,
        not_before=not_before,
    )


def _item(entry: EntryFacts, line: Reminder, titles: dict[str, Any], language: str, read_on: date) -> dict[str, Any]:
    """What a template may say about one paper; days are counted for the day on which the mail is read."""
    of_register = titles[entry.register]
    return {
        "register": of_register.get(language) or next(iter(of_register.values()), entry.register),
        "number": entry.number,
        "title": entry.title,
        "holder": entry.holder,
        "valid_until": entry.valid_until,
        "days_left": (entry.valid_until - read_on).days,
        "late_days": line.late_days,
        "stage_days": line.stage_days,
    }
