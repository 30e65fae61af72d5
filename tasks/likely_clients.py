"""Whose is this lead, and who else may this contact be: a list with the evidence in words, and a person's word.

Two contacts are merged, parted or kept apart by `tasks.merging`. A lead that is nobody's yet is linked here; its
conversion follows what was said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from prefect import task
from prefect.cache_policies import NO_CACHE
from sqlalchemy.exc import NoResultFound

from tasks.desk import Desk
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.contacts import KnownContact, known_contact
from tasks.gateways.store.duplicates import say_apart
from tasks.gateways.store.events import NewEvent, record_event
from tasks.gateways.store.identity_index import load_profiles, mark_shared, see_identities
from tasks.gateways.store.identity_lookup import canonical_ids
from tasks.gateways.store.lead_clients import NOT_THE_SAME, SAME_AGAIN, client_cards, linked_contact, said_apart
from tasks.gateways.store.lead_course import Lead, load_lead, save_lead
from tasks.gateways.store.merging import standing_merges
from tasks.gateways.store.process_items import ConflictError
from tasks.gateways.store.qualifications import known_answers
from tasks.gateways.store.quarantine_decisions import find_person
from tasks.matching import find_sender, known_client
from tasks.merging import duplicates_around
from tasks.rules.errors import UsageError
from tasks.rules.matching.duplicates import DuplicatePair
from tasks.rules.matching.evidence import Evidence, evidence_words
from tasks.rules.matching.judging import Decision
from tasks.rules.matching.profiles import Profile, read_profile

MOST_SHOWN = 20
Action = Literal["link", "unlink", "not_the_same", "same_again"]


@dataclass(frozen=True, slots=True)
class LikelyClient:
    """A contact who may be the same person. `decision` is link (sure enough to be joined alone) or suggest."""

    contact_id: int
    name: str
    company: str
    mails: tuple[str, ...]
    phones: tuple[str, ...]
    decision: Decision
    score: float
    words: str


@dataclass(frozen=True, slots=True)
class StandingMerge:
    """A merge that can be undone: `contact_id` and `name` are of the one that was merged in."""

    merge_id: int
    contact_id: int
    name: str
    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class Likely:
    """Who it is (`contact_id` None: nobody said yet) and who else it may be, the surest first.

    `more`: how many are not shown; `crowded`: addresses, numbers or names that too many have to compare them all.
    """

    contact_id: int | None
    contact_name: str
    found: tuple[LikelyClient, ...]
    merges: tuple[StandingMerge, ...] = ()
    crowded: int = 0
    more: int = 0


_Found = tuple[int, Decision, tuple[Evidence, ...]]


def likely_of_lead(desk: Desk, lead_id: int, language: str) -> Likely:
    """Who the lead's person may be, or when it has its contact, who else that one may be. `language` is ru or en.

    Raises UsageError for an unknown lead.
    """
    with reading(desk.engine) as connection:
        contact_id = linked_contact(connection, lead_id)
        if contact_id is not None:
            return _of_contact(connection, contact_id, language)
        sender = _sender(connection, desk, _lead(connection, lead_id))
        linking = find_sender(connection, sender, with_suggestions=True)
        apart = said_apart(connection, lead_id)
        found: list[_Found] = [(linking.contact_id, "link", linking.evidence)] if linking.contact_id else []
        found += [(one.contact_id, one.judgement.decision, one.judgement.evidence) for one in linking.suggestions]
        kept = [one for one in found if one[0] not in apart]
        return _listed(connection, None, kept, language, linking.crowded)


def likely_of_contact(desk: Desk, contact_id: int, language: str) -> Likely:
    """Who else a contact may be, and what was merged into it; of a merged one, for who it stands for.

    `language` is ru or en. Raises UsageError for an unknown contact.
    """
    with reading(desk.engine) as connection:
        standing = canonical_ids(connection, [contact_id])
        if contact_id not in standing:
            raise UsageError(f"there is no contact {contact_id}")
        return _of_contact(connection, standing[contact_id], language)


def _of_contact(connection: sa.Connection, contact_id: int, language: str) -> Likely:
    around = duplicates_around(connection, contact_id)
    found: list[_Found] = [(_other(pair, contact_id), pair.decision, pair.evidence) for pair in around.pairs]
    return _listed(connection, contact_id, found, language, around.crowded)


def _other(pair: DuplicatePair, contact_id: int) -> int:
    return pair.other_id if pair.keep_id == contact_id else pair.keep_id


def _listed(
    connection: sa.Connection, contact_id: int | None, found: Sequence[_Found], language: str, crowded: int
) -> Likely:
    shown = found[:MOST_SHOWN]
    merges = standing_merges(connection, contact_id) if contact_id else []
    named = {number for number, _, _ in shown} | {one.loser_id for one in merges} | ({contact_id} - {None})
    cards = client_cards(connection, {number for number in named if number is not None})
    clients = [
        LikelyClient(
            number,
            cards[number].name,
            cards[number].company,
            cards[number].mails,
            cards[number].phones,
            decision,
            sum(one.weight for one in evidence),
            evidence_words(evidence, language),
        )
        for number, decision, evidence in shown
    ]
    undoable = [
        StandingMerge(
            one.merge_id, one.loser_id, cards[one.loser_id].name, one.at, evidence_words(one.evidence, language)
        )
        for one in merges
    ]
    name = cards[contact_id].name if contact_id else ""
    return Likely(contact_id, name, tuple(clients), tuple(undoable), crowded, len(found) - len(shown))


def _sender(connection: sa.Connection, desk: Desk, lead: Lead) -> Profile:
    """All that the lead says of its person, with what was answered since."""
    said = known_answers(connection, lead.lead_id)
    mails, phones = (lead.mail, said.get("mail", "")), (lead.phone, said.get("phone", ""))
    name, company = said.get("name") or lead.person_name, said.get("company", "")
    return read_profile(name, mails, phones, company, desk.office.hours.country)


def _lead(connection: sa.Connection, lead_id: int) -> Lead:
    try:
        return load_lead(connection, lead_id)
    except NoResultFound as error:
        raise UsageError(f"there is no lead {lead_id}") from error


# ---------------------------------------------------------------- a person's word


@task(name="decide-lead-client", cache_policy=NO_CACHE)
def decide_lead_client(
    desk: Desk, action: Action, lead_id: int, contact_id: int, who: str, now: datetime
) -> dict[str, int]:
    """Do what a person decided about a lead that is not converted yet, in one transaction with its event.

    link: it is this contact's; unlink: nobody's again (`contact_id` does not matter); not_the_same: not this contact's,
    who is not listed again nor taken at the conversion; same_again: that word is taken back. The same again changes
    nothing. `who`: key or mail address of a member of staff. Raises UsageError for what cannot be done.
    """
    with writing(desk.engine) as connection:
        person_id = find_person(connection, who)
        if person_id is None:
            raise UsageError("nobody on the staff has this key or mail address: who decides?")
        lead = _lead(connection, lead_id)
        if lead.status in ("converted", "junk"):
            raise UsageError(f"lead {lead.number} is {lead.status}: its client is settled")
        actor = f"person:{person_id}"
        if action == "unlink":
            return _link(connection, lead, None, actor, now)
        standing = canonical_ids(connection, [contact_id])
        if contact_id not in standing:
            raise UsageError(f"there is no contact {contact_id}")
        if action == "link":
            return _link(connection, lead, standing[contact_id], actor, now)
        return _say(connection, lead, standing[contact_id], actor, now, is_taken_back=action == "same_again")


def _link(connection: sa.Connection, lead: Lead, contact_id: int | None, actor: str, now: datetime) -> dict[str, int]:
    former = linked_contact(connection, lead.lead_id)
    if contact_id is not None and contact_id in said_apart(connection, lead.lead_id):
        raise UsageError(f"somebody said that lead {lead.number} is not contact {contact_id}'s; take that back first")
    if former == contact_id:
        return {"linked": 0}
    try:
        save_lead(connection, lead, contact_id=contact_id)
    except ConflictError as error:
        raise UsageError(f"lead {lead.number} was changed meanwhile; look again") from error
    kind = "lead.unlinked" if contact_id is None else "lead.linked"
    _record(connection, lead, kind, contact_id or former or 0, actor, now)
    return {"linked": 1}


def _say(
    connection: sa.Connection, lead: Lead, contact_id: int, actor: str, now: datetime, *, is_taken_back: bool
) -> dict[str, int]:
    if not is_taken_back and linked_contact(connection, lead.lead_id) == contact_id:
        raise UsageError(f"lead {lead.number} is contact {contact_id}'s; unlink it first")
    if (contact_id in said_apart(connection, lead.lead_id)) != is_taken_back:
        return {"kept_apart": 0}
    _record(connection, lead, SAME_AGAIN if is_taken_back else NOT_THE_SAME, contact_id, actor, now)
    return {"kept_apart": 1}


def _record(connection: sa.Connection, lead: Lead, kind: str, contact_id: int, actor: str, now: datetime) -> None:
    key = f"{kind}:{lead.lead_id}:{contact_id}:{now.isoformat()}"
    record_event(connection, NewEvent(key, now, "lead", lead.lead_id, kind, actor, {"contact_id": contact_id}))


# ---------------------------------------------------------------- the conversion


def client_of_lead(
    connection: sa.Connection, lead_id: int, name: str, points: Sequence[tuple[str, str]], at: datetime
) -> KnownContact | None:
    """Whose the lead is: as a person said, else as its name, addresses and numbers say; None for a new client.

    Who a person named is remembered under everything the lead says. The caller holds the write transaction.
    """
    contact_id = linked_contact(connection, lead_id)
    if contact_id is None:
        return known_client(connection, name, points, at, said_apart(connection, lead_id))
    see_identities(connection, ((contact_id, point, at) for point in points))
    return known_contact(connection, contact_id)


def keep_lead_apart(connection: sa.Connection, lead_id: int, contact_id: int, actor: str, at: datetime) -> None:
    """A lead's new contact stays apart from those of whom a person said so; what they have in common is shared."""
    apart = said_apart(connection, lead_id)
    profiles = load_profiles(connection, {contact_id, *apart}) if apart else {}
    for other in sorted(apart & profiles.keys()):
        say_apart(connection, (contact_id, other), actor, "", at)
        mark_shared(connection, profiles[contact_id].identities & profiles[other].identities)
