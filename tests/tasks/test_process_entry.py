"""Items begun and moved by forms: values typed as lines, mistakes told, nothing begun twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from sql import schema
from tasks.process_entry import command_by_form, start_by_form
from tasks.process_forms import FormResult
from tasks.rules.errors import UsageError
from tests.tasks.day_at_office import DayAtOffice

MORNING = datetime(2026, 11, 17, 6, 30, tzinfo=UTC)
CONTRACT = "number: K-7\nsupervisor: mikhail\nclient: {client}"


@pytest.fixture
def day(engine: sa.Engine, tmp_path: Path) -> DayAtOffice:
    return DayAtOffice(engine, tmp_path, MORNING, "en")


def _client(day: DayAtOffice) -> tuple[str, int]:
    point = next(row for row in day.rows(schema.contact_point) if row.kind == "mail")
    return point.value, point.contact_id


def _start(day: DayAtOffice, values: str, process: str = "contract_approval") -> FormResult:
    return start_by_form.fn(day.desk, process, "maria", "Lease", values, MORNING)


def test_a_contract_begins_once_and_takes_a_command(day: DayAtOffice) -> None:
    mail, contact_id = _client(day)
    begun = _start(day, CONTRACT.format(client=mail))
    assert begun == FormResult({"started": 1}, ("K-7",))
    assert _start(day, CONTRACT.format(client=mail)) == begun
    (item,) = day.rows(schema.process_item)
    assert item.fields["client"] == f"contact:{contact_id}"

    refused = command_by_form.fn(day.desk, "K-7", "submit", "maria", "", MORNING)
    assert refused.counts["refused"] == 1
    assert "attach the contract" in " ".join(refused.notes)
    moved = command_by_form.fn(day.desk, "K-7", "submit", "maria", "document: 0a1b", MORNING + timedelta(minutes=1))
    assert moved.counts["moved"] == 1
    assert day.rows(schema.process_item)[0].stage == "supervisor"


@pytest.mark.parametrize(
    ("values", "word"),
    [("supervisor: nobody", "nobody"), ("suprvisor: mikhail", "suprvisor"), ("client: who@nowhere.example", "who@")],
)
def test_a_value_that_cannot_be_read_begins_nothing(day: DayAtOffice, values: str, word: str) -> None:
    refused = _start(day, values)
    assert refused.counts == {"refused": 1}
    assert word in " ".join(refused.notes)
    assert day.rows(schema.process_item) == []


def test_mistakes_of_the_form_are_told_in_one_line(day: DayAtOffice) -> None:
    with pytest.raises(UsageError, match="is it contract_approval"):
        _start(day, "", "contract_aproval")
    with pytest.raises(UsageError, match="line 2"):
        _start(day, "number: 7\nand so on")
    with pytest.raises(UsageError, match="no order or item"):
        command_by_form.fn(day.desk, "K-9", "submit", "maria", "", MORNING)
