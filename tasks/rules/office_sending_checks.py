"""What must hold for sending: how many connections, and brakes that still let mail through."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.rules.office_checks import Flaw
from tasks.rules.office_files import OfficeParts

_FILE = "office.yaml"
_MAX_CONNECTIONS = 20  # mail servers take some 20 to 50 from one place


def check_sending(parts: OfficeParts) -> Iterator[Flaw]:
    """Mistakes in `sender` and `brakes`."""
    if parts.head is None:
        return
    yield from _check_plus_addresses(parts)
    connections, brakes = parts.head.sender.connections, parts.head.brakes
    if not 1 <= connections <= _MAX_CONNECTIONS:
        yield Flaw(_FILE, ("sender", "connections"), f"connections {connections} is not from 1 to {_MAX_CONNECTIONS}")
    for name, cap in (
        ("recipient_per_hour", brakes.recipient_per_hour),
        ("office_per_hour", brakes.office_per_hour),
    ):
        if cap < 1:
            yield Flaw(_FILE, ("brakes", name), f"{name} {cap} would hold all mail for ever; at least 1")
    if brakes.office_per_hour < brakes.recipient_per_hour:
        reason = "the whole office may not send less than one recipient may get (recipient_per_hour)"
        yield Flaw(_FILE, ("brakes", "office_per_hour"), reason)


def _check_plus_addresses(parts: OfficeParts) -> Iterator[Flaw]:
    """The token in an address stands for a Message-ID of the office's domain, so both domains must be one."""
    if parts.head is None or not parts.head.sender.has_plus_addresses:
        return
    boxes = parts.mailboxes.mailboxes if parts.mailboxes else ()
    answers_to = next((box.address for box in boxes if box.is_active), parts.head.sender.mail)
    for address in (parts.head.sender.mail, answers_to):
        if address.rpartition("@")[2].lower() != parts.head.domain:
            reason = f"{address} is not of the domain {parts.head.domain}: no answers by plus addresses then"
            yield Flaw(_FILE, ("sender", "has_plus_addresses"), reason)
            return
