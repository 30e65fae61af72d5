"""Are two records one person: link (sure enough to do it alone), suggest (a person decides), or none.

An exact address or number that belongs to one person links when the names allow it; a name alone never does. A name
conflict outweighs everything. What an identity is worth when several people use it is decided here too: little.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tasks.rules.matching.evidence import Evidence
from tasks.rules.matching.identities import mail_reach
from tasks.rules.matching.name_comparison import ABBREVIATED, AGREES, NameComparison, compare_names
from tasks.rules.matching.profiles import Identity, Profile, identity_reach
from tasks.rules.matching.slips import (
    contradicts_name,
    has_number,
    is_mail_slip,
    is_phone_slip,
    local_part,
    spells_name,
)


@dataclass(frozen=True, slots=True)
class SharedIdentities:
    """Identities used by several people; `namesakes`: those whose users have one given name (father and son)."""

    identities: frozenset[Identity] = frozenset()
    namesakes: frozenset[Identity] = frozenset()


NOTHING_SHARED = SharedIdentities()
Decision = Literal["link", "suggest", "none"]
_NO_COMPARISON = NameComparison("missing", "missing", "missing")
_STRONG = frozenset({"same_mail", "same_mobile"})
_SHARED = frozenset({"shared_mail", "shared_mobile"})
_MEDIUM = _SHARED | {"same_number", "family_mail", "family_mobile"}
_FULL = frozenset({"whole_name", "full_name", "full_name_short", "full_name_typo"})
_AROUND = frozenset({"same_company", "same_domain", "same_landline", "same_role_mail", "same_extension"})
_GIVEN = frozenset({"first_name", "first_and_middle"})
_INITIAL_AND_LAST = frozenset({"initial_and_last", "initials_and_last"})
_INITIAL = frozenset({"initials", "first_initial"}) | _INITIAL_AND_LAST
_SLIPS = frozenset({"similar_mail", "similar_phone", "same_local_part"})


@dataclass(frozen=True, slots=True)
class Judgement:
    """The decision about two records, with its evidence, the weightiest first."""

    decision: Decision
    evidence: tuple[Evidence, ...] = ()

    @property
    def score(self) -> float:
        """The sum of the weights."""
        return sum(one.weight for one in self.evidence)

    @property
    def is_vetoed(self) -> bool:
        """Names conflict, or a person said no."""
        return any(one.weight <= -99 for one in self.evidence)


def judge(one: Profile, other: Profile, shared: SharedIdentities = NOTHING_SHARED) -> Judgement:
    """Decide about two records; `shared` says which identities are used by several people."""
    names = compare_profiles(one, other)
    if names.conflicts:
        return Judgement("none", tuple(Evidence(f"{part}_conflict") for part in names.conflicts))
    exact = _exact(one, other, shared)
    kinds = [
        *exact,
        *_around(one, other),
        *_slips(one, other, exact),
        *_other_in_address(one, other),
        *_other_mail(one, other, exact),
        *_other_phone(one, other, exact),
        _name_evidence(one, other, names),
    ]
    kinds += ["last_name_differs"] if "last" in names.doubts else []
    kinds += ["middle_name_differs"] if "patronymic" in names.doubts else []
    evidence = tuple(sorted((Evidence(kind) for kind in kinds if kind), key=lambda piece: -piece.weight))
    return Judgement(_decide(set(kinds), names), evidence)


def compare_profiles(one: Profile, other: Profile) -> NameComparison:
    """The best agreement of any two names, with the conflicts and doubts of all of them."""
    pairs = [compare_names(left, right) for left in one.names for right in other.names]
    if not pairs:
        return _NO_COMPARISON
    conflicts = tuple(dict.fromkeys(part for pair in pairs for part in pair.conflicts))
    best = max(pairs, key=lambda pair: (pair.is_whole, pair.is_full, -len(pair.doubts), pair.first in AGREES))
    doubts = () if best.is_full and "patronymic" not in best.doubts else best.doubts
    return NameComparison(
        best.first,
        best.middle,
        best.last,
        conflicts,
        doubts,
        best.is_female,
        best.is_gender_known,
        any(pair.may_be_namesakes for pair in pairs),
    )


def _exact(one: Profile, other: Profile, shared: SharedIdentities) -> list[str]:
    """The identities both have, each by what it is worth."""
    return [_identity_kind(identity, shared) for identity in sorted(one.identities & other.identities)]


def _identity_kind(identity: Identity, shared: SharedIdentities) -> str:
    kind, value = identity
    is_shared = identity in shared.identities
    family = "family" if identity in shared.namesakes else "shared"
    reach = identity_reach(identity)
    if kind == "mail":
        if reach == "company":
            return "same_role_mail"
        return f"{family}_mail" if is_shared else "same_mail"
    if reach == "company":
        return "same_extension" if ";" in value else "same_landline"
    if is_shared:
        return f"{family}_mobile"
    return "same_mobile" if reach == "person" else "same_number"


def _around(one: Profile, other: Profile) -> list[str]:
    found = ["same_company"] if one.companies & other.companies else []
    if one.domains & other.domains:
        found.append("same_domain")
    bases = [{phone.e164 for phone in profile.phones if phone.reach == "company"} for profile in (one, other)]
    if bases[0] & bases[1]:
        found.append("same_landline")
    return found


def _slips(one: Profile, other: Profile, exact: list[str]) -> list[str]:
    """What is nearly the same. Looked for only where nothing personal is the same."""
    found = []
    for spelled, named in ((one, other), (other, one)):
        is_unsaid = not any(name.last for name in spelled.names)
        if is_unsaid and any(spells_name(mail, name) for mail in spelled.mails for name in named.names):
            found.append("mail_spells_name")
    if any(kind in _STRONG for kind in exact):
        return found
    mails = [(left, right) for left in one.mails for right in other.mails if left != right]
    personal = [pair for pair in mails if mail_reach(pair[0]) == "person" == mail_reach(pair[1])]
    if any(is_mail_slip(left, right) and not _spell_others(left, right, one, other) for left, right in personal):
        found.append("similar_mail")
    elif any(local_part(left) == local_part(right) for left, right in personal):
        names = (*one.names, *other.names)
        is_only_name = any(spells_name(left, name) and not has_number(left) for left, _ in personal for name in names)
        found += [] if is_only_name else ["same_local_part"]
    if any(is_phone_slip(left.e164, right.e164) for left in one.phones for right in other.phones):
        found.append("similar_phone")
    return found


def _spell_others(left: str, right: str, one: Profile, other: Profile) -> bool:
    """Whether either address is named after somebody else than the other record's person: melnika@ and melniky@."""
    return any(contradicts_name(left, name) for name in other.names) or any(
        contradicts_name(right, name) for name in one.names
    )


