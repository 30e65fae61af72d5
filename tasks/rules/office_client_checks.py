"""What must hold for clients, prices and registers of the office folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tasks.rules.mail_address import canonical_mail
from tasks.rules.office import Client, ClientContact, Person, PriceItem, Register, RegisterEntry
from tasks.rules.office_checks import Flaw, Path, doubled, key_flaw, mail_flaw, phone_flaw, reference_flaw, zone_flaw
from tasks.rules.office_files import OfficeParts


def check_clients_and_registers(parts: OfficeParts) -> Iterator[Flaw]:
    """Every mistake in what the company knows of its clients, its prices and the papers that expire."""
    people = parts.people.people if parts.people else None
    clients = parts.clients.clients if parts.clients else None
    if clients is not None:
        yield from _check_clients(clients, people)
        yield from _check_points(clients, people or ())
    if parts.prices:
        yield from _check_prices(parts.prices.prices)
    if parts.registers:
        yield from _check_registers(parts.registers.registers)
        holders = None if clients is None else {contact.key for client in clients for contact in client.contacts}
        staff = None if people is None else {person.key for person in people}
        for register in parts.registers.registers:
            yield from _check_entries(register.key, parts.entries.get(register.key, ()), holders, staff)


def _check_clients(clients: tuple[Client, ...], people: tuple[Person, ...] | None) -> Iterator[Flaw]:
    file = "clients.yaml"
    yield from doubled(file, ("clients",), "key", [client.key for client in clients])
    managers = None if people is None else [person.key for person in people if "manager" in person.roles]
    contact_keys: set[str] = set()
    for position, client in enumerate(clients):
        path: Path = ("clients", position)
        yield from key_flaw(file, (*path, "key"), client.key)
        if client.manager and managers is not None:
            yield from reference_flaw(file, (*path, "manager"), client.manager, managers, "manager of people.yaml")
        if client.zone:
            yield from zone_flaw(file, (*path, "zone"), client.zone)
        if not client.contacts:
            yield Flaw(file, path, f"client {client.key} has no contact; give at least one")
        for number, contact in enumerate(client.contacts):
            here = (*path, "contacts", number)
            if contact.key in contact_keys:
                yield Flaw(file, (*here, "key"), f"contact key {contact.key!r} stands here a second time")
            contact_keys.add(contact.key)
            yield from _check_contact(here, contact)


def _check_contact(path: Path, contact: ClientContact) -> Iterator[Flaw]:
    file = "clients.yaml"
    yield from key_flaw(file, (*path, "key"), contact.key)
    if contact.zone:
        yield from zone_flaw(file, (*path, "zone"), contact.zone)
    for number, mail in enumerate(contact.mails):
        yield from mail_flaw(file, (*path, "mails", number), mail)
    for number, phone in enumerate(contact.phones):
        yield from phone_flaw(file, (*path, "phones", number), phone)


def _check_points(clients: tuple[Client, ...], people: tuple[Person, ...]) -> Iterator[Flaw]:
    """An address or number tells who writes or calls, so it belongs to one contact, and to no one of the staff."""
    owner = {_identity(person.mail): f"{person.key} of people.yaml" for person in people}
    owner |= {person.phone: f"{person.key} of people.yaml" for person in people if person.phone}
    for place, client in enumerate(clients):
        for position, contact in enumerate(client.contacts):
            for kind, values in (("mails", contact.mails), ("phones", contact.phones)):
                for number, value in enumerate(values):
                    same = _identity(value)
                    if same in owner:
                        path = ("clients", place, "contacts", position, kind, number)
                        yield Flaw("clients.yaml", path, f"{value!r} belongs to {owner[same]} already")
                    owner.setdefault(same, contact.key)


def _identity(value: str) -> str:
    return (canonical_mail(value) if "@" in value else None) or value


def _check_prices(prices: tuple[PriceItem, ...]) -> Iterator[Flaw]:
    file = "prices.yaml"
    yield from doubled(file, ("prices",), "key", [item.key for item in prices])
    for position, item in enumerate(prices):
        yield from key_flaw(file, ("prices", position, "key"), item.key)
        if item.price < 0 or item.price != round(item.price, 2):
            yield Flaw(file, ("prices", position, "price"), f"price {item.price}: not negative, two decimals at most")


def _check_registers(registers: tuple[Register, ...]) -> Iterator[Flaw]:
    file = "registers.yaml"
    yield from doubled(file, ("registers",), "key", [register.key for register in registers])
    for position, register in enumerate(registers):
        path: Path = ("registers", position)
        yield from key_flaw(file, (*path, "key"), register.key)
        if not register.titles:
            yield Flaw(file, (*path, "titles"), "give a title in at least one language")
        if not register.ladder:
            yield Flaw(file, (*path, "ladder"), "the ladder has no step, so nobody would be reminded")
        if register.entries:
            yield Flaw(file, (*path, "entries"), f"entries stand in registers/{register.key}.csv, not here")
        days = [step.days for step in register.ladder]
        for number, step in enumerate(register.ladder):
            here = (*path, "ladder", number)
            if number and step.days >= days[number - 1]:
                reason = (
                    f"step {step.days} follows {days[number - 1]}; steps are unique and go down, e.g. 90, 30, 0, -7"
                )
                yield Flaw(file, (*here, "days"), reason)
            if not step.to or len(set(step.to)) != len(step.to):
                yield Flaw(file, (*here, "to"), "name at least one to tell, each once")


def _check_entries(
    key: str, entries: tuple[RegisterEntry, ...], holders: Iterable[str] | None, staff: Iterable[str] | None
) -> Iterator[Flaw]:
    file = f"registers/{key}.csv"
    yield from doubled(file, (), "number", [entry.number for entry in entries])
    for position, entry in enumerate(entries):
        if not entry.number:
            yield Flaw(file, (position, "number"), "the number is missing")
        if entry.valid_until < entry.issued_on:
            reason = f"valid until {entry.valid_until}, before it was issued on {entry.issued_on}"
            yield Flaw(file, (position, "valid_until"), reason)
        if holders is not None:
            yield from reference_flaw(file, (position, "holder"), entry.holder, holders, "contact key of clients.yaml")
        if entry.responsible and staff is not None:
            yield from reference_flaw(
                file, (position, "responsible"), entry.responsible, staff, "person of people.yaml"
            )
