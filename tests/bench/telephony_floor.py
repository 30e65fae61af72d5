"""The floors of the telephony benchmark: what the engines do with the same rows by their drivers and bare SQL alone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from deployments.settings import PROJECT
from sql import schema
from tasks.gateways.store.bulk_rows import columns_of
from tasks.gateways.store.plain_values import sqlite_values
from tasks.rules.calls.records import Leg

_TWIN = "floor_leg"
LEG_COLUMNS = tuple(field.name for field in fields(Leg))


def plain_rows(legs: Sequence[Leg], engine_name: str) -> list[tuple[Any, ...]]:
    """The legs as the driver takes them."""
    columns = columns_of(legs, LEG_COLUMNS)
    if engine_name == "sqlite":
        columns = {name: sqlite_values(schema.call_leg.c[name].type, values) for name, values in columns.items()}
    return list(zip(*columns.values(), strict=True))


def make_twin(engine: sa.Engine) -> None:
    """A table of its own for the floor, with the columns, keys and indexes of call_leg."""
    metadata = sa.MetaData()
    for table in schema.metadata.tables.values():
        table.to_metadata(metadata)
    twin = schema.call_leg.to_metadata(metadata, name=_TWIN)
    named: list[sa.Index | sa.Constraint] = [*twin.indexes, *twin.constraints]
    for number, one in enumerate(named):
        one.name = f"{_TWIN}_{number}"
    twin.create(engine)


def drop_twin(engine: sa.Engine) -> None:
    """Take it away again."""
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP TABLE {_TWIN}")


def load_twin(engine: sa.Engine, rows: Sequence[tuple[Any, ...]]) -> None:
    """The rows by executemany or COPY in one transaction."""
    columns = ", ".join(LEG_COLUMNS)
    with engine.begin() as connection:
        driver: Any = connection.connection.driver_connection
        if engine.dialect.name == "sqlite":
            places = ", ".join("?" * len(LEG_COLUMNS))
            driver.executemany(f"INSERT INTO {_TWIN} ({columns}) VALUES ({places})", rows)  # noqa: S608
            return
        with driver.cursor().copy(f"COPY {_TWIN} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def _bin(wait: str) -> str:
    return (
        f"CASE WHEN {wait} < 120 THEN {wait} WHEN {wait} < 600 THEN {wait} - {wait} % 5 + 4 "
        f"WHEN {wait} < 3600 THEN {wait} - {wait} % 30 + 29 ELSE {wait} - {wait} % 300 + 299 END"
    )


def _floor(hour: str, seconds: Callable[[str], str], day: str) -> Iterable[str]:
    """The facts' own sums with nothing around them; hours are UTC's."""
    flow = "(SELECT MAX(CASE WHEN e.kind IN ('EXITWITHTIMEOUT', 'EXITEMPTY', 'EXITWITHKEY') THEN 1 ELSE 0 END) "
    flow += "FROM queue_event AS e WHERE e.source = c.source AND e.call_key = c.linked_id)"
    yield (
        f"SELECT {hour} AS hour, source, line, queue, direction, outcome, {_bin('wait_seconds')} AS bin, "  # noqa: S608  # our own words
        "COUNT(*) AS n, "
        f"SUM(talk_seconds) AS talk, SUM(wait_seconds) AS wait, "
        f"SUM(CASE WHEN direction = 'in' AND queue IS NOT NULL THEN {flow} END) AS flow_out "
        "FROM call AS c GROUP BY 1, 2, 3, 4, 5, 6, 7"
    )
    yield (
        f"SELECT {hour} AS hour, queue, line, person_id, COUNT(*) AS n, SUM(talk_seconds) AS talk FROM call "  # noqa: S608
        "WHERE direction <> 'internal' GROUP BY 1, 2, 3, 4"
    )
    yield (
        "SELECT day, line, hour, MAX(on_line) AS peak, MAX(in_all) AS peak_in_all, SUM(held) AS held FROM ("  # noqa: S608
        "SELECT day, line, hour, held, SUM(step) OVER (PARTITION BY day, line ORDER BY at, step) AS on_line, "
        "SUM(step) OVER (PARTITION BY day ORDER BY at, step) AS in_all FROM ("
        f"SELECT {day} AS day, line, {hour} AS hour, {seconds('started_at')} AS at, 1 AS step, "
        f"{seconds('ended_at')} - {seconds('started_at')} AS held FROM call WHERE direction <> 'internal' UNION ALL "
        f"SELECT {day}, line, {hour}, {seconds('ended_at')}, -1, 0 FROM call WHERE direction <> 'internal') AS m"
        ") AS r GROUP BY day, line, hour"
    )


FACTS_FLOOR = {
    "sqlite": tuple(
        _floor(
            "substr(started_at, 1, 13)", lambda c: f"CAST(strftime('%s', {c}) AS INTEGER)", "substr(started_at, 1, 10)"
        )
    ),
    "postgresql": tuple(
        _floor(
            "date_trunc('hour', started_at)",
            lambda c: f"CAST(DATE_PART('epoch', {c}) AS BIGINT)",
            "date_trunc('day', started_at)",
        )
    ),
}
REPORT_FLOOR = (
    "SELECT queue, line, COUNT(*) AS offered, SUM(CASE WHEN outcome = 'answered' THEN 1 ELSE 0 END) AS answered, "
    "SUM(CASE WHEN outcome = 'answered' AND wait_seconds <= 20 THEN 1 ELSE 0 END) AS within, "
    "SUM(CASE WHEN outcome = 'abandoned' AND wait_seconds < 5 THEN 1 ELSE 0 END) AS short, "
    "AVG(wait_seconds) AS wait, SUM(talk_seconds) AS talk "
    "FROM call WHERE direction = 'in' AND started_at >= :begins GROUP BY queue, line"
)
_DUCKDB = "tests.bench.telephony_duckdb"


def floor_seconds(engine: sa.Engine, begins: Sequence[datetime]) -> list[float]:
    """Seconds of the query over the calls from each of these moments on, measured in another process."""
    url = engine.url.render_as_string(hide_password=False)
    moments = [moment.isoformat() for moment in begins]
    told = subprocess.run(
        [sys.executable, "-m", _DUCKDB, url, *moments], capture_output=True, text=True, check=True, cwd=PROJECT
    )
    found: list[float] = json.loads(told.stdout)
    return found
