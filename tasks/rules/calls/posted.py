"""What a telephone system posts, as one JSON object of a call and the token it came with, apart from each other.

Bitrix24 sends its events as a form of names like data[CALL_ID] and auth[application_token], or as JSON of that shape;
its auth block is taken away here, before anything is kept. Programs send the object itself and a bearer token.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

_EVENT = "ONVOXIMPLANTCALLEND"
_NAME = re.compile(r"(data|auth)\[(\w+)\]", re.ASCII)
_MOST_FIELDS = 200


class UnreadablePostError(ValueError):
    """The body is not what its content type or its sender's description says; the text is the reason."""


@dataclass(frozen=True, slots=True)
class PostedCall:
    """A call's own JSON text, and the token that came with it; '' for none."""

    text: str
    token: str


def read_posted(kind: str, content_type: str, body: bytes, bearer: str) -> PostedCall:
    """The call and the token of a body. Raises UnreadablePostError."""
    try:
        is_form = content_type == "application/x-www-form-urlencoded"
        said = _nested(body.decode()) if is_form else json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnreadablePostError("the body is not what its content type says") from error
    if not isinstance(said, dict):
        raise UnreadablePostError("the body is no object")
    if kind != "bitrix24":
        return PostedCall(_text(said), bearer)
    data, auth = said.get("data"), said.get("auth")
    if str(said.get("event", "")).upper() != _EVENT or not isinstance(data, dict):
        raise UnreadablePostError(f"the event is not {_EVENT}")
    token = auth.get("application_token", "") if isinstance(auth, dict) else ""
    return PostedCall(_text(data), str(token))


def _nested(body: str) -> dict[str, Any]:
    """A form's fields; data[X] and auth[X] become objects."""
    found: dict[str, Any] = {}
    for name, value in parse_qsl(body, keep_blank_values=True, max_num_fields=_MOST_FIELDS):
        part = _NAME.fullmatch(name)
        if part:
            found.setdefault(part[1], {})[part[2]] = value
        else:
            found[name] = value
    return found


def _text(said: Mapping[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=False, sort_keys=True)
