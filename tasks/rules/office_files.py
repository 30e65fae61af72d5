"""What each file of the office folder holds, as values; `Office` is what they make together."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time
from typing import Any, ClassVar

from tasks.rules.leads.qualification_form import QualificationForm
from tasks.rules.notify.channel_settings import Channels
from tasks.rules.office import (
    Brakes,
    Brand,
    Client,
    Hours,
    Language,
    LeadTimes,
    Mailbox,
    Person,
    PriceItem,
    Register,
    RegisterEntry,
    Sender,
    Telephony,
)
from tasks.rules.office_door import Door, SiteForm

_STRICT: dict[str, Any] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class HeadFile:
    """office.yaml: the company itself. No client is written to between `quiet_from` and `quiet_until`."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    name: str
    domain: str
    time_zone: str
    hours: Hours
    sender: Sender
    language: Language = "ru"
    currency: str = "RUB"
    lead_times: LeadTimes = field(default_factory=LeadTimes)
    roles: dict[str, dict[Language, str]] = field(default_factory=dict)
    quiet_from: time = time(21, 0)
    quiet_until: time = time(8, 0)
    brakes: Brakes = field(default_factory=Brakes)
    brands: tuple[Brand, ...] = ()
    brand: str = ""
    channels: Channels = field(default_factory=Channels)
    door: Door = field(default_factory=Door)
    answers_needed: int = 3


@dataclass(frozen=True, slots=True)
class MailboxesFile:
    """mailboxes.yaml"""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    mailboxes: tuple[Mailbox, ...]


@dataclass(frozen=True, slots=True)
class PeopleFile:
    """people.yaml"""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class ClientsFile:
    """clients.yaml"""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    clients: tuple[Client, ...]


@dataclass(frozen=True, slots=True)
class PricesFile:
    """prices.yaml"""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    prices: tuple[PriceItem, ...]


@dataclass(frozen=True, slots=True)
class RegistersFile:
    """registers.yaml; the entries stand in registers/KEY.csv"""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    registers: tuple[Register, ...]


@dataclass(frozen=True, slots=True)
class FormsFile:
    """forms.yaml, which an office without web forms does not have"""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    forms: tuple[SiteForm, ...] = ()


@dataclass(frozen=True, slots=True)
class OfficeParts:
    """The files that could be read; None is one that could not, and nothing is said against it any more."""

    head: HeadFile | None
    mailboxes: MailboxesFile | None
    telephony: Telephony | None
    people: PeopleFile | None
    clients: ClientsFile | None
    prices: PricesFile | None
    registers: RegistersFile | None
    entries: dict[str, tuple[RegisterEntry, ...]]
    forms: FormsFile | None
    qualification: QualificationForm | None
