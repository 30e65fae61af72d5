"""What must hold between the parts of the office folder: references, doubled names, addresses, times and orders.

Every rule yields its flaws with the file and the place in it; nothing is raised, so that all are seen at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import time
from zoneinfo import ZoneInfo, available_timezones

import holidays
import phonenumbers

from tasks.rules.mail_address import canonical_mail, plain_mail
from tasks.rules.nearest_name import nearest
from tasks.rules.office import BUILT_IN_ROLES, Absence, Hours, Mailbox, Person, Sender, Telephony
from tasks.rules.office_files import HeadFile, OfficeParts

Path = tuple[str | int, ...]
REQUIRED_ROLES = ("operator", "manager", "dispatcher", "accounting", "chief")

_LOOPBACK = {"localhost", "::1"}
_KEY = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_SECRET = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_DOMAIN = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_MAX_PORT = 65535


@dataclass(frozen=True, slots=True)
class Flaw:
    """One mistake: the file of the office folder, the keys and positions that lead to it, and the reason."""

    file: str
    path: Path
    reason: str


def check_office(parts: OfficeParts) -> Iterator[Flaw]:
    """Every mistake between and within the parts that could be read."""
    if parts.head:
        yield from _check_head(parts.head)
    if parts.telephony:
        yield from _check_telephony(parts.telephony)
    if parts.people:
        yield from _check_people(parts.people.people, (*BUILT_IN_ROLES, *parts.head.roles) if parts.head else ())


def _check_head(head: HeadFile) -> Iterator[Flaw]:
    file = "office.yaml"
    if not _DOMAIN.fullmatch(head.domain):
        yield Flaw(file, ("domain",), f"{head.domain!r} is no domain; write it like north-service.example")
    yield from zone_flaw(file, ("time_zone",), head.time_zone)
    if not re.fullmatch(r"[A-Z]{3}", head.currency):
        yield Flaw(file, ("currency",), f"{head.currency!r} is no currency code; write it like RUB")
    if not head.name.strip():
        yield Flaw(file, ("name",), "the company has no name")
    clocks = (("quiet_from", head.quiet_from), ("quiet_until", head.quiet_until))
    yield from _zoned_times(file, (), clocks)
    yield from _check_hours(head.hours)
    yield from mail_flaw(file, ("sender", "mail"), head.sender.mail)
    yield from server_flaws(file, ("sender",), head.sender)
    for role in head.roles:
        yield from key_flaw(file, ("roles", role), role)
        if role in BUILT_IN_ROLES:
            yield Flaw(file, ("roles", role), f"the role {role!r} is there without being named")
    times = head.lead_times
    if times.take_hours < 1:
        yield Flaw(file, ("lead_times", "take_hours"), "a lead needs at least 1 working hour to be taken")
    if times.qualify_hours < times.take_hours:
        yield Flaw(file, ("lead_times", "qualify_hours"), "a lead cannot be qualified before it is taken (take_hours)")


def _check_hours(hours: Hours) -> Iterator[Flaw]:
    file = "office.yaml"
    zoned = list(_zoned_times(file, ("hours",), (("opens", hours.opens), ("closes", hours.closes))))
    yield from zoned
    if not zoned and hours.opens >= hours.closes:
        yield Flaw(file, ("hours", "closes"), f"closes at {hours.closes:%H:%M}, not after opens {hours.opens:%H:%M}")
    if not hours.weekdays:
        yield Flaw(file, ("hours", "weekdays"), "no working weekday; Monday is 0, Sunday is 6")
    for position, day in enumerate(hours.weekdays):
        if day not in range(7) or day in hours.weekdays[:position]:
            yield Flaw(file, ("hours", "weekdays", position), f"weekday {day}: 0 (Monday) to 6 (Sunday), each once")
    for day_off in sorted(set(hours.extra_holidays) & set(hours.extra_working_days)):
        yield Flaw(file, ("hours", "extra_holidays"), f"{day_off} is both an extra holiday and an extra working day")
    if hours.country:
        yield from country_flaw(file, ("hours", "country"), hours.country)


def _zoned_times(file: str, path: Path, clocks: Iterable[tuple[str, time]]) -> Iterator[Flaw]:
    for name, clock in clocks:
        if clock.tzinfo is not None:
            yield Flaw(file, (*path, name), f"{name} is in the office's time_zone; write 09:30 without a zone")


def server_flaws(file: str, path: Path, server: Sender | Mailbox, *, allow_plain: bool = False) -> Iterator[Flaw]:
    """A server to sign in to: where it is, how the line is kept secret, and the name of the password."""
    if not server.host or re.search(r"[\s/@]", server.host):
        yield Flaw(file, (*path, "host"), f"{server.host!r} is no host name")
    if not 1 <= server.port <= _MAX_PORT:
        yield Flaw(file, (*path, "port"), f"port {server.port} is not between 1 and {_MAX_PORT}")
    if server.security == "plain" and not allow_plain and not is_this_machine(server.host):
        yield Flaw(file, (*path, "security"), "plain is for this machine only (127.0.0.1); use tls or starttls")
    if bool(server.login) != bool(server.secret):
        yield Flaw(file, (*path, "login"), "login and secret go together: give both, or neither")
    if server.secret and not _SECRET.fullmatch(server.secret):
        yield Flaw(file, (*path, "secret"), "secret is a name, never the password; set CALLOUT_SECRET_NAME for it")


def is_this_machine(host: str) -> bool:
    """Whether `host` is loopback, where nobody can listen in."""
    return host in _LOOPBACK or host.startswith("127.")


def _check_telephony(telephony: Telephony) -> Iterator[Flaw]:
    file = "telephony.yaml"
    yield from doubled(file, ("lines",), "number", [line.number for line in telephony.lines])
    for position, line in enumerate(telephony.lines):
        yield from phone_flaw(file, ("lines", position, "number"), line.number)
    for queue in telephony.queues:
        if not re.fullmatch(r"[\w-]+", queue):
            yield Flaw(file, ("queues", queue), f"{queue!r} is no queue name of a PBX")
    level = telephony.service_level
    limits = (
        ("threshold_seconds", level.threshold_seconds, 1, 3600),
        ("target_percent", level.target_percent, 1, 100),
        ("short_abandon_seconds", level.short_abandon_seconds, 0, 3600),
    )
    for name, value, low, high in limits:
        if not low <= value <= high:
            yield Flaw(file, ("service_level", name), f"{name} {value} is not between {low} and {high}")
    if telephony.call_back_minutes < 1:
        yield Flaw(file, ("call_back_minutes",), "a missed call needs at least 1 working minute to be returned")


def _check_people(people: tuple[Person, ...], roles: tuple[str, ...]) -> Iterator[Flaw]:
    file = "people.yaml"
    keys = [person.key for person in people]
    yield from doubled(file, ("people",), "key", keys)
    yield from doubled(file, ("people",), "mail", [person.mail for person in people], canonical_mail)
    yield from doubled(file, ("people",), "phone", [person.phone for person in people])
    yield from doubled(file, ("people",), "extension", [person.extension for person in people])
    for position, person in enumerate(people):
        path: Path = ("people", position)
        yield from key_flaw(file, (*path, "key"), person.key)
        yield from mail_flaw(file, (*path, "mail"), person.mail)
        if person.phone:
            yield from phone_flaw(file, (*path, "phone"), person.phone)
        if not re.fullmatch(r"[0-9]{0,10}", person.extension):
            yield Flaw(file, (*path, "extension"), f"{person.extension!r}: an extension is digits only")
        if not person.roles:
            yield Flaw(file, path, f"{person.key} has no role; the roles are {', '.join(roles)}")
        for number, role in enumerate(person.roles):
            if roles and role not in roles:
                hint = nearest(role, roles)
                told = f"; is it {hint}?" if hint else "; a role of your own stands in office.yaml under roles"
                yield Flaw(file, (*path, "roles", number), f"there is no role {role!r}{told}")
        yield from doubled(file, (*path, "roles"), "", list(person.roles))
        yield from _check_absences(path, person, keys)
    held = {role for person in people for role in person.roles}
    for role in REQUIRED_ROLES:
        if role not in held:
            yield Flaw(file, ("people",), f"nobody is {role}; give at least one person this role")


def _check_absences(path: Path, person: Person, keys: list[str]) -> Iterator[Flaw]:
    file = "people.yaml"
    for position, away in enumerate(person.absences):
        here = (*path, "absences", position)
        if away.last_day < away.first_day:
            yield Flaw(file, (*here, "last_day"), f"ends {away.last_day}, before it begins {away.first_day}")
        if any(_overlap(away, other) for other in person.absences[:position]):
            yield Flaw(file, here, f"two absences of {person.key} overlap")
        if away.substitute == person.key:
            yield Flaw(file, (*here, "substitute"), f"{person.key} cannot stand in for themselves")
        elif away.substitute:
            yield from reference_flaw(file, (*here, "substitute"), away.substitute, keys, "person of people.yaml")


def _overlap(one: Absence, other: Absence) -> bool:
    return one.first_day <= other.last_day and other.first_day <= one.last_day


def doubled(
    file: str, path: Path, key: str, values: Iterable[str], identity: Callable[[str], str | None] | None = None
) -> Iterator[Flaw]:
    """Values that stand a second time in a list of mappings (or of plain values, key '')."""
    first: dict[str, int] = {}
    for position, value in enumerate(values):
        same = (identity(value) if identity else value) or value
        if value and same in first:
            reason = f"{key or 'value'} {value!r} is taken by number {first[same] + 1} of this list"
            yield Flaw(file, (*path, position, key) if key else (*path, position), reason)
        first.setdefault(same, position)


def key_flaw(file: str, path: Path, key: str) -> Iterator[Flaw]:
    """Keys are short plain words, because other files and the store refer to them."""
    if not _KEY.fullmatch(key):
        yield Flaw(file, path, f"{key!r}: a key is small latin letters, digits, - and _, at most 40, letter first")


def mail_flaw(file: str, path: Path, mail: str) -> Iterator[Flaw]:
    """A mail address as RFC 5321 allows it in practice."""
    if plain_mail(mail) != mail.lower():
        yield Flaw(file, path, f"{mail!r} is no mail address")


def phone_flaw(file: str, path: Path, phone: str) -> Iterator[Flaw]:
    """A telephone number in E.164."""
    try:
        is_right = re.fullmatch(r"\+[0-9]+", phone) and phonenumbers.is_possible_number(phonenumbers.parse(phone))
    except phonenumbers.NumberParseException:
        is_right = False
    if not is_right:
        yield Flaw(file, path, f"{phone!r} is no phone in E.164; write it like +79000000100")


def zone_flaw(file: str, path: Path, zone: str) -> Iterator[Flaw]:
    """A zone of the IANA database."""
    try:
        is_known = zone in available_timezones() and bool(ZoneInfo(zone))
    except (ValueError, OSError):
        is_known = False
    if not is_known:
        yield Flaw(file, path, f"{zone!r} is no time zone; write it like Europe/Moscow")


def country_flaw(file: str, path: Path, country: str) -> Iterator[Flaw]:
    """A country whose public holidays and phone numbers are known."""
    try:
        holidays.country_holidays(country)
        is_known = country in phonenumbers.SUPPORTED_REGIONS
    except (NotImplementedError, AttributeError):
        is_known = False
    if not is_known:
        yield Flaw(file, path, f"{country!r} is no country code; write it like RU")


def reference_flaw(file: str, path: Path, key: str, known: Iterable[str], what: str) -> Iterator[Flaw]:
    """A key that must be declared elsewhere."""
    if key not in set(known):
        yield Flaw(file, path, f"{key!r} is no {what}")
