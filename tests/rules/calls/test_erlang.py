"""Erlang C against published values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.calls.erlang import erlangs, expected_level, needed_agents, waiting_share


def test_a_hundred_calls_of_three_minutes_need_eight() -> None:
    """As pyworkforce says: 100 calls an hour, 180 s, 80 % in 20 s."""
    assert erlangs(100, 180) == 5.0
    assert needed_agents(100, 180, 0.8, 20) == 8
    assert expected_level(100, 180, 8, 20) == pytest.approx(0.88, abs=0.005)
    assert expected_level(100, 180, 7, 20) < 0.8


@pytest.mark.parametrize(
    ("load", "agents", "share"),
    [(10, 14, 0.1741), (5, 8, 0.1673), (1, 2, 0.3333), (20, 24, 0.2981), (3, 3, 1.0), (0, 0, 0.0)],
)
def test_the_share_that_waits(load: float, agents: int, share: float) -> None:
    assert waiting_share(load, agents) == pytest.approx(share, abs=0.0005)


def test_no_calls_need_nobody() -> None:
    assert needed_agents(0, 180, 0.8, 20) == 0


@given(st.floats(0.5, 3000), st.floats(10, 900), st.floats(0.1, 0.99))
def test_one_fewer_would_not_do(calls: float, talk: float, target: float) -> None:
    agents = needed_agents(calls, talk, target, 20)
    assert expected_level(calls, talk, agents, 20) >= target
    assert agents == 1 or expected_level(calls, talk, agents - 1, 20) < target
