"""The PBX of the demo: its logs grow by the lines of the sample day that were written until a given moment."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from deployments.demo.call_truth import ZONE
from deployments.demo.make_calls import FOLDER

_END_COLUMN = 11


def append_until(folder: Path, at: datetime) -> None:
    """Append to `folder`/Master.csv and queue_log what the sample day had written by `at` and is not there yet.

    What to append follows from the file's size alone, so it can be killed at any byte and called again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, moment_of in (("queue_log", _event_time), ("Master.csv", _leg_end)):
        due = _bytes_until((FOLDER / name).read_bytes(), moment_of, at)
        with (folder / name).open("ab") as file:
            file.write(due[file.tell() :])


def _bytes_until(content: bytes, moment_of: Callable[[bytes], datetime | None], at: datetime) -> bytes:
    due = []
    for line in content.splitlines(keepends=True):
        moment = moment_of(line)
        if moment is not None and moment > at:
            break
        due.append(line)
    return b"".join(due)


def _leg_end(line: bytes) -> datetime | None:
    """When a leg ended; None for a line that cannot be read, which was written with the line before it."""
    try:
        cells = next(csv.reader([line.decode()], strict=True))
        return datetime.fromisoformat(cells[_END_COLUMN]).replace(tzinfo=ZONE)
    except (ValueError, IndexError, csv.Error, StopIteration):
        return None


def _event_time(line: bytes) -> datetime:
    return datetime.fromtimestamp(int(line.partition(b"|")[0]), UTC)
