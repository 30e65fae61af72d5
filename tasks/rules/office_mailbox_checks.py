"""What must hold for the mailboxes of the office folder; each rule yields its flaws with their place in the file."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.rules.office import Mailbox
from tasks.rules.office_checks import Flaw, Path, doubled, is_this_machine, key_flaw, mail_flaw, server_flaws
from tasks.rules.office_files import OfficeParts

_FILE = "mailboxes.yaml"
_AFTER_TAKING = {"imap": ("leave", "mark_seen", "move"), "pop3": ("leave", "delete")}


def check_mailboxes(parts: OfficeParts) -> Iterator[Flaw]:
    """Every mistake in mailboxes.yaml, when it could be read."""
    mailboxes = parts.mailboxes.mailboxes if parts.mailboxes else ()
    yield from doubled(_FILE, ("mailboxes",), "name", [box.name for box in mailboxes])
    for position, box in enumerate(mailboxes):
        path: Path = ("mailboxes", position)
        yield from key_flaw(_FILE, (*path, "name"), box.name)
        yield from mail_flaw(_FILE, (*path, "address"), box.address)
        yield from server_flaws(_FILE, path, box, allow_plain=box.allow_plain)
        if not box.login or not box.secret:
            yield Flaw(_FILE, (*path, "login"), "a mailbox needs login and secret")
        yield from _check_security(path, box)
        yield from _check_folders(path, box)
        yield from _check_after_taking(path, box)


def _check_security(path: Path, box: Mailbox) -> Iterator[Flaw]:
    if box.allow_plain and box.security != "plain":
        yield Flaw(_FILE, (*path, "allow_plain"), f"allow_plain does nothing with {box.security}; leave it out")
    if box.auth == "oauth2" and box.security == "plain" and not is_this_machine(box.host):
        yield Flaw(_FILE, (*path, "security"), "a token never leaves this machine unencrypted; use tls or starttls")


def _check_folders(path: Path, box: Mailbox) -> Iterator[Flaw]:
    if not box.folders:
        yield Flaw(_FILE, (*path, "folders"), "no folder; write [INBOX]")
    if box.protocol == "pop3" and box.folders != ("INBOX",):
        yield Flaw(_FILE, (*path, "folders"), "POP3 has one folder only; leave `folders` out")
    yield from doubled(_FILE, (*path, "folders"), "", [_same_folder(name) for name in box.folders])
    for number, name in enumerate(box.folders):
        if not name.strip() or not name.isprintable():
            yield Flaw(_FILE, (*path, "folders", number), f"{name!r} is no folder name")


def _same_folder(name: str) -> str:
    """INBOX is the same in any case (RFC 9051 5.1)."""
    return "INBOX" if name.upper() == "INBOX" else name


def _check_after_taking(path: Path, box: Mailbox) -> Iterator[Flaw]:
    if box.after_taking not in _AFTER_TAKING[box.protocol]:
        known = ", ".join(_AFTER_TAKING[box.protocol])
        yield Flaw(_FILE, (*path, "after_taking"), f"{box.after_taking} is not for {box.protocol}; it knows {known}")
    if box.after_taking == "move" and not box.move_to:
        yield Flaw(_FILE, (*path, "after_taking"), "where to? give move_to, a folder on the server")
    if box.move_to and box.after_taking != "move":
        yield Flaw(_FILE, (*path, "move_to"), "move_to goes with `after_taking: move` only")
    if _same_folder(box.move_to) in map(_same_folder, box.folders):
        yield Flaw(_FILE, (*path, "move_to"), f"mail moved to {box.move_to} would be taken again: it is in `folders`")
