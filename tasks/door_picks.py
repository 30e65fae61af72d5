"""Somebody who is asked to confirm a time chooses another of those offered: it is written, and confirmed by them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from tasks.gateways.store.notifications import hush_task
from tasks.gateways.store.process_items import StoredItem, load_item
from tasks.office_round import OfficeRound
from tasks.process_acting import repeated
from tasks.process_acts import Act, Acted, act
from tasks.process_agenda import catch_up
from tasks.rules.door.slots import bound_time, other_times
from tasks.rules.process.reasons import Reason
from tasks.rules.process.state import Owed, Work

PICK = "pick"


def pick(connection: sa.Connection, run: OfficeRound, wanted: Act) -> Acted:
    """Write the chosen time, have everybody asked anew, and count the chooser's confirmation of it.

    `wanted.sets` holds the time field. All in the caller's transaction; the chooser is not written to about a time that
    is their own choice. Raises ConflictError.
    """
    again = repeated(connection, wanted)
    if again is not None:
        return again
    catch_up(connection, run, wanted.item_id, wanted.at or run.now)
    stored = load_item(connection, wanted.item_id)
    work = work_meant(stored, wanted)
    reasons = _reasons(run, stored, work, wanted)
    if reasons or work is None:
        return Acted(False, False, reasons, None, stored)
    acted = act(connection, run, replace(wanted, name="changed", task_id=None, round=None, content_hash=""))
    if acted.reasons:
        return acted
    found = _owed(acted.item.item.work.values(), work.name, wanted.actor)
    if found is None:
        return acted
    asked, row = found
    hush_task(connection, row.task_id or 0)
    yes = replace(wanted, key=f"{wanted.key}:yes", name="approve", sets={}, task_id=row.task_id)
    yes = replace(yes, round=asked.round, content_hash=asked.content_hash)
    return replace(act(connection, run, yes), event_id=acted.event_id)


def work_meant(stored: StoredItem, wanted: Act) -> Work | None:
    """The work that the act is about."""
    works = stored.item.work.values()
    return next((work for work in works if any(row.task_id == wanted.task_id for row in work.rows)), None)


def why_outdated(work: Work | None, wanted: Act) -> tuple[Reason, ...]:
    """Why nothing is asked of the actor there any more: answered meanwhile, or asked anew since."""
    if work is None or work.state != "open":
        return (Reason("closed", found="withdrawn"),)
    if work.round != wanted.round or work.content_hash != wanted.content_hash:
        return (Reason("outdated", work.name, found=wanted.round, wanted=work.round),)
    row = next(row for row in work.rows if row.task_id == wanted.task_id)
    if row.state != "open" or wanted.actor not in (row.owner, row.instead_of):
        return (Reason("closed", work.name, found=row.state, by=row.by, at=row.at),)
    return ()


def _reasons(run: OfficeRound, stored: StoredItem, work: Work | None, wanted: Act) -> tuple[Reason, ...]:
    """Why it cannot be chosen: answered meanwhile, asked anew since, or no longer offered."""
    definition, item = run.definition(stored.process, stored.version), stored.item
    outdated = why_outdated(work, wanted)
    if outdated or work is None:
        return outdated
    time = bound_time(definition, definition.work[work.name])
    chosen = {datetime.fromisoformat(str(text)) for text in wanted.sets.values()}
    if set(wanted.sets) != {time} or not chosen <= set(other_times(item.fields, time, wanted.at or run.now)):
        return (Reason("value", time or work.name, found=next(iter(wanted.sets.values()), ""), wanted=()),)
    return ()


def _owed(works: Iterable[Work], name: str, actor: str) -> tuple[Work, Owed] | None:
    """The work as it is asked anew, and the chooser's own open row of it."""
    found = ((work, row) for work in works if work.name == name and work.state == "open" for row in work.rows)
    return next(
        ((work, row) for work, row in found if row.state == "open" and actor in (row.owner, row.instead_of)), None
    )
