"""GET /telephony/route: a PBX asks live who should get a call, and is answered in its own dialect."""

from __future__ import annotations

import base64
import binascii
import hmac

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from deployments.door.faults import Fault
from deployments.door.route_line import RouteLine
from deployments.door.visitors import room_of
from tasks.call_routing import UnreadableQuestionError, read_question
from tasks.rules.calls.route_answers import MEDIA_TYPES, hang_up, write_route

router = APIRouter()


@router.get("/telephony/route")
async def answer(request: Request) -> Response:
    """Who should get this call."""
    line: RouteLine = request.app.state.route_line
    expected = await line.token()
    if not expected or not hmac.compare_digest(expected.encode(), _shown_token(request).encode()):
        raise Fault("no_right", "token")
    office = room_of(request).office
    try:
        question = read_question(request.query_params.multi_items(), office)
    except UnreadableQuestionError as error:
        raise Fault("bad_request", str(error)) from error
    media_type = MEDIA_TYPES[question.form]
    if question.form == "twilio" and request.query_params.get("DialCallStatus") in ("completed", "answered"):
        return Response(hang_up(), media_type=media_type)
    route = await line.decide(request.state.reference, question)
    said = write_route(question.form, route, question.asked, office.telephony.routing.sip_domain)
    return Response(said, media_type=media_type)


def _shown_token(request: Request) -> str:
    """A bearer token, or the password of a PBX that can only write it into the address."""
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return shown.strip() if scheme.lower() == "bearer" else ""
    try:
        return base64.b64decode(shown.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""
