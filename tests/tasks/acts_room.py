"""The sample office where people act at the door, and an order on which everybody has agreed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import reading, writing
from tasks.office_round import begin_round
from tasks.process_acts import Act, acting, start_item
from tasks.rules.process.values import Line
from tests.tasks.day_at_office import DayAtOffice

MORNING = datetime(2026, 11, 17, 6, 0, tzinfo=UTC)  # 09:00 in Moscow
LINES = (Line("visit", "Выезд", Decimal(1), Decimal(3000)),)
WORK_AT = "2026-11-19T07:00:00+00:00"


def at(minutes: int) -> datetime:
    return MORNING + timedelta(minutes=minutes)


class Room(DayAtOffice):
    """The sample office, where people act without mail."""

    def ref(self, key: str) -> str:
        """A colleague by key."""
        with reading(self.engine) as connection:
            return f"person:{connection.scalar(sa.select(schema.person.c.id).where(schema.person.c.key == key))}"

    def client(self) -> str:
        """A client with an address."""
        with reading(self.engine) as connection:
            point = schema.contact_point
            query = sa.select(point.c.contact_id).where(point.c.kind == "mail").order_by(point.c.id)
            return f"contact:{connection.scalar(query.limit(1))}"

    def order(self, **fields: Any) -> int:
        """A new order of a known client."""
        self.counter += 1
        values = {"client": self.client(), "kind": "urgent", "manager": self.ref("maria"), **fields}
        with writing(self.engine) as connection:
            run = begin_round(connection, self.desk.office, at(0))
            return start_item(
                connection, run, "service", key=f"form:{self.counter}", actor=self.ref("maria"), fields=values
            )

    def do(self, minute: int, item_id: int, name: str, actor: str, key: str = "", **more: Any) -> Any:
        """Somebody acts at the door."""
        self.counter += 1
        who = actor if ":" in actor else self.ref(actor)
        wanted = Act(key or f"link:{self.counter}", item_id, name, who, "door", at=at(minute), **more)
        return acting(self.engine, self.desk.office, at(minute), wanted)

    def item(self, item_id: int) -> Any:
        """A row of process_item."""
        return next(row for row in self.rows(schema.process_item) if row.id == item_id)

    def task(self, name: str, owner: str = "") -> Any:
        """The newest open task of a name."""
        number = int(self.ref(owner).partition(":")[2]) if owner else None
        rows = [row for row in self.rows(schema.work_task) if row.name == name and row.state == "open"]
        return next(row for row in reversed(rows) if number in (None, row.person_id))

    def agreed(self) -> int:
        """An order whose work is scheduled: everybody has agreed."""
        item_id = self.order()
        dispatcher = {"dispatcher": self.ref("daria")}
        assert self.do(1, item_id, "start", "maria", sets=dispatcher).is_accepted
        filled = {"lines": LINES, "executor": self.ref("egor"), "work_at": WORK_AT}
        assert self.do(2, item_id, "done", "daria", task_id=self.task("price").id, sets=filled).is_accepted
        client = self.client()
        for minute, who in ((3, client), (4, "egor")):
            task = next(
                row
                for row in self.rows(schema.work_task)
                if row.name == "time_agreed" and row.state == "open" and (row.contact_id is None) == (who == "egor")
            )
            assert self.do(minute, item_id, "approve", who, task_id=task.id).is_accepted
        for minute, who in ((5, "daria"), (6, "maria")):
            assert self.do(minute, item_id, "approve", who, task_id=self.task("approval", who).id).is_accepted
        return item_id
