"""Who gets the work: the least loaded of a role who is present, a substitute for somebody absent, ties by key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Away:
    """Days of absence, both inclusive; `substitute` is a person's ref or ''."""

    first_day: date
    last_day: date
    substitute: str


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff as rules see one. `ref` is person:ID, `key` the short name of the office folder."""

    ref: str
    key: str
    name: str
    roles: frozenset[str]
    absences: tuple[Away, ...] = ()

    def absence_on(self, day: date) -> Away | None:
        """The absence that covers `day`."""
        return next((away for away in self.absences if away.first_day <= day <= away.last_day), None)


Staff = Mapping[str, Member]


def stand_in(staff: Staff, ref: str, day: date) -> str:
    """Who acts for `ref` on `day`: the person, else the substitute (of the substitute …), else the person again."""
    seen: set[str] = set()
    current = ref
    while current in staff and current not in seen:
        seen.add(current)
        away = staff[current].absence_on(day)
        if away is None:
            return current
        current = away.substitute
    return ref


def present_in_role(staff: Staff, role: str, day: date) -> list[str]:
    """The present members of a role by key; when all are away, those who stand in for them."""
    members = sorted((m for m in staff.values() if role in m.roles), key=lambda member: member.key)
    present = [member.ref for member in members if member.absence_on(day) is None]
    return present or list(dict.fromkeys(stand_in(staff, member.ref, day) for member in members))


def least_loaded(staff: Staff, role: str, loads: Mapping[str, int], day: date) -> str | None:
    """The one of a role with the least open work; of equals the first by key; None when nobody has the role."""
    choice = present_in_role(staff, role, day)
    return min(choice, key=lambda ref: (loads.get(ref, 0), staff[ref].key), default=None)


def speaks_for(staff: Staff, actor: str, ref: str, day: date) -> bool:
    """Whether `actor` may answer for `ref` on `day`: as that person, or standing in for them."""
    return actor == ref or (ref in staff and stand_in(staff, ref, day) == actor)


def evenness(shares: Mapping[str, float]) -> float | None:
    """How evenly work is spread over people, 1 for equal shares down to 1/n when one has it all; None without work.

    Jain's fairness index (R. Jain et al., DEC-TR-301, 1984) over each person's share per day at work.
    """
    squares = sum(share * share for share in shares.values())
    return sum(shares.values()) ** 2 / (len(shares) * squares) if squares else None
