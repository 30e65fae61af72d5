"""A visitor of the door in a test: asks for pages, signs in by the mail that was planned, looks into the store."""

from __future__ import annotations

import re
import zlib
from email import message_from_bytes, policy
from typing import Any

import sqlalchemy as sa
from httpx import Response
from starlette.testclient import TestClient

from deployments.door.room import Room
from sql import schema
from tasks.gateways.store.connection import reading

OWN_PAGE = {"sec-fetch-site": "same-origin"}


class Visits:
    """One visitor with cookies of their own."""

    def __init__(self, client: TestClient, room: Room) -> None:
        self.client = client
        self.room = room

    def get(self, path: str, **more: Any) -> Response:
        """Look at a page."""
        return self.client.get(path, **more)

    def post(self, path: str, data: Any = None, headers: dict[str, str] | None = None, **more: Any) -> Response:
        """Press a button on a page of the door."""
        return self.client.post(path, data=data, headers=OWN_PAGE | (headers or {}), **more)

    def scan(self, path: str, times: int) -> None:
        """Follow a link as mail scanners do: look again and again, and ask what else can be done there."""
        for _ in range(times):
            self.get(path)
        self.client.head(path)
        self.client.options(path)

    def sign_in(self, key: str) -> Visits:
        """Sign in as a member of staff, by the link in the mail."""
        self.post("/in", {"mail": f"{key}@north-service.example"})
        link = links_in(last_mail(self.room.desk.engine))[-1]
        path = link.removeprefix(self.room.url)
        assert self.get(path).status_code == 200
        answer = self.post(path.partition("?")[0], {"to": "/my"})
        assert answer.status_code == 303, answer.text
        return self


def rows(engine: sa.Engine, table: sa.Table, *where: Any) -> list[Any]:
    """Rows of a table in the order they were made."""
    with reading(engine) as connection:
        return list(connection.execute(sa.select(table).where(*where).order_by(*table.primary_key.columns)))


def last_mail(engine: sa.Engine, row_id: int = 0) -> str:
    """The text of the mail that was planned last, or of one."""
    where = [schema.outbox.c.id == row_id] if row_id else []
    raw = zlib.decompress(rows(engine, schema.outbox, *where)[-1].raw)
    body = message_from_bytes(raw, policy=policy.default).get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def links_in(text: str) -> list[str]:
    """The web addresses of a letter."""
    return re.findall(r"https?://[^\s>]+", text)


def store_state(engine: sa.Engine, *leave_out: str) -> dict[str, list[Any]]:
    """Everything in the store, to see that nothing was changed."""
    left_out = {"door_rate", "flow_ledger", *leave_out}
    return {
        name: [tuple(row) for row in rows(engine, table)]
        for name, table in schema.metadata.tables.items()
        if name not in left_out
    }
