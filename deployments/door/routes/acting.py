"""The pages behind signed links: approve, confirm a time, say that a task is done, hand papers over.

GET only shows, whoever opens it and however often; POST acts, through the one step of all acts. An answer is chosen,
never pressed by Enter or by a program that follows buttons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Form
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from deployments.door.calendar_file import ICS, calendar_file
from deployments.door.faults import Fault
from deployments.door.rendering import language_of, render, say
from deployments.door.room import Room
from deployments.door.routes.boards import file_name
from deployments.door.routes.items import Filled
from deployments.door.visitors import room_of, visitor_of
from tasks.door_acts import press, undo
from tasks.door_links import send_fresh_link
from tasks.door_looks import look_at_work
from tasks.door_papers import HandedFile, hand_over
from tasks.door_picks import PICK
from tasks.gateways.store.connection import reading
from tasks.gateways.store.door_acts import KeptAct, acts_on, done_beside, find_act
from tasks.gateways.store.identity_lookup import canonical_refs
from tasks.gateways.store.staff import read_recipients
from tasks.office_round import begin_round
from tasks.process_acts import Act, explain
from tasks.rules.door.effect_words import command_title
from tasks.rules.door.links import PATHS, LinkClaim, LinkError, Purpose, read, require_purpose
from tasks.rules.door.looks import WorkLook
from tasks.rules.process.reasons import Reason

router = APIRouter()
_ACTS = {"yes": "approve", "no": "decline", "done": "done", "begin": "begin"}
_PURPOSES: dict[str, Purpose] = {path: purpose for purpose, path in PATHS.items()}
_ANSWERS = (*_ACTS.values(), PICK)
_MOST_FILES = 20
_AT = "at:"


class Answer(BaseModel):
    """What was chosen (yes, no, done, begin, or at:TIME for one of the other times), and why."""

    choice: str = Field(default="", max_length=60)
    text: str = Field(default="", max_length=2000)


@dataclass(frozen=True, slots=True)
class Opened:
    """A link that opened something. `others` are decisions of others that wait to take effect, `corrected` is what was
    done here instead of an answer.
    """

    claim: LinkClaim
    look: WorkLook
    kept: KeptAct | None
    others: tuple[KeptAct, ...]
    corrected: KeptAct | None

    @property
    def place(self) -> Literal["open", "waiting", "closed", "handed", "asked_again"]:
        """What the page is about."""
        look, claim = self.look, self.claim
        if self.kept is not None and self.kept.state == "waiting":
            return "waiting"
        if look.state == "open" and look.owner != claim.person:
            return "handed"
        is_outdated = bool(claim.content_hash) and claim.content_hash != look.content_hash
        if look.newest_round > claim.round or (look.is_open and is_outdated):
            return "asked_again"
        return "open" if look.is_open else "closed"

    @property
    def gives_files(self) -> bool:
        """Whether the files on the page are those that the link was made for, and still its person's."""
        look, claim = self.look, self.claim
        is_outdated = self.place in ("handed", "asked_again") or look.owner != claim.person
        return not is_outdated and claim.content_hash in ("", look.content_hash)


def open_link(request: Request, token: str) -> Opened:
    """What the link opens; the page is in its person's language afterwards. Raises LinkError."""
    room = room_of(request)
    path = request.url.path.split("/")[1]
    claim = require_purpose(read(room.secret, token, room.now()), _PURPOSES[path])
    with reading(room.desk.engine) as connection:
        claim = replace(claim, person=canonical_refs(connection, [claim.person])[claim.person])
        recipient = read_recipients(connection, [claim.person]).get(claim.person)
        request.state.language = recipient.language if recipient else ""
        run = begin_round(connection, room.office, room.now())
        language = language_of(request, room.office.language)
        look = look_at_work(connection, run, claim.work_task_id, claim.person, language, room.desk.files)
        if look is None or look.brief.item_id != claim.item_id:
            raise LinkError("foreign")
        kept = find_act(connection, claim.event_key)
        others = tuple(one for one in acts_on(connection, [other.task_id for other in look.others]))
        corrected = done_beside(connection, look.task_id, claim.person, _ANSWERS)
    return Opened(claim, look, kept, others, corrected)


def work_page(request: Request, token: str, opened: Opened, *, status: int = 200, **said: object) -> Response:
    """The page of a piece of work, with what is `said` beside it."""
    values = {"answer": Answer(), "problems": (), "filled": Filled(), **said}
    url = request.url.path.rstrip("/").split("/")
    return render(
        request,
        "work.html.j2",
        status=status,
        opened=opened,
        look=opened.look,
        here=f"/{url[1]}/{token}",
        is_client=opened.claim.person.startswith("contact:"),
        signed_in=visitor_of(request) is not None,
        chosen=_kept_time(opened),
        corrected=_correction(request, opened),
        **values,
    )


def _correction(request: Request, opened: Opened) -> tuple[str, datetime] | None:
    """What was done here instead of an answer, in words, and when."""
    done, language = opened.corrected, language_of(request, room_of(request).office.language)
    return (command_title(done.name, language), done.pressed_at) if done else None


def _kept_time(opened: Opened) -> datetime | None:
    """The other time that waits to be written."""
    kept = opened.kept
    sets = kept.content["sets"] if kept is not None and kept.name == PICK else {}
    return datetime.fromisoformat(str(next(iter(sets.values())))) if sets else None


@router.get("/a/{token}")
@router.get("/t/{token}")
@router.get("/when/{token}")
@router.get("/q/{token}")
def show(request: Request, token: str) -> Response:
    """What is asked, of whom, and what became of it; nothing is changed by looking."""
    return work_page(request, token, open_link(request, token))


