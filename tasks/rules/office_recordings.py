"""Recordings of calls as the office folder declares them: where they lie, how long they are kept, who may hear them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

_STRICT: dict[str, Any] = {"extra": "forbid"}

RecordingWay = Literal["none", "folder", "https", "link"]


@dataclass(frozen=True, slots=True)
class RecordingSource:
    """Where the recordings lie that a call log names.

    `way`: none (nobody looks for them), folder (files, also in folders by day as Asterisk's monitor/2026/11/17), https
    (copied from an address), link (only the address is kept). `url` is for sources that tell a name and no address:
    {name} stands for it. Only `hosts` ("name" or "name:port") are ever asked or linked. `secret` is the name of a
    token, with `login` of that login's password; only `hosts` see it.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    way: RecordingWay = "none"
    folder: str = ""
    url: str = ""
    hosts: tuple[str, ...] = ()
    login: str = ""
    secret: str = ""
    megabytes: int = 100
    seconds: int = 60


@dataclass(frozen=True, slots=True)
class RecordingRules:
    """Content is removed `keep_days` after the call (0: never), a missing one is asked for `give_up_hours`.

    Administrators hear every recording; people with a role of `open_to` do too.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    keep_days: int = 365
    give_up_hours: int = 48
    open_to: tuple[str, ...] = ()
