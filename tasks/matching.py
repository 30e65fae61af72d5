"""Whose letter, call or form is it: one sender against all contacts, exactly first, look-alikes only when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from tasks.gateways.store.contacts import KnownContact, find_contacts, known_contact
from tasks.gateways.store.identity_index import load_profiles, mark_shared, see_identities
from tasks.gateways.store.identity_lookup import find_look_alikes, find_owners
from tasks.rules.matching.blocking import suggestion_keys
from tasks.rules.matching.companies import entrepreneur_name, is_company_name
from tasks.rules.matching.identities import Phone
from tasks.rules.matching.judging import compare_profiles
from tasks.rules.matching.linking import Linking, decide_link
from tasks.rules.matching.person_names import read_name
from tasks.rules.matching.profiles import Profile, identity_reach


def find_sender(
    connection: sa.Connection,
    sender: Profile,
    *,
    with_suggestions: bool = False,
    apart: frozenset[int] = frozenset(),
) -> Linking:
    """Who the sender is, without writing anything; not one of those `apart`, of whom a person said so.

    Only identities that can be a person's are looked up; with suggestions also contacts that merely look alike, and
    what a company's number or mailbox leads to.
    """
    personal = [one for one in sender.identities if identity_reach(one) != "company"]
    owners = find_owners(connection, sender.identities if with_suggestions else personal)
    contact_ids, crowded = set(owners.contact_ids), len(owners.crowded)
    if with_suggestions:
        alike = find_look_alikes(connection, suggestion_keys(sender))
        contact_ids |= alike.contact_ids
        crowded += alike.crowded
    contact_ids -= apart
    if not contact_ids:
        return Linking("none", crowded=crowded)
    found = decide_link(sender, load_profiles(connection, contact_ids), owners.shared)
    return replace(found, crowded=crowded)


def known_client(
    connection: sa.Connection,
    name: str,
    points: Sequence[tuple[str, str]],
    at: datetime,
    apart: frozenset[int] = frozenset(),
) -> KnownContact | None:
    """The contact whom a name with addresses and numbers ((kind, value), canonical) belongs to; None for a new client.

    Who is not sure enough to be linked is still the owner of the exact address or number, unless the names conflict:
    then the address is shared from now on, and the newcomer is somebody else. Those `apart` are not the sender: a
    person said so.
    """
    person = read_name(entrepreneur_name(name))
    sender = Profile(
        () if person.is_empty or is_company_name(name) else (person,),
        tuple(value for kind, value in points if kind == "mail"),
        tuple(Phone(value) for kind, value in points if kind == "phone"),
    )
    found = link_sender(connection, sender, at, apart=apart)
    if found.contact_id is not None:
        return known_contact(connection, found.contact_id)
    for kind in ("mail", "phone"):
        owners = find_contacts(connection, kind, [value for one, value in points if one == kind])
        ids = {owner.contact_id for owner in owners.values()} - apart
        for contact_id, profile in load_profiles(connection, ids).items():
            if not compare_profiles(sender, profile).conflicts:
                return known_contact(connection, contact_id)
    return None


def link_sender(
    connection: sa.Connection,
    sender: Profile,
    at: datetime,
    *,
    with_suggestions: bool = False,
    apart: frozenset[int] = frozenset(),
) -> Linking:
    """Who the sender is; a sure one is remembered under everything the sender gave, and what is shared is marked.

    The caller holds the write transaction. `at`: when the sender wrote, called or filled the form in.
    """
    found = find_sender(connection, sender, with_suggestions=with_suggestions, apart=apart)
    mark_shared(connection, found.shared)
    if found.contact_id is not None:
        contact_id = found.contact_id
        see_identities(connection, ((contact_id, identity, at) for identity in sender.identities))
    return found
