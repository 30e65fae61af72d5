"""Two contacts that are one person: merged, parted again, or kept apart for good, always by a person's word."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.desk import Desk
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.duplicates import contacts_that_meet, pairs_apart, say_apart, take_back_apart
from tasks.gateways.store.events import NewEvent, record_event
from tasks.gateways.store.identity_index import load_profiles, shared_among
from tasks.gateways.store.identity_lookup import canonical_ids, find_look_alikes, find_owners
from tasks.gateways.store.merging import (
    Merge,
    NewMerge,
    later_merges,
    list_merges,
    load_contact,
    load_merge,
    merge_contacts,
    undo_merge,
)
from tasks.gateways.store.quarantine_decisions import find_person
from tasks.rules.errors import UsageError
from tasks.rules.matching.blocking import suggestion_keys
from tasks.rules.matching.duplicates import DuplicatePair, duplicate_pairs
from tasks.rules.matching.judging import judge
from tasks.rules.matching.profiles import Profile

Action = Literal["merge", "unmerge", "not_the_same", "same_again"]


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Pairs that may be one person, the surest first; `crowded`: keys too common to be compared one by one."""

    pairs: tuple[DuplicatePair, ...]
    crowded: int


def find_duplicates(desk: Desk, contact_id: int | None = None) -> Duplicates:
    """What would be merged, among all contacts or for one of them. Raises UsageError for an unknown contact."""
    with reading(desk.engine) as connection:
        if contact_id is not None:
            return duplicates_around(connection, contact_id)
        met, crowded = contacts_that_meet(connection)
        return Duplicates(_pairs_among(connection, met), crowded)


def duplicates_around(connection: sa.Connection, contact_id: int) -> Duplicates:
    """Who one contact may be, the surest first. Raises UsageError for an unknown one, and for one that was merged."""
    met, crowded = _around(connection, contact_id)
    found = _pairs_among(connection, met)
    return Duplicates(tuple(pair for pair in found if contact_id in (pair.keep_id, pair.other_id)), crowded)


def _pairs_among(connection: sa.Connection, contact_ids: Collection[int]) -> tuple[DuplicatePair, ...]:
    profiles = load_profiles(connection, contact_ids)
    return duplicate_pairs(profiles, pairs_apart(connection, profiles), shared_among(connection, profiles))


def _around(connection: sa.Connection, contact_id: int) -> tuple[set[int], int]:
    profile = _profile_of(connection, contact_id)
    owners = find_owners(connection, profile.identities)
    alike = find_look_alikes(connection, suggestion_keys(profile))
    return {contact_id, *owners.contact_ids, *alike.contact_ids}, len(owners.crowded) + alike.crowded


def _profile_of(connection: sa.Connection, contact_id: int) -> Profile:
    standing = canonical_ids(connection, [contact_id])
    if contact_id not in standing:
        raise UsageError(f"there is no contact {contact_id}")
    if standing[contact_id] != contact_id:
        raise UsageError(f"contact {contact_id} was merged into {standing[contact_id]}; ask for that one")
    return load_profiles(connection, [contact_id])[contact_id]


@task(name="decide-duplicates", cache_policy=NO_CACHE)
def decide_duplicates(
    desk: Desk, action: Action, contacts: Sequence[int], merge_id: int, who: str, note: str, now: datetime
) -> dict[str, int]:
    """Do what a person decided about two contacts, or about an earlier merge, in one transaction with its event.

    merge: the second of `contacts` goes into the first; unmerge: `merge_id` is undone; not_the_same: they are never
    joined; same_again: that word is taken back. Saying the same twice changes nothing. Returns what was done.
    Raises UsageError for what cannot be done, and for somebody who is not on the staff.
    """
    with writing(desk.engine) as connection:
        person_id = find_person(connection, who)
        if person_id is None:
            raise UsageError("nobody on the staff has this key or mail address: who decides?")
        actor = f"person:{person_id}"
        if action == "unmerge":
            return unmerge(connection, merge_id, actor, now)
        if len(set(contacts)) != 2 or len(contacts) != 2:
            raise UsageError("name two different contacts")
        keep, other = contacts
        if action == "merge":
            return merge(connection, keep, other, actor, note, now)
        return _part(connection, (keep, other), actor, note, now, is_taken_back=action == "same_again")


def merge(
    connection: sa.Connection, keep_id: int, other_id: int, actor: str, note: str, now: datetime
) -> dict[str, int]:
    """Merge `other_id` into `keep_id`; nothing when they are one already. The caller holds the write transaction."""
    standing = canonical_ids(connection, [keep_id, other_id])
    for contact_id in (keep_id, other_id):
        if contact_id not in standing:
            raise UsageError(f"there is no contact {contact_id}")
    winner, loser = standing[keep_id], standing[other_id]
    if winner == loser:
        return {"merged": 0}
    if pairs_apart(connection, (winner, loser)):
        raise UsageError(
            f"somebody said that contacts {keep_id} and {other_id} are not the same; "
            f"take that back first: ./callout not-the-same {keep_id} {other_id} --undo"
        )
    profiles = load_profiles(connection, (winner, loser))
    evidence = tuple(
        one.kind for one in judge(profiles[winner], profiles[loser], shared_among(connection, profiles)).evidence
    )
    merge_id = merge_contacts(connection, NewMerge(winner, loser, evidence, actor, note, now))
    data = {"merge_id": merge_id, "loser_id": loser, "evidence": list(evidence), "note": note}
    record_event(connection, NewEvent(f"merge:{merge_id}", now, "contact", winner, "contact.merged", actor, data))
    return {"merged": 1, "merge_number": merge_id}


def unmerge(connection: sa.Connection, merge_id: int, actor: str, now: datetime) -> dict[str, int]:
    """Undo a merge; nothing when it is undone already. Merges made upon it are undone first."""
    found = load_merge(connection, merge_id)
    if found is None:
        raise UsageError(f"there is no merge {merge_id}; see ./callout duplicates --merged")
    if found.undone_at is not None:
        return {"unmerged": 0}
    later = later_merges(connection, found)
    if later:
        raise UsageError(f"merge {merge_id} was built upon; undo {', '.join(map(str, later))} first, in this order")
    undo_merge(connection, found, actor, now)
    data = {"merge_id": merge_id, "loser_id": found.loser_id}
    key = f"unmerge:{merge_id}"
    record_event(connection, NewEvent(key, now, "contact", found.winner_id, "contact.unmerged", actor, data))
    return {"unmerged": 1}


def _part(
    connection: sa.Connection, pair: tuple[int, int], actor: str, note: str, now: datetime, *, is_taken_back: bool
) -> dict[str, int]:
    for contact_id in pair:
        if load_contact(connection, contact_id) is None:
            raise UsageError(f"there is no contact {contact_id}")
    if is_taken_back:
        return {"taken_back": int(take_back_apart(connection, pair))}
    standing = canonical_ids(connection, pair)
    if len(set(standing.values())) == 1:
        raise UsageError("they are merged; undo the merge first: ./callout unmerge NUMBER")
    is_new = say_apart(connection, pair, actor, note, now)
    if is_new:
        one, other = sorted(pair)
        event = NewEvent(
            f"not-the-same:{one}:{other}:{now.isoformat()}",
            now,
            "contact",
            one,
            "contact.not_the_same",
            actor,
            {"other_id": other, "note": note},
        )
        record_event(connection, event)
    return {"kept_apart": int(is_new)}


def recent_merges(desk: Desk, limit: int) -> list[Merge]:
    """The newest merges, undone ones too."""
    with reading(desk.engine) as connection:
        return list_merges(connection, limit)
