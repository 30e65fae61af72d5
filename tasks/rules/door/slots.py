"""Times to choose from when a time is to be agreed (C4): the one proposed, and others that would suit as well.

A list field NAME_options beside a time field NAME of the same process holds the other times, ISO 8601 in UTC. Whoever
is asked to confirm NAME may choose one of them instead; all who are asked then confirm that one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from tasks.rules.process.definition import Definition, WorkPart

_SUFFIX = "_options"
MOST = 10


def time_of_options(definition: Definition, field: str) -> str:
    """The time field whose other times `field` holds; '' when it holds none."""
    name = field.removesuffix(_SUFFIX)
    part, options = definition.fields.get(name), definition.fields.get(field)
    is_list = options is not None and options.type == "list"
    return name if name != field and is_list and part is not None and part.type == "time" else ""


def bound_time(definition: Definition, work: WorkPart | None) -> str:
    """The time that a confirmation is about, where others can be chosen; '' for any other work."""
    if work is None or work.kind != "confirm":
        return ""
    return next((name for name in work.binds if time_of_options(definition, f"{name}{_SUFFIX}") == name), "")


def other_times(values: Mapping[str, Any], time: str, now: datetime) -> tuple[datetime, ...]:
    """The other times that are still to come, the next first; without the one that is proposed."""
    if not time:
        return ()
    proposed = values.get(time)
    found = {moment for moment in _moments(values.get(f"{time}{_SUFFIX}") or ()) if moment > now}
    return tuple(sorted(found - set(_moments([proposed] if proposed else ()))))[:MOST]


def _moments(texts: Iterable[Any]) -> Iterable[datetime]:
    for text in texts:
        try:
            moment = datetime.fromisoformat(str(text))
        except ValueError:
            continue  # a word among the times chooses nothing
        if moment.tzinfo is not None:
            yield moment
