"""Forms of web sites were posted: the raw bodies, the leads and their numbers in one transaction, once per key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from tasks.desk import Desk
from tasks.form_files import PostedFile, keep_form_files, read_files
from tasks.form_orders import begin_order
from tasks.gateways.store.connection import writing
from tasks.gateways.store.contacts import find_contacts
from tasks.gateways.store.door_items import NewPaper
from tasks.gateways.store.door_rates import are_within
from tasks.gateways.store.form_posts import (
    SOURCE,
    KeptPost,
    RawPost,
    Result,
    Said,
    find_posts,
    hash_of,
    keep_raw,
    keep_results,
    open_leads,
    record_inquiries,
)
from tasks.gateways.store.leads import NewLead, create_leads, numbers_of
from tasks.office_round import begin_round
from tasks.rules.door.rates import Rate
from tasks.rules.forms.posts import FieldFault, Inquiry, is_trap, read_inquiry
from tasks.rules.forms.turns import turns
from tasks.rules.lead_times import take_due_at
from tasks.rules.office import Office
from tasks.rules.office_door import SiteForm

Refusal = Literal["", "too_many", "wrong_input", "other_body"]


@dataclass(frozen=True, slots=True)
class Post:
    """What came: the body as it was, its fields, whose key makes it repeatable, and the address it came from."""

    body: bytes
    values: Mapping[str, Sequence[str]]
    key: str
    remote: str
    files: tuple[PostedFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of it: the number, or why it was refused (nothing is kept then)."""

    number: str = ""
    is_repeated: bool = False
    refusal: Refusal = ""
    faults: tuple[FieldFault, ...] = ()


@dataclass(frozen=True, slots=True)
class _Read:
    """A post that is in order; `inquiry` None: a robot's."""

    form: SiteForm
    post: Post
    inquiry: Inquiry | None
    papers: tuple[NewPaper, ...] = ()

    @property
    def place(self) -> tuple[str, str]:
        return self.form.name, self.post.key

    @property
    def names(self) -> set[str]:
        """What another post may share, so that one has to see what the other made."""
        names = {f"key:{self.form.name}:{self.post.key}"}
        if self.inquiry and self.inquiry.mail:
            names.add(f"mail:{self.inquiry.mail}")
        if self.inquiry and self.inquiry.phone:
            names.add(f"phone:{self.inquiry.phone}")
        return names


def take_posts(desk: Desk, posts: Sequence[tuple[SiteForm, Post]], now: datetime) -> list[Taken]:
    """Take posts as if one after another, in one transaction: either what became of each is committed, or nothing is.

    Raises whatever the store said to one of them.
    """
    read = [_read(desk.office, form, post) for form, post in posts]
    taken: dict[int, Taken] = {number: one for number, one in enumerate(read) if isinstance(one, Taken)}
    waiting = {number: one for number, one in enumerate(read) if isinstance(one, _Read)}
    if waiting:
        with writing(desk.engine) as connection:
            taken |= _take_all(connection, desk, waiting, now)
    return [taken[number] for number in range(len(posts))]


def _read(office: Office, form: SiteForm, post: Post) -> _Read | Taken:
    if is_trap(form, post.values):
        return _Read(form, post, None)
    inquiry = read_inquiry(form, post.values, office.hours.country, office.language)
    papers, wrong = read_files(form, post.files)
    if isinstance(inquiry, tuple) or wrong:
        return Taken(refusal="wrong_input", faults=(*(inquiry if isinstance(inquiry, tuple) else ()), *wrong))
    return _Read(form, post, inquiry, papers)


def _take_all(connection: sa.Connection, desk: Desk, read: Mapping[int, _Read], now: datetime) -> dict[int, Taken]:
    numbers, posts = list(read), list(read.values())
    # the count is one row per form: whoever changes it makes others wait, so that a key is taken once
    calm = dict(zip(numbers, _are_calm(connection, posts, now), strict=True))
    taken: dict[int, Taken] = {}
    for turn in turns([one.names for one in posts]):
        own = {numbers[place]: posts[place] for place in turn}
        known = find_posts(connection, [one.place for one in own.values()])
        again = {number: _again(known[one.place], one.post) for number, one in own.items() if one.place in known}
        hasty = {number: Taken(refusal="too_many") for number in own if number not in again and not calm[number]}
        fresh = {number: one for number, one in own.items() if number not in again and number not in hasty}
        made = _make(connection, desk, list(fresh.values()), now)
        taken |= again | hasty | {number: Taken(kept.number) for number, kept in zip(fresh, made, strict=True)}
    return taken


def _again(known: KeptPost, post: Post) -> Taken:
    is_same = known.sha256 == hash_of(post.body)
    return Taken(known.number, is_repeated=True) if is_same else Taken(refusal="other_body")


def _are_calm(connection: sa.Connection, posts: Sequence[_Read], now: datetime) -> list[bool]:
    by_form = [(Rate("form", one.form.per_hour), one.form.name) for one in posts]
    by_address = [
        (Rate(f"form-address:{one.form.name}", one.form.per_hour_from_one_address), one.post.remote) for one in posts
    ]
    within = are_within(connection, by_form + by_address, now)
    return [form and address for form, address in zip(within[: len(posts)], within[len(posts) :], strict=True)]