def _other_in_address(one: Profile, other: Profile) -> list[str]:
    """A record without a given name at an address that spells another one than the other record's.

    An initial that does not fit the address either (В. Уварова at her husband's boris.uvarov@) says who it is.
    """
    is_other = any(
        contradicts_name(mail, name)
        for nameless, named in ((one, other), (other, one))
        if not _says_given(nameless)
        for mail in nameless.mails
        if not any(contradicts_name(mail, initial) for initial in nameless.names)
        for name in named.names
    )
    return ["other_in_address"] if is_other else []


def _says_given(profile: Profile) -> bool:
    """Whether a given name is written out: А. may be Anton or Angelika."""
    return any(len(name.first) > 1 for name in profile.names)


def _other_mail(one: Profile, other: Profile, exact: list[str]) -> list[str]:
    """Both have an address of their own, and none in common, beside a number."""
    if not (_SHARED | {"same_mobile"}) & set(exact) or "same_mail" in exact:
        return []
    own = [{mail for mail in profile.mails if mail_reach(mail) == "person"} for profile in (one, other)]
    return ["other_mail"] if own[0] and own[1] and not own[0] & own[1] else []


def _other_phone(one: Profile, other: Profile, exact: list[str]) -> list[str]:
    """The same for their mobiles, beside an address that several use, or that may be another's without a given name."""
    is_doubtful = "shared_mail" in exact or ("same_mail" in exact and not (_says_given(one) and _says_given(other)))
    own = [{phone.e164 for phone in profile.phones if phone.reach != "company"} for profile in (one, other)]
    return ["other_phone"] if is_doubtful and own[0] and own[1] and not own[0] & own[1] else []


