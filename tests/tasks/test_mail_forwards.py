"""What a colleague passes on counts as its author's word; what anybody else passes on is theirs."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from tasks.desk import Desk
from tests.samples.mail_desk import Known, open_mail_desk, rows, take_in
from tests.samples.mail_kinds import VOUCHED
from tests.samples.mail_room import EVENING, MailRoom, message
from tests.samples.mail_store import put

OLGA = "olga@north-service.example"
PASSED_ON = """Позвоните ему сегодня.

-------- Пересылаемое сообщение --------
От: {author}
Отправлено: 17 ноября 2026 г., 10:00
Кому: olga@north-service.example
Тема: Течёт котёл

Добрый день! Течёт котёл, мой телефон +7 900 000-05-77.
"""


@pytest.fixture
def desk_known(engine: sa.Engine, tmp_path: Path) -> tuple[Desk, Known]:
    """A desk that knows Anna and Olga."""
    return open_mail_desk(engine, MailRoom(tmp_path, 1), tmp_path)


def pass_on(desk: Desk, sender: str, author: str, headers: str = "") -> int:
    """The leads made from a forward by `sender` of what `author` wrote."""
    put(desk, message("fwd", sender, "Fwd: Течёт котёл", PASSED_ON.format(author=author), headers))
    return take_in(desk, EVENING)["leads"]


def test_a_colleagues_forward_makes_the_author_the_leads_person(desk_known: tuple[Desk, Known]) -> None:
    desk, known = desk_known
    assert pass_on(desk, OLGA, "Семён Орлов <Semyon@example.com>", VOUCHED) == 1
    lead = "select person_name, mail, phone, title from lead where origin_key like 'mail:%' order by id desc limit 1"
    assert rows(desk.engine, lead) == [("Семён Орлов", "semyon@example.com", "+79000000577", "Течёт котёл")]
    assert rows(desk.engine, "select verdict from intake_item") == [("forwarded",)]
    [(person_id, text)] = rows(desk.engine, "select person_id, body_text from activity")
    assert person_id == known.person_id
    assert text.startswith("Позвоните ему сегодня.\n\nДобрый день!")


def test_a_clients_mail_that_is_passed_on_stands_at_the_client(desk_known: tuple[Desk, Known]) -> None:
    desk, known = desk_known
    assert pass_on(desk, OLGA, "anna@client.example", VOUCHED) == 0
    assert rows(desk.engine, "select contact_id, person_id from activity") == [(known.contact_id, known.person_id)]


@pytest.mark.parametrize(
    ("sender", "author", "headers", "verdict"),
    [
        (OLGA, "semyon@example.com", "", "claimed_staff"),
        ("boris@example.com", "semyon@example.com", "", "unknown_sender"),
        (OLGA, OLGA, VOUCHED, "staff"),
    ],
)
def test_nobody_else_speaks_for_others(
    desk_known: tuple[Desk, Known], sender: str, author: str, headers: str, verdict: str
) -> None:
    desk, _ = desk_known
    pass_on(desk, sender, author, headers)
    assert rows(desk.engine, "select verdict from intake_item") == [(verdict,)]
    assert rows(desk.engine, "select id from lead where mail = 'semyon@example.com'") == []
