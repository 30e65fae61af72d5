"""Asterisk's tables in a database (cdr_adaptive_odbc, cdr_pgsql, FreePBX; queue_log by extconfig), by SQLAlchemy.

Read by watermark: from the newest start seen, less an overlap, because a row is written when its call ends. A round
goes on where the last one stopped (`at`, `skip` rows of that very moment) until it has reached the end. What is read
twice is recognised by its natural key; a row changed meanwhile counts as corrected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from tasks.gateways.call_logs.asterisk_cdr import leg_of_cells
from tasks.gateways.call_logs.asterisk_queue_log import queue_event
from tasks.gateways.call_logs.kinds import Record, source_of
from tasks.gateways.call_logs.line_text import SHOWN_CHARS, RefusedLineError, line_hash
from tasks.gateways.call_logs.local_times import epoch_time
from tasks.gateways.call_logs.portions import Part, Portion, Sorted, cursor_key, moment_of, portion_of
from tasks.gateways.call_logs.told_legs import Place, Source
from tasks.gateways.store.quarantine import BadRow
from tasks.rules.calls.parties import Switchboard
from tasks.rules.errors import CredentialError, OutsideError
from tasks.rules.office import CallLog

_OVERLAP = timedelta(hours=4)  # a call this long is read in time; a longer one is found by the next overlap or never
_START = ("calldate", "start")
_QUEUE_NEEDED = ("time", "callid", "queuename", "agent", "event")
# of a row without a sequence: what does not change when more becomes known of the call
_IDENTITY = ("uniqueid", "start", "channel", "dstchannel", "dst", "src")
_DATA = ("data", "data1", "data2", "data3", "data4", "data5")


def read_table_portion(
    log: CallLog,
    secret: str,
    board: Switchboard,
    cursors: Mapping[str, Mapping[str, Any]],
    until: datetime,
    limit: int,
) -> Portion:
    """Up to `limit` rows of each table, none that ended after `until`. Raises OutsideError, CredentialError."""
    source = source_of(log, board)
    calls, _, events = (name.strip() for name in log.tables.partition(","))
    parts, found, are_last = [], [], []
    engine = _engine(log, secret)
    try:
        with engine.connect() as connection:
            for name in (events, calls):
                if name:
                    begin = cursors.get(cursor_key(log, name), {})
                    rows = _Table(connection, name, ZoneInfo(log.time_zone), is_queue=name == events).read(begin, limit)
                    sorted_rows, end = _sort(rows, begin, log, source, until, limit)
                    parts.append(Part(cursor_key(log, name), name, begin, end, sorted_rows.count))
                    found.append(sorted_rows)
                    are_last.append(end.get("at") is None)
    except sa.exc.SQLAlchemyError as error:
        raise OutsideError(f"call log {log.name}: the database says {_one_line(error)}") from error
    finally:
        engine.dispose()
    return portion_of(log, parts, found, (), is_last=all(are_last))


def _engine(log: CallLog, secret: str) -> sa.Engine:
    try:
        url = sa.make_url(log.url)
        return sa.create_engine(url.set(password=secret) if secret else url, poolclass=sa.NullPool)
    except (sa.exc.ArgumentError, ModuleNotFoundError) as error:
        raise CredentialError(f"call log {log.name}: its url cannot be used: {_one_line(error)}") from error


class _Table:
    """One table, its columns as they are; the rows are texts by lower-case name."""

    def __init__(self, connection: sa.Connection, name: str, zone: ZoneInfo, *, is_queue: bool) -> None:
        self._connection, self._zone = connection, zone
        self._table = sa.Table(name, sa.MetaData(), autoload_with=connection)
        self._columns = {column.name.casefold(): column for column in self._table.columns}
        needed = _QUEUE_NEEDED if is_queue else ("src", "dst", "duration", "billsec", "disposition")
        missing = [one for one in needed if one not in self._columns]
        start = next((one for one in (("time",) if is_queue else _START) if one in self._columns), None)
        if missing or start is None:
            raise OutsideError(f"the table {name} has no column {', '.join(missing) or ' or '.join(_START)}")
        self._start = self._columns[start]
        self._name, self._is_queue = name, is_queue

    def read(self, begin: Mapping[str, Any], limit: int) -> list[dict[str, Any]]:
        """The next rows by start; each knows whether it is a queue's and what its start says."""
        order = [self._columns[name] for name in ("uniqueid", "sequence", "id") if name in self._columns]
        query = sa.select(self._table).order_by(self._start, *order).limit(limit)
        start = begin.get("at") or _less(begin.get("newest"))
        if start:
            query = query.where(self._start >= self._bound(start)).offset(int(begin.get("skip", 0)))
        return [self._told(dict(row._mapping)) for row in self._connection.execute(query)]

    def _bound(self, start: str) -> Any:
        if not isinstance(self._start.type, sa.DateTime):
            return start
        local = datetime.fromisoformat(start)
        return local.replace(tzinfo=self._zone) if self._start.type.timezone else local

    def _told(self, row: Mapping[str, Any]) -> dict[str, Any]:
        cells = {name.casefold(): self._text(value) for name, value in row.items()}
        start = self._text(row[self._start.name])
        if not self._is_queue:
            cells["start"] = start
        return {"name": self._name, "is_queue": self._is_queue, "start": start, "cells": cells}

    def _text(self, value: Any) -> str:
        """A cell as text; a time with a zone as the source's own clock shows it."""
        if not isinstance(value, datetime):
            return "" if value is None else str(value)
        local = value.astimezone(self._zone).replace(tzinfo=None) if value.tzinfo else value
        return local.isoformat(" ", "seconds")