def _name_evidence(one: Profile, other: Profile, names: NameComparison) -> str:
    if not one.names or not other.names:
        # a call: the number and nothing else
        says_no_more = any(not said.names and len(said.identities) == 1 for said in (one, other))
        return "says_no_more" if says_no_more and one.names != other.names else "name_missing"
    if names.is_full:
        if names.is_whole:
            return "whole_name"
        if "near" in (names.first, names.last):
            return "full_name_typo"
        return "full_name_short" if names.first == "variant" else "full_name"
    if names.last in AGREES:
        if names.first != "initial":
            return "last_name"
        return "initials_and_last" if names.middle in ABBREVIATED else "initial_and_last"
    if names.first in AGREES:
        return "first_and_middle" if names.middle in AGREES else "first_name"
    if names.first == "initial":
        return "initials" if names.middle in ABBREVIATED else "first_initial"
    return "name_missing"


def _decide(have: set[str], names: NameComparison) -> Decision:
    if have & _STRONG and _may_link(have, names):
        return "link"
    if "whole_name" in have and have & _MEDIUM:
        return "link"
    if have & _FULL and not names.doubts and "same_number" in have:
        return "link"
    if have & _SHARED and not have & {"other_mail", "other_phone"} and _is_one_of_several(have, names):
        return "link"
    return "suggest" if _may_suggest(have, names) else "none"


def _may_link(have: set[str], names: NameComparison) -> bool:
    """Whether the names allow what a personal address or number says."""
    is_double = have >= _STRONG
    if names.doubts:
        # a married name: the given name stays, and the patronymic, the address or two identities
        is_married = names.doubts == ("last",) and names.first in AGREES and names.is_female
        return is_married and (is_double or "same_mail" in have or names.middle in AGREES)
    if "other_mail" in have and (names.may_be_namesakes or not have & (_FULL | _GIVEN)):
        return False
    if have & (_FULL | _GIVEN):
        return True
    if have & {"other_in_address", "other_phone"}:
        return False
    if have & _INITIAL:
        return True
    return is_double or bool(have & {"same_mail", "says_no_more"})


def _is_one_of_several(have: set[str], names: NameComparison) -> bool:
    """Whether a number or address that a family shares still points at one of them: not where a son may be named after
    his father, nor where Саша may be the husband or the wife."""
    is_certain = names.is_gender_known and not names.may_be_namesakes and not names.doubts
    return is_certain and bool(have & _FULL or (have & _GIVEN and names.middle in AGREES))


def _may_suggest(have: set[str], names: NameComparison) -> bool:
    if have & _STRONG:
        return True
    if "other_mail" in have:
        return _is_likely(have)
    if have & _MEDIUM:
        is_spelled = "mail_spells_name" in have and "shared_mail" not in have
        return is_spelled or bool(have & (_FULL | _GIVEN | _INITIAL | {"similar_mail"}))
    if names.doubts:
        return False
    if have & _FULL:
        return bool(have & (_AROUND | _SLIPS))
    if have & _AROUND and have & (_INITIAL_AND_LAST | {"mail_spells_name", "first_and_middle"}):
        return True
    if "similar_mail" in have:
        return bool(have & (_GIVEN | _INITIAL | {"mail_spells_name", "last_name"}))
    return "similar_phone" in have and bool(have & (_GIVEN | _INITIAL_AND_LAST | {"mail_spells_name"}))


def _is_likely(have: set[str]) -> bool:
    """Two addresses of their own beside a number that a family shares."""
    return bool(have & (_FULL | {"similar_mail"}) or "first_and_middle" in have or "initials_and_last" in have)
