"""Who holds a claim on a row, and whether that process is gone: a killed run's claims are free at once, not after a
lease."""

from __future__ import annotations

import secrets

import psutil

from tasks.gateways.running_processes import host_name, process_tag, read_process_tag
from tasks.rules.left_overs import is_same_start


def claim_mark() -> str:
    """A mark for one round of work: this process, and a random part that no other round in it has."""
    return f"{process_tag()}#{secrets.token_hex(6)}"


def is_holder_gone(mark: str) -> bool:
    """Whether the process that made `mark` has ended; False for another host's, which nobody here can know."""
    process = read_process_tag(mark.rpartition("#")[0])
    if process is None or process[0] != host_name():
        return False
    _, pid, start = process
    try:
        found = psutil.Process(pid)
        return not is_same_start(found.create_time(), start) or found.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
