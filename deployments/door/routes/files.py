"""Files that came in, given out to who may see what they came with: kept by the browser, never shown as a page."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from deployments.door.faults import Fault
from deployments.door.visitors import RowId, require_visitor, room_of
from tasks.door_rights import may_see_file
from tasks.gateways.attachment_files import kept_type, path_of
from tasks.gateways.store.connection import reading
from tasks.gateways.store.door_files import find_file
from tasks.office_round import begin_round

router = APIRouter()
_ALONE = "default-src 'none'; sandbox; frame-ancestors 'none'"


@router.get("/file/{file_id}")
def give_out(request: Request, file_id: RowId) -> Response:
    """The bytes under the name that their sender gave them. Its type is what the content is, not what was said."""
    visitor, room = require_visitor(request), room_of(request)
    with reading(room.desk.engine) as connection:
        found = find_file(connection, file_id)
        if found is None:
            raise Fault("not_found")
        run = begin_round(connection, room.office, room.now())
        if not may_see_file(connection, run, visitor.ref, visitor.roles, found):
            raise Fault("no_right")
    return given_out(room.desk.files, found.sha256, found.name)


def given_out(folder: Path, sha256: str, name: str) -> Response:
    """The kept file as an answer. Raises Fault when the folder has no such file."""
    path = path_of(folder, sha256)
    if not path.is_file():
        raise Fault("not_found")
    headers = {
        "content-disposition": f"attachment; filename*=utf-8''{quote(name, safe='')}",
        "content-security-policy": _ALONE,
    }
    return FileResponse(path, media_type=kept_type(folder, sha256)[0], headers=headers)
