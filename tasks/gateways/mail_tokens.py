"""OAuth2 tokens for signing in to a mailbox: given as they are, or fetched with a refresh token (RFC 6749, 6).

A fetched token is kept in this process until shortly before it expires.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from typing import Any

import httpx

from tasks.rules.errors import CredentialError, OutsideError

_KEYS = ("token_url", "client_id", "client_secret", "refresh_token")
_TIMEOUT_SECONDS = 20.0
_EARLY_SECONDS = 60.0  # a token that ends while it is used is no token
_UNSAID_SECONDS = 300.0  # RFC 6749 only recommends expires_in
_REFUSED = range(400, 500)
_TOO_MANY_REQUESTS = 429

_lock = threading.Lock()
_fetched: dict[str, tuple[str, float]] = {}


def access_token(mailbox_name: str, secret: str) -> str:
    """The access token: `secret` itself, or what its JSON (token_url, client_id, client_secret, refresh_token) gives.

    Raises CredentialError for a JSON that lacks something and for a refused refresh token, OutsideError when the token
    server cannot be reached.
    """
    if not secret.lstrip().startswith("{"):
        return secret.strip()
    with _lock:
        token, until = _fetched.get(_key(secret), ("", 0.0))
        if time.monotonic() < until:
            return token
    token, lasts_seconds = _refresh(mailbox_name, _read_secret(mailbox_name, secret))
    with _lock:
        _fetched[_key(secret)] = (token, time.monotonic() + lasts_seconds - _EARLY_SECONDS)
    return token


def forget_token(secret: str) -> None:
    """The mail server refused the token: the next sign-in fetches another one."""
    with _lock:
        _fetched.pop(_key(secret), None)


def xoauth2_response(login: str, token: str) -> bytes:
    """The one client message of SASL XOAUTH2, before base64."""
    return f"user={login}\x01auth=Bearer {token}\x01\x01".encode()


def _key(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _read_secret(mailbox_name: str, secret: str) -> dict[str, str]:
    try:
        said = json.loads(secret)
    except ValueError as error:
        raise CredentialError(f"mailbox {mailbox_name}: its OAuth2 secret begins like JSON and is none") from error
    missing = [key for key in _KEYS if not isinstance(said.get(key), str)]
    if missing:
        raise CredentialError(f"mailbox {mailbox_name}: its OAuth2 secret lacks {', '.join(missing)}")
    return {key: said[key] for key in _KEYS}


def _refresh(mailbox_name: str, said: dict[str, str]) -> tuple[str, float]:
    form = {"grant_type": "refresh_token", **{key: said[key] for key in _KEYS[1:]}}
    try:
        answer = httpx.post(said["token_url"], data=form, timeout=_TIMEOUT_SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise OutsideError(f"mailbox {mailbox_name}: cannot reach the token server: {error}") from error
    told = _json(answer)
    if answer.status_code in _REFUSED and answer.status_code != _TOO_MANY_REQUESTS:
        reason = str(told.get("error", answer.status_code))[:100]
        raise CredentialError(f"mailbox {mailbox_name}: the token server refused the refresh token: {reason}")
    token = told.get("access_token")
    if not answer.is_success or not isinstance(token, str):
        raise OutsideError(f"mailbox {mailbox_name}: the token server gave no token (status {answer.status_code})")
    return token, _seconds(told.get("expires_in"))


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _seconds(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return _UNSAID_SECONDS
