"""Hearing a recording: by whom it may be, and the event that is written before a byte is given out, or refused."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import sqlalchemy as sa

from tasks.desk import Desk
from tasks.gateways.recordings.contents import Contents
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.quarantine_decisions import find_person
from tasks.gateways.store.recording_rights import (
    StoredRecording,
    close_recording,
    find_recording,
    hold_recording,
    list_recordings,
    note_access,
    open_recording,
)
from tasks.gateways.store.staff import person_ref, read_staff
from tasks.rules.assignment import Member
from tasks.rules.errors import OutsideError, UsageError
from tasks.rules.office import Office
from tasks.rules.recordings.rights import ADMINISTRATOR, hearing_right

Refused = Literal["no_right", "not_kept"]


@dataclass(frozen=True, slots=True)
class Listener:
    """Who wants to hear: person:ID with roles, by which door, and more for the event (a part asked for, a reason)."""

    ref: str
    roles: frozenset[str]
    channel: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of asking: the file or the address, or why there is none."""

    recording: StoredRecording
    path: Path | None = None
    refused: Refused | None = None


def hear(desk: Desk, recording_id: int, listener: Listener, now: datetime) -> Heard | None:
    """Ask to hear a recording; None when there is none of this number. The event is in the store afterwards."""
    with writing(desk.engine) as connection:
        found = find_recording(connection, recording_id)
        if found is None:
            return None
        right = right_to_hear(desk.office, found, listener.ref, listener.roles)
        path = Contents(desk.files).path_of(found.sha256) if found.state == "kept" and found.sha256 else None
        is_there = found.address is not None if found.state == "linked" else path is not None and path.is_file()
        refused: Refused | None = "no_right" if not right else None if is_there else "not_kept"
        said = {"channel": listener.channel} | ({"said": listener.said} if listener.said else {})
        said |= {"reason": refused} if refused else {"right": right}
        note_access(connection, recording_id, "refused" if refused else "heard", listener.ref, said, now)
    return Heard(found, None if refused else path, refused)


def right_to_hear(office: Office, recording: StoredRecording, person: str, roles: Collection[str]) -> str:
    """By what right the person may hear it; '' by none."""
    return hearing_right(person, roles, office.telephony, recording.line, recording.grantees)


def hearable(
    office: Office, recordings: Sequence[StoredRecording], person: str, roles: Collection[str]
) -> list[StoredRecording]:
    """Those of the recordings that a page may show to this person."""
    return [one for one in recordings if right_to_hear(office, one, person, roles)]


def listed(desk: Desk, call_id: int, state: str, limit: int) -> list[StoredRecording]:
    """The newest recordings for the person at the shell."""
    with reading(desk.engine) as connection:
        return list_recordings(connection, call_id, state, limit)


def open_to(desk: Desk, recording_id: int, to: str, reason: str, who: str, now: datetime) -> bool:
    """Open a recording to a person (key or mail) or role:NAME; False when it is already. Raises UsageError."""
    if not reason.strip():
        raise UsageError("say why it is opened: --reason")
    with writing(desk.engine) as connection:
        by = _administrator(connection, who)
        _require(connection, recording_id)
        return open_recording(connection, recording_id, _grantee(connection, desk, to), reason.strip(), by, now)


def close_to(desk: Desk, recording_id: int, to: str, who: str, now: datetime) -> bool:
    """Take the right back; False when it was not opened to them. Raises UsageError.

    `to` as for opening, or as it stands among the grantees: people leave, and are no staff any more.
    """
    with writing(desk.engine) as connection:
        by = _administrator(connection, who)
        grantees = _require(connection, recording_id).grantees
        grantee = to if to in grantees else _grantee(connection, desk, to)
        return close_recording(connection, recording_id, grantee, by, now)


def hold(desk: Desk, recording_id: int, reason: str | None, who: str, now: datetime) -> bool:
    """Keep a recording in spite of its age, or (None) no longer; False when nothing changes. Raises UsageError."""
    if reason is not None and not reason.strip():
        raise UsageError("say why it is to be kept: --reason")
    with writing(desk.engine) as connection:
        by = _administrator(connection, who)
        if _require(connection, recording_id).state == "removed":
            raise UsageError(f"recording {recording_id} was removed already")
        return hold_recording(connection, recording_id, reason.strip() if reason else None, by, now)


def export(desk: Desk, recording_id: int, file: Path, reason: str, who: str, now: datetime) -> None:
    """Copy a recording's content into a new file; an access like any other. Raises UsageError, OutsideError."""
    if not reason.strip():
        raise UsageError("say why it is taken out: --reason")
    with reading(desk.engine) as connection:
        member = _member(connection, who)
    heard = hear(desk, recording_id, Listener(member.ref, frozenset(member.roles), "export", reason.strip()), now)
    if heard is None:
        raise UsageError(f"there is no recording {recording_id}")
    if heard.refused == "no_right":
        raise UsageError(f"{who} may not hear recording {recording_id}")
    if heard.path is None:
        raise UsageError(f"recording {recording_id} has no content here: {heard.recording.state}")
    try:
        with heard.path.open("rb") as content, os.fdopen(_new_file(file), "wb") as copy:
            shutil.copyfileobj(content, copy)
    except OSError as error:
        raise OutsideError(f"{file} cannot be written: {error.strerror}") from error


def _new_file(file: Path) -> int:
    """A file that was not there, for its owner alone."""
    return os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def _require(connection: sa.Connection, recording_id: int) -> StoredRecording:
    found = find_recording(connection, recording_id)
    if found is None:
        raise UsageError(f"there is no recording {recording_id}; see ./callout recording list")
    return found


def _member(connection: sa.Connection, who: str) -> Member:
    if not who:
        raise UsageError("say who you are: --who KEY")
    found = find_person(connection, who)
    if found is None:
        raise UsageError(f"{who} is nobody of people.yaml")
    return read_staff(connection)[person_ref(found)]


def _administrator(connection: sa.Connection, who: str) -> str:
    member = _member(connection, who)
    if ADMINISTRATOR not in member.roles:
        raise UsageError(f"{who} is no administrator")
    return member.ref


def _grantee(connection: sa.Connection, desk: Desk, to: str) -> str:
    kind, _, name = to.partition(":")
    if kind == "role" and name in desk.office.roles:
        return to
    if kind == "role":
        raise UsageError(f"there is no role {name!r}; the office has: {', '.join(desk.office.roles)}")
    return _member(connection, to).ref
