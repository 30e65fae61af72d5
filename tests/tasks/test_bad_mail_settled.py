"""Every kind of bad mail through the whole intake: it ends with a word, its bytes stay, the next mail is processed."""

from __future__ import annotations

import zlib
from pathlib import Path

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import reading
from tests.samples.bad_mail import BAD, BOMB, bad_mail
from tests.samples.mail_desk import open_mail_desk, rows, take_in
from tests.samples.mail_kinds import DAY
from tests.samples.mail_room import EVENING, MailRoom
from tests.samples.mail_store import put


def test_bad_mail_ends_with_a_word_and_the_next_is_processed(engine: sa.Engine, tmp_path: Path) -> None:
    desk, known = open_mail_desk(engine, MailRoom(tmp_path, 1), tmp_path)
    for name in BAD:
        put(desk, bad_mail(name))
    put(desk, DAY["client"])
    counts = take_in(desk, EVENING, with_gate=True)
    assert counts["interpreted"] == len(BAD) + 1
    silent = "select count(*) from intake_item where state = 'new' or verdict is null"
    assert rows(engine, silent) == [(0,)]
    assert rows(engine, "select count(*) from intake_item where state <> 'settled' and reason is null") == [(0,)]
    last = rows(engine, "select state, verdict from intake_item order by id desc limit 1")
    assert last == [("settled", "known_sender")]
    assert rows(engine, "select count(*) from activity where contact_id is not null") == [(1,)]
    assert known.contact_id
    with reading(engine) as connection:
        table = schema.intake_item
        stored = connection.scalars(sa.select(table.c.raw).order_by(table.c.id)).all()
    assert [zlib.decompress(raw) for raw in stored[:-1]] == [bad_mail(name) for name in BAD]


def test_a_bomb_is_kept_as_it_came(engine: sa.Engine, tmp_path: Path) -> None:
    desk, _ = open_mail_desk(engine, MailRoom(tmp_path, 1), tmp_path)
    put(desk, bad_mail("zip bomb"))
    take_in(desk, EVENING)
    [(kind, size, name)] = rows(engine, "select content_type, size_bytes, file_name from document")
    assert (kind, size, name.endswith("-01.zip")) == ("application/zip", len(BOMB), True)
    kept = [path for path in desk.files.rglob("*") if path.is_file()]
    assert [path.stat().st_size for path in kept] == [len(BOMB)]
