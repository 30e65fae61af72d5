"""Behind a signed link: the fields that a task does not close without are filled in by whoever owes it (C9)."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from deployments.door.faults import Fault
from deployments.door.routes.acting import open_link, reason_words, work_page
from deployments.door.routes.items import Filled
from deployments.door.sent_forms import SentForm, changed_texts, file_problems, sent_form
from deployments.door.visitors import room_of
from tasks.door_acts import press
from tasks.door_files import read_handed
from tasks.door_inputs import read_inputs
from tasks.gateways.store.connection import reading
from tasks.gateways.store.process_items import load_item
from tasks.office_round import begin_round
from tasks.process_acts import Act

router = APIRouter()


@router.post("/t/{token}/fields")
async def fields(request: Request, token: str) -> Response:
    """Fill in what the task does not close without."""
    return await run_in_threadpool(_fill_in, request, token, await sent_form(request))


def _fill_in(request: Request, token: str, sent: SentForm) -> Response:
    room, opened, texts = room_of(request), open_link(request, token), sent.texts
    claim, back = opened.claim, request.url.path.removesuffix("/fields")
    revision = texts.pop("revision", "")
    if opened.place != "open":
        return RedirectResponse(back, 303)
    changed = SentForm(changed_texts(texts), sent.files)
    if not changed.names <= {one.name for one in opened.look.inputs} or not revision.isdigit() or len(revision) > 12:
        raise Fault("wrong_input")
    if not changed.names:
        return RedirectResponse(back, 303)
    with reading(room.desk.engine) as connection:
        run = begin_round(connection, room.office, room.now())
        given = read_inputs(connection, run, claim.item_id, changed.texts)
        stored = load_item(connection, claim.item_id)
    handed = read_handed(run.definition(stored.process, stored.version), changed.files)
    if handed.refused:
        problems = file_problems(request, "field", handed.refused)
        return work_page(request, token, opened, status=422, problems=problems, filled=Filled("field", texts))
    reasons = given.reasons
    if not reasons:
        key = f"{claim.event_key}:fields:{revision}"
        act = Act(key, claim.item_id, "changed", claim.person, "door", {**given.sets, **handed.sets})
        reasons = press(room.desk, act, room.now(), handed).reasons
    if reasons:
        problems = [(f"field-{one.name}", line) for one in reasons for _, line in reason_words(request, room, [one])]
        return work_page(request, token, opened, status=409, problems=problems, filled=Filled("field", texts))
    return RedirectResponse(back, 303)
