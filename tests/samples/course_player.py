"""Plays a kept course over a store, again and again if need be, and says how everything stands at its end."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.process_items import ConflictError, load_item
from tasks.office_round import begin_round
from tasks.process_acts import Act, Acted, acting, start_item
from tests.samples.kept_courses import Course, Said
from tests.tasks.day_at_office import DayAtOffice

_DEAL = re.compile(r"\bdeal:(\d+)")
MORNING = datetime(2026, 11, 17, 6, 0, tzinfo=UTC)  # 09:00 in Moscow


class Player:
    """The sample office over a store; everything it does has a natural key, so that it may be done again."""

    def __init__(self, engine: sa.Engine, folder: Path) -> None:
        self.day = DayAtOffice(engine, folder, MORNING)
        self.people = {row.key: f"person:{row.id}" for row in self.day.rows(schema.person)}
        with reading(engine) as connection:
            point = schema.contact_point
            known = sa.select(point.c.contact_id).where(point.c.kind == "mail").order_by(point.c.id).limit(1)
            self.people["client"] = f"contact:{connection.scalar(known)}"

    def play(self, course: Course, looks: Iterable[int] | None = None, times: int = 1) -> None:
        """The whole course, each act so many times; the office looks at the minutes `looks`, or after every act."""
        item_id = self._begin(course)
        minutes = {said.minute for said in course.said}
        looked = (minutes if looks is None else set(looks)) | {course.until}
        for minute in sorted(minutes | looked):
            for said in course.said:
                for _ in range(times if said.minute == minute else 0):
                    self._act(item_id, said)
            if minute in looked:
                self.day.advance(_at(minute))

    def _begin(self, course: Course) -> int:
        fields = {name: self._value(value) for name, value in course.fields.items()}
        for _ in range(2):
            try:
                with writing(self.day.engine) as connection:
                    run = begin_round(connection, self.day.desk.office, MORNING)
                    who, key = self.people[course.who], f"form:{course.name}"
                    return start_item(connection, run, course.process, key=key, actor=who, fields=fields)
            except ConflictError:
                continue  # another player has just begun it
        raise AssertionError("begun by nobody")

    def _act(self, main: int, said: Said) -> Acted:
        item_id = main if not said.of else self._item(said.of)
        actor, sets = self.people[said.who], {name: self._value(value) for name, value in said.sets.items()}
        task = self._task(item_id, said.work, actor) if said.work else None
        key = f"link:{said.minute}:{said.who}:{said.name}"
        wanted = Act(key, item_id, said.name, actor, "door", sets, task_id=task, at=_at(said.minute))
        acted = acting(self.day.engine, self.day.desk.office, _at(said.minute), wanted)
        assert acted.is_accepted, (said, acted.reasons)
        return acted

    def _value(self, value: Any) -> Any:
        return self.people[value[1:]] if isinstance(value, str) and value.startswith("@") else value

    def _item(self, process: str) -> int:
        return int(next(row.id for row in self.day.rows(schema.process_item) if row.process == process))

    def _task(self, item_id: int, name: str, owner: str) -> int | None:
        """The newest task of a name that somebody owes; None when nobody was asked yet."""
        kind, _, number = owner.partition(":")
        column = "person_id" if kind == "person" else "contact_id"
        rows = [
            row.id
            for row in self.day.rows(schema.work_task)
            if (row.item_id, row.name, getattr(row, column)) == (item_id, name, int(number))
        ]
        return rows[-1] if rows else None

    def ends(self) -> tuple[tuple[str, str], ...]:
        """Where every item stands."""
        return tuple((row.process, row.stage) for row in self.day.rows(schema.process_item))

    def picture(self, *, with_letters: bool = True) -> dict[str, Any]:
        """All that came of the course, without the numbers of rows.

        Letters differ by when the office looked: of repeats that were missed only the last is said.
        """
        rows = self.day.rows
        found = {
            "items": [self._item_picture(row) for row in rows(schema.process_item)],
            "deals": [(row.number, row.stage, row.status_text, row.outcome, row.amount) for row in rows(schema.deal)],
            "tasks": sorted(
                (row.name, row.round, str(row.person_id or row.contact_id), row.state, str(row.closed_at))
                for row in rows(schema.work_task)
            ),
            "votes": len(rows(schema.approval)),
            "incidents": sorted((row.step, row.what, row.at) for row in rows(schema.incident)),
            "invoices": [(row.number, row.amount, row.cancelled_at, row.paid_at) for row in rows(schema.invoice)],
            "appointments": sorted((row.uid, row.state, row.at) for row in rows(schema.calendar_entry)),
            "events": sorted(
                (row.key, row.kind, row.at)
                for row in rows(schema.event)
                if with_letters or row.kind != "notice.collapsed"
            ),
        }
        if with_letters:
            found["letters"] = sorted((row.key, row.recipient) for row in self.day.letters())
        deals = [str(row.id) for row in rows(schema.deal)]
        return {name: _numbered(one, deals) for name, one in found.items()}

    def _item_picture(self, row: Any) -> tuple[Any, ...]:
        with reading(self.day.engine) as connection:
            item = load_item(connection, row.id).item
        work = {
            one.name: (one.state, one.round, [(owed.owner, owed.slots, owed.state) for owed in one.rows])
            for one in item.work.values()
        }
        children = {child.name: (child.round, child.state) for child in item.children.values()}
        return (row.process, row.key, item.stage, item.visit, item.outcome, dict(item.fields), work, children)


def _numbered(found: Any, deals: list[str]) -> Any:
    """Deals by their order: a number that a dead worker had taken is not given again."""
    if isinstance(found, str):
        return _DEAL.sub(lambda key: f"deal:{deals.index(key[1]) + 1}", found)
    if isinstance(found, dict):
        return {name: _numbered(one, deals) for name, one in found.items()}
    if isinstance(found, list | tuple):
        return [_numbered(one, deals) for one in found]
    return found


def _at(minute: int) -> datetime:
    return MORNING + timedelta(minutes=minute)
