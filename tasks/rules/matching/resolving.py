"""Many records at once: which of them are one person, without comparing everything with everything."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations

from tasks.rules.matching.blocking import match_keys
from tasks.rules.matching.evidence import Evidence
from tasks.rules.matching.judging import NOTHING_SHARED, Judgement, SharedIdentities, compare_profiles, judge
from tasks.rules.matching.profiles import Identity, Profile, identity_reach, join_profiles

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Resolution:
    """What belongs together: clusters of records, pairs for a person to decide, and what was left out, never silently.

    `crowded` are keys that more records share than are compared with each other.
    """

    clusters: tuple[tuple[int, ...], ...]
    suggestions: Mapping[Pair, Judgement]
    links: Mapping[Pair, Judgement]
    crowded: tuple[str, ...] = ()


@dataclass
class _Groups:
    """Records joined so far; two groups join only when no name of one conflicts with a name of the other."""

    group_of: dict[int, int]
    members: dict[int, list[int]]
    profiles: dict[int, Profile] = field(default_factory=dict)

    def are_apart(self, one: int, other: int, apart: set[Pair]) -> bool:
        """Whether a person said so of any two members."""
        left, right = (self.members[self.group_of[member]] for member in (one, other))
        return any(_pair(a, b) in apart for a in left for b in right) if apart else False

    def is_nameless(self, *members: int) -> bool:
        """Whether one of the groups has no name yet."""
        return not all(self.profiles[self.group_of[member]].names for member in members)

    def fit(self, one: int, other: int, shared: SharedIdentities) -> bool:
        """Whether all that is known of both still says so."""
        left, right = (self.profiles[self.group_of[member]] for member in (one, other))
        return left is right or judge(left, right, shared).decision == "link"

    def join(self, one: int, other: int) -> bool:
        left, right = self.group_of[one], self.group_of[other]
        if left == right:
            return True
        names = compare_profiles(self.profiles[left], self.profiles[right])
        if names.conflicts:
            return False
        self.profiles[left] = join_profiles(self.profiles[left], self.profiles.pop(right))
        for member in self.members[right]:
            self.group_of[member] = left
        self.members[left] += self.members.pop(right)
        return True


def resolve(
    profiles: Mapping[int, Profile],
    not_the_same: Iterable[Pair] = (),
    *,
    shared: SharedIdentities = NOTHING_SHARED,
    most_in_block: int = 200,
    about: Collection[int] | None = None,
) -> Resolution:
    """Find the clusters among `profiles` (by id) and what only a person can decide.

    Identities used under conflicting names are taken as shared, and those known to be (`shared`). `not_the_same` pairs
    are never joined. `about`: only pairs with one of these are compared; the others are there to be compared with.
    """
    apart = {_pair(*pair) for pair in not_the_same}
    pairs, crowded = _candidates(profiles, most_in_block)
    if about is not None:
        pairs = {pair for pair in pairs if pair[0] in about or pair[1] in about}
    shared = join_shared(shared, shared_identities(profiles))
    judged = {pair: judge(profiles[pair[0]], profiles[pair[1]], shared) for pair in pairs if pair not in apart}
    links = {pair: found for pair, found in judged.items() if found.decision == "link"}
    suggestions = {pair: found for pair, found in judged.items() if found.decision == "suggest"}
    for pair in _torn(links, profiles):
        suggestions[pair] = _torn_judgement(links.pop(pair))
    groups = _Groups({i: i for i in profiles}, {i: [i] for i in profiles}, dict(profiles))
    # records without a name come last, when everything known of a person is together
    for pair in sorted(links, key=lambda one: (groups.is_nameless(*one), -links[one].score, one)):
        if groups.are_apart(*pair, apart) or not groups.fit(*pair, shared) or not groups.join(*pair):
            suggestions[pair] = _torn_judgement(links.pop(pair))
    _join_by_all_known(groups, suggestions, links, apart, shared)
    clusters = tuple(tuple(sorted(members)) for members in groups.members.values())
    left = {pair: found for pair, found in suggestions.items() if groups.group_of[pair[0]] != groups.group_of[pair[1]]}
    return Resolution(clusters, left, links, crowded)


def _join_by_all_known(
    groups: _Groups,
    suggestions: dict[Pair, Judgement],
    links: dict[Pair, Judgement],
    apart: set[Pair],
    shared: SharedIdentities,
) -> None:
    """What was doubtful between two records may be certain between all that is known of either person."""
    torn = Evidence("fits_others")
    for pair in sorted(suggestions, key=lambda one: (-suggestions[one].score, one)):
        left, right = (groups.group_of[member] for member in pair)
        if left == right or torn in suggestions[pair].evidence or groups.are_apart(*pair, apart):
            continue
        found = judge(groups.profiles[left], groups.profiles[right], shared)
        if found.decision == "link" and groups.join(*pair):
            links[pair] = found
            del suggestions[pair]


def shared_identities(profiles: Mapping[int, Profile]) -> SharedIdentities:
    """Personal addresses and numbers that appear under conflicting names."""
    users: dict[Identity, list[Profile]] = defaultdict(list)
    for profile in profiles.values():
        for identity in profile.identities:
            if profile.names and identity_reach(identity) != "company":
                users[identity].append(profile)
    conflicts = {identity: conflicts_among(found) for identity, found in users.items() if len(found) > 1}
    return SharedIdentities(
        frozenset(identity for identity, found in conflicts.items() if found),
        frozenset(identity for identity, found in conflicts.items() if ("patronymic",) in found),
    )


def join_shared(one: SharedIdentities, other: SharedIdentities) -> SharedIdentities:
    """What either says."""
    return SharedIdentities(one.identities | other.identities, one.namesakes | other.namesakes)


def conflicts_among(users: Iterable[Profile]) -> set[tuple[str, ...]]:
    """In what the names of those who use one identity conflict, two by two; only the patronymic: namesakes."""
    different = {user.names: user for user in users}
    pairs = combinations(different.values(), 2)
    return {conflicts for one, other in pairs if (conflicts := compare_profiles(one, other).conflicts)}


def _candidates(profiles: Mapping[int, Profile], most_in_block: int) -> tuple[set[Pair], tuple[str, ...]]:
    """Pairs that share an identity or a key; an identity's block is never left out for its size."""
    blocks: dict[str, list[int]] = defaultdict(list)
    for number, profile in profiles.items():
        for key in match_keys(profile):
            blocks[key].append(number)
    crowded = tuple(key for key, members in blocks.items() if len(members) > most_in_block)
    for key in crowded:
        del blocks[key]
    pairs = {_pair(*pair) for members in blocks.values() for pair in combinations(members, 2)}
    return pairs, crowded


def _torn(links: Mapping[Pair, Judgement], profiles: Mapping[int, Profile]) -> Iterator[Pair]:
    """Links of a record that fits two who are not one person: each may be wrong, so a person decides."""
    partners: dict[int, list[int]] = defaultdict(list)
    for one, other in links:
        partners[one].append(other)
        partners[other].append(one)
    torn = set()
    for middle, around in partners.items():
        for one, other in combinations(around, 2):
            if compare_profiles(profiles[one], profiles[other]).conflicts:
                torn |= {_pair(middle, one), _pair(middle, other)}
    yield from sorted(torn)


def _torn_judgement(found: Judgement) -> Judgement:
    return Judgement("suggest", (*found.evidence, Evidence("fits_others")))


def _pair(one: int, other: int) -> Pair:
    return (one, other) if one < other else (other, one)
