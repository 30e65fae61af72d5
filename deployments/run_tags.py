"""The tags of a run that a daemon or command starts in its own process: ours, by whom, and in which process it lives.

`with prefect.tags(*run_tags("listener")): await some_flow(…)`. The upkeep of runs needs the last one to know whether
the process still lives; a run of ours without it is never closed.
"""

from __future__ import annotations

from tasks.gateways.running_processes import process_tag


def run_tags(origin: str) -> tuple[str, ...]:
    """Tags for a run started by `origin`: listener, command, demo."""
    return "callout", origin, process_tag()
