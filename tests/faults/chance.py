"""The run's seed, and how many kills it does; printed with every test, so that a failure can be played again."""

from __future__ import annotations

import os
import random
import time

KILLS = int(os.environ.get("CALLOUT_FAULT_KILLS", "100"))
SEED = int(os.environ.get("CALLOUT_FAULT_SEED", str(int(time.time()))))


def chance(name: str) -> random.Random:
    """The random numbers of one test."""
    print(f"{name}: CALLOUT_FAULT_SEED={SEED} CALLOUT_FAULT_KILLS={KILLS}")
    return random.Random(f"{SEED} {name}")
