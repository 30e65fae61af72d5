"""Great Expectations over whole tables, in chunks: which rows break which promise, by id, and nothing else of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult

from sql.schema import metadata
from tasks.gateways.quality_expectations import Suite
from tasks.gateways.quality_tables import TABLES
from tasks.gateways.quality_validation import validate_rows
from tasks.gateways.store.connection import reading
from tasks.rules.audit import BrokenPromise
from tasks.rules.gate import judge_batch

_CHUNK_ROWS = 20_000
_LISTED_ROWS = 200
_KEPT_COUNTS = ("element_count", "missing_count", "unexpected_count")


@dataclass(slots=True)
class TableAudit:
    """What the suite of one table found. `broken` lists the first rows; `result` is for Data Docs, None when empty."""

    table: str
    row_count: int = 0
    bad_row_count: int = 0
    broken: list[BrokenPromise] = field(default_factory=list)
    result: ExpectationSuiteValidationResult | None = None

    @property
    def expectation_count(self) -> int:
        """How many expectations were tried."""
        return len(self.result.results) if self.result else 0

    @property
    def failed_count(self) -> int:
        """How many of them some row breaks."""
        return sum(not one.success for one in self.result.results) if self.result else 0


def audit_tables(engine: sa.Engine, now: datetime) -> list[TableAudit]:
    """Run the suite of every audited table. Raises QualityError when an expectation cannot be run."""
    return [audit_table(engine, suite, now) for suite in TABLES]


def audit_table(engine: sa.Engine, suite: Suite, now: datetime) -> TableAudit:
    """Run one suite over its table; an empty table has nothing to break."""
    audit = TableAudit(suite.name)
    sums: dict[tuple[str, str, str], ExpectationValidationResult] = {}
    for rows in _chunks(engine, suite):
        validation = validate_rows(suite, rows)
        verdict = judge_batch(rows, validation.findings)
        audit.row_count += len(rows)
        audit.bad_row_count += len(verdict.bad)
        for position, reasons in list(verdict.bad.items())[: _LISTED_ROWS - len(audit.broken)]:
            audit.broken.append(BrokenPromise(suite.name, rows[position]["id"], reasons))
        for result in validation.result.results:
            _add(sums, result)
    if sums:
        audit.result = _whole(suite.name, list(sums.values()), now)
    return audit


def _chunks(engine: sa.Engine, suite: Suite) -> Iterator[Sequence[Mapping[str, Any]]]:
    table = metadata.tables[suite.name]
    columns = [table.c.id, *(table.c[name] for name in suite.columns)]
    last_id = 0
    while True:
        query = sa.select(*columns).where(table.c.id > last_id).order_by(table.c.id).limit(_CHUNK_ROWS)
        with reading(engine) as connection:
            rows = [dict(row) for row in connection.execute(query).mappings()]
        if not rows:
            return
        yield rows
        last_id = rows[-1]["id"]


def _add(sums: dict[tuple[str, str, str], ExpectationValidationResult], result: ExpectationValidationResult) -> None:
    """Add a chunk's counts to the expectation's; the values found stay behind, they may be about people."""
    config = result.expectation_config
    if config is None:
        return
    meta = config.meta or {}
    counts = {name: int(result.result.get(name) or 0) for name in _KEPT_COUNTS}
    whole = sums.setdefault(
        (config.type, meta["field"], meta["must"]),
        ExpectationValidationResult(success=True, expectation_config=config, result=dict.fromkeys(_KEPT_COUNTS, 0)),
    )
    whole.success = bool(whole.success and result.success)
    whole.result = {name: whole.result[name] + counts[name] for name in _KEPT_COUNTS}
    present = whole.result["element_count"] - whole.result["missing_count"]
    whole.result["unexpected_percent"] = 100 * whole.result["unexpected_count"] / present if present else 0.0


def _whole(name: str, results: list[ExpectationValidationResult], now: datetime) -> ExpectationSuiteValidationResult:
    successful = sum(bool(result.success) for result in results)
    return ExpectationSuiteValidationResult(
        success=successful == len(results),
        results=results,
        suite_name=name,
        statistics={
            "evaluated_expectations": len(results),
            "successful_expectations": successful,
            "unsuccessful_expectations": len(results) - successful,
            "success_percent": 100 * successful / len(results),
        },
        meta={"run_id": {"run_name": f"{now:%Y-%m-%d %H:%M} UTC", "run_time": now.isoformat()}},
    )