@router.post("/a/{token}")
@router.post("/t/{token}")
@router.post("/when/{token}")
@router.post("/q/{token}")
def answer(request: Request, token: str, form: Annotated[Answer, Form()]) -> Response:
    """Take the answer."""
    room, opened = room_of(request), open_link(request, token)
    if opened.place != "open":
        return RedirectResponse(request.url.path, 303)
    problem = _problem(request, opened.look, form)
    if problem:
        return work_page(request, token, opened, status=422, answer=form, problems=[problem])
    pressed = press(room.desk, _act(opened, form), room.now())
    if not pressed.is_accepted:
        return work_page(
            request,
            token,
            open_link(request, token),
            status=409,
            answer=form,
            problems=reason_words(request, room, pressed.reasons),
        )
    room.news.set()
    return RedirectResponse(request.url.path, 303)


@router.post("/a/{token}/undo")
@router.post("/t/{token}/undo")
@router.post("/when/{token}/undo")
@router.post("/q/{token}/undo")
def take_back(request: Request, token: str) -> Response:
    """Take one's own answer back, while it waits."""
    room, opened = room_of(request), open_link(request, token)
    undo(room.desk, opened.claim.event_key, opened.claim.person, room.now())
    return RedirectResponse(request.url.path.removesuffix("/undo"), 303)


@router.post("/t/{token}/papers")
async def papers(request: Request, token: str) -> Response:
    """Take papers; each file names the kind of document it is."""
    async with request.form(max_files=_MOST_FILES, max_fields=_MOST_FILES) as form:
        files = [
            HandedFile(name, part.filename or "", await part.read())
            for name, part in form.multi_items()
            if isinstance(part, UploadFile) and part.filename
        ]
    return await run_in_threadpool(_take_papers, request, token, files)


def _take_papers(request: Request, token: str, files: list[HandedFile]) -> Response:
    room, opened = room_of(request), open_link(request, token)
    if opened.place not in ("open", "waiting"):
        return RedirectResponse(request.url.path.removesuffix("/papers"), 303)
    known = {paper.kind for paper in opened.look.papers}
    if not files:
        problem = say(request, "No file was chosen.")
        return work_page(request, token, opened, status=422, problems=[("papers", problem)])
    sorted_in = [HandedFile(file.kind if file.kind in known else "", file.name, file.content) for file in files]
    handed = hand_over(room.desk, opened.claim.item_id, opened.claim.person, sorted_in, room.now())
    if handed.refused_names:
        names = ", ".join(handed.refused_names)
        problem = say(
            request, "These files are no documents: %(names)s. Send PDF, pictures or office files.", names=names
        )
        return work_page(request, token, opened, status=422, problems=[("papers", problem)])
    if handed.reasons:
        return work_page(request, token, opened, status=409, problems=reason_words(request, room, handed.reasons))
    return RedirectResponse(request.url.path.removesuffix("/papers"), 303)


@router.get("/when/{token}/time.ics")
def time_file(request: Request, token: str) -> Response:
    """The time of work for one's own calendar."""
    room, opened = room_of(request), open_link(request, token)
    look = opened.look
    if look.work_at is None:
        raise Fault("not_found")
    content = calendar_file(
        f"{look.task_id}.{look.brief.item_id}@{room.office.domain}",
        look.work_at,
        look.title,
        look.brief.address,
        room.now(),
    )
    return Response(content, media_type=ICS, headers=file_name("time.ics"))


@router.post("/fresh/{token}")
def fresh(request: Request, token: str) -> Response:
    """Send a link that is good again, to the address that the first one was sent to; the answer tells nothing else."""
    room = room_of(request)
    try:
        claim = read(room.secret, token, room.now())
    except LinkError as error:
        if error.claim is None:
            raise
        claim = error.claim
    send_fresh_link(room.desk, claim, room.url, room.now())
    return render(request, "fresh_sent.html.j2")


def _problem(request: Request, look: WorkLook, form: Answer) -> tuple[str, str] | None:
    allowed = ("yes", "no") if look.is_vote else ("begin", "done")
    if form.choice not in allowed and _chosen_time(look, form) is None:
        return "choice", say(request, "Choose an answer.")
    if form.choice == "no" and not form.text.strip():
        return "text", say(request, "Say why: whoever prepared it must know what to change.")
    return None


def _chosen_time(look: WorkLook, form: Answer) -> datetime | None:
    """The other time that was chosen, one of those that the page offers."""
    said = form.choice.removeprefix(_AT)
    offered = (moment for moment in look.other_times if moment.isoformat() == said)
    return next(offered, None) if form.choice.startswith(_AT) else None


def _act(opened: Opened, form: Answer) -> Act:
    claim, look = opened.claim, opened.look
    text = form.text.strip()
    chosen = _chosen_time(look, form)
    name = PICK if chosen else _ACTS[form.choice]
    sets: dict[str, str] = {look.time_field: chosen.isoformat()} if chosen else {}
    if name == "decline" and look.reason_field:
        sets = {look.reason_field: text}
    return Act(
        key=claim.event_key if name != "begin" else f"{claim.event_key}:begin",
        item_id=claim.item_id,
        name=name,
        actor=claim.person,
        channel="door",
        sets=sets,
        task_id=claim.work_task_id,
        round=claim.round,
        content_hash=claim.content_hash,
        text=text,
    )


def reason_words(request: Request, room: Room, reasons: Sequence[Reason]) -> list[tuple[str, str]]:
    """Each reason as a line, with people's names."""
    language = language_of(request, room.office.language)
    with reading(room.desk.engine) as connection:
        run = begin_round(connection, room.office, room.now())
        return [("", line) for line in explain(reasons, language, connection, run)]
