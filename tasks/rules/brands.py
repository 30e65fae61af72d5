"""Under which name a mail goes out: what is said at the client, else the mailbox that brought the matter, else the
office's default. Staff see the default."""

from __future__ import annotations

from dataclasses import dataclass

from tasks.rules.mail_address import canonical_mail
from tasks.rules.office import Brand, Office


@dataclass(frozen=True, slots=True)
class BrandClues:
    """What the store knows of one mail: keys of the recipient's contact and company, the mailbox behind the matter."""

    contact: str = ""
    company: str = ""
    mailbox: str = ""


def house_brand(office: Office) -> Brand:
    """The company itself."""
    return Brand(key="", title=office.name, sender_name=office.sender.name)


def all_brands(office: Office) -> tuple[Brand, ...]:
    """Every name under which mail can leave, the company's own first."""
    return (house_brand(office), *office.brands)


def default_brand(office: Office) -> Brand:
    """The brand of whoever has none of their own."""
    return _named(office, office.brand)


def client_brand(office: Office, mail: str, clues: BrandClues) -> Brand:
    """The brand under which a client is written to at `mail`."""
    own = next((client.brand for client in office.clients if _is_of(client.key, clues.company)), "")
    same = canonical_mail(mail) or mail
    for client in office.clients:
        for contact in client.contacts:
            is_written_to = any((canonical_mail(one) or one) == same for one in contact.mails)
            if client.brand and (is_written_to or _is_of(contact.key, clues.contact)):
                own = client.brand
    brought = next((box.brand for box in office.mailboxes if _is_of(box.name, clues.mailbox)), "")
    return _named(office, own or brought or office.brand)


def reply_address(office: Office, brand: Brand) -> str:
    """Where answers to a mail of this brand go: always to a mailbox that is read, where there is one."""
    active = [box for box in office.mailboxes if box.is_active]
    own = [box.address for box in active if brand.key and box.brand == brand.key]
    return brand.reply_to or next(iter([*own, *(box.address for box in active)]), office.sender.mail)


def _is_of(key: str, known: str) -> bool:
    return bool(known) and key == known


def _named(office: Office, key: str) -> Brand:
    return next((brand for brand in office.brands if brand.key == key), house_brand(office))
