"""Who is meant by a word: a member of staff, everybody of a role, the people of a client group, a client's contact.

And in whose name a message may be said: one's own; in another's, an administrator only (MISSION D3).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from tasks.rules.errors import UsageError
from tasks.rules.nearest_name import nearest

_ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Colleague:
    """A member of staff who may be told something."""

    ref: str
    key: str
    name: str
    mail: str
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Directory:
    """Everybody who can be named: staff, roles (also those nobody has), client groups, contacts by key and mail."""

    staff: tuple[Colleague, ...]
    roles: Collection[str] = ()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    contacts: Mapping[str, str] = field(default_factory=dict)


def recipients_of(words: Sequence[str], directory: Directory) -> tuple[str, ...]:
    """The refs of everybody whom `words` name, each once, in that order.

    Raises UsageError for a word that names nobody, with the nearest one known, and when nobody is named at all.
    """
    found: dict[str, None] = {}
    for word in words:
        refs = _meant(word.strip(), directory)
        if not refs:
            raise UsageError(_unknown(word.strip(), directory))
        found.update(dict.fromkeys(refs))
    if not found:
        raise UsageError("whom? Name people by key or mail address, a role, or a client group")
    return tuple(found)


def _meant(word: str, directory: Directory) -> tuple[str, ...]:
    said = word.lower()
    for one in directory.staff:
        if said in (one.key, one.mail.lower()):
            return (one.ref,)
    of_role = tuple(one.ref for one in directory.staff if said in one.roles)
    if of_role:
        return of_role
    if said in directory.groups:
        return directory.groups[said]
    ref = directory.contacts.get(said)
    return (ref,) if ref else ()


def _unknown(word: str, directory: Directory) -> str:
    said = word.lower()
    if said in directory.roles:
        return f"nobody has the role {word!r}"
    if said in directory.groups:
        return f"nobody is in the client group {word!r}"
    known = [*(one.key for one in directory.staff), *directory.roles, *directory.groups]
    hint = nearest(said, known)
    return f"nobody is called {word!r}" + (f"; did you mean {hint!r}?" if hint else "")


def speaker(author: str, sender: str, directory: Directory) -> tuple[Colleague, Colleague]:
    """Who writes and in whose name (keys or mail addresses; an empty `sender` is the author).

    Raises UsageError for somebody who is not on the staff, and when another's name is used by no administrator.
    """
    writes = _colleague(author, directory)
    speaks = _colleague(sender, directory) if sender.strip() else writes
    if speaks.ref != writes.ref and _ADMINISTRATOR not in writes.roles:
        raise UsageError(f"only an administrator may write in another's name; {writes.key} is none")
    return writes, speaks


def _colleague(word: str, directory: Directory) -> Colleague:
    said = word.strip().lower()
    found = next((one for one in directory.staff if said and said in (one.key, one.mail.lower())), None)
    if found is None:
        hint = nearest(said, [one.key for one in directory.staff]) if said else None
        told = f"; did you mean {hint!r}?" if hint else ": who writes?"
        raise UsageError(f"nobody on the staff has the key or mail address {word!r}{told}")
    return found
