"""Merging contacts and undoing it, on both engines: nothing lost, everything put back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sql import schema
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.contacts import create_contact, find_contacts
from tasks.gateways.store.duplicates import say_apart
from tasks.gateways.store.finding import find_hits
from tasks.gateways.store.identity_lookup import canonical_refs
from tasks.gateways.store.merging import MOVED
from tasks.gateways.store.staff import read_recipients
from tasks.merging import merge, unmerge
from tasks.rules.errors import UsageError
from tasks.rules.finding import read_query

NOW = datetime(2026, 11, 17, 9, tzinfo=UTC)
WHO = "person:1"
STATE = ("contact", "contact_point", "deal", "activity", "identity", "match_key", "search_text", "search_token")


def make_contacts(engine: sa.Engine, count: int) -> list[int]:
    """Contacts with a mail, a phone, a letter and a deal each; every other one with a company."""
    ids = []
    with writing(engine) as connection:
        for number in range(1, count + 1):
            company = {"name": f"ООО «Фирма {number}»", "created_at": NOW}
            made = sa.insert(schema.company).values(company).returning(schema.company.c.id)
            company_id = connection.execute(made).scalar_one()
            points = [("mail", f"ivan{number}@example.com", ""), ("phone", f"+790000002{number:02d}", "")]
            contact_id = create_contact(
                connection,
                name=f"Иван Петров{number}",
                points=points,
                company_id=company_id if number % 2 else None,
                language="ru",
                at=NOW,
            )
            letter = {"origin_key": f"mail:{number}", "kind": "mail", "direction": "in", "at": NOW}
            connection.execute(sa.insert(schema.activity).values(letter | {"contact_id": contact_id}))
            deal = {"number": f"D-{number}", "pipeline": "p", "stage": "s", "contact_id": contact_id}
            connection.execute(sa.insert(schema.deal).values(deal | {"stage_entered_at": NOW, "created_at": NOW}))
            ids.append(contact_id)
    return ids


def state_of(engine: sa.Engine) -> dict[str, list[Any]]:
    """Every row that a merge may touch."""
    with reading(engine) as connection:
        tables = {name: schema.metadata.tables[name] for name in STATE}
        return {
            name: sorted((tuple(row) for row in connection.execute(sa.select(table))), key=str)
            for name, table in tables.items()
        }


def do_merge(engine: sa.Engine, keep: int, other: int, at: datetime = NOW) -> int:
    with writing(engine) as connection:
        return merge(connection, keep, other, WHO, "", at).get("merge_number", 0)


def do_unmerge(engine: sa.Engine, merge_id: int) -> dict[str, int]:
    with writing(engine) as connection:
        return unmerge(connection, merge_id, WHO, NOW)


def test_everything_of_the_loser_is_found_at_the_winner(engine: sa.Engine) -> None:
    keep, other = make_contacts(engine, 2)
    assert do_merge(engine, keep, other)
    with reading(engine) as connection:
        for table_name, column_name in MOVED[1:]:
            table = schema.metadata.tables[table_name]
            assert not connection.scalar(sa.select(sa.func.count()).where(table.c[column_name] == other))
        found = find_contacts(connection, "mail", ["ivan1@example.com", "ivan2@example.com"])
        assert {one.contact_id for one in found.values()} == {keep}
        assert canonical_refs(connection, [f"contact:{other}", "person:1"]) == {
            f"contact:{other}": f"contact:{keep}",
            "person:1": "person:1",
        }
        assert read_recipients(connection, [f"contact:{other}"])[f"contact:{other}"].mail == "ivan1@example.com"
        hits = find_hits(connection, read_query("ivan2@"), ("contact",), 5).hits
        assert [hit.number for hit in hits] == [str(keep)]
        kinds = connection.execute(sa.select(schema.event.c.kind)).scalars().all()
        assert kinds == ["contact.merged"]


def test_an_undone_merge_leaves_no_trace_but_its_story(engine: sa.Engine) -> None:
    keep, other = make_contacts(engine, 2)
    before = state_of(engine)
    merge_id = do_merge(engine, other, keep)
    assert do_unmerge(engine, merge_id) == {"unmerged": 1}
    assert state_of(engine) == before
    assert do_unmerge(engine, merge_id) == {"unmerged": 0}


def test_what_people_changed_since_stays(engine: sa.Engine) -> None:
    keep, other = make_contacts(engine, 2)
    merge_id = do_merge(engine, other, keep)
    with writing(engine) as connection:
        connection.execute(sa.update(schema.contact).where(schema.contact.c.id == other).values(company_id=2))
        connection.execute(
            sa.insert(schema.activity).values(
                origin_key="mail:9", kind="mail", direction="in", at=NOW, contact_id=other
            )
        )
    do_unmerge(engine, merge_id)
    with reading(engine) as connection:
        contact, activity = schema.contact, schema.activity
        assert connection.scalar(sa.select(contact.c.company_id).where(contact.c.id == other)) == 2
        assert connection.scalar(sa.select(activity.c.contact_id).where(activity.c.origin_key == "mail:9")) == other


def test_refusals_say_what_to_do(engine: sa.Engine) -> None:
    one, two, three = make_contacts(engine, 3)
    with writing(engine) as connection:
        say_apart(connection, (three, one), WHO, "", NOW)
    first = do_merge(engine, two, one)
    with pytest.raises(UsageError, match="not the same"):
        do_merge(engine, three, two)
    with pytest.raises(UsageError, match="no contact 99"):
        do_merge(engine, 99, two)
    with pytest.raises(UsageError, match="no merge 99"):
        do_unmerge(engine, 99)
    assert do_merge(engine, one, two) == 0
    do_unmerge(engine, first)
    assert do_merge(engine, three, two)


def test_a_merge_built_upon_is_undone_last(engine: sa.Engine) -> None:
    one, two, three = make_contacts(engine, 3)
    first = do_merge(engine, one, two)
    second = do_merge(engine, three, one)
    with pytest.raises(UsageError, match=f"undo {second} first"):
        do_unmerge(engine, first)
    do_unmerge(engine, second)
    assert do_unmerge(engine, first) == {"unmerged": 1}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_legal_order_of_merges_and_undos_gives_back_the_former_state(
    engine: sa.Engine, data: st.DataObject
) -> None:
    with writing(engine) as connection:
        for table in reversed(schema.metadata.sorted_tables):
            connection.execute(sa.delete(table))
    ids = make_contacts(engine, 4)
    past: dict[int, dict[str, list[Any]]] = {}
    beginning = state_of(engine)
    for step in range(data.draw(st.integers(1, 8))):
        is_undone: bool = data.draw(st.booleans())
        if past and is_undone:
            newest = max(past)
            do_unmerge(engine, newest)
            assert state_of(engine) == past.pop(newest)
        else:
            before = state_of(engine)
            keep, other = data.draw(st.sampled_from(ids)), data.draw(st.sampled_from(ids))
            if number := do_merge(engine, keep, other, NOW + timedelta(minutes=step)):
                past[number] = before
    for _ in range(len(past)):
        legal = [number for number in sorted(past) if _is_legal(engine, number)]
        number = data.draw(st.sampled_from(legal))
        do_unmerge(engine, number)
        del past[number]
    assert state_of(engine) == beginning


def _is_legal(engine: sa.Engine, number: int) -> bool:
    """Whether it may be undone now; found out in a transaction that is taken back."""
    with engine.connect() as connection:
        try:
            unmerge(connection, number, WHO, NOW)
        except UsageError:
            return False
        finally:
            connection.rollback()
    return True
