"""The boards: every stage of a process with its items, filtered by the address; as cards, as a list, as a sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, field_validator
from starlette.requests import Request
from starlette.responses import Response

from deployments.door.faces import faces, may_see, seen_face
from deployments.door.faults import Fault
from deployments.door.rendering import moment, render, say
from deployments.door.visitors import require_roles, require_visitor, room_of
from tasks.gateways.plain_sheets import XLSX, plain_workbook
from tasks.gateways.store.connection import reading
from tasks.gateways.store.door_board import count_cards, person_names, place_of, read_cards
from tasks.gateways.store.door_sessions import Visitor
from tasks.rules.door.board import LIST_CARDS, BoardFilter, Card, capped, column_cards, end_of_day, read_place
from tasks.rules.door.process_face import ProcessFace, StageFace, pick

router = APIRouter()
_SHEET_CARDS = 1000


class BoardQuery(BaseModel):
    """A board's address: whose items ('me' or a person's key), only overdue ones, ended how, one stage, how shown."""

    model_config = ConfigDict(extra="ignore")

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
        said = {**self.model_dump(), "after": "", **changed}
        words = {name: "1" if value is True else value for name, value in said.items() if value and value != "cards"}
        return f"/board/{process}" + (f"?{urlencode(words)}" if words else "")


@dataclass(frozen=True, slots=True)
class Column:
    """One stage as shown; `more` is where the next cards are, '' when all are shown.

    `rows` are what a template shows of each card, as plain tuples, because there are many: id, number, title, status,
    deadline, marker, whose.
    """

    stage: StageFace
    rows: Sequence[tuple[object, ...]]
    count: str
    more: str


@router.get("/board")
def boards(request: Request) -> Response:
    """The processes the visitor may see."""
    visitor = require_visitor(request)
    found = [face for face in faces(request).values() if may_see(visitor, face)]
    return render(request, "boards.html.j2", faces=found, pick=pick)


@router.get("/board/{process}")
def board(request: Request, process: str, query: Annotated[BoardQuery, Query()]) -> Response:
    """One process."""
    visitor, room = require_visitor(request), room_of(request)
    face = seen_face(request, visitor, process)
    shown = _stages(face, query)
    limit = LIST_CARDS if query.stage else column_cards(len(shown))
    with reading(room.desk.engine) as connection:
        people = person_names(connection)
        chosen = _filter(process, query, visitor, people)
        names = [stage.name for stage in shown]
        cards = read_cards(connection, chosen, names, limit, read_place(query.after) if query.stage else None)
        counts = count_cards(connection, chosen, names)
    names_of = {id_: name for id_, (_, name) in people.items()}
    face_of = CardFace(room.now(), room.office.zone, visitor.language, names_of)
    columns = [_column(stage, cards[stage.name], counts[stage.name], limit, face_of, process, query) for stage in shown]
    template = "board_list.html.j2" if query.view == "list" else "board.html.j2"
    return render(
        request,
        template,
        face=face,
        query=query,
        columns=columns,
        people=people,
        pick=pick,
    )


@router.get("/board/{process}/table.xlsx")
def sheet(request: Request, process: str, query: Annotated[BoardQuery, Query()]) -> Response:
    """The same list to take away, at most a thousand of each stage."""
    visitor, room = require_visitor(request), room_of(request)
    face = seen_face(request, visitor, process)
    require_roles(visitor, face.export | {"administrator", "chief"} if face.export else set())
    shown = _stages(face, query)
    with reading(room.desk.engine) as connection:
        people = person_names(connection)
        chosen = _filter(process, query, visitor, people)
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
            people.get(card.responsible_id, ("", ""))[1],
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
    names: Mapping[int, str]

    def rows(self, cards: Sequence[Card]) -> list[tuple[object, ...]]:
        """The cards as a template shows them."""
        ends = end_of_day(self.now, self.zone)
        return [
            (
                card.item_id,
                card.number or card.item_id,
                card.title,
                card.status_text,
                moment(card.deadline_at, self.now, self.language, self.zone) if card.deadline_at else "",
                card.marker(self.now, ends),
                self.names.get(card.responsible_id, ""),
            )
            for card in cards
        ]


def _column(
    stage: StageFace, cards: list[Card], count: int, limit: int, face_of: CardFace, process: str, query: BoardQuery
) -> Column:
    more = ""
    if len(cards) > limit:
        cards = cards[:limit]
        after = str(place_of(cards[-1])) if query.stage else ""
        more = query.address(process, stage=stage.name, view="list", after=after)
    return Column(stage, face_of.rows(cards), capped(count), more)
