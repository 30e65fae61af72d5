"""Recordings behind an address: asked by TLS at the hosts that the office names, never followed to another one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import urljoin

import httpx

from tasks.rules.office_recordings import RecordingSource
from tasks.rules.recordings.addresses import address_of, host_of, require_allowed
from tasks.rules.recordings.course import Reason, RecordingError

_MOST_REDIRECTS = 3
_CONNECT_SECONDS, _SILENT_SECONDS = 10.0, 30.0
_REASONS: dict[int, Reason] = {
    HTTPStatus.NOT_FOUND: "not_there",
    HTTPStatus.GONE: "gone",
    HTTPStatus.UNAUTHORIZED: "refused",
    HTTPStatus.FORBIDDEN: "refused",
    HTTPStatus.REQUEST_TIMEOUT: "busy",
    HTTPStatus.TOO_EARLY: "busy",
    HTTPStatus.TOO_MANY_REQUESTS: "busy",
    HTTPStatus.SERVICE_UNAVAILABLE: "busy",
}


def read_web(source: RecordingSource, name: str, secret: str) -> Iterator[bytes]:
    """The content of the recording `name`, in chunks, within the source's seconds and megabytes.

    Raises RecordingError; its text holds no address, which may have a token in it.
    """
    end = time.monotonic() + source.seconds
    address = address_of(source, name)
    patience = httpx.Timeout(min(_SILENT_SECONDS, source.seconds), connect=min(_CONNECT_SECONDS, source.seconds))
    headers = {"accept": "audio/*, */*;q=0.1", "accept-encoding": "identity", "user-agent": "Callout"}
    if secret and not source.login:
        headers["authorization"] = f"Bearer {secret}"
    login = (source.login, secret) if source.login else None
    try:
        with httpx.Client(timeout=patience, headers=headers, auth=login, follow_redirects=False) as client:
            yield from _content(client, address, source, end)
    except httpx.TimeoutException as error:
        raise RecordingError("slow") from error
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        raise RecordingError("unreachable") from error


def _content(client: httpx.Client, address: str, source: RecordingSource, end: float) -> Iterator[bytes]:
    for _ in range(_MOST_REDIRECTS + 1):
        with client.stream("GET", address) as answer:
            if answer.has_redirect_location:
                address = _moved(address, answer.headers["location"], source)
                continue
            _require_content(answer, source.megabytes * 1_000_000)
            for chunk in answer.iter_raw():
                if time.monotonic() > end:
                    raise RecordingError("slow")
                yield chunk
            return
    raise RecordingError("bad_answer")


def _moved(address: str, location: str, source: RecordingSource) -> str:
    """Where an answer sends us. Raises RecordingError for another host: it would get our token."""
    place = urljoin(address, location)
    require_allowed(place, source.hosts)
    if host_of(place) != host_of(address):
        raise RecordingError("other_host")
    return place


def _require_content(answer: httpx.Response, most_bytes: int) -> None:
    status = answer.status_code
    if status != HTTPStatus.OK:
        failed: Reason = "server_failed" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "bad_answer"
        raise RecordingError(_REASONS.get(status, failed))
    if answer.headers.get("content-encoding", "identity").lower() != "identity":
        raise RecordingError("bad_answer")
    length = answer.headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > most_bytes:
        raise RecordingError("too_large")
