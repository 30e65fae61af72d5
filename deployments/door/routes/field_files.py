"""Files that fields of an item name, given out to who sees the item, and behind a signed link to whoever is asked."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from deployments.door.faults import Fault
from deployments.door.routes.acting import open_link
from deployments.door.routes.files import given_out
from deployments.door.routes.items import open_item
from deployments.door.visitors import RowId, require_visitor, room_of
from tasks.door_files import field_files
from tasks.gateways.store.connection import reading
from tasks.office_round import begin_round
from tasks.rules.process.view import all_values

router = APIRouter()


@router.get("/item/{item_id}/field/{name}")
def of_item(request: Request, item_id: RowId, name: str) -> Response:
    """The file that a field of an item names now."""
    stored, room = open_item(request, require_visitor(request), item_id), room_of(request)
    with reading(room.desk.engine) as connection:
        definition = begin_round(connection, room.office, room.now()).definition(stored.process, stored.version)
        values = all_values(definition, stored.item)
        found = field_files(connection, room.desk.files, stored, definition, values).get(name)
    if found is None:
        raise Fault("not_found")
    return given_out(room.desk.files, found.sha256, found.name)


@router.get("/a/{token}/field/{name}")
@router.get("/t/{token}/field/{name}")
@router.get("/when/{token}/field/{name}")
def of_work(request: Request, token: str, name: str) -> Response:
    """The file that the page of this link shows, as long as it is the one that the link was made for."""
    opened = open_link(request, token)
    shown = (fact for fact in opened.look.facts if fact.name == name and fact.sha256)
    found = next(shown, None) if opened.gives_files else None
    if found is None:
        raise Fault("not_found")
    return given_out(room_of(request).desk.files, found.sha256, found.value)
