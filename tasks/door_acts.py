"""Somebody presses a button at the door: tried at once, kept, and carried out when it can no longer be taken back.

The state of the item is never turned back. For `undo_seconds` the decision itself waits, as a row; then the one step of
all acts takes it, under the same key. A process killed meanwhile finds the row again.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.desk import Desk
from tasks.door_corrections import correct, is_correction
from tasks.door_files import NO_FILES, HandedFiles, keep_bytes, list_handed
from tasks.door_picks import PICK, pick
from tasks.door_refusals import refusal_words, tell_refused
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.door_acts import (
    KeptAct,
    due_acts,
    end_act,
    find_act,
    keep_act,
    refuse_done,
    take_back,
)
from tasks.gateways.store.process_items import ConflictError
from tasks.gateways.store.quarantine import BadRow, quarantine_rows
from tasks.office_round import begin_round
from tasks.process_acts import Act, Acted, act
from tasks.rules.process.reasons import Reason
from tasks.rules.process.values import from_plain, plain

_log = logging.getLogger("callout.door")
_AT_ONCE = 100
_TRIES = 3
# a decision that is only noted on the work (begun) and every change of fields has nothing to take back
UNDOABLE = frozenset({"done", "approve", "decline", PICK})


@dataclass(frozen=True, slots=True)
class Pressed:
    """What came of a button: refused with reasons, else kept; `is_repeated` when it had been pressed before."""

    reasons: tuple[Reason, ...] = ()
    is_repeated: bool = False

    @property
    def is_accepted(self) -> bool:
        """Whether it counts."""
        return not self.reasons


def press(desk: Desk, wanted: Act, now: datetime, handed: HandedFiles = NO_FILES) -> Pressed:
    """Take a decision, with the files `handed` over for the fields it sets: their bytes lie on the disk before it.

    A refused one leaves its event and nothing else. Raises NoResultFound for an unknown item.
    """
    keep_bytes(desk.files, handed)
    seconds = desk.office.door.undo_seconds if wanted.name in UNDOABLE else 0
    for _ in range(_TRIES - 1):
        try:
            return _press(desk, wanted, now, seconds, handed)
        except ConflictError:
            continue  # another worker moved the item: look again
    return _press(desk, wanted, now, seconds, handed)


def _press(desk: Desk, wanted: Act, now: datetime, seconds: int, handed: HandedFiles) -> Pressed:
    with writing(desk.engine) as connection:
        known = find_act(connection, wanted.key)
        if known is not None and known.state in ("waiting", "done"):
            return Pressed(is_repeated=True)
        acted = _tried(connection, desk, wanted, now) if seconds else _acted(connection, desk, wanted, now)
        if acted.reasons:
            if seconds:
                _acted(connection, desk, wanted, now)  # the refusal is an event too
            return Pressed(acted.reasons)
        if acted.is_repeated:
            return Pressed(is_repeated=True)
        list_handed(connection, acted.item, wanted.actor, handed, now)
        keep_act(
            connection,
            key=wanted.key,
            item_id=wanted.item_id,
            work_task_id=wanted.task_id,
            actor=wanted.actor,
            name=wanted.name,
            content=_content(wanted),
            pressed_at=now,
            act_at=now + timedelta(seconds=seconds),
            state="waiting" if seconds else "done",
        )
        return Pressed()


def _acted(connection: sa.Connection, desk: Desk, wanted: Act, now: datetime) -> Acted:
    run = begin_round(connection, desk.office, now)
    if wanted.name == PICK:
        return pick(connection, run, wanted)
    return correct(connection, run, wanted) if is_correction(wanted) else act(connection, run, wanted)


def _tried(connection: sa.Connection, desk: Desk, wanted: Act, now: datetime) -> Acted:
    """What the act would come to, with everything that follows it, and nothing of it done."""
    savepoint = connection.begin_nested()
    try:
        return _acted(connection, desk, wanted, now)
    finally:
        savepoint.rollback()


def undo(desk: Desk, key: str, actor: str, now: datetime) -> bool:
    """Take one's own decision back before it takes effect; False when it is too late."""
    with writing(desk.engine) as connection:
        return take_back(connection, key, actor, now)


@task(name="carry-out-decisions", task_run_name="carry-out-decisions", cache_policy=NO_CACHE)
def carry_out_decisions(desk: Desk, now: datetime) -> int:
    """What was decided at a door that closed before it could act on it: the net below the door's own worker."""
    return carry_out_due(desk, now)


def carry_out_due(desk: Desk, now: datetime) -> int:
    """Let the decisions take effect whose time to be taken back is over; how many did. One bad one stops no other."""
    with reading(desk.engine) as connection:
        due = due_acts(connection, now, _AT_ONCE)
    return sum(_carry_out(desk, kept, now) for kept in due)


def _carry_out(desk: Desk, kept: KeptAct, now: datetime) -> bool:
    try:
        with writing(desk.engine) as connection:
            if not end_act(connection, kept.act_id, "done", "", now):
                return False
            acted = _acted(connection, desk, _act_of(kept), now)
            if acted.reasons:
                run = begin_round(connection, desk.office, now)
                words = "; ".join(refusal_words(connection, run, kept, acted.reasons, desk.office.language))
                refuse_done(connection, kept.act_id, words)
                tell_refused(connection, run, kept, acted.reasons, desk.office.door.url)
            return not acted.reasons
    except ConflictError:
        return False  # it is still waiting: the next look takes it
    except Exception as error:  # the decision is somebody's word: it is kept and shown, whatever is wrong with it
        _log.exception("decision %s could not be carried out", kept.act_id)
        _give_up(desk, kept, error, now)
        return False


def _give_up(desk: Desk, kept: KeptAct, error: Exception, now: datetime) -> None:
    """Quarantine a decision that fails in a way that no rule foresees; its author is told when that can be done."""
    with writing(desk.engine) as connection:
        end_act(connection, kept.act_id, "refused", str(error)[:200], now)
        quarantine_rows(connection, [BadRow("door", f"act:{kept.act_id}", str(error)[:500], kept.key)], now)
    try:
        with writing(desk.engine) as connection:
            tell_refused(connection, begin_round(connection, desk.office, now), kept, (), desk.office.door.url)
    except Exception:
        _log.exception("nobody could be told about decision %s", kept.act_id)


def _content(wanted: Act) -> dict[str, Any]:
    return {
        "sets": {name: plain(value) for name, value in wanted.sets.items()},
        "round": wanted.round,
        "content_hash": wanted.content_hash,
        "text": wanted.text,
    }


def _act_of(kept: KeptAct) -> Act:
    said: Mapping[str, Any] = kept.content
    made = Act(
        key=kept.key,
        item_id=kept.item_id,
        name=kept.name,
        actor=kept.actor,
        channel="door",
        sets={name: from_plain(value) for name, value in said["sets"].items()},
        task_id=kept.work_task_id,
        round=said["round"],
        content_hash=said["content_hash"],
        text=said["text"],
    )
    return replace(made, at=kept.pressed_at)
