"""Behind the signed link of a vote: whoever is asked changes the file it is for, and sends it back so (G5)."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from deployments.door.faults import Fault
from deployments.door.rendering import say
from deployments.door.routes.acting import Opened, open_link, reason_words, work_page
from deployments.door.routes.items import Filled
from deployments.door.sent_forms import SentForm, file_problems, sent_form
from deployments.door.visitors import room_of
from tasks.door_acts import press
from tasks.door_files import HandedFiles, read_handed
from tasks.gateways.store.connection import reading
from tasks.gateways.store.process_items import load_item
from tasks.office_round import begin_round
from tasks.process_acts import Act
from tasks.rules.door.looks import Way

router = APIRouter()


@router.post("/a/{token}/act")
@router.post("/when/{token}/act")
async def correct(request: Request, token: str) -> Response:
    """A command of the process, with the new file and a word about it. Nobody hands files over without a link."""
    await run_in_threadpool(open_link, request, token)
    return await run_in_threadpool(_correct, request, token, await sent_form(request))


def _correct(request: Request, token: str, sent: SentForm) -> Response:
    room, opened = room_of(request), open_link(request, token)
    back = request.url.path.removesuffix("/act")
    if opened.place != "open":
        return RedirectResponse(back, 303)
    way = _way_of(opened, sent)
    handed = _handed(request, opened, sent)
    form = f"way-{way.name}"
    filled = Filled(form, sent.texts)
    problems = file_problems(request, form, handed.refused) or _problems(request, opened, way, sent, handed)
    if problems:
        return work_page(request, token, opened, status=422, problems=problems, filled=filled)
    reasons = press(room.desk, _act(opened, way, sent, handed), room.now(), handed).reasons
    if reasons:
        places = {one.name: f"{form}-{one.name}" for one in way.inputs}
        said = [(places.get(one.name, ""), line) for one in reasons for _, line in reason_words(request, room, [one])]
        return work_page(request, token, open_link(request, token), status=409, problems=said, filled=filled)
    room.news.set()
    return RedirectResponse(back, 303)


def _way_of(opened: Opened, sent: SentForm) -> Way:
    """The command that the page offers, when nothing else was sent than its form asks for. Raises Fault."""
    name = sent.texts.pop("command", "")
    way = next((one for one in opened.look.corrections if one.name == name), None)
    inputs = way.inputs if way else ()
    files = {one.name for one in inputs if one.kind == "file"}
    texts = {one.name for one in inputs} - files
    if way is None or not sent.texts.keys() <= texts or not {one.field for one in sent.files} <= files:
        raise Fault("wrong_input")
    return way


def _handed(request: Request, opened: Opened, sent: SentForm) -> HandedFiles:
    room = room_of(request)
    with reading(room.desk.engine) as connection:
        stored = load_item(connection, opened.claim.item_id)
        definition = begin_round(connection, room.office, room.now()).definition(stored.process, stored.version)
    return read_handed(definition, sent.files)


def _problems(request: Request, opened: Opened, way: Way, sent: SentForm, handed: HandedFiles) -> list[tuple[str, str]]:
    """What is missing: a file, another one than there is, and a word for those who go on with it."""
    there = {fact.name: fact.sha256 for fact in opened.look.facts}
    found = []
    for one in way.inputs:
        place = f"way-{way.name}-{one.name}"
        if one.kind != "file":
            if not sent.texts.get(one.name):
                found.append((place, say(request, "Say what you have changed: the others must know.")))
        elif one.name not in handed.sets:
            found.append((place, say(request, "No file was chosen.")))
        elif handed.sets[one.name] == there.get(one.name):
            found.append((place, say(request, "This is the very file that is asked about: send the changed one.")))
    return found


def _act(opened: Opened, way: Way, sent: SentForm, handed: HandedFiles) -> Act:
    claim = opened.claim
    return Act(
        key=f"{claim.event_key}:{way.name}",
        item_id=claim.item_id,
        name=way.name,
        actor=claim.person,
        channel="door",
        sets={**sent.texts, **handed.sets},
        task_id=claim.work_task_id,
        round=claim.round,
        content_hash=claim.content_hash,
        text="; ".join(sent.texts.values()),
    )
