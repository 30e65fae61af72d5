"""Waiting for other processes: a bound against hanging, never a claim about speed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import psutil


def wait_for(found: Callable[[], Any], seconds: float) -> Any:
    """The first true answer of `found`; fails when there is none within `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(0.1)
    raise AssertionError(f"nothing within {seconds} s")


def is_gone(pid: int) -> bool:
    """Whether the process has ended (a zombie has)."""
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
