"""Linking a new sender, the list of duplicates and the search index, on both engines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from sql import schema
from tasks.finding import find, index_search
from tasks.gateways.store.connection import writing
from tasks.gateways.store.contacts import create_contact
from tasks.gateways.store.identity_index import _KNOWN
from tasks.matching import find_sender, known_client, link_sender
from tasks.merging import decide_duplicates, find_duplicates
from tasks.rules.errors import UsageError
from tasks.rules.matching.profiles import read_profile
from tests.samples.stored_mail import StoredMail, stored_mail

NOW = datetime(2026, 11, 17, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
MOBILE, OTHER_MOBILE = "+79000000201", "+79000000202"


@pytest.fixture
def office(engine: sa.Engine, tmp_path: Path) -> StoredMail:
    """Anna and Ivan, who share a mailbox."""
    return stored_mail(engine, tmp_path)


def add_contact(engine: sa.Engine, name: str, *reach: str, company_id: int | None = None) -> int:
    points = [("mail" if "@" in one else "phone", one, one) for one in reach]
    with writing(engine) as connection:
        return create_contact(connection, name=name, points=points, company_id=company_id, language="ru", at=NOW)


def test_a_sure_sender_is_linked_and_remembered(engine: sa.Engine) -> None:
    anna = add_contact(engine, "Анна Белова", MOBILE)
    sender = read_profile("Аня Белова", ["anna@example.com"], [MOBILE])
    with writing(engine) as connection:
        assert link_sender(connection, sender, LATER).contact_id == anna
    with writing(engine) as connection:
        found = find_sender(connection, read_profile("", ["anna@example.com"]))
        assert (found.decision, found.contact_id) == ("link", anna)
        identity = schema.identity
        query = sa.select(identity.c.value, identity.c.first_seen, identity.c.last_seen).order_by(identity.c.value)
        assert [tuple(row) for row in connection.execute(query)] == [
            (MOBILE, NOW, LATER),
            ("anna@example.com", LATER, LATER),
        ]


def test_somebody_else_at_the_same_number_is_nobody_we_know(engine: sa.Engine) -> None:
    anna = add_contact(engine, "Анна Белова", MOBILE)
    with writing(engine) as connection:
        assert known_client(connection, "Иван Белов", [("phone", MOBILE)], LATER) is None
        assert connection.scalar(sa.select(schema.identity.c.is_shared))
        nameless = find_sender(connection, read_profile("", [], [MOBILE]))
        assert nameless.decision == "none"
        known = known_client(connection, "", [("phone", MOBILE)], LATER)
    assert known is not None
    assert known.contact_id == anna


def test_look_alikes_are_suggested_only_when_asked_for(engine: sa.Engine) -> None:
    anna = add_contact(engine, "Анна Белова", "annabelova@mail.ru")
    sender = read_profile("Белова Анна", ["anabelova@mail.ru"])
    with writing(engine) as connection:
        assert find_sender(connection, sender).decision == "none"
        found = find_sender(connection, sender, with_suggestions=True)
    assert (found.decision, [one.contact_id for one in found.suggestions]) == ("suggest", [anna])


def test_duplicates_are_listed_merged_and_kept_apart(engine: sa.Engine, office: StoredMail) -> None:
    one = add_contact(engine, "Анна Белова", MOBILE)
    two = add_contact(engine, "Аня Белова", MOBILE, "anna@example.com")
    three = add_contact(engine, "Иван Белов", MOBILE)
    pairs = find_duplicates(office.desk).pairs
    assert [(pair.keep_id, pair.other_id, pair.decision) for pair in pairs] == [(one, two, "link")]
    assert not find_duplicates(office.desk, three).pairs
    who = _member(engine)
    done = decide_duplicates.fn(office.desk, "merge", [one, two], 0, who, "звонила", LATER)
    assert done["merged"] == 1
    assert decide_duplicates.fn(office.desk, "merge", [one, two], 0, who, "", LATER) == {"merged": 0}
    assert not find_duplicates(office.desk).pairs
    with pytest.raises(UsageError, match="was merged into"):
        find_duplicates(office.desk, two)
    assert decide_duplicates.fn(office.desk, "unmerge", [], done["merge_number"], who, "", LATER) == {"unmerged": 1}
    assert decide_duplicates.fn(office.desk, "not_the_same", [two, one], 0, who, "сёстры", LATER) == {"kept_apart": 1}
    assert decide_duplicates.fn(office.desk, "not_the_same", [one, two], 0, who, "", LATER) == {"kept_apart": 0}
    assert not find_duplicates(office.desk).pairs
    assert decide_duplicates.fn(office.desk, "same_again", [one, two], 0, who, "", LATER) == {"taken_back": 1}
    assert find_duplicates(office.desk).pairs


@pytest.mark.parametrize(
    ("contacts", "who", "said"),
    [([1], "", "nobody on the staff"), ([1], "member", "two different"), ([1, 99], "member", "no contact 99")],
)
def test_mistakes_are_named(engine: sa.Engine, office: StoredMail, contacts: list[int], who: str, said: str) -> None:
    add_contact(engine, "Анна Белова", MOBILE)
    with pytest.raises(UsageError, match=said):
        decide_duplicates.fn(office.desk, "merge", contacts, 0, _member(engine) if who else "stranger", "", LATER)


def test_what_was_written_without_the_index_is_taken_in(
    engine: sa.Engine, office: StoredMail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.gateways.store.search_index.NEWEST_LEFT_OUT", 0)
    with writing(engine) as connection:
        connection.execute(sa.insert(schema.contact).values(name="Олег Гусев", created_at=NOW))
        connection.execute(sa.insert(schema.company).values(name="Лесной Двор", created_at=NOW))
        letter = {"origin_key": "mail:1", "kind": "mail", "direction": "in", "at": NOW, "subject": "Протечка трубы"}
        connection.execute(sa.insert(schema.activity).values(letter))
    assert [hit.kind for hit in find(office.desk, "проте", (), 5)[1]] == ["letter"]
    assert index_search.fn(office.desk) == {"rows_indexed": 3}
    assert index_search.fn(office.desk) == {"rows_indexed": 0}
    assert [hit.name for hit in find(office.desk, "гус", (), 5)[1]] == ["Олег Гусев"]
    assert [hit.name for hit in find(office.desk, "двор", (), 5)[1]] == ["Лесной Двор"]
    assert [hit.name for hit in find(office.desk, "nhe,s", (), 5)[1]] == ["Протечка трубы"]


def test_too_many_hits_are_said(engine: sa.Engine, office: StoredMail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.gateways.store.search_lookup.MOST_LOOKED_AT", 2)
    for number in range(4):
        add_contact(engine, f"Анна Белова{number}", f"+7900000021{number}")
    query, hits = find(office.desk, "бел", (), 5)
    assert query.is_cut
    assert len(hits) == 2
    assert not find(office.desk, "белова3", (), 5)[0].is_cut


def _member(engine: sa.Engine) -> str:
    with writing(engine) as connection:
        return str(connection.scalar(sa.select(schema.person.c.key).order_by(schema.person.c.id).limit(1)))


def test_no_sender_makes_the_store_read_every_contact(sqlite_engine: sa.Engine) -> None:
    """Where nobody was merged, SQLite's statistics say that all contacts have one canonical_id."""
    with writing(sqlite_engine) as connection:
        rows = [{"name": f"Иван Петров{number}", "created_at": NOW} for number in range(2000)]
        connection.execute(sa.insert(schema.contact), rows)
        connection.exec_driver_sql("ANALYZE")
    with sqlite_engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {_KNOWN.text.replace(':ids', '(5)')}").all()
    assert [row[-1] for row in plan if row[-1].startswith("SCAN")] == []