def _less(newest: str | None) -> str | None:
    """The overlap before the newest start seen; a time kept as a text in another form is begun with as it is."""
    try:
        return f"{datetime.fromisoformat(newest) - _OVERLAP}" if newest else None
    except ValueError:
        return newest


def _sort(
    rows: Sequence[Mapping[str, Any]],
    begin: Mapping[str, Any],
    log: CallLog,
    source: Source,
    until: datetime,
    limit: int,
) -> tuple[Sorted, dict[str, Any]]:
    """What is usable of the rows, and the position after them."""
    found, newest, waits = Sorted(), begin.get("newest"), begin.get("waits")
    for row in rows:
        result = _read_or_refuse(row, log, source)
        if isinstance(result, BadRow):
            found.refused.append(result)
        elif moment_of(result) > until:
            waits = min(waits or row["start"], row["start"])
        else:
            # only a row that could be read moves the watermark: a broken time may look later than all others
            found.records.append(result)
            newest = max(newest or row["start"], row["start"])
    if len(rows) < limit:
        reached = min(newest or waits, waits) if waits else newest
        return found, {"newest": reached} if reached else {}
    at = rows[-1]["start"]
    same = sum(row["start"] == at for row in rows)
    skip = same + (int(begin.get("skip", 0)) if at == begin.get("at") else 0)
    return found, {"newest": newest, "waits": waits, "at": at, "skip": skip}


def _read_or_refuse(row: Mapping[str, Any], log: CallLog, source: Source) -> Record | BadRow:
    cells: Mapping[str, str] = row["cells"]
    raw = "|".join(f"{name}={text}" for name, text in cells.items() if text)
    own = cells.get("uniqueid") if not row["is_queue"] else ""
    place = Place(f"{row['name']}:{cells.get('id') or own or line_hash(raw)}", raw)
    try:
        if row["is_queue"]:
            return _event(cells, source, place)
        identity = "|".join(cells.get(name, "") for name in _IDENTITY)
        return leg_of_cells(cells, source, place, identity=identity)
    except RefusedLineError as error:
        return BadRow(log.name, place.file_line, str(error), raw[:SHOWN_CHARS])


def _event(cells: Mapping[str, str], source: Source, place: Place) -> Record:
    text = cells["time"].strip()
    whole = text.partition(".")[0]
    at = epoch_time(whole) if whole.isdecimal() else source.times.utc(whole)
    if at is None:
        raise RefusedLineError("time is missing")
    data = [cells[name] for name in _DATA if cells.get(name)]
    return queue_event(source, place, at, [*(cells[name] for name in _QUEUE_NEEDED[1:]), *data])


def _one_line(error: Exception) -> str:
    return " ".join(str(getattr(error, "orig", None) or error).split())[:200]
