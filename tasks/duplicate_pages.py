"""The list of duplicates page by page: what a page costs depends on what stands on it, not on how many contacts exist.

First come contacts who have an address or number in common, then those who only look alike; each part goes by the id of
the older contact of a pair. A pair stands on one page, judged as if all contacts were compared at once: with everybody
who has something in common with either of the two, and with those whom they may be.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from tasks.desk import Desk
from tasks.gateways.store.connection import reading
from tasks.gateways.store.duplicates import contacts_after, contacts_sharing, later_look_alikes, pairs_apart
from tasks.gateways.store.identity_index import load_profiles, shared_among
from tasks.gateways.store.identity_lookup import find_look_alikes, find_owners
from tasks.rules.matching.blocking import suggestion_keys
from tasks.rules.matching.duplicates import DuplicatePair, duplicate_pairs, surest_first
from tasks.rules.matching.judging import judge
from tasks.rules.matching.profiles import Profile

Part = Literal["same", "alike"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: in which part of the list, after which contact."""

    part: Part = "same"
    after: int = 0


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a page may cost. It ends when it has so many `pairs`, or when so many contacts were `compared`, `at_once`.

    `looked_through`: contacts asked of the index whether they share anything, in a `stretch` each. `around`: contacts
    drawn in because they may be one with somebody on the page.
    """

    pairs: int = 50
    compared: int = 100
    at_once: int = 25
    looked_through: int = 20_000
    stretch: int = 5_000
    around: int = 400


@dataclass(frozen=True, slots=True)
class Page:
    """Pairs that may be one person, the surest of this page first; `following` None: nobody is left.

    `crowded`: keys too common to be compared one by one.
    """

    pairs: tuple[DuplicatePair, ...]
    crowded: int
    following: Place | None


def duplicate_page(desk: Desk, place: Place, bounds: Bounds | None = None) -> Page:
    """The page that begins at a place."""
    with reading(desk.engine) as connection:
        page = _Making(connection, bounds or Bounds())
        following = page.go_on(place)
        return Page(surest_first(page.pairs), page.crowded, following)


class _Making:
    """One page while it is made; `known` are the profiles read for it."""

    def __init__(self, connection: sa.Connection, bounds: Bounds) -> None:
        self.connection = connection
        self.bounds = bounds
        self.pairs: list[DuplicatePair] = []
        self.crowded = 0
        self.compared = 0
        self.known: dict[int, Profile] = {}

    def go_on(self, place: Place) -> Place | None:
        """Fill the page; where the next one begins."""
        if place.part == "same":
            place = self._go_through_sharing(place.after)
        return self._go_through_alike(place.after) if place.part == "alike" else place

    def _go_through_sharing(self, after: int) -> Place:
        looked_through = 0
        while looked_through < self.bounds.looked_through:
            stretch = contacts_after(self.connection, after, self.bounds.stretch)
            if not stretch:
                return Place("alike")
            for contact_ids in _parts(contacts_sharing(self.connection, after, stretch[-1]), self.bounds.at_once):
                self._compare(contact_ids, is_same=True)
                self.compared += len(contact_ids)
                if self._is_full:
                    return Place("same", contact_ids[-1])
            after, looked_through = stretch[-1], looked_through + len(stretch)
        return Place("same", after)

    def _go_through_alike(self, after: int) -> Place | None:
        while not self._is_full:
            contact_ids = contacts_after(self.connection, after, self.bounds.at_once)
            if not contact_ids:
                return None
            self._compare(self._like_others(contact_ids), is_same=False)
            self.compared += len(contact_ids)
            after = contact_ids[-1]
        return Place("alike", after)

    @property
    def _is_full(self) -> bool:
        return len(self.pairs) >= self.bounds.pairs or self.compared >= self.bounds.compared

    def _like_others(self, contact_ids: Sequence[int]) -> list[int]:
        """Those who may be one with a later contact, by these two alone: others are not asked about any further."""
        near, crowded = later_look_alikes(self.connection, contact_ids)
        self.crowded += crowded
        self._read({*contact_ids, *(other for others in near.values() for other in others)})
        known = self.known
        return [
            number
            for number in contact_ids
            if any(judge(known[number], known[other]).decision != "none" for other in near[number] if other in known)
        ]

    def _compare(self, contact_ids: Sequence[int], *, is_same: bool) -> None:
        """Add the pairs whose older contact is one of these, of one part of the list."""
        keeping, about = set(contact_ids), set(contact_ids)
        while about:
            members, crowded = self._around(about)
            profiles = {number: self.known[number] for number in members}
            apart, shared = pairs_apart(self.connection, members), shared_among(self.connection, profiles)
            found = duplicate_pairs(profiles, apart, shared, about)
            partners = {number for pair in found for number in (pair.keep_id, pair.other_id)} - about
            if not partners or len(about) + len(partners) > self.bounds.around:
                self.crowded += crowded + bool(partners)
                self.pairs += [one for one in found if one.keep_id in keeping and self._is_same(one) == is_same]
                return
            about |= partners

    def _is_same(self, pair: DuplicatePair) -> bool:
        return bool(self.known[pair.keep_id].identities & self.known[pair.other_id].identities)

    def _around(self, about: Collection[int]) -> tuple[set[int], int]:
        """These contacts with everybody who has an identity or a key in common with them."""
        self._read(about)
        profiles = [self.known[number] for number in sorted(about)]
        owners = find_owners(self.connection, {one for profile in profiles for one in profile.identities})
        alike = find_look_alikes(self.connection, {key for profile in profiles for key in suggestion_keys(profile)})
        members = {*about, *owners.contact_ids, *alike.contact_ids}
        self._read(members)
        return members & self.known.keys(), len(owners.crowded) + alike.crowded

    def _read(self, contact_ids: Collection[int]) -> None:
        self.known |= load_profiles(self.connection, set(contact_ids) - self.known.keys())


def _parts(contact_ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(contact_ids), size):
        yield contact_ids[start : start + size]
