"""How many people a call load needs: Erlang's formulas (A. K. Erlang 1917; Erlang C for callers who wait).

The model knows no caller who gives up and no peak within the hour: it asks for rather more people than are needed.
"""

from __future__ import annotations

import math

_MOST_AGENTS = 10_000


def erlangs(calls_per_hour: float, handling_seconds: float) -> float:
    """The load in erlangs: how many calls are held at a time on average."""
    return calls_per_hour * handling_seconds / 3600


def waiting_share(load: float, agents: int) -> float:
    """The share of callers who have to wait (Erlang C), 0 to 1; 1 when the load is too much for so few."""
    if load <= 0:
        return 0.0
    if agents <= load:
        return 1.0
    blocked = 1.0
    for number in range(1, agents + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked / (1 - load / agents * (1 - blocked))


def expected_level(calls_per_hour: float, handling_seconds: float, agents: int, threshold_seconds: float) -> float:
    """The share of calls, 0 to 1, that so many agents answer within the threshold."""
    load = erlangs(calls_per_hour, handling_seconds)
    if load <= 0:
        return 1.0
    return 1 - waiting_share(load, agents) * math.exp(-(agents - load) * threshold_seconds / handling_seconds)


def needed_agents(calls_per_hour: float, handling_seconds: float, target: float, threshold_seconds: float) -> int:
    """The fewest agents who answer the share `target` (0 to below 1) of the calls within the threshold."""
    load = erlangs(calls_per_hour, handling_seconds)
    if load <= 0:
        return 0
    first = math.floor(load) + 1
    return next(
        agents
        for agents in range(first, first + _MOST_AGENTS)
        if expected_level(calls_per_hour, handling_seconds, agents, threshold_seconds) >= target
    )
