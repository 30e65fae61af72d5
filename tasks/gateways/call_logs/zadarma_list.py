"""Zadarma's PBX statistics over its interface: GET /v1/statistics/pbx/.

By the API's description (zadarma.com/en/support/api/): start and end in the account's time, version=2, skip, limit (at
most 1000 records), at most a month in one request; the answer holds status and stats. The header Authorization is
KEY:SIGNATURE, the signature base64(hex(hmac-sha1(path + query + md5(query), secret))) with the query sorted by name.
A few requests a minute are answered, 429 asks to wait. The first reading goes back one year.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import httpx

from tasks.gateways.call_logs.http_lists import Page, since_of
from tasks.gateways.call_logs.told_legs import Place, Source
from tasks.gateways.call_logs.zadarma import read_leg
from tasks.rules.calls.records import Leg
from tasks.rules.errors import CredentialError
from tasks.rules.office import CallLog

PATH = "/v1/statistics/pbx/"
_LIMIT = 1000
_FIRST, _WINDOW = timedelta(days=365), timedelta(days=28)
_FORM = "%Y-%m-%d %H:%M:%S"


class ZadarmaList:
    """The list of one account; `secret` is 'key:secret' of its API, `until` the run's moment."""

    maker, name, ids = "Zadarma", "statistics/pbx", ("call_id",)

    def __init__(self, log: CallLog, secret: str, until: datetime) -> None:
        self._key, _, self._secret = (part.strip() for part in secret.partition(":"))
        if not self._key or not self._secret:
            raise CredentialError(f"call log {log.name}: secret {log.secret!r} must hold Zadarma's key:secret")
        self._url, self._zone = log.url.rstrip("/") + PATH, ZoneInfo(log.time_zone)
        self._until = until

    def request(self, position: Mapping[str, Any]) -> httpx.Request:
        """What asks for the page at `position`."""
        start, end = self._window(position)
        asked = {"start": start, "end": end, "version": 2, "skip": int(position.get("skip", 0)), "limit": _LIMIT}
        query = urlencode(sorted(asked.items()))
        return httpx.Request("GET", f"{self._url}?{query}", headers={"Authorization": self._signed(query)})

    def page(self, said: Any, position: Mapping[str, Any]) -> Page | None:
        """The page that was answered; None when it is not as described: more records than asked for."""
        if not isinstance(said, dict) or said.get("status") != "success":
            return None
        rows = said.get("stats")
        if not isinstance(rows, list) or len(rows) > _LIMIT:
            return None
        start, end = self._window(position)
        if len(rows) == _LIMIT:
            return Page(rows, {"from": start, "to": end, "skip": int(position.get("skip", 0)) + _LIMIT})
        if end >= self._local(self._until):
            return Page(rows, None)
        # the windows meet at noon, which no clock change repeats; times are whole seconds, both ends count
        begin = datetime.fromisoformat(end) + timedelta(seconds=1)
        following = {"from": begin.strftime(_FORM), "to": self._end_of(begin), "skip": 0}
        return Page(rows, following, is_section_end=True)

    def reason(self, said: Mapping[str, Any]) -> str:
        """The message of an answer, unless it repeats what is secret."""
        told = str(said.get("message", ""))[:80]
        return "" if self._key in told or self._secret in told else told

    def running_since(self, row: Mapping[str, Any]) -> datetime | None:
        """Only calls that are over are listed."""
        return None

    def read(self, source: Source, place: Place) -> Leg | None:
        """A record as a leg. Raises RefusedLineError."""
        return read_leg(source, place)

    def _window(self, position: Mapping[str, Any]) -> tuple[str, str]:
        """Begin and end of the time that is asked for."""
        if "from" in position:
            return position["from"], position["to"]
        start = self._local(since_of(position) or self._until - _FIRST)
        return start, self._end_of(datetime.fromisoformat(start))

    def _end_of(self, begin: datetime) -> str:
        noon = (begin + _WINDOW).replace(hour=12, minute=0, second=0)
        return min(noon.strftime(_FORM), max(self._local(self._until), begin.strftime(_FORM)))

    def _local(self, moment: datetime) -> str:
        return moment.astimezone(self._zone).strftime(_FORM)

    def _signed(self, query: str) -> str:
        told = PATH + query + hashlib.md5(query.encode(), usedforsecurity=False).hexdigest()
        digest = hmac.new(self._secret.encode(), told.encode(), hashlib.sha1).hexdigest()
        return f"{self._key}:{base64.b64encode(digest.encode()).decode()}"
