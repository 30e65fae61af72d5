"""The telephony report's figures a second time, in plain pandas over the single calls: no facts, no bins, no rules."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from tasks.rules.office import ServiceLevel

_CALLS = "SELECT * FROM call WHERE direction = 'in'"
_LEFT = "SELECT DISTINCT call_key FROM queue_event WHERE kind IN ('EXITWITHTIMEOUT', 'EXITEMPTY', 'EXITWITHKEY')"


def incoming_frame(connection: sa.Connection, zone: str) -> pd.DataFrame:
    """The incoming calls with their local weekday and hour, and whether the queue let them go."""
    frame = pd.read_sql(sa.text(_CALLS), connection)
    left = set(pd.read_sql(sa.text(_LEFT), connection)["call_key"])
    local = pd.to_datetime(frame["started_at"], utc=True).dt.tz_convert(zone)
    return frame.assign(
        weekday=local.dt.day_of_week,
        hour=local.dt.hour,
        queue=frame["queue"].fillna(""),
        flow_out=frame["linked_id"].isin(left) & frame["queue"].notna(),
    )


def frame_figures(frame: pd.DataFrame, level: ServiceLevel) -> dict[str, Any]:
    """Counts, the four service levels in percent, and waits of these calls; for calls whose waits are all known."""
    answered, abandoned = frame["outcome"] == "answered", frame["outcome"] == "abandoned"
    soon = frame["wait_seconds"] <= level.threshold_seconds
    short = abandoned & (frame["wait_seconds"] < level.short_abandon_seconds)
    within, offered = (answered & soon).sum(), len(frame)
    return {
        "offered": offered,
        "answered": int(answered.sum()),
        "abandoned": int(abandoned.sum()),
        "short_abandons": int(short.sum()),
        "talk": int(frame.loc[answered, "talk_seconds"].sum()),
        "asa": frame.loc[answered, "wait_seconds"].mean(),
        "wait_p90": np.percentile(frame["wait_seconds"], 90, method="inverted_cdf"),
        "levels": {
            "offered": 100 * within / offered,
            "offered_without_short": 100 * within / (offered - short.sum()),
            "answered": 100 * within / answered.sum(),
            "offered_with_abandoned": 100 * (within + (abandoned & soon).sum()) / offered,
        },
    }
