"""Great Expectations over one batch of rows in memory, with the exact rows that broke each expectation.

One ephemeral context per process; nothing is written, and nothing is reported to the library's makers.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import great_expectations as gx
import pandas as pd
from great_expectations.core import ExpectationSuite, ExpectationSuiteValidationResult, ExpectationValidationResult
from great_expectations.core.batch_definition import BatchDefinition
from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)
from great_expectations.datasource.fluent.interfaces import Batch

from tasks.gateways.quality_expectations import Kind, Suite
from tasks.gateways.quality_suites import GATES
from tasks.gateways.quality_tables import TABLES
from tasks.rules.gate import Finding, QualityError

POSITION = "row_position"
_FORMAT = {
    "result_format": "COMPLETE",
    "unexpected_index_column_names": [POSITION],
    "return_unexpected_index_query": False,
}
_EPOCH = pd.Timestamp(0)
_one_at_a_time = threading.Lock()  # the context keeps the current batch, and Prefect runs tasks in threads


@dataclass(frozen=True, slots=True)
class Validation:
    """What one suite found in one batch: the rows by position, and the library's own result for Data Docs."""

    findings: tuple[Finding, ...]
    result: ExpectationSuiteValidationResult


def validate_rows(suite: Suite, rows: Sequence[Mapping[str, Any]]) -> Validation:
    """Run a suite over at least one row.

    Raises QualityError when the batch as a whole cannot be judged: a column is missing, an expectation failed to run.
    """
    frame = _frame(suite, rows)
    with _one_at_a_time:
        batch: Batch = _whole_frame().get_batch(batch_parameters={"dataframe": frame})
        result = batch.validate(_library_suite(suite.name), result_format=_FORMAT)
    return Validation(tuple(_findings(suite, result.results)), result)


@cache
def _context() -> EphemeralDataContext:
    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        progress_bars=ProgressBarsConfig(globally=False, metric_calculations=False),
        analytics_enabled=False,
    )
    return gx.get_context(mode="ephemeral", project_config=config)


@cache
def _whole_frame() -> BatchDefinition[Any]:
    asset = _context().data_sources.add_pandas("rows").add_dataframe_asset("batch")
    whole: BatchDefinition[Any] = asset.add_batch_definition_whole_dataframe("whole")
    return whole


@cache
def _library_suite(name: str) -> ExpectationSuite:
    known = {suite.name: suite for suite in (*GATES.values(), *TABLES)}
    return ExpectationSuite(name=name, expectations=list(known[name].expectations))


def _findings(suite: Suite, results: Sequence[ExpectationValidationResult]) -> Iterator[Finding]:
    for result in results:
        config = result.expectation_config
        if config is None or _has_raised(result.exception_info or {}):
            raise QualityError(f"suite {suite.name!r}: an expectation could not be run; the whole batch is refused")
        meta = config.meta or {}
        for cell in result.result.get("unexpected_index_list") or ():
            yield Finding(int(cell[POSITION]), meta["field"], meta["must"])


def _has_raised(info: Mapping[str, Any]) -> bool:
    """The library gives one record, or one per failed metric."""
    records = [info, *(value for value in info.values() if isinstance(value, Mapping))]
    return any(record.get("raised_exception") for record in records)


def _frame(suite: Suite, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """The suite's columns of these rows, each of its kind, with the derived ones and the row's position."""
    for name in suite.columns:
        if any(name not in row for row in rows):
            raise QualityError(f"suite {suite.name!r}: a row has no {name!r}; the whole batch is refused")
    columns = {name: _column([row[name] for row in rows], kind) for name, kind in suite.columns.items()}
    return suite.derive(pd.DataFrame(columns)).assign(**{POSITION: range(len(rows))})


def _column(values: list[Any], kind: Kind) -> pd.Series[Any]:
    """One bad value must not stop the batch: what cannot be read counts as missing."""
    series = pd.Series(values, dtype="object")
    if kind in (Kind.NUMBER, Kind.MAYBE_NUMBER):
        numbers = pd.to_numeric(series, errors="coerce").astype("float64")
        return numbers.fillna(-1) if kind is Kind.NUMBER else numbers
    if kind in (Kind.MOMENT, Kind.MAYBE_MOMENT):
        moments = pd.to_datetime(series, errors="coerce", utc=True).dt.tz_localize(None)
        return moments.fillna(_EPOCH) if kind is Kind.MOMENT else moments
    texts = series.map(lambda value: None if value is None else _whole_text(value))
    return texts.fillna("") if kind is Kind.TEXT else texts


def _whole_text(value: object) -> str:
    """Half of a character (a lone surrogate) would stop the library: it becomes a question mark."""
    return str(value).encode("utf-8", "replace").decode()
