"""Keeping the telephony facts current: the days whose calls are new or changed, and the last few."""

from __future__ import annotations

from datetime import datetime

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.desk import Desk
from tasks.gateways.store.call_facts import refresh_facts

LAST_DAYS = 3


@task(name="refresh-call-facts", cache_policy=NO_CACHE)
def refresh_call_facts(desk: Desk, now: datetime, last_days: int = 0) -> dict[str, int]:
    """Make the facts of the touched days anew, and of the `last_days` days up to `now`; counts the days."""
    return refresh_facts(desk.engine, desk.office.zone, now, last_days)
