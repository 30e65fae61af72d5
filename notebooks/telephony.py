# %% [markdown]
# # The telephone, for analysts
# Reads the same selects as the report (sql/queries on sql/views), so its numbers are the report's numbers.
# The store is the one of the settings: CALLOUT_HOME or CALLOUT_DATABASE_URL, CALLOUT_OFFICE.

# %%
from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd

from flows.opening import open_desk
from tasks.gateways.store.report_rows import read_frame

desk = open_desk()
period = {
    "from": datetime(2026, 11, 1, tzinfo=UTC),
    "until": datetime(2026, 12, 1, tzinfo=UTC),
    "as_of": datetime(2100, 1, 1, tzinfo=UTC),  # everything known; an earlier moment hides what came later
}

# %%
calls = read_frame(desk.engine, "call_rows", **period)
calls["local"] = calls["started_at"].dt.tz_convert(desk.office.zone)
calls["is_answered"] = calls["outcome"] == "answered"
incoming = calls[calls["direction"] == "in"]
print(f"{len(calls)} calls, {len(incoming)} of them incoming")

# %% [markdown]
# ## How many came and how many were answered, by weekday and hour

# %%
by_hour = incoming.pivot_table(
    index=incoming["local"].dt.day_name(),
    columns=incoming["local"].dt.hour,
    values="is_answered",
    aggfunc=["size", "mean"],
)
print(by_hour.round(2).to_string())

# %% [markdown]
# ## Service level by three definitions
# The same calls give three numbers; the office states which one it means.

# %%
level = desk.office.telephony.service_level
known = incoming[incoming["wait_seconds"].notna()]
is_within = known["is_answered"] & (known["wait_seconds"] <= level.threshold_seconds)
is_short = (known["outcome"] == "abandoned") & (known["wait_seconds"] < level.short_abandon_seconds)
service_levels = pd.Series(
    {
        "offered": is_within.mean(),
        "offered_without_short": is_within.sum() / (~is_short).sum(),
        "answered": is_within.sum() / known["is_answered"].sum(),
    }
)
print((100 * service_levels).round(1).to_string())

# %% [markdown]
# ## Waiting and talking by queue

# %%
by_queue = incoming.groupby(incoming["queue"].fillna("")).agg(
    offered=("call_id", "size"),
    answered=("is_answered", "sum"),
    wait_median_seconds=("wait_seconds", "median"),
    talk_seconds=("talk_seconds", "sum"),
)
print(by_queue.to_string())

# %% [markdown]
# ## What became of the missed calls

# %%
missed = read_frame(desk.engine, "missed_rows", **period)
print(missed["state"].value_counts().to_string())
desk.engine.dispose()
