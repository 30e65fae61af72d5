"""POST /forms/NAME: what a web site's visitors ask for. 2xx only once it is in the store."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from deployments.door.faults import Fault
from deployments.door.form_line import FormLine
from deployments.door.rendering import render
from deployments.door.visitors import room_of
from tasks.form_files import PostedFile
from tasks.rules.forms.posts import is_signed
from tasks.rules.office_door import SiteForm
from tasks.site_forms import Post, Taken

router = APIRouter()
_MOST_FIELDS = 200
_LONGEST_KEY = 200
_PREFLIGHT_SECONDS = "600"
_ALLOWED = "content-type, idempotency-key, x-callout-signature"


async def _post_of(request: Request, name: str) -> Post:
    """The request as a post to the form. Raises Fault for what cannot be read."""
    form = _form_of(request, name)
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > form.max_kilobytes * 1024:
        raise Fault("too_large")
    body = await request.body()
    if len(body) > form.max_kilobytes * 1024:
        raise Fault("too_large")
    key = request.headers.get("idempotency-key", "").strip()
    if len(key) > _LONGEST_KEY or not key.isprintable():
        raise Fault("bad_request", "Idempotency-Key")
    remote = request.client.host if request.client else ""
    values, files = await _parts(request, form, body)
    return Post(body, values, key or secrets.token_hex(16), remote, files)


@router.post("/forms/{name}")
async def post(request: Request, name: str, sent: Annotated[Post, Depends(_post_of)]) -> Response:
    """Take a post, with whichever others wait for the store at this moment."""
    room, form = room_of(request), _form_of(request, name)
    allowed = _allowed_origin(request, form)
    if form.secret:
        key = await run_in_threadpool(room.desk.secrets.read, form.secret)
        if not is_signed(key, sent.body, request.headers.get("x-callout-signature", "")):
            raise Fault("no_right", "X-Callout-Signature")
    line: FormLine = request.app.state.form_line
    taken = await line.take(form, sent)
    response = _answer(request, form, taken)
    response.headers.update(allowed)
    return response


@router.options("/forms/{name}")
def preflight(request: Request, name: str) -> Response:
    """What a browser asks before a page of another site may post (CORS)."""
    headers = _allowed_origin(request, _form_of(request, name)) | {
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": _ALLOWED,
        "access-control-max-age": _PREFLIGHT_SECONDS,
    }
    return Response(status_code=204, headers=headers)


def _form_of(request: Request, name: str) -> SiteForm:
    found = next((form for form in room_of(request).office.forms if form.name == name and form.is_active), None)
    if found is None:
        raise Fault("not_found")
    return found


def _allowed_origin(request: Request, form: SiteForm) -> dict[str, str]:
    """The headers for the page that posted. Raises Fault when its site may not."""
    origin = request.headers.get("origin")
    if origin is None:
        return {"vary": "Origin"}
    if origin not in form.origins:
        raise Fault("other_site")
    return {
        "access-control-allow-origin": origin,
        "vary": "Origin",
        "cross-origin-resource-policy": "cross-origin",
    }


async def _parts(
    request: Request, form: SiteForm, body: bytes
) -> tuple[Mapping[str, Sequence[str]], tuple[PostedFile, ...]]:
    """The fields of the body, and the files; those come as multipart only, as many as the form's fields take."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == "application/json":
            return _json_values(json.loads(body)), ()
        if kind == "application/x-www-form-urlencoded":
            pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=False, max_num_fields=_MOST_FIELDS)
            return _grouped(pairs), ()
        if kind == "multipart/form-data":
            most = sum(field.max_files + 1 for field in form.fields if field.kind == "file")
            async with request.form(max_files=most, max_fields=_MOST_FIELDS) as parsed:
                parts = parsed.multi_items()
                files = [(name, part) for name, part in parts if isinstance(part, UploadFile) and part.filename]
                found = [PostedFile(name, part.filename or "", await part.read()) for name, part in files]
            return _grouped((name, part) for name, part in parts if isinstance(part, str)), tuple(found)
    except (ValueError, RecursionError, HTTPException) as error:
        raise Fault("bad_request", "the body is not what its content type says") from error
    raise Fault("bad_request", "send application/json, application/x-www-form-urlencoded or multipart/form-data")


def _grouped(pairs: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, text in pairs:
        found.setdefault(name, []).append(text)
    return found


def _json_values(said: Any) -> dict[str, list[str]]:
    if not isinstance(said, dict) or len(said) > _MOST_FIELDS:
        raise ValueError("not an object of fields")
    found = {}
    for name, value in said.items():
        if isinstance(value, (dict, list)):
            raise ValueError("a field holds a text, a number or a flag")
        text = str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
        found[str(name)] = [text]
    return found


def _answer(request: Request, form: SiteForm, taken: Taken) -> Response:
    """JSON for a program; a page, or the site's own, for a browser."""
    status = {"": 200 if taken.is_repeated else 201, "too_many": 429, "wrong_input": 422, "other_body": 409}
    is_browser = "text/html" in request.headers.get("accept", "")
    if is_browser and not taken.refusal:
        if form.thanks_url:
            return RedirectResponse(form.thanks_url, 303)
        return render(request, "form_taken.html.j2", number=taken.number)
    if is_browser:
        faults = [(_title_of(form, fault.field), fault.mistake) for fault in taken.faults]
        return render(
            request, "form_refused.html.j2", status=status[taken.refusal], refusal=taken.refusal, faults=faults
        )
    said: dict[str, Any] = {"number": taken.number} if not taken.refusal else {"error": taken.refusal}
    if taken.faults:
        said["fields"] = {fault.field: fault.mistake for fault in taken.faults}
    if taken.refusal:
        said["reference"] = request.state.reference
    return JSONResponse(said, status[taken.refusal])


def _title_of(form: SiteForm, name: str) -> str:
    return next((field.title or field.name for field in form.fields if field.name == name), name)
