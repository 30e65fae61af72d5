"""Signed links: what lets a person act without an account. Each is bound to its person, its work and what is voted on.

The signature is HMAC-SHA-256 (itsdangerous) under the store's own secret. A link only carries the claim; what it may do
is decided where it is used, and its nonce is burnt there: the event's key is `link:NONCE` (`event_key`).
"""

from __future__ import annotations

import hashlib
import hmac
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from itsdangerous import BadData, URLSafeSerializer

Purpose = Literal["approval", "task", "time", "question"]
LinkFault = Literal["forged", "expired", "foreign"]

PATHS: dict[Purpose, str] = {"approval": "a", "task": "t", "time": "when", "question": "q"}
"""The page of each purpose: https://door.example/a/TOKEN …"""
_PURPOSE_OF_WORK: dict[str, Purpose] = {
    "approval": "approval",
    "task": "task",
    "confirm": "time",
    "question": "question",
}
_SALT = "callout.door.link.1"
_NONCE_CHARS = 24
_LONGEST = 1024
_FIELDS = 8


class LinkError(Exception):
    """A link that opens nothing; `reason` is its machine name, `claim` what an expired one was about."""

    def __init__(self, reason: LinkFault, claim: LinkClaim | None = None) -> None:
        self.reason: LinkFault = reason
        self.claim = claim
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class LinkClaim:
    """What a link says. `person` is person:ID or contact:ID; `content_hash` is what a vote is for, '' for no vote."""

    purpose: Purpose
    person: str
    work_task_id: int
    item_id: int
    round: int
    content_hash: str
    nonce: str
    expires_at: datetime

    @property
    def event_key(self) -> str:
        """The key under which its decision is recorded, once."""
        return f"link:{self.nonce}"


def purpose_of(work_kind: str) -> Purpose:
    """The purpose of a link for a work_task of this kind (task, approval, confirm, question)."""
    return _PURPOSE_OF_WORK[work_kind]


def nonce_of(secret: bytes, person: str, work_task_id: int, round: int) -> str:
    """The nonce of everything one person may decide about one work in one round.

    Every message about it carries the same one, so that a reminder's link is no second vote, and a message written
    again has the same bytes.
    """
    said = f"{_SALT}:{person}:{work_task_id}:{round}"
    return hmac.new(secret, said.encode(), hashlib.sha256).hexdigest()[:_NONCE_CHARS]


def sign(secret: bytes, claim: LinkClaim) -> str:
    """The token of a claim: URL-safe, the same for the same claim. The end of its validity is kept to the second."""
    said = [
        claim.purpose,
        claim.person,
        claim.work_task_id,
        claim.item_id,
        claim.round,
        claim.content_hash,
        claim.nonce,
        math.ceil(claim.expires_at.timestamp()),
    ]
    token: str | bytes = _serializer(secret).dumps(said)
    return token if isinstance(token, str) else token.decode()


def read(secret: bytes, token: str, now: datetime) -> LinkClaim:
    """The claim of a token. Raises LinkError: forged (no token of ours), expired (with its claim)."""
    if len(token) > _LONGEST:
        raise LinkError("forged")
    try:
        claim = _claim(_serializer(secret).loads(token))
    except (BadData, ValueError, TypeError, OverflowError, OSError) as error:
        raise LinkError("forged") from error
    if now > claim.expires_at:
        raise LinkError("expired", claim)
    return claim


def require_purpose(claim: LinkClaim, purpose: Purpose) -> LinkClaim:
    """The claim itself when it was made for this page. Raises LinkError foreign."""
    if claim.purpose != purpose:
        raise LinkError("foreign")
    return claim


def action_url(base_url: str, purpose: Purpose, token: str) -> str:
    """Where the person acts; `base_url` is the office's door url."""
    return f"{base_url.rstrip('/')}/{PATHS[purpose]}/{token}"


def _serializer(secret: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt=_SALT, signer_kwargs={"digest_method": hashlib.sha256})


def _claim(said: Any) -> LinkClaim:
    if not isinstance(said, list) or len(said) != _FIELDS or said[0] not in get_args(Purpose):
        raise ValueError("not a claim of ours")
    purpose, person, task_id, item_id, round_, content_hash, nonce, expires = said
    return LinkClaim(
        purpose,
        str(person),
        int(task_id),
        int(item_id),
        int(round_),
        str(content_hash),
        str(nonce),
        datetime.fromtimestamp(int(expires), UTC),
    )
