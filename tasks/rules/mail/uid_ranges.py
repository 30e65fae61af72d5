"""Sets of message numbers as runs, the way IMAP writes them (RFC 9051 sequence-set): small however large the folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UidRanges:
    """Numbers as runs (first, last), ascending, none touching the next."""

    runs: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, uids: Iterable[int]) -> UidRanges:
        """These numbers, in any order."""
        return cls(_joined((uid, uid) for uid in sorted(uids)))

    @classmethod
    def parse(cls, text: str) -> UidRanges:
        """Read what `str` wrote."""
        pairs = (run.partition(":") for run in text.split(",") if run)
        return cls(tuple((int(first), int(last or first)) for first, _, last in pairs))

    def __str__(self) -> str:
        return ",".join(f"{first}:{last}" if last > first else f"{first}" for first, last in self.runs)

    def __iter__(self) -> Iterator[int]:
        return (uid for first, last in self.runs for uid in range(first, last + 1))

    def __len__(self) -> int:
        return sum(last - first + 1 for first, last in self.runs)

    def __or__(self, other: UidRanges) -> UidRanges:
        if not self.runs or not other.runs:
            return self if self.runs else other
        return UidRanges(_joined(sorted((*self.runs, *other.runs))))

    def __sub__(self, other: UidRanges) -> UidRanges:
        if not self.runs or not other.runs:
            return self
        return UidRanges(tuple(_without(self.runs, other.runs)))


NO_UIDS = UidRanges()


def _joined(runs: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Ascending runs, those that touch or overlap made one."""
    found: list[tuple[int, int]] = []
    for first, last in runs:
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)


def _without(runs: Iterable[tuple[int, int]], holes: tuple[tuple[int, int], ...]) -> Iterator[tuple[int, int]]:
    at = 0
    for first, last in runs:
        start = first
        while at < len(holes) and holes[at][1] < start:
            at += 1
        hole = at
        while hole < len(holes) and holes[hole][0] <= last:
            if start < holes[hole][0]:
                yield start, holes[hole][0] - 1
            start = holes[hole][1] + 1
            hole += 1
        if start <= last:
            yield start, last
