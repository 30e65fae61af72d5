"""The office as data: what the office folder declares, as frozen values that rules and tasks read.

The folder's gateway validates these very classes, so a field here is a key a company may write.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import Any, ClassVar, Literal
from zoneinfo import ZoneInfo

from tasks.rules.leads.qualification_form import QualificationForm
from tasks.rules.notify.channel_settings import Channels
from tasks.rules.office_brand import Brand as Brand
from tasks.rules.office_brand import Language as Language
from tasks.rules.office_door import Door, SiteForm
from tasks.rules.office_telephony import CallLog as CallLog
from tasks.rules.office_telephony import Line as Line
from tasks.rules.office_telephony import ServiceLevel as ServiceLevel
from tasks.rules.office_telephony import Telephony as Telephony
from tasks.rules.outgoing import AmbiguousPolicy, MailKind

BUILT_IN_ROLES = ("operator", "manager", "dispatcher", "executor", "accounting", "administrator", "chief")
_STRICT: dict[str, Any] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class Hours:
    """Daily working hours and working weekdays (0 = Monday) in the office's zone; `country` moves days (RU, …)."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    opens: time
    closes: time
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    country: str = "RU"
    extra_holidays: tuple[date, ...] = ()
    extra_working_days: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Sender:
    """How our mail leaves. Plain `security` is for loopback only; `secret` names the password, '' for no sign-in.

    `ambiguous` says by kind of message what to do when nobody knows whether it was accepted (not named: retry, since
    every attempt carries the same Message-ID). `connections` is how many are used side by side for a full outbox.
    `has_plus_addresses`: the mailbox takes office+anything@…, so that answers and bounces carry a token of ours.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    mail: str
    name: str
    host: str
    port: int
    security: Literal["tls", "starttls", "plain"] = "tls"
    login: str = ""
    secret: str = ""
    connections: int = 8
    has_plus_addresses: bool = False
    ambiguous: dict[MailKind, AmbiguousPolicy] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Brakes:
    """What keeps the outbox from flooding anybody; a mail held by a brake waits, it is never dropped.

    Caps count mails accepted within the last hour. Kinds in `pass_quiet_hours` reach a client at night too.
    `staff_hours: working` keeps mail to staff for the office's working hours.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    recipient_per_hour: int = 100
    office_per_hour: int = 5000
    pass_quiet_hours: tuple[MailKind, ...] = ("confirmation",)
    staff_hours: Literal["any", "working"] = "any"


@dataclass(frozen=True, slots=True)
class LeadTimes:
    """Deadlines of a lead in working hours: to be taken into work, to be qualified."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    take_hours: int = 2
    qualify_hours: int = 16


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One mailbox to take mail from.

    `secret` names its password, or with `auth` oauth2 its token (RFC 6749). Mail received before `take_from`, a day of
    the office's, is passed over on the very first run. `after_taking` is done to a message once it is stored.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    name: str
    address: str
    host: str
    port: int
    login: str
    secret: str
    security: Literal["tls", "starttls", "plain"] = "tls"
    protocol: Literal["imap", "pop3"] = "imap"
    auth: Literal["password", "oauth2"] = "password"
    allow_plain: bool = False
    folders: tuple[str, ...] = ("INBOX",)
    take_from: date | None = None
    after_taking: Literal["leave", "mark_seen", "move", "delete"] = "leave"
    move_to: str = ""
    is_active: bool = True
    lead_from_unknown: bool = True
    trusted_verdict_hosts: tuple[str, ...] = ()
    brand: str = ""


@dataclass(frozen=True, slots=True)
class Absence:
    """Days away, both inclusive; the substitute (a person's key) takes the work, '' for nobody."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    first_day: date
    last_day: date
    kind: str = "leave"
    substitute: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff. `key` is the short name other files use; phone is E.164 or ''.

    `jid` is their chat (XMPP), `takes_sms` says that their phone may get SMS; whoever is no user (`is_user` false) has
    no pages at the door and is told by mail and SMS, as clients are.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    key: str
    name: str
    mail: str
    roles: tuple[str, ...]
    phone: str = ""
    extension: str = ""
    language: Language = "ru"
    absences: tuple[Absence, ...] = ()
    jid: str = ""
    takes_sms: bool = False
    is_user: bool = True


@dataclass(frozen=True, slots=True)
class ClientContact:
    """A person on the client's side, with every mail and phone (E.164) we know."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    key: str
    name: str
    mails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    language: Language = "ru"
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Client:
    """A client company, or a private person when `is_private`; `manager` is a person's key or '', `brand` a brand's.

    `zone` is the time zone of its people, '' for the office's; a contact may name another.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    key: str
    name: str
    contacts: tuple[ClientContact, ...]
    group: str = ""
    manager: str = ""
    is_private: bool = False
    brand: str = ""
    zone: str = ""


@dataclass(frozen=True, slots=True)
class PriceItem:
    """One row of the price list."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    key: str
    title: str
    price: Decimal
    unit: str = "шт."


@dataclass(frozen=True, slots=True)
class LadderStep:
    """From `days` before the end of validity (negative: after it) those in `to` are told; 'client' is the holder."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    days: int
    to: tuple[Literal["responsible", "manager", "client", "chief"], ...]


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """A certificate, policy, licence …: its holder (a contact's key), its end, who answers for it (a person's key)."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    number: str
    title: str
    holder: str
    issued_on: date
    valid_until: date
    responsible: str = ""


@dataclass(frozen=True, slots=True)
class Register:
    """One kind of papers that expire, its reminder ladder and its entries (read from the CSV file beside it)."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    key: str
    titles: dict[Language, str]
    ladder: tuple[LadderStep, ...]
    entries: tuple[RegisterEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Office:
    """Everything the office folder says.

    `own_roles` are the office's roles beside the built-in ones, with their titles, `processes` the parsed process files
    by name, `templates` is the folder of wordings, `digest` the hash of it all. `brand` is that of whoever has none of
    their own, '' the company itself. After `answers_needed` like answers in a row an exception is answered by itself;
    0: never.
    """

    name: str
    domain: str
    time_zone: str
    language: Language
    currency: str
    hours: Hours
    sender: Sender
    lead_times: LeadTimes
    mailboxes: tuple[Mailbox, ...]
    telephony: Telephony
    people: tuple[Person, ...]
    clients: tuple[Client, ...]
    prices: tuple[PriceItem, ...]
    registers: tuple[Register, ...]
    processes: dict[str, dict[str, Any]]
    templates: str
    digest: str
    own_roles: dict[str, dict[Language, str]] = field(default_factory=dict)
    qualification: QualificationForm = field(default_factory=QualificationForm)
    quiet_from: time = time(21, 0)
    quiet_until: time = time(8, 0)
    brakes: Brakes = Brakes()
    brands: tuple[Brand, ...] = ()
    brand: str = ""
    channels: Channels = field(default_factory=Channels)
    door: Door = field(default_factory=Door)
    forms: tuple[SiteForm, ...] = ()
    answers_needed: int = 3

    @property
    def roles(self) -> tuple[str, ...]:
        """Every role that anybody may have."""
        return (*BUILT_IN_ROLES, *self.own_roles)

    @property
    def zone(self) -> ZoneInfo:
        """The office's time zone."""
        return ZoneInfo(self.time_zone)
