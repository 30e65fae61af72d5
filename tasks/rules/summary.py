"""What a run did, in counts: the same shape for every flow, for the ledger, the command line and the UI."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RunSummary:
    """Counts by name, remarks for people, and the files written (paths)."""

    flow: str
    counts: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
