"""Somebody who is asked for a vote changes the file it is for instead, by a command of the process."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from tasks.door_picks import why_outdated, work_meant
from tasks.gateways.store.process_items import load_item
from tasks.office_round import OfficeRound
from tasks.process_acting import repeated
from tasks.process_acts import Act, Acted, act
from tasks.process_agenda import catch_up
from tasks.rules.process.state import VERBS


def is_correction(wanted: Act) -> bool:
    """Whether it is a command that stands beside the answers to a piece of work."""
    return wanted.task_id is not None and wanted.name not in VERBS


def correct(connection: sa.Connection, run: OfficeRound, wanted: Act) -> Acted:
    """Let the command act while the vote is open and for the content that its author was shown, in one transaction.

    The engine has no work for a command, so what the link was for is looked at here. Raises ConflictError.
    """
    again = repeated(connection, wanted)
    if again is not None:
        return again
    catch_up(connection, run, wanted.item_id, wanted.at or run.now)
    stored = load_item(connection, wanted.item_id)
    reasons = why_outdated(work_meant(stored, wanted), wanted)
    if reasons:
        return Acted(False, False, reasons, None, stored)
    return act(connection, run, replace(wanted, task_id=None, round=None, content_hash=""))
