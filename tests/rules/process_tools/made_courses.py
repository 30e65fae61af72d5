"""Courses as the office would have recorded them: a process taken at random through whatever may happen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from tasks.rules.process.clocks import clock_event
from tasks.rules.process.decisions import Decision, Hold, Refuse
from tasks.rules.process.definition import Definition
from tasks.rules.process.state import Event, Item
from tasks.rules.process.step import begin, step
from tasks.rules.process_tools.recording import Course, decisions_plain
from tasks.rules.process_tools.trial_events import Happenings
from tasks.rules.process_tools.trial_values import AUTHOR, BEGINNING, set_stage

Choose = Callable[[int], int]
KEY = "deal:7"


def random_course(definition: Definition, choose: Choose, length: int = 12) -> tuple[list[Course], Item]:
    """A course of up to `length` events; `choose(n)` picks one of n. Also the item as it stands at its end."""
    stage = set_stage(definition)
    happenings = Happenings(definition, stage)
    fields = happenings.beginning()
    item, decisions = begin(definition, stage.facts, key=KEY, at=BEGINNING, actor=AUTHOR, fields=fields)
    event = Event("begun", BEGINNING, "begin", AUTHOR, sets=fields)
    rows = [_row(definition, stage.facts, 0, "begin", event, decisions)]
    now = BEGINNING
    for number in range(1, length):
        possible = list(happenings.after(item, now))
        if not possible or item.is_held:
            break
        chosen = possible[choose(len(possible))]
        now = now + timedelta(minutes=7)
        while not chosen.is_clock and item.clocks and item.clocks[0].due < now:
            chosen = replace(chosen, event=clock_event(item))
        event = chosen.event if chosen.is_clock else replace(chosen.event, key=f"e{number}", at=now)
        now = max(now, event.at)
        after, decisions = step(definition, stage.facts, item, event)
        if any(isinstance(one, Hold) for one in decisions):
            continue
        rows.append(_row(definition, stage.facts, number, "event", event, decisions))
        if not any(isinstance(one, Refuse) for one in decisions):
            item = after
    return rows, item


def first(_count: int) -> int:
    """Always what stands first in the file."""
    return 0


def _row(
    definition: Definition, facts: object, number: int, kind: str, event: Event, decisions: tuple[Decision, ...]
) -> Course:
    return Course(
        course_id=number,
        item_id=7,
        process=definition.name,
        version=definition.version,
        kind=kind,
        event=event,
        facts=facts,  # type: ignore[arg-type]
        decisions=tuple(decisions_plain(decisions)),
        item_key=KEY,
        author=AUTHOR,
    )
