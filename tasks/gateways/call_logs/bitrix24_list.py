"""Bitrix24's call list over its REST interface: voximplant.statistic.get.

By the description: POST ADDRESS/TOKEN/voximplant.statistic.get with FILTER, SORT, ORDER and start; the answer holds
result (at most 50), total and, while there is more, next. 503 QUERY_LIMIT_EXCEEDED asks to wait.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx

from tasks.gateways.call_logs.bitrix24 import read_leg
from tasks.gateways.call_logs.http_lists import Page, since_of
from tasks.gateways.call_logs.told_legs import Place, Source
from tasks.rules.calls.records import Leg
from tasks.rules.office import CallLog

METHOD = "voximplant.statistic.get"


class Bitrix24List:
    """The list of one portal; `secret` is the token of its incoming webhook."""

    maker, name, ids = "Bitrix24", METHOD, ("ID", "CALL_ID")

    def __init__(self, log: CallLog, secret: str) -> None:
        self._url = "/".join(part for part in (log.url.rstrip("/"), secret, METHOD) if part)

    def request(self, position: Mapping[str, Any]) -> httpx.Request:
        """What asks for the page at `position`."""
        asked: dict[str, Any] = {"SORT": "ID", "ORDER": "ASC", "start": int(position.get("start", 0))}
        since = since_of(position)
        if since:
            asked["FILTER"] = {">=CALL_START_DATE": since.isoformat()}
        return httpx.Request("POST", self._url, json=asked)

    def page(self, said: Any, position: Mapping[str, Any]) -> Page | None:
        """The page that was answered; None when it is not as described: `next` must lead on, from rows."""
        if not isinstance(said, dict) or not isinstance(said.get("result"), list):
            return None
        rows, following = said["result"], str(said.get("next") or "")
        if not following:
            return Page(rows, None)
        is_further = following.isdecimal() and len(following) < 10 and int(following) > int(position.get("start", 0))
        return Page(rows, {"start": int(following)}) if is_further and rows else None

    def reason(self, said: Mapping[str, Any]) -> str:
        """The error's name in an answer."""
        return str(said.get("error", ""))[:60]

    def running_since(self, row: Mapping[str, Any]) -> datetime | None:
        """Only calls that are over are listed."""
        return None

    def read(self, source: Source, place: Place) -> Leg:
        """A record as a leg. Raises RefusedLineError."""
        return read_leg(source, place)
