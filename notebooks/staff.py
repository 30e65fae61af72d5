# %% [markdown]
# # The staff, for analysts
# One row per piece of work (the view person_work), and the courses of leads, deals and tasks.
# The store is the one of the settings: CALLOUT_HOME or CALLOUT_DATABASE_URL, CALLOUT_OFFICE.

# %%
from __future__ import annotations

from datetime import UTC, datetime

from flows.opening import open_desk
from tasks.gateways.store.report_rows import read_frame

desk = open_desk()
period = {
    "from": datetime(2026, 11, 1, tzinfo=UTC),
    "until": datetime(2026, 12, 1, tzinfo=UTC),
    "as_of": datetime(2100, 1, 1, tzinfo=UTC),  # everything known; an earlier moment hides what came later
}

# %%
people = read_frame(desk.engine, "staff_rows").drop_duplicates("person_id").set_index("person_id")["person_name"]
work = read_frame(desk.engine, "work_rows", **period)
work["person"] = work["person_id"].map(people)
done = work.pivot_table(index="person", columns="work", values="entity_id", aggfunc="size", fill_value=0)
print(done.to_string())

# %% [markdown]
# ## What it brought
# deal_won, deal_dispatched and deal_executed name the same money from three sides: never add them up.

# %%
won = work[work["work"] == "deal_won"].groupby("person")["amount"].sum()
print(won.to_string())

# %% [markdown]
# ## How long leads wait until somebody takes them (hours by the clock; the report counts working time)

# %%
leads = read_frame(desk.engine, "lead_rows", **period)
taken = leads[leads["taken_at"].notna()]
waited_hours = (taken["taken_at"] - taken["created_at"]).dt.total_seconds() / 3600
print(waited_hours.groupby(taken["responsible_id"].map(people)).describe().round(2).to_string())

# %% [markdown]
# ## Deadlines of tasks

# %%
tasks = read_frame(desk.engine, "task_rows", **period)
due = tasks[tasks["due_at"].notna() & tasks["closed_at"].notna()]
is_kept = due["closed_at"] <= due["due_at"]
print(is_kept.groupby(due["person_id"].map(people)).agg(["size", "mean"]).round(2).to_string())
desk.engine.dispose()
