"""The telephony report tells who should have got the calls that the PBX asked about, and who did."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.call_routing import Answered, keep_answers
from tasks.gateways.store.connection import reading
from tasks.reporting import write_report
from tests.samples.report_day import AS_OF, open_filled_desk


@pytest.mark.parametrize("has_asked", [True, False])
def test_the_chapter_stands_where_the_pbx_asked(engine: sa.Engine, tmp_path: Path, *, has_asked: bool) -> None:
    desk = open_filled_desk(engine, tmp_path)
    call = schema.call
    with reading(engine) as connection:
        asked = connection.execute(
            sa.select(call).where(call.c.direction == "in", call.c.outcome == "answered").order_by(call.c.id)
        ).first()
    assert asked is not None
    told = Answered(
        "k1", asked.started_at, asked.linked_id, None, asked.client_phone, "", "queue", "600", (asked.person_id,), "x"
    )
    keep_answers(engine, [told] if has_asked else [])
    report = write_report.fn(desk, "telephony", "2026-11-17", "2026-11-17", "ru", AS_OF).report
    chapters = {section.key: section for section in report.sections}
    assert ("routing" in chapters) is has_asked
    if has_asked:
        course = chapters["routing"].tables[0].rows[0]
        assert course[1].value == 1
        assert course[1].rows == (f"call-{asked.id}",)
