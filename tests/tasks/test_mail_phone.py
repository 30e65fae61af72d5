"""The telephone of a lead: the writer's own, which stands in the signature as a rule."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.samples.mail_desk import open_mail_desk, rows, take_in
from tests.samples.mail_room import EVENING, MailRoom, message
from tests.samples.mail_store import put

QUOTE = "17.11.2026 10:12, Мастерская <shop@example.com> пишет:\n> Звоните: +7 900 000-02-02\n"


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        (f"Почините насос.\n\n-- \nПётр\n8 (900) 000-05-01\n\n{QUOTE}", "+79000000501"),
        (f"Почините насос.\n\n{QUOTE}", None),
    ],
)
def test_the_signature_is_searched_and_the_quote_is_not(
    engine: sa.Engine, tmp_path: Path, text: str, phone: str | None
) -> None:
    desk, _ = open_mail_desk(engine, MailRoom(tmp_path, 1), tmp_path)
    put(desk, message("m1", text=text))
    take_in(desk, EVENING)
    assert rows(engine, "select phone from lead where mail = 'petr@example.com'") == [(phone,)]
    assert rows(engine, "select reply_text from activity") == [("Почините насос.",)]
