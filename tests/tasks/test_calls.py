"""The sample telephone day through the real steps, on both engines: what is stored is what happened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from deployments.demo.call_truth import DAY, ZONE, Truth
from deployments.demo.make_calls import FOLDER, sample_day
from deployments.demo.sample_calls import append_until
from sql import schema
from tasks import calls as steps
from tasks.desk import Desk
from tasks.gateways.secrets_source import SecretSource
from tasks.gateways.store import call_results
from tasks.gateways.store.connection import reading, writing
from tasks.quality import gate_batch
from tasks.rules.office import CallLog, Hours, LeadTimes, Line, Office, Person, Sender, Telephony
from tests.samples.desks import desk_with

MOMENTS = [datetime.combine(DAY, time.fromisoformat(at), ZONE) for at in
           ("09:30", "11:00", "12:30", "14:00", "15:30", "17:00", "18:30")]  # fmt: skip
EVENING = MOMENTS[-1]
DESKS = (
    "viktor:100",
    "olga:101",
    "mikhail:102",
    "maria:103",
    "daria:104",
    "anna:105",
    "pavel:106",
    "egor:201",
    "timur:202",
)
TABLES = ("call_leg", "queue_event", "call", "lead", "activity", "missed_call", "work_task", "quarantine_row", "event")


@pytest.fixture(autouse=True)
def _without_prefect(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one step that a helper calls by itself runs as the plain function it wraps."""
    monkeypatch.setattr(steps, "read_call_log", steps.read_call_log.fn)


def _office(folder: Path) -> Office:
    people = tuple(
        Person(key, key.title(), f"{key}@north-service.example",
               ("operator",) if key in ("olga", "pavel") else ("manager",), extension=desk)
        for key, desk in (name.split(":") for name in DESKS)
    )  # fmt: skip
    log = CallLog("pbx", str(folder), "Europe/Moscow")
    telephony = Telephony((log,), (Line("+79000000100", "Office"),), {"600": "Sales", "601": "Service"})
    sender = Sender("office@north-service.example", "Office", "127.0.0.1", 25)
    hours = Hours(time(9), time(18))
    return Office("North", "north-service.example", "Europe/Moscow", "en", "RUB", hours, sender, LeadTimes(), (),
                  telephony, people, (), (), (), {}, "", "digest")  # fmt: skip


@pytest.fixture
def desk(engine: sa.Engine, tmp_path: Path) -> Desk:
    """An office with its staff and the known clients 1 to 40, a manager for the first ten, and a deal of client 1."""
    office = _office(tmp_path / "pbx")
    with writing(engine) as connection:
        for number, person in enumerate(office.people, start=1):
            row = {
                "id": number,
                "key": person.key,
                "name": person.name,
                "mail": person.mail,
                "extension": person.extension,
            }
            connection.execute(sa.insert(schema.person).values(row))
        for number in range(1, 41):
            owner = 3 if number <= 10 else None
            contact = {"id": number, "name": f"Client {number}", "manager_id": owner, "created_at": MOMENTS[0]}
            connection.execute(sa.insert(schema.contact).values(contact))
            phone = f"+79000000{200 + number}"
            point = {"contact_id": number, "kind": "phone", "value": phone, "raw": phone}
            connection.execute(sa.insert(schema.contact_point).values(point))
        deal = {"number": "D-1", "pipeline": "service", "stage": "work", "contact_id": 1,
                "stage_entered_at": MOMENTS[0], "created_at": MOMENTS[0]}  # fmt: skip
        connection.execute(sa.insert(schema.deal).values(deal))
    return Desk(office, engine, SecretSource(tmp_path, lambda _name: None), tmp_path, tmp_path)


def _run(desk: Desk, now: datetime) -> dict[str, int]:
    """What the flow does, step by step, without Prefect."""
    counts: dict[str, int] = {}
    problems: list[str] = []

    def add(more: dict[str, int]) -> None:
        counts.update({name: counts.get(name, 0) + count for name, count in more.items()})

    for portion in steps.new_portions(desk, [], now):
        verdict = gate_batch.fn("call_legs", steps.leg_rows(portion), portion.source)
        add(steps.keep_call_lines.fn(desk, portion, verdict, now))
        problems.extend(portion.problems)
    add(steps.fold_calls.fn(desk, now))
    add(steps.settle_calls.fn(desk, now))
    steps.require_readable(problems)
    return counts


def _rows(engine: sa.Engine, name: str) -> list[dict[str, Any]]:
    table = schema.metadata.tables[name]
    with reading(engine) as connection:
        return [dict(row._mapping) for row in connection.execute(sa.select(table).order_by(*table.primary_key.columns))]


