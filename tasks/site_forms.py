"""A form of a web site was posted: the raw body, the lead and its number in one transaction, once per key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from tasks.desk import Desk
from tasks.gateways.store.connection import writing
from tasks.gateways.store.contacts import KnownContact, find_contacts
from tasks.gateways.store.door_rates import is_within
from tasks.gateways.store.form_posts import (
    SOURCE,
    KeptPost,
    find_post,
    hash_of,
    keep_raw,
    keep_result,
    open_lead_of,
    record_inquiry,
)
from tasks.gateways.store.lead_course import load_lead
from tasks.gateways.store.leads import NewLead, create_leads
from tasks.rules.door.rates import Rate
from tasks.rules.forms.posts import FieldFault, Inquiry, is_trap, read_inquiry
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


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of it: the number, or why it was refused (nothing is kept then)."""

    number: str = ""
    is_repeated: bool = False
    refusal: Refusal = ""
    faults: tuple[FieldFault, ...] = ()


def take_post(desk: Desk, form: SiteForm, post: Post, now: datetime) -> Taken:
    """Keep the post and make of it what a stranger's mail would be: a lead, or a word to the open one."""
    trapped = is_trap(form, post.values)
    inquiry = None if trapped else read_inquiry(form, post.values, desk.office.hours.country, desk.office.language)
    if isinstance(inquiry, tuple):
        return Taken(refusal="wrong_input", faults=inquiry)
    with writing(desk.engine) as connection:
        # the count is one row per form: whoever changes it makes others wait, so that a key is taken once
        is_calm = _is_calm(connection, form, post.remote, now)
        known = find_post(connection, form.name, post.key)
        if known is not None:
            is_same = known.sha256 == hash_of(post.body)
            return Taken(known.number, is_repeated=True) if is_same else Taken(refusal="other_body")
        if not is_calm:
            return Taken(refusal="too_many")
        intake_id = keep_raw(connection, form.name, post.key, post.body, is_trap=trapped, now=now)
        if inquiry is None:
            result, entity_id = KeptPost(hash_of(post.body), "trap", f"F-{intake_id:06d}"), None
        else:
            result, entity_id = _make(connection, desk.office, inquiry, intake_id, post, now)
        keep_result(connection, form.name, post.key, intake_id, result, now, entity_id)
    return Taken(result.number)


def _is_calm(connection: sa.Connection, form: SiteForm, remote: str, now: datetime) -> bool:
    is_calm = is_within(connection, Rate("form", form.per_hour), form.name, now)
    from_one = Rate(f"form-address:{form.name}", form.per_hour_from_one_address)
    return is_within(connection, from_one, remote, now) and is_calm


def _make(
    connection: sa.Connection, office: Office, inquiry: Inquiry, intake_id: int, post: Post, now: datetime
) -> tuple[KeptPost, int]:
    """The lead, or the activity of the one that is open."""
    contact = _known(connection, inquiry)
    found = open_lead_of(connection, inquiry.mail, inquiry.phone)
    if found is None:
        lead_id = create_leads(connection, [_lead(office, inquiry, intake_id, now)])[f"{SOURCE}{intake_id}"]
        lead = load_lead(connection, lead_id)
        found = (lead_id, lead.number)
        result = "lead"
    else:
        result = "activity"
    activity_id = record_inquiry(
        connection,
        intake_id,
        subject=inquiry.title,
        text=inquiry.text,
        contact_id=contact.contact_id if contact else None,
        lead_id=found[0],
        at=now,
    )
    return KeptPost(hash_of(post.body), result, found[1]), found[0] if result == "lead" else activity_id


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


def _known(connection: sa.Connection, inquiry: Inquiry) -> KnownContact | None:
    for kind, value in (("mail", inquiry.mail), ("phone", inquiry.phone)):
        found = find_contacts(connection, kind, [value]) if value else {}
        if value in found:
            return found[value]
    return None
