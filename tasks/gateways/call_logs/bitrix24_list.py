"""Bitrix24's call list over its REST interface: voximplant.statistic.get, page after page.

By the description: POST ADDRESS/TOKEN/voximplant.statistic.get with FILTER, SORT, ORDER and start; the answer holds
result (at most 50), total and, while there is more, next. 503 QUERY_LIMIT_EXCEEDED asks to wait. Read by watermark:
calls that began after the newest one seen, less an overlap, because a call is listed when it has ended.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx

from tasks.gateways.call_logs.bitrix24 import read_leg
from tasks.gateways.call_logs.kinds import source_of
from tasks.gateways.call_logs.line_text import SHOWN_CHARS, RefusedLineError
from tasks.gateways.call_logs.portions import Part, Portion, Sorted, cursor_key, moment_of, portion_of
from tasks.gateways.call_logs.told_legs import Place, Source
from tasks.gateways.store.quarantine import BadRow
from tasks.rules.calls.parties import Switchboard
from tasks.rules.errors import CredentialError, OutsideError
from tasks.rules.office import CallLog

METHOD = "voximplant.statistic.get"
_PAGES = 40
_OVERLAP = timedelta(hours=4)
_TRIES, _PAUSE_SECONDS = 4, 1.0
_BUSY, _REFUSED = (429, 503), (401, 403)
_TIMEOUT = httpx.Timeout(30.0, connect=10.0)


def read_list_portion(
    log: CallLog, secret: str, board: Switchboard, cursors: Mapping[str, Mapping[str, Any]], until: datetime
) -> Portion:
    """The next pages of the list, no call that ended after `until`. Raises OutsideError, CredentialError."""
    source, cursor = source_of(log, board), cursor_key(log, METHOD)
    begin = cursors.get(cursor, {})
    found, position = Sorted(), dict(begin)
    url = "/".join(part for part in (log.url.rstrip("/"), secret, METHOD) if part)
    with httpx.Client(timeout=_TIMEOUT, follow_redirects=False) as client:
        for _ in range(_PAGES):
            answer = _page(client, url, log, position)
            for row in answer["result"]:
                _take(row, log, source, until, found, position)
            following = answer.get("next")
            if not following:
                break
            position["start"] = int(following)
    if following:
        is_last = False
    else:
        is_last = True
        position = _reached(position)
    part = Part(cursor, METHOD, begin, position, found.count)
    return portion_of(log, [part], [found], (), is_last=is_last)


def _reached(position: Mapping[str, Any]) -> dict[str, Any]:
    """A whole round was read: the next one begins at the newest call, or at one that has yet to end."""
    moments = [position[name] for name in ("waits", "newest") if position.get(name)]
    return {"since": min(moments)} if moments else {"since": position["since"]} if "since" in position else {}


def _take(
    row: Mapping[str, Any], log: CallLog, source: Source, until: datetime, found: Sorted, position: dict[str, Any]
) -> None:
    raw = json.dumps(row, ensure_ascii=False, sort_keys=True)
    place = Place(f"{METHOD}:{row.get('ID') or row.get('CALL_ID')}" if isinstance(row, dict) else METHOD, raw)
    try:
        leg = read_leg(source, place)
    except RefusedLineError as error:
        found.refused.append(BadRow(log.name, place.file_line, str(error), raw[:SHOWN_CHARS]))
        return
    at = leg.started_at.isoformat()
    if moment_of(leg) > until:
        position["waits"] = min(position.get("waits", at), at)
        return
    found.records.append(leg)
    position["newest"] = max(position.get("newest", at), at)


def _page(client: httpx.Client, url: str, log: CallLog, position: Mapping[str, Any]) -> Mapping[str, Any]:
    """One page. Raises OutsideError without the address, which holds the token."""
    asked: dict[str, Any] = {"SORT": "ID", "ORDER": "ASC", "start": int(position.get("start", 0))}
    if position.get("since"):
        since = datetime.fromisoformat(position["since"]) - _OVERLAP
        asked["FILTER"] = {">=CALL_START_DATE": since.isoformat()}
    for turn in range(_TRIES):
        try:
            answer = client.post(url, json=asked)
        except httpx.HTTPError as error:
            raise OutsideError(f"call log {log.name}: Bitrix24 cannot be reached: {type(error).__name__}") from error
        if answer.status_code not in _BUSY:
            break
        time.sleep(_PAUSE_SECONDS * 2**turn)
    if answer.status_code in _REFUSED:
        raise CredentialError(f"call log {log.name}: Bitrix24 refuses the token of secret {log.secret!r}")
    try:
        said = answer.json()
    except ValueError:
        said = None
    if answer.status_code != httpx.codes.OK or not isinstance(said, dict) or not isinstance(said.get("result"), list):
        error_name = str(said.get("error", "")) if isinstance(said, dict) else ""
        told = f"HTTP {answer.status_code} {error_name}".strip()
        raise OutsideError(f"call log {log.name}: Bitrix24 answers {told}")
    return said