def _store(engine: sa.Engine) -> dict[str, list[dict[str, Any]]]:
    return {name: _rows(engine, name) for name in TABLES}


def _told(engine: sa.Engine) -> list[Truth]:
    """The stored calls in the words of the truth."""
    extensions = {number: name.split(":")[1] for number, name in enumerate(DESKS, start=1)}
    states = {row["call_id"]: row["state"] for row in _rows(engine, "missed_call")}
    names = [field.name for field in fields(Truth) if field.name not in ("extension", "missed")]
    return [
        Truth(**{name: row[name] for name in names}, extension=extensions.get(row["person_id"]),
              missed=states.get(row["id"], ""))
        for row in _rows(engine, "call")
    ]  # fmt: skip


def _by_id(truth: Iterable[Truth]) -> list[Truth]:
    return sorted(truth, key=lambda one: one.linked_id)


def _essence(engine: sa.Engine) -> dict[str, list[Any]]:
    """The day without row ids and moments of running: what must be alike however the day was cut."""
    calls = {row["id"]: row["linked_id"] for row in _rows(engine, "call")}
    missed = {row["id"]: calls[row["call_id"]] for row in _rows(engine, "missed_call")}
    names = ("phone", "origin_key", "created_at", "take_due_at", "title")
    leads = {row["id"]: tuple(row[name] for name in names) for row in _rows(engine, "lead")}
    return {
        "calls": sorted(((*_told_key(row), leads.get(row["lead_id"], ())) for row in _rows(engine, "call")), key=str),
        "leads": sorted(leads.values()),
        "activities": sorted((calls[int(r["origin_key"][5:])], r["subject"], r["contact_id"], r["deal_id"],
                              leads.get(r["lead_id"])) for r in _rows(engine, "activity")),
        "missed": sorted((calls[r["call_id"]], r["state"], r["due_at"], r["person_id"], r["resolved_at"],
                          calls.get(r["resolved_by_id"])) for r in _rows(engine, "missed_call")),
        "tasks": sorted((missed[r["entity_id"]], r["state"], r["closed_by"], r["result"], r["title"])
                        for r in _rows(engine, "work_task")),
        "held": sorted((r["row_key"], r["reason"]) for r in _rows(engine, "quarantine_row")),
        "events": sorted((r["kind"], r["at"]) for r in _rows(engine, "event")),
    }  # fmt: skip


def _told_key(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in row if name not in ("id", "lead_id", "settled_at"))


def test_the_committed_files_are_what_the_script_writes() -> None:
    day = sample_day()
    assert (FOLDER / "Master.csv").read_bytes() == day.master_csv()
    assert (FOLDER / "queue_log").read_bytes() == day.queue_log()


def test_the_stored_day_is_the_day_that_happened(desk: Desk) -> None:
    append_until(Path(desk.office.telephony.logs[0].folder), EVENING)
    counts = _run(desk, EVENING)
    truth = sample_day().truth
    assert _by_id(_told(desk.engine)) == _by_id(truth)
    assert counts["lines"] == counts["legs"] + counts["queue_events"] + counts["refused"]
    assert (counts["refused"], counts["repeated"], counts["calls"]) == (3, 0, len(truth))
    assert counts["legs"] == sum(one.leg_count for one in truth)
    strangers = {one.client_phone for one in truth if one.direction == "in" and "00005" in (one.client_phone or "")}
    short_only = {"+79000000522"}
    assert {row["phone"] for row in _rows(desk.engine, "lead")} == strangers - short_only
    assert counts["activities"] == sum(one.direction != "internal" for one in truth)
    assert counts["missed"] == sum(one.missed != "" for one in truth)


def test_known_clients_get_activities_on_their_deal_and_no_lead(desk: Desk) -> None:
    append_until(Path(desk.office.telephony.logs[0].folder), EVENING)
    _run(desk, EVENING)
    known = [row for row in _rows(desk.engine, "activity") if row["contact_id"]]
    assert len(known) > 30
    assert all(row["lead_id"] is None for row in known)
    assert {row["deal_id"] for row in known if row["contact_id"] == 1} == {1}


def test_a_number_has_one_task_at_a_time_and_it_closes_itself(desk: Desk) -> None:
    append_until(Path(desk.office.telephony.logs[0].folder), EVENING)
    _run(desk, EVENING)
    tasks = _rows(desk.engine, "work_task")
    missed = {row["id"]: row for row in _rows(desk.engine, "missed_call")}
    of_one = [task for task in tasks if missed[task["entity_id"]]["client_phone"] == "+79000000501"]
    assert [(task["state"], task["result"], task["closed_by"]) for task in of_one] == [
        ("done", "came_back", "person:2")
    ]
    of_client = [task for task in tasks if missed[task["entity_id"]]["client_phone"] == "+79000000201"]
    assert [(task["person_id"], task["result"]) for task in of_client] == [(3, "returned")]
    assert sum(task["state"] == "open" for task in tasks) == sum(one.missed == "open" for one in sample_day().truth)


