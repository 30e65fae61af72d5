"""The views hold one row per thing they promise, on both engines alike, and every column is explained."""

from __future__ import annotations

import re
import shutil
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from sql import schema, view_files
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.report_rows import read_rows, read_view
from tasks.gateways.store.revision import remake_views
from tests.samples.report_day import AS_OF, FORMULA_NAME, MORNING, open_filled_desk

FOLDER = Path(view_files.__file__).parent / "views"
ONE_ROW_EACH = {
    "call_fact": schema.call,
    "missed_call_course": schema.missed_call,
    "lead_course": schema.lead,
    "deal_course": schema.deal,
    "task_course": schema.work_task,
    "outbox_course": schema.outbox,
    "expiry_calendar": schema.register_entry,
}
DAY = {"from": MORNING - timedelta(hours=6), "until": MORNING + timedelta(hours=16), "as_of": AS_OF}


@pytest.fixture
def filled(engine: sa.Engine, tmp_path: Path) -> sa.Engine:
    """A store with one day and its views."""
    open_filled_desk(engine, tmp_path)
    return engine


def test_each_view_has_one_row_per_thing(filled: sa.Engine) -> None:
    with reading(filled) as connection:
        for view, table in ONE_ROW_EACH.items():
            count = connection.scalar(sa.select(sa.func.count()).select_from(table))
            assert len(read_view(connection, view)) == count, view


def test_values_come_back_typed(filled: sa.Engine) -> None:
    with reading(filled) as connection:
        calls, deals = read_view(connection, "call_fact"), read_view(connection, "deal_course")
        entries = read_view(connection, "expiry_calendar")
    assert all(isinstance(call["started_at"], datetime) and call["started_at"].tzinfo for call in calls)
    assert sum(deal["amount"] for deal in deals if deal["outcome"] == "won") == Decimal("506004.50")
    assert entries[0]["valid_until_on"].year >= 2026
    assert FORMULA_NAME in {call["contact_name"] for call in calls}


def test_person_work_adds_up_to_the_rows_behind_it(filled: sa.Engine) -> None:
    with reading(filled) as connection:
        work = read_rows(connection, "work_rows", **DAY)
        calls, leads = read_rows(connection, "call_rows", **DAY), read_rows(connection, "lead_rows", **DAY)
    answered = [row for row in calls if row["direction"] == "in" and row["person_id"]]
    assert sum(row["work"] == "call_answered" for row in work) == len(answered)
    assert sum(row["talk_seconds"] for row in work if row["work"] == "call_answered") == sum(
        row["talk_seconds"] for row in answered
    )
    assert sum(row["work"] == "lead_taken" for row in work) == sum(row["taken_at"] is not None for row in leads)


def test_what_happened_later_is_not_known(filled: sa.Engine) -> None:
    noon = MORNING + timedelta(hours=4)
    with reading(filled) as connection:
        then = {name: read_rows(connection, name, **(DAY | {"as_of": noon})) for name in ("call_rows", "missed_rows")}
        leads = read_rows(connection, "lead_rows", **(DAY | {"as_of": noon}))
    assert max(row["ended_at"] for row in then["call_rows"]) <= noon
    assert all(row["resolved_at"] is None or row["resolved_at"] <= noon for row in then["missed_rows"])
    assert any(row["state"] == "open" for row in then["missed_rows"])
    assert max(row["created_at"] for row in leads) <= noon
    assert all(row["taken_at"] is None or row["taken_at"] <= noon for row in leads)


def test_an_outbox_row_shows_its_last_attempt(filled: sa.Engine) -> None:
    values = {"key": "k", "kind": "notice", "recipient": "a@example.com", "recipient_ref": "person:1", "subject": "s"}
    values |= {"raw": b"", "message_id": "<m@example.com>", "policy": "retry", "entity": "deal", "entity_id": 1}
    with writing(filled) as connection:
        outbox_id = connection.execute(
            sa.insert(schema.outbox)
            .values(**values, planned_at=MORNING, not_before=MORNING)
            .returning(schema.outbox.c.id)
        ).scalar_one()
        for number, result in ((1, "retry"), (2, "sent")):
            row = {"outbox_id": outbox_id, "number": number, "started_at": MORNING, "result": result}
            connection.execute(sa.insert(schema.outbox_attempt).values(**row, reply_code=250 if number == 2 else 451))
    with reading(filled) as connection:
        (row,) = read_view(connection, "outbox_course")
    assert (row["last_result"], row["last_reply_code"]) == ("sent", 250)


def test_views_are_made_anew_when_their_files_change(
    engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "views"))
    monkeypatch.setattr(view_files, "_FOLDER", folder)
    assert not remake_views(engine)
    (folder / "90_extra.sql").write_text("SELECT contact_name FROM call_fact;")
    assert remake_views(engine)
    assert "extra" in _views(engine)
    (folder / "90_extra.sql").rename(folder / "90_other.sql")
    assert remake_views(engine)
    assert not remake_views(engine)
    assert {"extra", "other"} & _views(engine) == {"other"}
    monkeypatch.undo()
    assert remake_views(engine)
    assert "other" not in _views(engine)


def _views(engine: sa.Engine) -> set[str]:
    with reading(engine) as connection:
        return set(sa.inspect(connection).get_view_names())


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.sql")), ids=lambda file: file.stem)
def test_every_column_is_explained(file: Path, sqlite_engine: sa.Engine) -> None:
    with writing(sqlite_engine) as connection:
        view_files.create_views(connection)
    with reading(sqlite_engine) as connection:
        columns = [column["name"] for column in sa.inspect(connection).get_columns(file.stem.partition("_")[2])]
    said = "\n".join(line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("--"))
    patterns = [pattern.replace("*", r"\w+") for pattern in re.findall(r"[a-z_]+\*|[a-z_]+", said)]
    unexplained = [name for name in columns if not any(re.fullmatch(pattern, name) for pattern in patterns)]
    assert unexplained == []
    assert ":" not in said
