"""Data Docs load nothing from anywhere, show no values, and only the newest are kept."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tasks.gateways.data_docs import write_data_docs
from tasks.gateways.quality_audit import TableAudit, audit_table
from tasks.gateways.quality_tables import TABLES
from tasks.rules.audit import AuditFindings, TableCount
from tasks.rules.balance import Difference, SourceBalance
from tests.samples.quality_rows import BREAKS, GOOD, NOON

ZONE = ZoneInfo("Europe/Moscow")
_LOADS = re.compile(r"<script|<link|<img|<iframe|\bsrc=|@import|url\(|https?://", re.IGNORECASE)


@pytest.fixture(scope="module")
def tables() -> list[TableAudit]:
    """Every audited table, each expectation broken once, in two chunks."""
    audits = []
    with pytest.MonkeyPatch.context() as patch:
        for suite in TABLES:
            rows = [GOOD[suite.name] | change | {"id": at} for at, (_, change) in enumerate(BREAKS[suite.name], 1)]
            patch.setattr("tasks.gateways.quality_audit._chunks", lambda *_, rows=rows: iter((rows[:2], rows[2:])))
            audits.append(audit_table(None, suite, NOON))  # type: ignore[arg-type]  # the rows are given above
    return audits


def write(folder: Path, tables: list[TableAudit], *, day: int = 0, language: str = "ru") -> Path:
    lost = Difference("mail:office", "uid 7:<b>", "not_stored")
    balance = SourceBalance("mail:office", 9, 8, differences=(lost,), passed_over=417)
    counts = tuple(
        TableCount(t.table, t.row_count, t.bad_row_count, t.expectation_count, t.failed_count) for t in tables
    )
    findings = AuditFindings((balance,), (), counts, tuple(one for t in tables for one in t.broken), 1)
    now = NOON + timedelta(days=day)
    return write_data_docs(folder, findings, tables, now=now, zone=ZONE, language=language, kept_runs=2)


def test_every_broken_expectation_is_counted_once_over_the_chunks(tables: list[TableAudit]) -> None:
    for suite, audit in zip(TABLES, tables, strict=True):
        assert audit.expectation_count == audit.failed_count == len(suite.expectations)
        assert audit.row_count == audit.bad_row_count == len(BREAKS[suite.name])


def test_no_page_loads_anything(tmp_path: Path, tables: list[TableAudit]) -> None:
    write(tmp_path, tables)
    pages = list(tmp_path.rglob("*.html"))
    assert len(pages) == len(TABLES) + 2
    for page in pages:
        assert _LOADS.findall(page.read_text(encoding="utf-8")) == [], page.name


def test_every_link_leads_to_a_page(tmp_path: Path, tables: list[TableAudit]) -> None:
    write(tmp_path, tables)
    for page in tmp_path.rglob("*.html"):
        for target in re.findall(r'href="([^"]+)"', page.read_text(encoding="utf-8")):
            assert (page.parent / target).is_file(), f"{page.name}: {target}"


def test_pages_show_ids_and_no_values(tmp_path: Path, tables: list[TableAudit]) -> None:
    write(tmp_path, tables)
    shown = "".join(page.read_text(encoding="utf-8") for page in tmp_path.rglob("*.html"))
    assert "есть на сервере, но не принято" in shown
    assert "uid 7:&lt;b&gt;" in shown
    assert '<td class="number">417</td>' in shown
    for value in ("89000000501", "petr", "olga", "+79000000501"):
        assert value not in shown


def test_the_same_moment_is_replaced_and_old_ones_are_dropped(tmp_path: Path, tables: list[TableAudit]) -> None:
    for day in (0, 0, 1, 2):
        index = write(tmp_path, tables[:1], day=day, language="en")
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["20261118T090000Z", "20261119T090000Z"]
    assert index.read_text(encoding="utf-8").count("there are differences") == 2
