"""The floor of the telephony report: a hand-written DuckDB query over the calls as Parquet, in a process of its own.

`python -m tests.bench.telephony_duckdb STORE_URL FIRST_MOMENT…` prints for each moment the seconds of the best of three
runs over the calls from then on, as a JSON list. Its memory is not the benchmark's.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pandas as pd
import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import open_store, reading

_AT_ONCE = 100_000
_TIMES = 3
_CALL = schema.call
_COLUMNS = (
    *(_CALL.c.started_at, _CALL.c.direction, _CALL.c.queue, _CALL.c.line),
    *(_CALL.c.outcome, _CALL.c.wait_seconds, _CALL.c.talk_seconds),
)
_QUERY = """
    SELECT queue, line, hour(started_at) AS at_hour, isodow(started_at) AS weekday,
        count(*) AS offered,
        count(*) FILTER (outcome = 'answered') AS answered,
        count(*) FILTER (outcome = 'answered' AND wait_seconds <= 20) AS within,
        count(*) FILTER (outcome = 'abandoned') AS abandoned,
        count(*) FILTER (outcome = 'abandoned' AND wait_seconds < 5) AS short,
        avg(wait_seconds) AS wait, sum(talk_seconds) AS talk,
        quantile_cont(wait_seconds, [0.5, 0.9, 0.95]) AS waits
    FROM read_parquet(?) WHERE direction = 'in' AND started_at >= ?
    GROUP BY GROUPING SETS ((), (queue), (line), (at_hour, weekday))
"""


def main(url: str, *moments: str) -> None:
    """Write the Parquet file, ask it, print what it took."""
    with TemporaryDirectory(prefix="callout-bench-") as folder, duckdb.connect() as asked:
        file = Path(folder) / "calls.parquet"
        _write(url, asked, file)
        print(json.dumps([_best(asked, file, datetime.fromisoformat(moment)) for moment in moments]))


def _write(url: str, asked: duckdb.DuckDBPyConnection, file: Path) -> None:
    for number, part in enumerate(_parts(url)):
        asked.register("part", part)
        asked.execute("INSERT INTO calls SELECT * FROM part" if number else "CREATE TABLE calls AS SELECT * FROM part")
        asked.unregister("part")
    asked.table("calls").write_parquet(str(file))
    asked.execute("DROP TABLE calls")


def _parts(url: str) -> Iterator[pd.DataFrame]:
    with reading(open_store(url)) as connection:
        found = connection.execution_options(yield_per=_AT_ONCE).execute(sa.select(*_COLUMNS).order_by(_CALL.c.id))
        for rows in found.partitions():
            yield pd.DataFrame(rows, columns=[column.name for column in _COLUMNS])


def _best(asked: duckdb.DuckDBPyConnection, file: Path, begins: datetime) -> float:
    took = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        asked.execute(_QUERY, [str(file), begins]).fetchall()
        took.append(time.perf_counter() - began)
    return round(min(took), 4)


if __name__ == "__main__":
    main(*sys.argv[1:])
