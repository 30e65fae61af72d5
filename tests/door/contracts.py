"""A contract on its way through supervisor, head and client, with real files behind its versions."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from httpx import Response

from deployments.door.room import Room
from sql import schema
from tasks.gateways.store.connection import writing
from tasks.gateways.store.process_definitions import keep_definitions
from tasks.office_round import begin_round
from tasks.process_acts import start_item
from tests.door.service_order import Order
from tests.door.visiting import OWN_PAGE, Visits

DRAFT = b"%PDF-1.4 the contract as it was written"
CHANGED = b"%PDF-1.4 the contract with another date"
Upload = tuple[str, tuple[str, bytes]]


def sha256(content: bytes) -> str:
    """What a field holds for a file with this content."""
    return hashlib.sha256(content).hexdigest()


def send(visitor: Visits, path: str, data: dict[str, str], *files: Upload, **headers: str) -> Response:
    """A form with files, as a browser sends it: an input without a file is a part with an empty name."""
    parts = [(f'name="{name}"', text.encode()) for name, text in data.items()]
    for field, (name, content) in files or [("document", ("", b""))]:
        quoted = name.replace('"', "%22").replace("\n", "%0A")
        parts.append((f'name="{field}"; filename="{quoted}"\r\ncontent-type: application/octet-stream', content))
    written = (f"--B0UNDARY\r\ncontent-disposition: form-data; {head}\r\n\r\n".encode() + body for head, body in parts)
    body = b"\r\n".join([*written, b"--B0UNDARY--\r\n"])
    kind = {"content-type": "multipart/form-data; boundary=B0UNDARY"}
    return visitor.client.post(path, content=body, headers=OWN_PAGE | kind | headers)


def new_contract(room: Room, **fields: str) -> Order:
    """A draft of the manager's, for the first client who has a mail address."""
    with writing(room.desk.engine) as connection:
        keep_definitions(connection, room.office.processes, room.now())
        people = {row.key: f"person:{row.id}" for row in connection.execute(sa.select(schema.person))}
        point = schema.contact_point
        found = connection.scalar(sa.select(point.c.contact_id).where(point.c.kind == "mail").order_by(point.c.id))
        values = {"number": "К-17", "client": f"contact:{found}", "supervisor": people["mikhail"], **fields}
        run = begin_round(connection, room.office, room.now())
        item_id = start_item(connection, run, "contract_approval", key="contract", actor=people["maria"], fields=values)
    return Order(room, item_id, people, f"contact:{found}")


def handed_in(order: Order, author: Visits, content: bytes = DRAFT, name: str = "договор.pdf") -> Order:
    """The author, who is signed in, hands a version over on the item's page."""
    data = {"revision": str(order.stored.revision)}
    answer = send(author, f"/item/{order.item_id}/fields", data, ("document", (name, content)))
    assert answer.status_code == 303, answer.text
    return order


def to_supervisor(order: Order) -> Order:
    """Submitted."""
    order.act("submit", "maria")
    return order


def to_head(order: Order) -> Order:
    """The supervisor has approved."""
    to_supervisor(order).act("approve", "mikhail", task_id=order.task("by_supervisor", "mikhail"))
    return order


def to_client(order: Order) -> Order:
    """The head has approved too."""
    to_head(order).act("approve", "viktor", task_id=order.task("by_head", "viktor"))
    return order
