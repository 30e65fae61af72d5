"""The list of contacts that may be one person: what would be merged, and what only a person can tell."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tasks.rules.matching.evidence import Evidence, evidence_words
from tasks.rules.matching.judging import Decision, SharedIdentities
from tasks.rules.matching.profiles import Profile
from tasks.rules.matching.resolving import Pair, resolve
from tasks.rules.text_table import text_table

_HEAD = {"en": ("keep", "other", "", "why"), "ru": ("оставить", "другой", "", "почему")}
_DECISIONS = {
    "en": {"link": "would merge", "suggest": "perhaps"},
    "ru": {"link": "слить", "suggest": "возможно"},
}
_NONE = {"en": "No duplicates found.", "ru": "Дубликатов не найдено."}
_CROWDED = {
    "en": "{count} addresses, numbers or names are too common to compare everybody who has them.",
    "ru": "Слишком частые адреса, номера и имена, всех не сравнить: {count}.",
}


@dataclass(frozen=True, slots=True)
class DuplicatePair:
    """Two contacts (the older one is kept), the decision and its evidence."""

    keep_id: int
    other_id: int
    decision: Decision
    score: float
    evidence: tuple[Evidence, ...]


def duplicate_pairs(
    profiles: Mapping[int, Profile],
    apart: Iterable[Pair],
    shared: SharedIdentities,
    about: Collection[int] | None = None,
) -> tuple[DuplicatePair, ...]:
    """Every pair that would be merged or is suggested, the surest first; `about`: only pairs with one of these."""
    found = resolve(profiles, apart, shared=shared, about=about)
    pairs = [
        DuplicatePair(one, other, judged.decision, judged.score, judged.evidence)
        for (one, other), judged in (*found.links.items(), *found.suggestions.items())
    ]
    return surest_first(pairs)


def surest_first(pairs: Iterable[DuplicatePair]) -> tuple[DuplicatePair, ...]:
    """The order of every list of pairs: what would be merged, then what weighs most."""
    return tuple(sorted(pairs, key=lambda pair: (pair.decision != "link", -pair.score, pair.keep_id, pair.other_id)))


def duplicate_lines(pairs: Sequence[DuplicatePair], crowded: int, language: str) -> list[str]:
    """The list for the person who decides."""
    rows = [
        (pair.keep_id, pair.other_id, _DECISIONS[language][pair.decision], evidence_words(pair.evidence, language))
        for pair in pairs
    ]
    lines = text_table(_HEAD[language], rows) if rows else [_NONE[language]]
    return [*lines, *([_CROWDED[language].format(count=crowded)] if crowded else [])]


def duplicate_json(pairs: Sequence[DuplicatePair], crowded: int, language: str) -> dict[str, Any]:
    """The same for a script."""
    found = [
        {
            "keep": pair.keep_id,
            "other": pair.other_id,
            "decision": pair.decision,
            "score": pair.score,
            "evidence": [one.kind for one in pair.evidence],
            "words": evidence_words(pair.evidence, language),
        }
        for pair in pairs
    ]
    return {"pairs": found, "crowded": crowded}
