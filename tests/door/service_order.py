"""A service order brought to the stage a test needs, through the one step of all acts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from deployments.door.room import Room
from sql import schema
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.process_definitions import keep_definitions
from tasks.gateways.store.process_items import StoredItem, load_item
from tasks.office_round import begin_round
from tasks.process_acts import Act, Acted, act, start_item
from tasks.rules.process.values import Line


@dataclass(slots=True)
class Order:
    """One service order and those who work on it, by their key in the office folder."""

    room: Room
    item_id: int
    people: dict[str, str]
    client: str
    acts: int = 0

    def act(self, name: str, key: str, **more: Any) -> Acted:
        """Somebody acts, not at the door."""
        self.acts += 1
        wanted = Act(f"test:{self.item_id}:{self.acts}", self.item_id, name, self.people.get(key, key), "cli", **more)
        with writing(self.room.desk.engine) as connection:
            acted = act(connection, begin_round(connection, self.room.office, self.room.now()), wanted)
        assert acted.is_accepted, acted.reasons
        return acted

    @property
    def stored(self) -> StoredItem:
        """The item as it stands."""
        with reading(self.room.desk.engine) as connection:
            return load_item(connection, self.item_id)

    @property
    def stage(self) -> str:
        """The stage it is in."""
        return self.stored.item.stage

    def task(self, name: str, key: str) -> int:
        """The newest open piece of work of this name that somebody owes."""
        owner = self.people.get(key, key)
        with reading(self.room.desk.engine) as connection:
            found = connection.execute(
                sa.select(schema.work_task)
                .where(schema.work_task.c.item_id == self.item_id, schema.work_task.c.name == name)
                .order_by(schema.work_task.c.id.desc())
            ).all()
        for row in found:
            ref = f"person:{row.person_id}" if row.person_id else f"contact:{row.contact_id}"
            if ref == owner and row.state == "open":
                return int(row.id)
        raise AssertionError(f"{key} owes no {name}: {[(row.name, row.state) for row in found]}")

    def to_planning(self) -> Order:
        """The operator has set the dispatcher and started it."""
        self.act("start", "olga", sets={"dispatcher": self.people["daria"]})
        return self

    def to_agreeing(self) -> Order:
        """The dispatcher has filled the price list and offered a time."""
        self.to_planning()
        at: datetime = self.room.now() + timedelta(days=2)
        lines = (
            Line("", "Диагностика котла", Decimal(1), Decimal("1500")),
            Line("", "Насос", Decimal(2), Decimal("4250.50")),
        )
        self.act("changed", "daria", sets={"lines": lines, "work_at": at.isoformat(), "executor": self.people["egor"]})
        self.act("done", "daria", task_id=self.task("price", "daria"))
        return self

    def to_approving(self) -> Order:
        """Client and executor have confirmed the time."""
        self.to_agreeing()
        for who in (self.client, "egor"):
            self.act("approve", who, task_id=self.task("time_agreed", who))
        return self

    def to_scheduled(self) -> Order:
        """Everybody has approved."""
        self.to_approving()
        for who in ("daria", "maria"):
            self.act("approve", who, task_id=self.task("approval", who))
        return self


def new_order(room: Room, client: int = 0) -> Order:
    """An order of the sample company for one of its clients who has a mail address."""
    with writing(room.desk.engine) as connection:
        now = room.now()
        keep_definitions(connection, room.office.processes, now)
        people = {row.key: f"person:{row.id}" for row in connection.execute(sa.select(schema.person))}
        point = schema.contact_point
        query = sa.select(point.c.contact_id).where(point.c.kind == "mail").order_by(point.c.id).offset(client)
        ref = f"contact:{connection.scalar(query.limit(1))}"
        fields = {"client": ref, "manager": people["maria"], "operator": people["olga"], "kind": "first"}
        run = begin_round(connection, room.office, now)
        item_id = start_item(connection, run, "service", key=f"order:{client}", actor=people["olga"], fields=fields)
    return Order(room, item_id, people, ref)
