"""Telephony as the office folder declares it: where call logs lie, which numbers are bound, what good service is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from tasks.rules.office_recordings import RecordingRules, RecordingSource
from tasks.rules.office_routing import Routing

_STRICT: dict[str, Any] = {"extra": "forbid"}
_PORT_DIGITS, _LAST_PORT = 5, 65_535

LogKind = Literal[
    "asterisk",
    "asterisk_table",
    "freeswitch_csv",
    "freeswitch_json",
    "3cx",
    "mango",
    "zadarma",
    "twilio",
    "bitrix24",
    "post",
]
FILE_KINDS = ("asterisk", "freeswitch_csv", "freeswitch_json", "3cx", "mango", "zadarma", "twilio")
"""Kinds that lie in a folder; the others are asked at `url`, or tell us themselves (`post`)."""
LISTED_KINDS = ("bitrix24", "zadarma", "twilio")
"""Kinds that are asked over HTTP at `url`; Zadarma's and Twilio's may also be files that were exported."""


@dataclass(frozen=True, slots=True)
class Manager:
    """Asterisk's manager interface (AMI), which tells a log's records live; the log itself is the net below.

    `address` is host:port ('' for none; 5038, or 5039 with `is_tls`), `user` a section of manager.conf with
    `read = cdr,agent`, `secret` the name of its password. cdr_manager.conf must map linkedid and sequence.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    address: str = ""
    user: str = ""
    secret: str = ""
    is_tls: bool = False


def manager_place(address: str) -> tuple[str, int]:
    """Host and port of 'host:port' or '[::1]:port'. Raises ValueError for anything else."""
    host, _, port = address.rpartition(":")
    is_number = port.isascii() and port.isdecimal() and len(port) <= _PORT_DIGITS and 0 < int(port) <= _LAST_PORT
    if not host or not is_number or any(one.isspace() or one in "/@" for one in host):
        raise ValueError(f"{address!r} is no host:port")
    return host.removeprefix("[").removesuffix("]"), int(port)


@dataclass(frozen=True, slots=True)
class CallLog:
    """One telephone source. `kind` says how its records look, `time_zone` is its clock.

    `folder` and `files` (patterns, '' for the usual names) are for files, `url` for a database or REST address,
    `secret` is the name of its password or token. `columns` is the line of the PBX's own configuration that names the
    columns. `tables` names the tables of calls and, after a comma, of queue events. `people`: the source's own id of
    a person → extension. `post_secret`: the name of the token with which calls may be posted to /telephony/NAME.
    `ami`: where Asterisk tells this log's records live.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    name: str
    folder: str = ""
    time_zone: str = ""
    kind: LogKind = "asterisk"
    country: str = "RU"
    is_active: bool = True
    files: str = ""
    columns: str = ""
    url: str = ""
    secret: str = ""
    tables: str = "cdr"
    people: dict[str, str] = field(default_factory=dict)
    post_secret: str = ""
    recordings: RecordingSource = field(default_factory=RecordingSource)
    ami: Manager = field(default_factory=Manager)

    @property
    def has_files(self) -> bool:
        """Whether the log is files in `folder`, and not asked for at `url`."""
        return self.kind in FILE_KINDS and not (self.kind in LISTED_KINDS and self.url and not self.folder)


@dataclass(frozen=True, slots=True)
class Line:
    """A number of ours: E.164 and what it is for.

    `kind`: bound (ours at another operator), rented, or a SIP trunk. `queue` takes its calls, '' for the one of
    `routing`. Without `may_record` no recording of its calls is fetched or linked; roles of `open_to` may hear them.
    `check_outgoing`: an answered call from it to a number that nobody knows makes a lead of whoever called.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    number: str
    title: str
    kind: Literal["bound", "rented", "sip"] = "bound"
    queue: str = ""
    may_record: bool = True
    check_outgoing: bool = False
    open_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """Answered within `threshold_seconds` as a share of what `counts` says.

    Abandons below `short_abandon_seconds` are no miss.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    threshold_seconds: int = 20
    target_percent: int = 80
    short_abandon_seconds: int = 5
    counts: Literal["offered", "offered_without_short", "answered", "offered_with_abandoned"] = "offered_without_short"


@dataclass(frozen=True, slots=True)
class Telephony:
    """Call logs, lines and the service-level definition; missed calls are to be returned within working minutes.

    A missed call that nobody returned is lost after so many days (of 24 hours); 0: never.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    logs: tuple[CallLog, ...] = ()
    lines: tuple[Line, ...] = ()
    queues: dict[str, str] = field(default_factory=dict)
    service_level: ServiceLevel = ServiceLevel()
    call_back_minutes: int = 60
    lost_after_days: int = 14
    routing: Routing = field(default_factory=Routing)
    recordings: RecordingRules = field(default_factory=RecordingRules)
