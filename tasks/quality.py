"""The gate before interpretation: good rows go on, bad rows are named with their reasons, and the UI shows both."""

from __future__ import annotations

from typing import Any

import httpx
from prefect import get_run_logger, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.context import FlowRunContext
from prefect.exceptions import PrefectException

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
    from tasks.gateways.quality_gate import gate_rows

    result = gate_rows(suite, rows)
    if is_shown and FlowRunContext.get() is not None:
        _publish(suite, rows, source, result)
    return result


@task(name="show-gate", task_run_name="show-gate-{suite}-{source}", cache_policy=NO_CACHE)
def show_gate(suite: str, rows: list[dict[str, Any]], source: str, result: GateResult) -> None:
    """Publish what the gate found as the artifact `gate-SUITE`."""
    if FlowRunContext.get() is not None:
        _publish(suite, rows, source, result)


def _publish(suite: str, rows: list[dict[str, Any]], source: str, result: GateResult) -> None:
    """The artifact is for people: without a server that takes it the gate still holds."""
    name = _ROW_NAMES[suite]
    table: list[dict[str, Any]] = [
        {name: rows[position][name], "reasons": "; ".join(reasons)}
        for position, reasons in list(result.bad.items())[:_LISTED_ROWS]
    ]
    totals = f"Source `{source}`: {len(rows)} rows, {len(result.good)} went on, {len(result.bad)} refused."
    try:
        create_table_artifact(
            table=table or [{name: "", "reasons": "none refused"}],
            key=f"gate-{suite.replace('_', '-')}",
            description=totals,
        )
    except (httpx.HTTPError, PrefectException) as error:
        get_run_logger().warning("the gate's table was not published: %s", type(error).__name__)
