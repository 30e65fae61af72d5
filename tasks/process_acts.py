"""One step behind the door, replies by mail, forms of Prefect and the command line: somebody acts on an item.

The event says who acted and how. The same key acts once, whichever way it comes; a refused act leaves a word about it
and burns no key. Whatever was due or came in before it is taken first, so that the course does not depend on the clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tasks.gateways.store.connection import writing
from tasks.gateways.store.contacts import company_of
from tasks.gateways.store.deals import NewDeal, number_of, open_deal
from tasks.gateways.store.events import begun_by
from tasks.gateways.store.item_subject import contact_names
from tasks.gateways.store.process_items import ConflictError, find_item, load_item, new_number
from tasks.gateways.store.staff import id_of
from tasks.office_round import OfficeRound, begin_round
from tasks.process_acting import Act as Act
from tasks.process_acting import Acted as Acted
from tasks.process_acting import Channel as Channel
from tasks.process_acting import perform, repeated
from tasks.process_agenda import catch_up
from tasks.process_beginning import Beginning
from tasks.process_steps import BeginRefusedError as BeginRefusedError
from tasks.process_steps import begin_stored
from tasks.rules.errors import UsageError
from tasks.rules.office import Office
from tasks.rules.process.course import course
from tasks.rules.process.definition import Definition
from tasks.rules.process.possible import PossibleMove, moves_now
from tasks.rules.process.reasons import Reason
from tasks.rules.process.words import explain as explain_reasons

_DEAL = "deal"
_TRIES = 5


def act(connection: sa.Connection, round_: OfficeRound, wanted: Act) -> Acted:
    """Let somebody act, in the caller's write transaction.

    Raises ConflictError when another worker has changed the item meanwhile (give the transaction up and try again),
    sqlalchemy.exc.NoResultFound when there is no such item.
    """
    again = repeated(connection, wanted)
    if again is not None:
        return again
    caught_up = catch_up(connection, round_, wanted.item_id, wanted.at or round_.now)
    acted = perform(connection, round_, wanted)
    return replace(acted, counts=caught_up + acted.counts)


def acting(engine: sa.Engine, office: Office, now: datetime, wanted: Act) -> Acted:
    """Let somebody act in a transaction of its own, again when another worker was faster.

    Raises ConflictError when that happens too often, sqlalchemy.exc.NoResultFound when there is no such item.
    """
    for _ in range(_TRIES):
        try:
            with writing(engine) as connection:
                return act(connection, begin_round(connection, office, now), wanted)
        except ConflictError:
            continue
    raise ConflictError(f"item {wanted.item_id} is being changed by others")


def possible_moves(
    connection: sa.Connection, round_: OfficeRound, item_id: int, actor: str
) -> tuple[PossibleMove, ...]:
    """Every command of the item with what it would do, and why it is grey, for `actor` now. Nothing is written."""
    stored = load_item(connection, item_id)
    definition = round_.definition(stored.process, stored.version)
    facts = round_.facts(connection, definition, stored.item)
    item = stored.item
    for taken in course(definition, facts, item, until=round_.now):
        item = taken.item
    return tuple(moves_now(definition, facts, item, actor, round_.now))


def explain(
    reasons: Sequence[Reason],
    language: str,
    connection: sa.Connection | None = None,
    round_: OfficeRound | None = None,
    definition: Definition | None = None,
) -> list[str]:
    """Each reason as one line that says what to put right; with connection and round, persons have their names."""
    names: dict[str, str] = {}
    if round_ is not None:
        names = {member.ref: member.name for member in round_.staff.values()}
    if connection is not None:
        refs = [str(part) for one in reasons for part in (one.found, one.by) if isinstance(part, str)]
        names |= contact_names(connection, refs)
    if definition is not None:
        titles = {name: part.title for name, part in definition.fields.items() if part.title}
        names |= {name: title.get(language) or next(iter(title.values())) for name, title in titles.items()}
    return explain_reasons(reasons, language, names)


def start_item(
    connection: sa.Connection,
    round_: OfficeRound,
    process: str,
    *,
    key: str,
    actor: str,
    fields: Mapping[str, Any],
    entity_id: int | None = None,
    title: str = "",
    number: str = "",
    at: datetime | None = None,
    channel: Channel = "process",
    cause_id: int | None = None,
) -> int:
    """Begin an item of a process under its newest version; the row id. The same `key` begins one item.

    About a deal: `entity_id` is the deal's, or the deal is opened for the contact in the field `client`. Raises
    BeginRefusedError with the reasons, NoDefinitionError for a process that the office does not have, UsageError, and
    ConflictError when another worker has just begun it: give the transaction up and ask again.
    """
    definition, moment = round_.newest(process), at or round_.now
    known = _begun(connection, definition, key)
    if known is not None:
        return known
    values = dict(fields)
    item_key = f"item:{key}"
    if definition.entity == _DEAL and entity_id is None:
        entity_id, number = _open_deal(connection, round_, definition, values, title, moment)
        item_key = f"{_DEAL}:{entity_id}"
    number = number or str(values.get("number") or "") or _deal_number(connection, definition, entity_id)
    number = number or new_number(connection, process)
    if "number" in definition.fields and not values.get("number"):
        values["number"] = number
    starting = Beginning(
        process=process,
        key=item_key,
        event_key=key,
        at=moment,
        actor=actor,
        fields=values,
        entity_id=entity_id,
        title=title,
        number=number,
        is_command=True,
        channel=channel,
        cause_id=cause_id,
    )
    return _begin_alone(connection, round_, definition, starting)


def _begin_alone(connection: sa.Connection, round_: OfficeRound, definition: Definition, starting: Beginning) -> int:
    _, item_id = begin_stored(connection, round_, starting)
    if item_id is not None and _begun(connection, definition, starting.event_key) != item_id:
        # on PostgreSQL another worker may have begun it after we had asked for the key
        raise ConflictError(f"another worker has begun {starting.event_key}")
    found = item_id if item_id is not None else find_item(connection, starting.key)
    if found is None:
        raise UsageError(f"the process {starting.process} could not be started")
    return found


def _begun(connection: sa.Connection, definition: Definition, key: str) -> int | None:
    """The item that this key began already."""
    said = begun_by(connection, key)
    return int(said["item_id"]) if said and said.get("process") == definition.name else None


def _open_deal(
    connection: sa.Connection,
    round_: OfficeRound,
    definition: Definition,
    values: Mapping[str, Any],
    title: str,
    at: datetime,
) -> tuple[int, str]:
    client = str(values.get("client") or "")
    if not client.startswith("contact:"):
        raise BeginRefusedError((Reason("empty", "client"),))
    deal = NewDeal(
        process=definition.name,
        stage=definition.first_stage,
        title=title or definition.title.get(round_.office.language, definition.name),
        lead_id=None,
        contact_id=id_of(client) or 0,
        company_id=company_of(connection, id_of(client) or 0),
        currency=round_.office.currency,
        at=at,
    )
    return open_deal(connection, deal)


def _deal_number(connection: sa.Connection, definition: Definition, entity_id: int | None) -> str:
    return number_of(connection, entity_id) if definition.entity == _DEAL and entity_id is not None else ""
