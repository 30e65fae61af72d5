"""The boards: every stage of a process with its items, filtered by the address; as cards, as a list, as a sheet."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from typing import Annotated, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from fastapi.exceptions import RequestValidationError
from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from deployments.door.faces import faces, may_see, seen_face
from deployments.door.faults import Fault
from deployments.door.rendering import fragment, moment, render, say
from deployments.door.staff_names import staff_names
from deployments.door.visitors import require_roles, require_visitor, room_of
from tasks.gateways.plain_sheets import XLSX, plain_workbook
from tasks.gateways.store.connection import reading
from tasks.gateways.store.door_board import count_cards, place_of, read_cards
from tasks.gateways.store.door_sessions import Visitor
from tasks.rules.door.board import LIST_CARDS, BoardFilter, Card, capped, column_cards, end_of_day, read_place
from tasks.rules.door.process_face import ProcessFace, StageFace, pick

router = APIRouter()
_SHEET_CARDS = 1000
_NOBODY = ("", "")


class BoardQuery(BaseModel):
    """A board's address: whose items ('me' or a person's key), only overdue ones, ended how, one stage, how shown."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    who: str = Field(default="", max_length=40, pattern=r"^[a-z0-9_-]*$")
    overdue: bool = False
    outcome: Literal["", "won", "lost", "cancelled"] = ""
    stage: str = Field(default="", max_length=80)
    view: Literal["cards", "list"] = "cards"
    after: str = Field(default="", max_length=40)

    @field_validator("overdue", mode="before")
    @classmethod
    def _empty_is_no(cls, value: object) -> object:
        return value or False

    def address(self, process: str, **changed: object) -> str:
        """The address with something changed; what is not chosen is left out."""
        said = {"who": self.who, "overdue": self.overdue, "outcome": self.outcome, "stage": self.stage} | {
            "view": self.view,
            **changed,
        }
        words = {name: "1" if value is True else value for name, value in said.items() if value and value != "cards"}
        return f"/board/{process}" + (f"?{urlencode(words)}" if words else "")


@lru_cache(maxsize=512)
def _query_of(text: bytes) -> BoardQuery:
    """The query of an address, as FastAPI reads it but once for all who ask the same. Raises RequestValidationError."""
    try:
        return BoardQuery.model_validate(dict(QueryParams(text)))
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error


@dataclass(frozen=True, slots=True)
class Column:
    """One stage as shown; `cards` are ready for the page, `more` is where the next ones are, '' for all shown."""

    stage: StageFace
    cards: Markup
    count: str
    more: str


@router.get("/board")
def boards(request: Request) -> Response:
    """The processes the visitor may see."""
    visitor = require_visitor(request)
    found = [face for face in faces(request).values() if may_see(visitor, face)]
    return render(request, "boards.html.j2", faces=found, pick=pick)


@router.get("/board/{process}")
def board(request: Request, process: str) -> Response:
    """One process."""
    visitor, room = require_visitor(request), room_of(request)
    query = _query_of(request.scope["query_string"])
    face = seen_face(request, visitor, process)
    shown = _stages(face, query)
    limit = LIST_CARDS if query.stage else column_cards(len(shown))
    people = staff_names(request)
    chosen = _filter(process, query, visitor, people)
    names = [stage.name for stage in shown]
    with reading(room.desk.engine) as connection:
        cards = read_cards(connection, chosen, names, limit, read_place(query.after) if query.stage else None)
        counts = count_cards(connection, chosen, names)
    is_list, language, zone = query.view == "list", visitor.language, room.office.time_zone
    part = "board_row.html.j2" if is_list else "board_card.html.j2"
    face_of = CardFace(room.now(), room.office.zone, language, people, partial(fragment, part, language, zone))
    columns = [_column(stage, cards[stage.name], counts[stage.name], limit, face_of, process, query) for stage in shown]
    return render(
        request,
        "board_list.html.j2" if is_list else "board.html.j2",
        face=face,
        columns=columns,
        filters=fragment("board_filters.html.j2", language, zone, (process, query, tuple(people.values()))),
        pick=pick,
    )


