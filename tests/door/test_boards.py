"""A board shows of every stage the most urgent, whatever is filtered; nothing is lost between its pages."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from itertools import product

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from deployments.door.room import Room
from sql.schema import person, process_item
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.door_board import count_cards, place_of, read_cards
from tasks.rules.door.board import BoardFilter, Card, Place, capped, read_place, stage_title
from tests.door.board_items import STAGES, add_items
from tests.door.conftest import NOON
from tests.door.visiting import Visits, rows

Visit = Callable[[Room], Visits]


@pytest.fixture
def filled(room: Room) -> Room:
    people = [row.id for row in rows(room.desk.engine, person)]
    add_items(room.desk.engine, 2000, people, NOON)
    return room


def _expected(engine: sa.Engine, chosen: BoardFilter, stage: str) -> list[int]:
    found = [
        row
        for row in rows(engine, process_item)
        if (row.outcome or "") == chosen.outcome
        and row.stage == stage
        and chosen.responsible_id in (None, row.responsible_id)
        and (row.is_overdue or not chosen.is_overdue)
    ]
    found.sort(key=lambda row: (row.deadline_at is None, row.deadline_at or NOON, row.id))
    return [row.id for row in found]


def test_every_mix_of_filters_shows_the_most_urgent_and_counts_right(filled: Room) -> None:
    engine = filled.desk.engine
    for outcome, who, is_overdue in product(("", "won"), (None, 3), (False, True)):
        chosen = BoardFilter("service", outcome, who, is_overdue)  # type: ignore[arg-type]  # a table of words
        stages = ("won",) if outcome else STAGES
        with reading(engine) as connection:
            cards, counts = read_cards(connection, chosen, stages, 5), count_cards(connection, chosen, stages)
        for stage in stages:
            expected = _expected(engine, chosen, stage)
            assert [card.item_id for card in cards[stage]] == expected[:6]
            assert counts[stage] == len(expected)


def test_pages_follow_each_other_without_gap_or_double(filled: Room) -> None:
    engine, chosen = filled.desk.engine, BoardFilter("service")
    seen: list[Card] = []
    after: Place | None = None
    with reading(engine) as connection:
        while page := read_cards(connection, chosen, ("planning",), 40, after)["planning"][:40]:
            seen += page
            after = read_place(str(place_of(page[-1])))
    assert [card.item_id for card in seen] == _expected(engine, chosen, "planning")
    assert any(card.deadline_at is None for card in seen)


def test_the_page_needs_no_more_than_four_queries(filled: Room, visits: Visit) -> None:
    visitor = visits(filled).sign_in("maria")
    visitor.get("/board/service")
    asked: list[str] = []
    sa.event.listen(filled.desk.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    page = visitor.get("/board/service?who=me&overdue=1")
    assert page.status_code == 200
    assert len([one for one in asked if not one.startswith(("BEGIN", "ROLLBACK"))]) <= 4
    assert page.headers["content-encoding"] == "gzip"


def test_what_a_board_says(filled: Room, visits: Visit) -> None:
    page = visits(filled).sign_in("maria").get("/board/service").text
    assert "Сервисное обслуживание" in page
    assert "этап planning" in page
    assert "work_at" not in page
    assert re.search(r'class="mark late">! \w', page)
    assert '<time datetime="2026-1' in page


@pytest.mark.parametrize("view", ["cards", "list"])
def test_what_changed_is_seen_at_once_and_is_only_words(filled: Room, visits: Visit, view: str) -> None:
    visitor, address = visits(filled).sign_in("maria"), f"/board/service?stage=planning&view={view}"
    first = _expected(filled.desk.engine, BoardFilter("service"), "planning")[0]
    shown = visitor.get(address).text
    assert visitor.get(address).text == shown  # the parts are kept
    with writing(filled.desk.engine) as connection:
        changed = sa.update(process_item).where(process_item.c.id == first)
        connection.execute(changed.values(title="<script>alert(1)</script>", status_text="<b>&", held_at=NOON))
    page = visitor.get(address).text
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 1
    assert "&lt;b&gt;&amp;" in page
    assert "<script" not in page
    assert page.count('class="mark warn"') == shown.count('class="mark warn"') + 1


def test_rights_follow_the_file(filled: Room, visits: Visit) -> None:
    olga, daria = visits(filled).sign_in("olga"), visits(filled).sign_in("daria")
    assert olga.get("/board/service").status_code == 403
    assert olga.get("/board/service/table.xlsx").status_code == 403
    assert "/board/service" not in olga.get("/board").text
    assert daria.get("/board/service").status_code == 200
    assert daria.get("/board/service/table.xlsx").status_code == 403  # may see, may not take away
    assert visits(filled).get("/board/service").status_code == 303


def test_the_sheet_has_what_the_list_has(filled: Room, visits: Visit) -> None:
    answer = visits(filled).sign_in("maria").get("/board/service/table.xlsx?overdue=1")
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    wanted = sum(len(_expected(filled.desk.engine, BoardFilter("service", is_overdue=True), stage)) for stage in STAGES)
    assert sheet.max_row == wanted + 1
    assert sheet["A1"].value == "Номер"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("who='%20or%201=1", 422),
        ("who=nobody", 200),
        ("overdue=perhaps", 422),
        ("overdue=", 200),
        ("outcome=other", 422),
        ("stage=nowhere", 404),
        ("stage=planning&after=x", 200),
        ("stage=planning&after=99999999999999999999_1", 200),
        ("stage=planning&after=999999999999999999_1", 200),
        ("stage=planning&after=_999999999999999999", 200),
        ("view=pie", 422),
        ("who=me&who=olga", 200),
        ("utm_source=x&%00=%00", 200),
        ("stage=" + "x" * 500, 422),
    ],
)
def test_no_address_breaks_a_board(filled: Room, visits: Visit, query: str, status: int) -> None:
    assert visits(filled).sign_in("maria").get(f"/board/service?{query}").status_code == status
    assert visits(filled).sign_in("maria").get("/board/nothing").status_code == 404


def test_small_rules() -> None:
    assert [capped(count) for count in (0, 1000, 1001)] == ["0", "1000", "1000+"]
    assert stage_title("согласуется время {work_at}", "agreeing") == "согласуется время"
    assert stage_title("lost: {reason}", "lost") == "lost"
    assert stage_title("{status}", "in_work") == "in work"
