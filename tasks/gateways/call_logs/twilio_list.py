"""Twilio's calls over its interface: GET /2010-04-01/Accounts/AC…/Calls.json.

By the description of the Call resource (twilio.com/docs/voice/api/call-resource): StartTime>= a moment in GMT,
PageSize at most 1000; the answer holds calls, newest first, and next_page_uri, a path with a token, null on the last
page. Basic authentication with the account's SID and its token. Calls that run are listed, too: they are waited for.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from tasks.gateways.call_logs.http_lists import Page, since_of
from tasks.gateways.call_logs.told_legs import Place, Source
from tasks.gateways.call_logs.twilio import read_leg, running_since
from tasks.rules.calls.records import Leg
from tasks.rules.errors import CredentialError
from tasks.rules.office import CallLog

_LIMIT = 1000
_LONGEST_PATH = 2000


class TwilioList:
    """The list of one account; `secret` is 'AccountSid:AuthToken'."""

    maker, name, ids = "Twilio", "Calls", ("sid",)

    def __init__(self, log: CallLog, secret: str) -> None:
        self._sid, _, self._token = (part.strip() for part in secret.partition(":"))
        if not self._sid or not self._token:
            raise CredentialError(f"call log {log.name}: secret {log.secret!r} must hold Twilio's AccountSid:AuthToken")
        self._url = log.url.rstrip("/")
        self._path = f"/2010-04-01/Accounts/{quote(self._sid, safe='')}/Calls.json"

    def request(self, position: Mapping[str, Any]) -> httpx.Request:
        """What asks for the page at `position`."""
        path = str(position.get("next", ""))
        if not path:
            asked = {"PageSize": str(_LIMIT)}
            since = since_of(position)
            if since:
                asked["StartTime>"] = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            path = f"{self._path}?{urlencode(asked)}"
        login = httpx.BasicAuth(self._sid, self._token)
        return next(login.auth_flow(httpx.Request("GET", self._url + path)))

    def page(self, said: Any, position: Mapping[str, Any]) -> Page | None:
        """The page that was answered; None when it is not as described: the next page is another of this list."""
        if not isinstance(said, dict) or not isinstance(said.get("calls"), list):
            return None
        rows, following = said["calls"], said.get("next_page_uri")
        if not following:
            return Page(rows, None)
        is_ours = isinstance(following, str) and following.startswith(f"{self._path}?")
        if not is_ours or not rows or len(following) > _LONGEST_PATH or following == position.get("next"):
            return None
        return Page(rows, {"next": following})

    def reason(self, said: Mapping[str, Any]) -> str:
        """The error's number in an answer."""
        return str(said.get("code", ""))[:20]

    def running_since(self, row: Mapping[str, Any]) -> datetime | None:
        """When a call began that is listed and not over. Raises RefusedLineError."""
        return running_since(row)

    def read(self, source: Source, place: Place) -> Leg | None:
        """A record as a leg. Raises RefusedLineError."""
        return read_leg(source, place)
