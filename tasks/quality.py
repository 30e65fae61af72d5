"""The gate before interpretation: good rows go on, bad rows are named with their reasons, and the UI shows both."""

from __future__ import annotations

from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.artifacts import publish_table
from tasks.gateways.quality_gate import gate_rows
from tasks.rules.gate import GateResult

_ROW_NAMES = {"mail": "intake_id", "call_legs": "file_line"}
_LISTED_ROWS = 500


@task(name="gate-batch", task_run_name="gate-{suite}-{source}", cache_policy=NO_CACHE)
def gate_batch(suite: str, rows: list[dict[str, Any]], source: str, *, is_shown: bool = True) -> GateResult:
    """Judge a batch by its Great Expectations suite and publish ids and reasons as the artifact `gate-SUITE`.

    Raises QualityError when the batch as a whole cannot be judged. The caller quarantines the bad rows, and when
    `is_shown` is false publishes by `show_gate` once what cannot wait is done.
    """
    if not rows:
        return GateResult()
    result = gate_rows(suite, rows)
    if is_shown:
        _publish(suite, rows, source, result)
    return result


@task(name="show-gate", task_run_name="show-gate-{suite}-{source}", cache_policy=NO_CACHE)
def show_gate(suite: str, rows: list[dict[str, Any]], source: str, result: GateResult) -> None:
    """Publish what the gate found as the artifact `gate-SUITE`."""
    _publish(suite, rows, source, result)


def _publish(suite: str, rows: list[dict[str, Any]], source: str, result: GateResult) -> None:
    name = _ROW_NAMES[suite]
    table: list[dict[str, Any]] = [
        {name: rows[position][name], "reasons": "; ".join(reasons)}
        for position, reasons in list(result.bad.items())[:_LISTED_ROWS]
    ]
    totals = f"Source `{source}`: {len(rows)} rows, {len(result.good)} went on, {len(result.bad)} refused."
    publish_table(f"gate-{suite.replace('_', '-')}", table or [{name: "", "reasons": "none refused"}], totals)
