"""One item of a process in the sample office, moved on by what people do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sql import schema
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.contacts import create_contact
from tasks.gateways.store.process_items import load_item
from tasks.office_round import begin_round
from tasks.process_acts import Act, acting, start_item
from tasks.process_tools.proving import prove_courses
from tasks.rules.process.values import Line
from tests.tasks.day_at_office import DayAtOffice

MORNING = datetime(2026, 11, 17, 6, 0, tzinfo=UTC)
LINES = (Line("", "Замена насоса", Decimal(1), Decimal(4200)),)


class Walk:
    """One item of a process, moved on by what people do; minutes go by by themselves."""

    def __init__(self, day: DayAtOffice, process: str, **fields: Any) -> None:
        self.day, self.process, self.minute = day, process, 1
        rows = {row.key: f"person:{row.id}" for row in day.rows(schema.person)}
        self.people: Mapping[str, str] = {**rows, "client": self._client()}
        values = {name: self.people.get(value, value) for name, value in fields.items()}
        with writing(day.engine) as connection:
            run = begin_round(connection, day.desk.office, MORNING)
            actor = self.people["mikhail"]
            self.item_id = start_item(connection, run, process, key=f"form:{process}", actor=actor, fields=values)

    def _client(self) -> str:
        with writing(self.day.engine) as connection:
            contact = create_contact(
                connection,
                name="Иван Петров",
                points=[("mail", "ivan@client-new.example", "ivan@client-new.example")],
                company_id=None,
                language="ru",
                at=MORNING,
            )
        return f"contact:{contact}"

    def act(self, who: str, name: str, work: str = "", is_refused: bool = False, **sets: Any) -> None:
        """Somebody does something; it must be accepted, or refused."""
        self.minute += 1
        task = self._task(work) if work else None
        at = MORNING + timedelta(minutes=self.minute)
        wanted = Act(f"act:{self.minute}", self.item_id, name, self.people[who], "cli", sets, task_id=task)
        acted = acting(self.day.engine, self.day.desk.office, at, wanted)
        assert acted.is_accepted is not is_refused, acted.reasons
        self.day.advance(at)

    def _task(self, work: str) -> int:
        tasks = [one for one in self.day.rows(schema.work_task) if one.item_id == self.item_id and one.name == work]
        return int(tasks[-1].id)

    def wait(self, days: int) -> None:
        """Days pass, and every few hours somebody looks."""
        end = self.minute + days * 24 * 60
        while self.minute < end:
            self.minute += 240
            self.day.advance(MORNING + timedelta(minutes=self.minute))

    @property
    def stage(self) -> str:
        with reading(self.day.engine) as connection:
            return load_item(connection, self.item_id).item.stage

    def told(self, who: str, words: str) -> bool:
        """Whether somebody was written these words."""
        return any(words in self.day.text(letter) for letter in self.day.letters(to=who))

    def close(self) -> None:
        """Nothing is held, and what happened is what the engine would do again."""
        assert not [row.held_reason for row in self.day.rows(schema.process_item) if row.held_at]
        until = MORNING + timedelta(minutes=self.minute + 1)
        assert prove_courses.fn(self.day.desk, MORNING, until).mismatches == ()
