"""Straightening Prefect's record at start, before a worker polls.

A run left Running by a dead machine holds the one slot of its deployment, and every later run would be cancelled.
How we know: a run inside a daemon or command carries its process (host, number, start time) in a tag from its creation;
a worker's run carries the worker's name, which is the host's, and its process carries the run's id in its environment.
"""

from __future__ import annotations

from tasks.upkeep import close_left_overs, free_stale_slots, other_hosts_at_work, skip_missed_runs

GRACE_SECONDS = 300.0


def reconcile_at_start() -> dict[str, int]:
    """Close left-overs, free their slots, and leave one missed run per deployment; counts.

    Nothing of this host runs yet, so a claimed run needs no grace, unless another host's worker may have claimed it.
    """
    grace_seconds = GRACE_SECONDS if other_hosts_at_work() else 0.0
    counts = close_left_overs.fn(grace_seconds)
    return {**counts, "slots_freed": free_stale_slots.fn(), "missed_skipped": skip_missed_runs.fn()}