@router.get("/board/{process}/table.xlsx")
def sheet(request: Request, process: str, query: Annotated[BoardQuery, Query()]) -> Response:
    """The same list to take away, at most a thousand of each stage."""
    visitor, room = require_visitor(request), room_of(request)
    face = seen_face(request, visitor, process)
    require_roles(visitor, face.export | {"administrator", "chief"} if face.export else set())
    shown = _stages(face, query)
    people = staff_names(request)
    chosen = _filter(process, query, visitor, people)
    with reading(room.desk.engine) as connection:
        cards = read_cards(connection, chosen, [stage.name for stage in shown], _SHEET_CARDS)
    head = [
        say(request, "Number"),
        say(request, "Title"),
        say(request, "Stage"),
        say(request, "Status"),
        say(request, "Deadline"),
        say(request, "Responsible"),
        say(request, "Mark"),
    ]
    marks = {"held": say(request, "waits"), "late": say(request, "overdue"), "today": say(request, "today"), "": ""}
    now, zone, language = room.now(), room.office.zone, visitor.language
    today_ends = end_of_day(now, zone)
    rows = (
        (
            card.number,
            card.title,
            pick(stage.title, language),
            card.status_text,
            card.deadline_at,
            people.get(card.responsible_id, _NOBODY)[1],
            marks[card.marker(now, today_ends)],
        )
        for stage in shown
        for card in cards[stage.name][:_SHEET_CARDS]
    )
    content = plain_workbook(pick(face.title, language), head, rows, zone)
    return Response(content, media_type=XLSX, headers=file_name(f"{process}-{now.astimezone(zone):%Y-%m-%d}.xlsx"))


def file_name(name: str) -> dict[str, str]:
    """The header that makes a browser keep the answer as a file; `name` is ASCII of our own."""
    return {"content-disposition": f'attachment; filename="{name}"'}


def _stages(face: ProcessFace, query: BoardQuery) -> tuple[StageFace, ...]:
    found = face.stages_ending(query.outcome)
    if not query.stage:
        return found
    chosen = tuple(stage for stage in found if stage.name == query.stage)
    if not chosen:
        raise Fault("not_found")
    return chosen


def _filter(process: str, query: BoardQuery, visitor: Visitor, people: Mapping[int, tuple[str, str]]) -> BoardFilter:
    """The filter with the person's id; somebody unknown has no items."""
    key = visitor.key if query.who == "me" else query.who
    who = next((id_ for id_, (found, _) in people.items() if found == key), -1) if key else None
    return BoardFilter(process, query.outcome, who, query.overdue)


@dataclass(slots=True)
class CardFace:
    """How the cards of one page are shown."""

    now: datetime
    zone: ZoneInfo
    language: str
    people: Mapping[int, tuple[str, str]]
    part: Callable[[Hashable], Markup]

    def cards(self, cards: Sequence[Card]) -> Markup:
        """The cards as they stand on the page."""
        ends = end_of_day(self.now, self.zone)
        parts = (self._one(card, card.marker(self.now, ends)) for card in cards)
        return Markup("".join(parts))  # noqa: S704 - each part is escaped

    def _one(self, card: Card, marker: str) -> Markup:
        """The card in its frame, which is the same for all that have the same lines; what is put in is escaped."""
        who = self.people.get(card.responsible_id, _NOBODY)[1]
        frame = self.part((bool(card.status_text), card.deadline_at is not None, bool(who), marker))
        return frame % {
            "id": card.item_id,
            "number": card.number or card.item_id,
            "title": card.title,
            "status": card.status_text,
            "deadline": moment(card.deadline_at, self.now, self.language, self.zone) if card.deadline_at else "",
            "who": who,
        }


def _column(
    stage: StageFace, cards: list[Card], count: int, limit: int, face_of: CardFace, process: str, query: BoardQuery
) -> Column:
    more = ""
    if len(cards) > limit:
        cards = cards[:limit]
        after = str(place_of(cards[-1])) if query.stage else ""
        more = query.address(process, stage=stage.name, view="list", after=after)
    return Column(stage, face_of.cards(cards), capped(count), more)
