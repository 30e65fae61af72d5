"""POST /telephony/SOURCE: a telephone system tells of a call that has ended. 2xx only once it is in the store."""

from __future__ import annotations

import hmac

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deployments.door.faults import Fault
from deployments.door.visitors import room_of
from tasks.posted_calls import take_call
from tasks.rules.calls.posted import PostedCall, UnreadablePostError, read_posted
from tasks.rules.office import CallLog

router = APIRouter()
_STATUS = {"new": 201, "corrected": 200, "repeated": 200, "refused": 422}


@router.post("/telephony/{source}")
async def take(request: Request, source: str) -> Response:
    """Take one call of this source."""
    log = _log_of(request, source)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    try:
        posted = read_posted(log.kind, kind, await request.body(), bearer.strip() if scheme.lower() == "bearer" else "")
    except UnreadablePostError as error:
        raise Fault("bad_request", str(error)) from error
    return await run_in_threadpool(_take, request, log, posted)


def _take(request: Request, log: CallLog, posted: PostedCall) -> Response:
    room = room_of(request)
    expected = room.desk.secrets.read(log.post_secret)
    if not expected or not hmac.compare_digest(expected.encode(), posted.token.encode()):
        raise Fault("no_right", "token")
    taken = take_call(room.desk, log, posted.text, room.now())
    told = {"result": taken.kept} | ({"reason": taken.reason} if taken.reason else {})
    return JSONResponse(told, _STATUS[taken.kept])


def _log_of(request: Request, source: str) -> CallLog:
    logs = room_of(request).office.telephony.logs
    found = next((log for log in logs if log.name == source and log.is_active and log.post_secret), None)
    if found is None:
        raise Fault("not_found")
    return found
