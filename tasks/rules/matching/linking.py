"""One sender among the contacts already known: whose letter, call or form is it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from tasks.rules.matching.evidence import Evidence
from tasks.rules.matching.judging import Decision, Judgement, SharedIdentities, compare_profiles, judge
from tasks.rules.matching.profiles import Identity, Profile
from tasks.rules.matching.resolving import shared_identities

_SENDER = 0


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A contact who may be the sender, with the evidence."""

    contact_id: int
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Linking:
    """What was decided about one sender. `contact_id` is set when `decision` is link.

    `shared` are identities that this sender proves to be used by several people; `crowded` are keys that led to more
    contacts than are compared one by one.
    """

    decision: Decision
    contact_id: int | None = None
    evidence: tuple[Evidence, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    shared: frozenset[Identity] = frozenset()
    crowded: int = 0


NO_LINK = Linking("none")


def decide_link(sender: Profile, candidates: Mapping[int, Profile], known_shared: frozenset[Identity]) -> Linking:
    """Link when one contact fits and none who fits as well is somebody else; otherwise suggest, the likeliest first."""
    found = shared_identities({**candidates, _SENDER: sender})
    shared = SharedIdentities(found.identities | known_shared, found.namesakes)
    judged = {number: judge(sender, profile, shared) for number, profile in candidates.items()}
    fits = [number for number, one in judged.items() if one.decision == "link"]
    is_torn = any(compare_profiles(candidates[a], candidates[b]).conflicts for a, b in combinations(fits, 2))
    worth = [number for number, one in judged.items() if one.decision != "none"]
    ordered = sorted(worth, key=lambda number: (number not in fits, -judged[number].score, number))
    suggestions = tuple(Suggestion(number, judged[number]) for number in ordered)
    new = found.identities - known_shared
    if not fits or is_torn:
        return Linking("suggest" if suggestions else "none", None, (), suggestions, new)
    best = suggestions[0]
    return Linking("link", best.contact_id, best.judgement.evidence, suggestions[1:], new)
