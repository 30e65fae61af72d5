"""Whether the door is open: for a proxy, a monitor, and `up`."""

from __future__ import annotations

import sqlalchemy as sa
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from deployments.door.visitors import room_of
from tasks.gateways.store.connection import reading

router = APIRouter()


@router.get("/health")
def health(request: Request) -> dict[str, str]:
    """The store answers."""
    with reading(room_of(request).desk.engine) as connection:
        connection.execute(sa.text("SELECT 1"))
    return {"status": "ok"}


@router.get("/")
def front() -> Response:
    """The work page is the front page."""
    return RedirectResponse("/my", 303)


@router.get("/robots.txt")
def robots() -> Response:
    """Nothing here is for a search engine."""
    return Response("User-agent: *\nDisallow: /\n", media_type="text/plain")
