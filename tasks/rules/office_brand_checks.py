"""What must hold for brands: names that can be told apart, answers that are read, colours that can be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import get_args

from tasks.rules.mail_address import plain_mail
from tasks.rules.office import Brand, Language
from tasks.rules.office_checks import Flaw, Path, doubled, key_flaw, reference_flaw
from tasks.rules.office_files import HeadFile, OfficeParts

_FILE = "office.yaml"
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_LEAST_CONTRAST = 4.5  # WCAG 2.2, 1.4.3: text against its ground


def check_brands(parts: OfficeParts) -> Iterator[Flaw]:
    """Mistakes in `brands`, and brands named elsewhere that are not there."""
    if parts.head is None:
        return
    brands = parts.head.brands
    keys = [brand.key for brand in brands]
    yield from doubled(_FILE, ("brands",), "key", keys)
    for position, brand in enumerate(brands):
        yield from _check_brand(parts, ("brands", position), brand)
    for file, path, key in _named(parts, parts.head):
        yield from reference_flaw(file, path, key, keys, "brand of office.yaml")


def _check_brand(parts: OfficeParts, path: Path, brand: Brand) -> Iterator[Flaw]:
    yield from key_flaw(_FILE, (*path, "key"), brand.key)
    if brand.key in get_args(Language):
        yield Flaw(_FILE, (*path, "key"), f"{brand.key!r} is a language: templates/{brand.key} has its templates")
    for name, value in (("title", brand.title), ("sender_name", brand.sender_name)):
        if not value.strip():
            yield Flaw(_FILE, (*path, name), f"{name} is empty; clients would not see who writes")
    if not _COLOUR.fullmatch(brand.accent):
        yield Flaw(_FILE, (*path, "accent"), f"{brand.accent!r} is no colour; write it like '#1d5f52'")
    elif contrast_with_white(brand.accent) < _LEAST_CONTRAST:
        yield Flaw(_FILE, (*path, "accent"), f"{brand.accent} is too pale to be read on white; take a darker one")
    yield from _check_answers(parts, path, brand)


def _check_answers(parts: OfficeParts, path: Path, brand: Brand) -> Iterator[Flaw]:
    """Answers go to a mailbox that is read; a token in its address stands for a Message-ID of the office's domain."""
    if parts.mailboxes is None or parts.head is None:
        return
    active = [box for box in parts.mailboxes.mailboxes if box.is_active]
    if brand.reply_to and plain_mail(brand.reply_to) not in {plain_mail(box.address) for box in active}:
        reason = f"nobody would read answers to {brand.reply_to}: name the address of an active mailbox"
        yield Flaw(_FILE, (*path, "reply_to"), reason)
        return
    own = next((box.address for box in active if box.brand == brand.key), "")
    address = brand.reply_to or own
    if address and parts.head.sender.has_plus_addresses and address.rpartition("@")[2].lower() != parts.head.domain:
        reason = f"answers go to {address}, not of the domain {parts.head.domain}: no plus addresses then"
        yield Flaw(_FILE, (*path, "reply_to" if brand.reply_to else "key"), reason)


def _named(parts: OfficeParts, head: HeadFile) -> Iterator[tuple[str, Path, str]]:
    """Every place where a brand is named: file, path, key."""
    if head.brand:
        yield _FILE, ("brand",), head.brand
    for position, box in enumerate(parts.mailboxes.mailboxes if parts.mailboxes else ()):
        if box.brand:
            yield "mailboxes.yaml", ("mailboxes", position, "brand"), box.brand
    for position, client in enumerate(parts.clients.clients if parts.clients else ()):
        if client.brand:
            yield "clients.yaml", ("clients", position, "brand"), client.brand


def contrast_with_white(colour: str) -> float:
    """The contrast ratio of #rrggbb against white, 1 to 21 (WCAG 2.2, relative luminance)."""
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
