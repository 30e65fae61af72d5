"""Finding people, clients, leads and orders: the first letters in either keyboard layout, and only what one may see."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from deployments.door.rendering import render
from deployments.door.visitors import require_visitor, room_of
from tasks.door_rights import visible_hits
from tasks.finding import find
from tasks.gateways.store.connection import reading
from tasks.office_round import begin_round
from tasks.rules.errors import UsageError
from tasks.rules.finding import Hit

router = APIRouter()
_HITS = 30
# so many are looked at, that those one may see fill the page
_LOOKED_AT = 120


class Words(BaseModel):
    """What is looked for."""

    q: str = Field(default="", max_length=200)


@router.get("/find")
def search(request: Request, query: Annotated[Words, Query()]) -> Response:
    """What fits the words."""
    visitor, room = require_visitor(request), room_of(request)
    words = query.q.replace("\0", " ").strip()
    found: list[Hit] = []
    said = ""
    is_cut = is_wrong = False
    if words:
        try:
            looked_for, hits = find(room.desk, words, [], _LOOKED_AT)
            said, is_cut = looked_for.said, looked_for.is_cut
            with reading(room.desk.engine) as connection:
                run = begin_round(connection, room.office, room.now())
                found = visible_hits(connection, run, visitor.ref, visitor.roles, hits)
        except UsageError:
            is_wrong = True
    is_cut = is_cut or len(found) > _HITS
    return render(
        request, "find.html.j2", words=words, hits=found[:_HITS], searched=said, problem=is_wrong, is_cut=is_cut
    )
