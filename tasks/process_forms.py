"""What people do by a form of Prefect or the command line: one act each, the same step as at the door and by mail."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

import sqlalchemy as sa
from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.desk import Desk
from tasks.gateways.store.absences import NewAbsence, register_absence
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.process_items import item_by_number, load_item
from tasks.gateways.store.quarantine_decisions import find_person
from tasks.gateways.store.staff import read_recipients
from tasks.gateways.store.work import TaskRow, read_task
from tasks.office_round import begin_round
from tasks.process_acts import Act, Channel, acting, explain
from tasks.rules.errors import UsageError
from tasks.rules.item_words import reason_field

Verb = Literal["begin", "done", "approve", "decline"]


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it was filled in: who (key or mail address), about which item (its number) or task, and what is wanted.

    `name` is a command of the process or a verb; `sets` are values for its fields. A form sent twice acts once.
    """

    who: str
    name: str
    number: str = ""
    task_id: int = 0
    sets: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""


@dataclass(frozen=True, slots=True)
class FormResult:
    """What came of it: counts, and the reasons in words when it was refused."""

    counts: dict[str, int]
    notes: tuple[str, ...]


@task(name="act-on-item", task_run_name="act-on-item", cache_policy=NO_CACHE)
def act_on_item(desk: Desk, filled: Filled, now: datetime, channel: Channel = "prefect") -> FormResult:
    """Let a colleague act on an item. A refusal is no error: it is counted, and its reasons are told.

    Raises UsageError for a person, item or task that is not there.
    """
    with reading(desk.engine) as connection:
        actor, language = person_of(connection, filled.who, desk.office.language)
        owed = _task(connection, filled.task_id) if filled.task_id else None
        item_id = owed.item_id if owed and owed.item_id else item_of(connection, filled.number)
        people = {name: _ref(connection, value) for name, value in filled.sets.items()}
        if filled.name == "decline" and filled.text:
            stored, run = load_item(connection, item_id), begin_round(connection, desk.office, now)
            why = reason_field(run.definition(stored.process, stored.version))
            people |= {why: filled.text} if why else {}
    wanted = Act(
        key=_key(filled, actor, item_id, now),
        item_id=item_id,
        name=filled.name,
        actor=actor,
        channel=channel,
        sets=people,
        task_id=filled.task_id or None,
        round=owed.round if owed else None,
        text=filled.text,
        at=now,
    )
    acted = acting(desk.engine, desk.office, now, wanted)
    if acted.is_repeated:
        return FormResult({"repeated": 1}, ())
    notes = explain(acted.reasons, language)
    if acted.reasons:
        with reading(desk.engine) as connection:
            run = begin_round(connection, desk.office, now)
            definition = run.definition(acted.item.process, acted.item.version)
            notes = explain(acted.reasons, language, connection, run, definition)
    counts = {name: count for name, count in acted.counts.items() if count}
    return FormResult(counts | ({"accepted": 1} if acted.is_accepted else {}), tuple(notes))


@task(name="reassign-work", task_run_name="reassign-work", cache_policy=NO_CACHE)
def reassign_work(desk: Desk, task_id: int, to: str, who: str, now: datetime) -> FormResult:
    """Give somebody's open work to a colleague: the field that says who does it changes, and the work goes along.

    Raises UsageError for work that hangs on a role and not on a person of the item.
    """
    with reading(desk.engine) as connection:
        owed = _task(connection, task_id)
        if owed.item_id is None:
            raise UsageError(f"task {task_id} belongs to no item of a process")
        stored = load_item(connection, owed.item_id)
        run = begin_round(connection, desk.office, now)
        definition = run.definition(stored.process, stored.version)
        work = stored.item.work.get(owed.name)
        rows = work.rows if work else ()
        slots = [slot for row in rows if row.task_id == task_id for slot in row.slots if slot in definition.fields]
    if not slots:
        raise UsageError(f"task {task_id} goes by a role: register an absence, and it goes to somebody else")
    sets = dict.fromkeys(slots, f"@{to}")
    return act_on_item.fn(desk, Filled(who, "changed", number=stored.number, sets=sets), now)


@task(name="enter-absence", task_run_name="enter-absence", cache_policy=NO_CACHE)
def enter_absence(
    desk: Desk, person: str, first_day: date, last_day: date, substitute: str, kind: str, who: str, now: datetime
) -> FormResult:
    """Write down who is away and who stands in; their open work goes over with the next round.

    Raises UsageError for people who are not on the staff, days in the wrong order, or somebody standing in for himself.
    """
    if last_day < first_day:
        raise UsageError("the last day of absence is before the first")
    with writing(desk.engine) as connection:
        actor, _ = person_of(connection, who, desk.office.language)
        away, _ = person_of(connection, person, desk.office.language)
        stand_in = person_of(connection, substitute, desk.office.language)[0] if substitute.strip() else ""
        if stand_in == away:
            raise UsageError("nobody can stand in for himself: name another colleague")
        absence = NewAbsence(away, first_day, last_day, stand_in, kind.strip() or "leave")
        is_new = register_absence(connection, absence, actor, now)
    return FormResult({"absences": int(is_new)}, ())


def person_of(connection: sa.Connection, who: str, language: str) -> tuple[str, str]:
    """Ref and language of the colleague with this key or mail address. Raises UsageError."""
    person_id = find_person(connection, who)
    if person_id is None:
        raise UsageError("nobody on the staff has this key or mail address")
    ref = f"person:{person_id}"
    found = read_recipients(connection, [ref]).get(ref)
    return ref, found.language if found else language


def _ref(connection: sa.Connection, value: Any) -> Any:
    """A colleague's key among the values becomes a ref; other values stay."""
    if not isinstance(value, str) or not value.startswith("@"):
        return value
    return person_of(connection, value.removeprefix("@"), "")[0]


def _task(connection: sa.Connection, task_id: int) -> TaskRow:
    found = read_task(connection, task_id)
    if found is None:
        raise UsageError(f"there is no task {task_id}")
    return found


def item_of(connection: sa.Connection, number: str) -> int:
    """The item with this public number. Raises UsageError."""
    found = item_by_number(connection, number.strip())
    if found is None:
        raise UsageError(f"there is no order or item {number.strip() or 'without a number'}")
    return found


def _key(filled: Filled, actor: str, item_id: int, now: datetime) -> str:
    """A task is answered once with a verb; another act once per moment and content."""
    if filled.task_id and filled.name != "begin":
        return f"task:{filled.task_id}:{filled.name}:{actor}"
    said = repr((filled.name, sorted(filled.sets.items()), filled.text))
    digest = hashlib.sha256(said.encode()).hexdigest()[:16]
    return f"form:{item_id}:{filled.name}:{actor}:{now.isoformat()}:{digest}"