def test_a_second_run_changes_nothing(desk: Desk) -> None:
    append_until(Path(desk.office.telephony.logs[0].folder), EVENING)
    _run(desk, EVENING)
    before = _store(desk.engine)
    for moment in (MOMENTS[0], EVENING):
        assert not any(_run(desk, moment).values())
    assert _store(desk.engine) == before


def test_the_day_in_portions_equals_the_day_in_one(desk: Desk) -> None:
    for moment in MOMENTS:
        append_until(Path(desk.office.telephony.logs[0].folder), moment)
        _run(desk, moment)
    in_portions = _essence(desk.engine)
    _forget(desk.engine)
    _run(desk, EVENING)
    assert _essence(desk.engine) == in_portions


def test_lines_after_the_moment_wait_for_their_time(desk: Desk) -> None:
    append_until(Path(desk.office.telephony.logs[0].folder), EVENING)
    for moment in MOMENTS:
        _run(desk, moment)
        with reading(desk.engine) as connection:
            assert connection.scalar(sa.select(sa.func.max(schema.call_leg.c.ended_at))) <= moment
    assert _by_id(_told(desk.engine)) == _by_id(sample_day().truth)


@pytest.mark.parametrize("step", ["gate", "keep", "fold", "settle"])
def test_a_run_that_dies_before_a_step_is_made_good(desk: Desk, step: str) -> None:
    append_until(Path(desk.office.telephony.logs[0].folder), EVENING)
    _die_before(desk, step)
    _run(desk, EVENING)
    assert _by_id(_told(desk.engine)) == _by_id(sample_day().truth)
    with reading(desk.engine) as connection:
        seen = connection.scalar(sa.select(sa.func.sum(schema.source_cursor.c.seen_total)))
    assert seen == sum(len(_rows(desk.engine, name)) for name in ("call_leg", "queue_event", "quarantine_row"))


def test_a_settling_that_fails_half_way_leaves_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    append_until(Path(desk.office.telephony.logs[0].folder), EVENING)
    with monkeypatch.context() as broken:
        broken.setattr(call_results, "settle_missed", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            _run(desk, EVENING)
    assert not _rows(desk.engine, "lead")
    _run(desk, EVENING)
    assert _by_id(_told(desk.engine)) == _by_id(sample_day().truth)


def test_a_late_leg_folds_its_call_again(desk: Desk) -> None:
    folder = Path(desk.office.telephony.logs[0].folder)
    append_until(folder, EVENING)
    lines = (folder / "Master.csv").read_bytes().splitlines(keepends=True)
    late = next(line for line in lines if b'"104","office"' in line and b"000000512" in line)
    (folder / "Master.csv").write_bytes(b"".join(line for line in lines if line != late))
    _run(desk, EVENING)
    with (folder / "Master.csv").open("ab") as file:
        file.write(late)
    counts = _run(desk, EVENING)
    assert (counts["calls"], counts["changed_calls"], counts["activities"], counts["leads"]) == (0, 1, 0, 0)
    assert _by_id(_told(desk.engine)) == _by_id(sample_day().truth)


def test_a_wrong_zone_is_refused_and_nothing_is_stored(desk: Desk) -> None:
    append_until(Path(desk.office.telephony.logs[0].folder), EVENING)
    log = replace(desk.office.telephony.logs[0], time_zone="UTC")
    wrong = desk_with(desk, replace(desk.office, telephony=replace(desk.office.telephony, logs=(log,))))
    with pytest.raises(steps.OutsideError, match="3 h ahead of"):
        _run(wrong, EVENING.astimezone(UTC))
    assert not _rows(desk.engine, "call_leg")


def _die_before(desk: Desk, step: str) -> None:
    for portion in steps.new_portions(desk, [], EVENING):
        if step == "gate":
            return
        verdict = gate_batch.fn("call_legs", steps.leg_rows(portion), portion.source)
        if step == "keep":
            return
        steps.keep_call_lines.fn(desk, portion, verdict, EVENING)
    if step == "settle":
        steps.fold_calls.fn(desk, EVENING)


def _forget(engine: sa.Engine) -> None:
    kept = {"person", "contact", "contact_point", "deal"}
    with writing(engine) as connection:
        connection.execute(sa.update(schema.missed_call).values(resolved_by_id=None))
        for table in reversed(schema.metadata.sorted_tables):
            if table.name not in kept:
                connection.execute(sa.delete(table))
