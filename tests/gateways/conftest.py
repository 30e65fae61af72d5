"""Providers of call lists for the time of a test, and readers that do not wait for them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tasks.gateways.call_logs import http_lists
from tests.samples.call_list_hosts import TwilioHost, ZadarmaHost, open_host


@pytest.fixture
def quick_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is busy is asked again at once."""
    monkeypatch.setattr(http_lists, "_PAUSE_SECONDS", 0.01)


@pytest.fixture
def zadarma() -> Iterator[ZadarmaHost]:
    """A Zadarma without calls."""
    with open_host(ZadarmaHost()) as host:
        yield host


@pytest.fixture
def twilio() -> Iterator[TwilioHost]:
    """A Twilio without calls."""
    with open_host(TwilioHost()) as host:
        yield host
