"""The list of duplicates page by page: together the pages say what comparing all contacts at once says."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import sqlalchemy as sa

from sql import schema
from tasks.desk import Desk
from tasks.duplicate_pages import Bounds, Page, Place, duplicate_page
from tasks.gateways.store.connection import writing
from tasks.gateways.store.contacts import create_contact
from tasks.gateways.store.duplicates import say_apart
from tasks.gateways.store.identity_index import mark_shared
from tasks.merging import find_duplicates, merge
from tasks.rules.matching.duplicates import DuplicatePair, surest_first
from tests.samples.people_generator import PeopleGenerator
from tests.samples.people_names import DEVELOPMENT, HELD_OUT
from tests.samples.stored_mail import stored_mail
from tests.tasks.test_matching_senders import NOW, add_contact

SMALL = Bounds(pairs=3, compared=7, at_once=2, looked_through=9, stretch=4)


def pages(desk: Desk, bounds: Bounds) -> list[Page]:
    """All of them, one after the other, as a reader goes on."""
    found = [duplicate_page(desk, Place(), bounds)]
    while found[-1].following is not None:
        found.append(duplicate_page(desk, found[-1].following, bounds))
        assert len(found) < 1000
    return found


def _world(engine: sa.Engine, seed: int) -> list[int]:
    """Contacts as people leave them, some merged, kept apart or with addresses known to be shared."""
    chance = random.Random(seed)
    ids = []
    companies: dict[str, int] = {}
    world = PeopleGenerator(HELD_OUT if seed % 2 else DEVELOPMENT, seed).world(25)
    with writing(engine) as connection:
        for record in world.records:
            if record.company and record.company not in companies:
                made = sa.insert(schema.company).values(name=record.company, created_at=NOW)
                companies[record.company] = connection.execute(made.returning(schema.company.c.id)).scalar_one()
            points = [("mail", one.lower(), one) for one in record.mails]
            points += [("phone", one, one) for one in record.phones if one.startswith("+7") and len(one) == 12]
            company_id = companies.get(record.company)
            ids.append(
                create_contact(
                    connection, name=record.name, points=points, company_id=company_id, language="ru", at=NOW
                )
            )
        for one, other in (chance.sample(ids, 2) for _ in range(3)):
            say_apart(connection, (one, other), "person:1", "", NOW)
        identity = schema.identity
        known = connection.execute(sa.select(identity.c.kind, identity.c.value).order_by(identity.c.value)).all()
        mark_shared(connection, {(row.kind, row.value) for row in chance.sample(known, 3)})
    return ids


@pytest.mark.long
@pytest.mark.parametrize("seed", range(6))
def test_all_pages_say_what_comparing_all_at_once_says(engine: sa.Engine, tmp_path: Path, seed: int) -> None:
    desk = stored_mail(engine, tmp_path).desk
    ids = _world(engine, seed)
    whole = find_duplicates(desk).pairs
    assert len(whole) > 10
    first = duplicate_page(desk, Place(), Bounds(pairs=10_000, compared=10_000))
    assert (first.pairs, first.following) == (whole, None), "one large page is the whole list, in its order"
    small = pages(desk, SMALL)
    assert len(small) > 3
    _same(small, whole)
    pair = whole[0]
    with writing(engine) as connection:
        merge(connection, pair.keep_id, pair.other_id, "person:1", "", NOW)
        say_apart(connection, (whole[1].keep_id, whole[1].other_id), "person:1", "", NOW)
    assert pair.other_id in ids
    _same(pages(desk, SMALL), find_duplicates(desk).pairs)


def _same(found: list[Page], whole: tuple[DuplicatePair, ...]) -> None:
    listed = [pair for page in found for pair in page.pairs]
    assert len({(pair.keep_id, pair.other_id) for pair in listed}) == len(listed), "each pair once"
    assert surest_first(listed) == whole


def test_a_page_is_bounded_and_the_rest_is_not_lost(engine: sa.Engine, tmp_path: Path) -> None:
    desk = stored_mail(engine, tmp_path).desk
    for number in range(12):
        add_contact(engine, "Анна Белова", f"+790000003{number:02d}", "one@example.com")
    found = pages(desk, Bounds(pairs=5, compared=4, at_once=1))
    assert [len(page.pairs) for page in found[:2]] == [11, 10], "what one contact is part of stays on one page"
    assert sum(len(page.pairs) for page in found) == 66
    assert found[0].following == Place("same", found[0].pairs[0].keep_id)


def test_nobody_is_alike(engine: sa.Engine, tmp_path: Path) -> None:
    desk = stored_mail(engine, tmp_path).desk
    add_contact(engine, "Анна Белова", "anna@example.com")
    assert pages(desk, SMALL) == [Page((), 0, None)]
