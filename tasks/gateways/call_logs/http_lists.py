"""Lists of calls that a provider gives over HTTP page after page: what is alike in all of them.

Read by watermark: calls that began after the newest one seen, less an overlap, because a call is listed when it has
ended; one that has not ended yet holds the watermark back. The position kept between portions says where the next page
is, so a reader that dies between two of them goes on there, and what comes twice is known by its id. Answers are
bounded in size and time, redirections are not followed: the request carries a secret.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

import httpx

from tasks.gateways.call_logs.kinds import source_of
from tasks.gateways.call_logs.line_text import line_hash
from tasks.gateways.call_logs.listed_records import Records, RecordSorter
from tasks.gateways.call_logs.portions import Part, Portion, cursor_key, portion_of
from tasks.rules.calls.parties import Switchboard
from tasks.rules.errors import CredentialError, OutsideError
from tasks.rules.office import CallLog

OVERLAP = timedelta(hours=4)
_NOTHING_YET = timedelta(days=28)
_PAGES, _ENOUGH_ROWS = 40, 2000
_TRIES, _PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 4, 1.0, 20.0
_BUSY, _REFUSED, _GONE = (429, 500, 502, 503, 504), (401, 403), (400, 404, 410)
_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
_LARGEST_BYTES, _LONGEST_SECONDS = 64 << 20, 120.0
_KEPT = ("since", "newest", "waits", "as_of", "pages", "landmark")


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of one answer, and what the position must hold to ask for the next; None: this was the last one.

    `is_section_end`: what follows is another list, of another time.
    """

    rows: Sequence[Any]
    following: Mapping[str, Any] | None
    is_section_end: bool = False


class CallList(Records, Protocol):
    """One provider's list: how it is asked and what it answers."""

    @property
    def maker(self) -> str:
        """The provider's name, for messages."""

    def request(self, position: Mapping[str, Any]) -> httpx.Request:
        """What asks for the page at `position`."""

    def page(self, said: Any, position: Mapping[str, Any]) -> Page | None:
        """The page that was answered; None when it is not as described."""

    def reason(self, said: Mapping[str, Any]) -> str:
        """The error's name in an answer, without anything secret."""


def read_list_portion(
    calls: CallList, log: CallLog, board: Switchboard, cursors: Mapping[str, Mapping[str, Any]], until: datetime
) -> Portion:
    """The next pages of the list, no call that ended after `until`. Raises OutsideError, CredentialError.

    An error after the first page ends the portion and not what was read: it is raised when asked again.
    """
    cursor = cursor_key(log, calls.name)
    begin = cursors.get(cursor, {})
    position, is_last = dict(begin), False
    sorter = RecordSorter(log, source_of(log, board), calls, until)
    with httpx.Client(timeout=_TIMEOUT, follow_redirects=False) as client:
        for turn in range(_PAGES):
            try:
                page = _page(client, calls, log, position, until)
            except OutsideError:
                if turn == 0:
                    raise
                break
            _require_progress(page, position, calls, log)
            sorter.take(page.rows, position)
            if page.following is None:
                position, is_last = _reached(position, until), True
                break
            position = {name: position[name] for name in _KEPT if name in position} | dict(page.following)
            if sorter.found.count >= _ENOUGH_ROWS:
                break
    part = Part(cursor, calls.name, begin, position, sorter.found.count)
    return portion_of(log, [part], [sorter.found], (), is_last=is_last)


def since_of(position: Mapping[str, Any]) -> datetime | None:
    """From when on calls are to be asked for; None: from the first one."""
    return datetime.fromisoformat(position["since"]) - OVERLAP if position.get("since") else None


def _reached(position: Mapping[str, Any], until: datetime) -> dict[str, Any]:
    """A whole round was read: the next one begins at the newest call, or at one that has yet to end."""
    moments = [position[name] for name in ("waits", "newest") if position.get(name)]
    return {"since": min(moments) if moments else position.get("since") or (until - _NOTHING_YET).isoformat()}


def _require_progress(page: Page, position: dict[str, Any], calls: CallList, log: CallLog) -> None:
    """Raise OutsideError for pages that go round in a circle, of any length (Brent: a landmark at 1, 2, 4, 8 …)."""
    if not page.rows or page.following is None or page.is_section_end:
        position.pop("landmark", None)
        position.pop("pages", None)
        return
    mark = line_hash(json.dumps(page.rows, sort_keys=True))
    if mark == position.get("landmark"):
        raise OutsideError(f"call log {log.name}: {calls.maker} gives the same page again and again")
    position["pages"] = int(position.get("pages", 0)) + 1
    if position["pages"].bit_count() == 1:
        position["landmark"] = mark


def _page(client: httpx.Client, calls: CallList, log: CallLog, position: dict[str, Any], until: datetime) -> Page:
    """One page. Raises OutsideError without the address, which may hold a token."""
    status, said = _answer(client, calls, log, position)
    if status in _GONE and _is_stale(position, until):
        # the place of the next page was kept for too long: the round begins again, once a run
        since = {"since": position["since"]} if "since" in position else {}
        position.clear()
        position.update(since, as_of=until.isoformat())
        status, said = _answer(client, calls, log, position)
    position.setdefault("as_of", until.isoformat())
    if status in _REFUSED:
        raise CredentialError(f"call log {log.name}: {calls.maker} refuses the token of secret {log.secret!r}")
    page = calls.page(said, position) if status == httpx.codes.OK else None
    if page is None:
        reason = calls.reason(said) if isinstance(said, dict) else ""
        told = f"HTTP {status} {reason}".strip()
        known = "" if status != httpx.codes.OK or reason else ", and not as its description says"
        raise OutsideError(f"call log {log.name}: {calls.maker} answers {told}{known}")
    return page


def _is_stale(position: Mapping[str, Any], until: datetime) -> bool:
    """Whether the position is in the middle of a round that an earlier run began."""
    return any(name not in _KEPT for name in position) and position.get("as_of") != until.isoformat()


def _answer(client: httpx.Client, calls: CallList, log: CallLog, position: Mapping[str, Any]) -> tuple[int, Any]:
    """Status and JSON (None: it is none) of an answer; a provider that is busy is asked again, for a while."""
    for turn in range(_TRIES):
        status, retry_after, said = _sent(client, calls, log, position)
        pause = _PAUSE_SECONDS * 2**turn if retry_after is None else retry_after
        if status not in _BUSY or turn == _TRIES - 1:
            break
        if pause > _LONGEST_PAUSE_SECONDS:
            raise OutsideError(f"call log {log.name}: {calls.maker} asks to wait {pause:.0f} s")
        time.sleep(pause)
    return status, said


def _sent(
    client: httpx.Client, calls: CallList, log: CallLog, position: Mapping[str, Any]
) -> tuple[int, float | None, Any]:
    begin, body = time.monotonic(), bytearray()
    try:
        response = client.send(calls.request(position), stream=True)
        try:
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > _LARGEST_BYTES or time.monotonic() - begin > _LONGEST_SECONDS:
                    raise OutsideError(f"call log {log.name}: {calls.maker}'s answer does not end")
        finally:
            response.close()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        name = type(error).__name__
        raise OutsideError(f"call log {log.name}: {calls.maker} cannot be reached: {name}") from error
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    return response.status_code, _retry_after(response.headers.get("retry-after", "")), said


def _retry_after(text: str) -> float | None:
    """Seconds by RFC 9110 10.2.3, a number or a date; None when it is not told."""
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
