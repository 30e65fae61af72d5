"""Appointments into people's calendars: an invitation, its change, and its cancellation, each told once by mail."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from tasks.desk import Desk
from tasks.gateways.channels.calendar_writer import write_invitation
from tasks.gateways.store.calendar_answers import uid_of
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.invitations import CalendarEntry, note_told, read_changed_entries
from tasks.gateways.store.outbox import message_id_secret, outbox_ids
from tasks.gateways.store.staff import read_recipients
from tasks.outbox import plan_notices
from tasks.rules.notify.invitation import Invitation, Party
from tasks.rules.office import Office
from tasks.rules.outgoing import CalendarPart, Notice, Recipient


def plan_invitations(desk: Desk, now: datetime) -> int:
    """Plan a mail for every calendar entry that was made, moved or taken back up to `now`; how many are new.

    An entry taken back before anybody was told of it is not mentioned. Those without a mail address are left out.
    """
    with reading(desk.engine) as connection:
        entries = read_changed_entries(connection, now)
        if not _untold(connection, entries):
            return 0
    with writing(desk.engine) as connection:
        entries = _untold(connection, read_changed_entries(connection, now))
        recipients = read_recipients(connection, {entry.who for entry in entries})
        secret = message_id_secret(connection, now)
        notices = [_notice(desk.office, one, recipients[one.who], secret) for one in entries if one.who in recipients]
        planned = plan_notices(connection, desk.office, notices, now)
        note_told(connection, max(entry.changed_at for entry in entries), now)
    return planned


def _untold(connection: sa.Connection, entries: list[CalendarEntry]) -> list[CalendarEntry]:
    told = outbox_ids(connection, [entry.key_of(n) for entry in entries for n in range(entry.sequence + 1)])

    def was_told_before(entry: CalendarEntry) -> bool:
        return any(entry.key_of(sequence) in told for sequence in range(entry.sequence))

    fresh = [entry for entry in entries if entry.key not in told]
    return [entry for entry in fresh if not entry.is_cancelled or was_told_before(entry)]


def _notice(office: Office, entry: CalendarEntry, to: Recipient, secret: bytes) -> Notice:
    uid = uid_of(secret, entry.entry_id, office.domain)
    invitation = Invitation(
        uid=uid,
        sequence=entry.sequence,
        is_cancelled=entry.is_cancelled,
        starts_at=entry.at,
        lasts=timedelta(minutes=office.channels.event_minutes),
        title=entry.title,
        time_zone=to.zone or office.time_zone,
        organizer=Party(office.sender.name, office.sender.mail),
        attendee=Party(to.name, to.mail),
        stamped_at=entry.changed_at,
    )
    said = {"title": entry.title, "at": entry.at}
    return Notice(
        key=entry.key,
        kind="notice",
        to=to,
        wording="calendar_cancelled" if entry.is_cancelled else "calendar_invited",
        data=said if entry.is_cancelled else said | {"is_moved": entry.sequence > 0},
        entity=entry.entity,
        entity_id=entry.entity_id,
        not_before=entry.changed_at,
        cause_event_id=entry.cause_event_id,
        item_id=entry.item_id,
        calendar=CalendarPart(invitation.method, write_invitation(invitation)),
    )
