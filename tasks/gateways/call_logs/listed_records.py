"""Records of a list told over HTTP, sorted: usable by now, refused with a reason, or not over yet."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from tasks.gateways.call_logs.line_text import SHOWN_CHARS, RefusedLineError, line_hash
from tasks.gateways.call_logs.portions import Sorted, moment_of
from tasks.gateways.call_logs.told_legs import Place, Source
from tasks.gateways.store.quarantine import BadRow
from tasks.rules.calls.records import Leg
from tasks.rules.office import CallLog

# no call is longer (Twilio's own limit, the longest of all): what runs on after that is refused, not waited for
_PATIENCE = timedelta(hours=24)
_UNSTORABLE = re.compile(r"[\ud800-\udfff]|\\u0000")
_ID_CHARS = 80


class Records(Protocol):
    """How the records of one list are told apart and read."""

    @property
    def name(self) -> str:
        """The list's name in cursors and places."""

    @property
    def ids(self) -> tuple[str, ...]:
        """Fields by which a record is called in the quarantine."""

    def running_since(self, row: Mapping[str, Any]) -> datetime | None:
        """When a call began that is listed and not over; None for one that is. Raises RefusedLineError."""

    def read(self, source: Source, place: Place) -> Leg | None:
        """A record as a leg. Raises RefusedLineError."""


class RecordSorter:
    """Takes page after page into `found`; the position learns the newest call and the oldest that has yet to end."""

    def __init__(self, log: CallLog, source: Source, records: Records, until: datetime) -> None:
        self.found = Sorted()
        self._log, self._source, self._records, self._until = log, source, records, until

    def take(self, rows: Sequence[Any], position: dict[str, Any]) -> None:
        """Sort the records of one page."""
        for row in rows:
            raw = json.dumps(row, ensure_ascii=False, sort_keys=True)
            shown = raw.encode("utf-8", "backslashreplace").decode()
            place = Place(f"{self._records.name}:{self._identity(row, shown)}", shown)
            try:
                self._take(row, raw, place, position)
            except RefusedLineError as error:
                self.found.refused.append(BadRow(self._log.name, place.file_line, str(error), shown[:SHOWN_CHARS]))

    def _take(self, row: Any, raw: str, place: Place, position: dict[str, Any]) -> None:
        if not isinstance(row, dict):
            raise RefusedLineError("the record is no JSON object")
        if _UNSTORABLE.search(raw):
            raise RefusedLineError("the record holds NUL or broken Unicode")
        began = self._records.running_since(row)
        if began is not None and began > self._until - _PATIENCE:
            _wait(began, position)
            return
        leg = self._records.read(self._source, place)
        if leg is None:
            raise RefusedLineError("the record is no call")
        if moment_of(leg) > self._until:
            _wait(leg.started_at, position)
            return
        self.found.records.append(leg)
        at = leg.started_at.isoformat()
        position["newest"] = max(position.get("newest", at), at)

    def _identity(self, row: Any, shown: str) -> str:
        names = [row.get(name) for name in self._records.ids] if isinstance(row, dict) else []
        told = next((str(name) for name in names if isinstance(name, str | int) and name), "")
        # without an id each record keeps a place of its own: refused ones are told apart by it
        return told[:_ID_CHARS].encode("utf-8", "backslashreplace").decode() if told else f"h{line_hash(shown)[:12]}"


def _wait(began: datetime, position: dict[str, Any]) -> None:
    at = began.isoformat()
    position["waits"] = min(position.get("waits", at), at)