def _make(connection: sa.Connection, desk: Desk, posts: Sequence[_Read], now: datetime) -> list[KeptPost]:
    """What becomes of posts that share nothing; in their order."""
    raw = [RawPost(*one.place, one.post.body, is_trap=one.inquiry is None) for one in posts]
    intake_ids = keep_raw(connection, raw, now)
    asked = {intake_ids[one.place]: one.inquiry for one in posts if one.inquiry is not None}
    sent = {intake_ids[one.place]: (one.post.files, one.papers) for one in posts if one.papers}
    heard = _hear(connection, desk, asked, sent, now)
    results = []
    for one in posts:
        intake_id = intake_ids[one.place]
        result, number, entity_id = heard.get(intake_id, ("trap", f"F-{intake_id:06d}", None))
        kept = KeptPost(hash_of(one.post.body), result, number)
        results.append(Result(*one.place, intake_id, kept, entity_id))
    keep_results(connection, results, now)
    return [one.kept for one in results]


def _hear(
    connection: sa.Connection,
    desk: Desk,
    asked: Mapping[int, Inquiry],
    sent: Mapping[int, tuple[Sequence[PostedFile], Sequence[NewPaper]]],
    now: datetime,
) -> dict[int, tuple[str, str, int | None]]:
    """The lead of each inquiry, or the activity of the one that is open, or the order of a client who is known and
    whose form says so: (what, number, row id) by intake item. `sent` are the files that came with it.
    """
    leads = _open_leads(connection, asked)
    fresh = [id_ for id_ in asked if id_ not in leads]
    leads |= _new_leads(connection, desk.office, {id_: asked[id_] for id_ in fresh}, now)
    contacts = _contacts(connection, asked)
    said = [Said(id_, one.title, one.text, contacts.get(id_), leads[id_][0]) for id_, one in asked.items()]
    activities = record_inquiries(connection, said, now)
    keep_form_files(connection, desk.files, {activities[id_]: files for id_, files in sent.items()}, now)
    heard: dict[int, tuple[str, str, int | None]] = {
        id_: ("activity", number, activities[id_]) for id_, (_, number) in leads.items()
    }
    heard |= {id_: ("lead", leads[id_][1], leads[id_][0]) for id_ in fresh}
    return heard | _orders(connection, desk, {id_: asked[id_] for id_ in fresh if id_ in contacts}, leads, now)


def _orders(
    connection: sa.Connection,
    desk: Desk,
    asked: Mapping[int, Inquiry],
    leads: Mapping[int, tuple[int, str]],
    now: datetime,
) -> dict[int, tuple[str, str, int | None]]:
    """The orders that begin at once, of clients whose form says so."""
    wanted = {id_: one for id_, one in asked.items() if one.opens_order}
    run = begin_round(connection, desk.office, now) if wanted else None
    made = {id_: begin_order(connection, run, leads[id_][0], one, now) for id_, one in wanted.items() if run}
    return {id_: ("deal", found[1], found[0]) for id_, found in made.items() if found}


def _open_leads(connection: sa.Connection, asked: Mapping[int, Inquiry]) -> dict[int, tuple[int, str]]:
    """The open lead of whoever has this mail or phone, the oldest, as (row id, number)."""
    by_mail = open_leads(connection, "mail", {one.mail for one in asked.values() if one.mail})
    by_phone = open_leads(connection, "phone", {one.phone for one in asked.values() if one.phone})
    found = {
        id_: [lead for lead in (by_mail.get(one.mail or ""), by_phone.get(one.phone or "")) if lead]
        for id_, one in asked.items()
    }
    return {id_: min(leads) for id_, leads in found.items() if leads}


def _new_leads(
    connection: sa.Connection, office: Office, asked: Mapping[int, Inquiry], now: datetime
) -> dict[int, tuple[int, str]]:
    if not asked:
        return {}
    made = create_leads(connection, [_lead(office, inquiry, id_, now) for id_, inquiry in asked.items()])
    ids = {id_: made[f"{SOURCE}{id_}"] for id_ in asked}
    numbers = numbers_of(connection, list(ids.values()))
    return {id_: (lead_id, numbers[lead_id]) for id_, lead_id in ids.items()}


def _lead(office: Office, inquiry: Inquiry, intake_id: int, now: datetime) -> NewLead:
    return NewLead(
        origin_key=f"{SOURCE}{intake_id}",
        channel="form",
        title=inquiry.title,
        person_name=inquiry.name,
        mail=inquiry.mail,
        phone=inquiry.phone,
        language=inquiry.language,
        responsible_id=None,
        created_at=now,
        take_due_at=take_due_at(office, now),
    )


def _contacts(connection: sa.Connection, asked: Mapping[int, Inquiry]) -> dict[int, int]:
    """Those who are known already, by their mail, else by their phone: the contact's row id."""
    mails = {one.mail for one in asked.values() if one.mail}
    phones = {one.phone for one in asked.values() if one.phone}
    by_mail, by_phone = find_contacts(connection, "mail", mails), find_contacts(connection, "phone", phones)
    found = {id_: by_mail.get(one.mail or "") or by_phone.get(one.phone or "") for id_, one in asked.items()}
    return {id_: contact.contact_id for id_, contact in found.items() if contact}
