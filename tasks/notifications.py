"""Telling people: each message takes the way to its person that reaches them now, and the next one when it fails."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol

import sqlalchemy as sa

from tasks.gateways.mail_writer import message_id_of
from tasks.gateways.store.notifications import (
    Standing,
    TakenStep,
    climb,
    end_told,
    insert_told,
    known_keys,
    overtake,
    plan_steps,
    postpone,
    read_climbing,
)
from tasks.gateways.store.outbox import PlannedMail, message_id_secret
from tasks.gateways.store.presence import read_presence, read_reach
from tasks.gateways.wordings import find_text, render_wording
from tasks.outbox import write_notices
from tasks.rules.brands import house_brand
from tasks.rules.errors import OfficeError
from tasks.rules.notify.ladder import LadderRules, Presence, Reach, Step, ladder, ladder_rules, look, postponed
from tasks.rules.notify.sms_text import fit_sms
from tasks.rules.notify.telling import Words, known_as_data, look_at, steps_as_data, without_signature
from tasks.rules.office import Office
from tasks.rules.outgoing import Notice
from tasks.rules.wording_samples import SMS

_CHUNK = 500


class TellingRound(Protocol):
    """What a round must know for telling; the office's rounds all do."""

    @property
    def office(self) -> Office:
        """The office as data."""

    @property
    def now(self) -> datetime:
        """The moment the round is about."""


def tell(connection: sa.Connection, round_: TellingRound, messages: Sequence[Notice]) -> int:
    """Tell each message once per key, by the way that its person can be reached now; how many are new.

    All inside the caller's write transaction. Like plan_notices, it quarantines what cannot be worded, and withholds
    answers to machines. A client who can be told in no way is left out: look for that before (`reachable`).
    """
    office, now = round_.office, round_.now
    told = known_keys(connection, [message.key for message in messages])
    fresh = [message for message in messages if message.key not in told]
    if not fresh:
        return 0
    refs = {message.to.ref for message in fresh}
    reaches, presences, rules = (
        read_reach(connection, refs),
        read_presence(connection, refs),
        ladder_rules(office.channels),
    )
    ways: dict[str, _Way] = {}
    for message in fresh:
        # the message says where its mail goes; the store knows the other ways
        reach = replace(reaches.get(message.to.ref, Reach(False)), mail=message.to.mail)
        presence = presences.get(message.to.ref, Presence())
        kind = "report" if message.attachments else message.kind
        steps = ladder(reach, presence, kind, rules, max(now, message.not_before))
        if steps:
            ways[message.key] = _Way(reach, presence, steps)
    reachable = [message for message in fresh if message.key in ways]
    written = write_notices(connection, office, reachable, now, mail_only=False)
    return _keep(connection, office, written, ways, now)


@dataclass(frozen=True, slots=True)
class _Way:
    """How one message goes to its person."""

    reach: Reach
    presence: Presence
    steps: tuple[Step, ...]


def _keep(
    connection: sa.Connection, office: Office, written: Sequence[PlannedMail], ways: Mapping[str, _Way], now: datetime
) -> int:
    """Keep what was written with its ladder, and take the first step of each; how many were new."""
    if not written:
        return 0
    goes_elsewhere = any(_others(way.steps) for way in ways.values())
    secret = message_id_secret(connection, now) if goes_elsewhere else b""
    rows = {one.notice.key: _row(office, one, ways[one.notice.key], secret, now) for one in written}
    kept = [row if _mails_later(ways[key].steps) else row | {"raw": None} for key, row in rows.items()]
    ids = insert_told(connection, kept)
    first = [
        TakenStep(rows[key] | {"id": id_}, ways[key].steps[0], rows[key]["not_before"]) for key, id_ in ids.items()
    ]
    plan_steps(connection, first, now)
    return len(ids)


def _mails_later(steps: Sequence[Step]) -> bool:
    return any("mail" in step.channels for step in steps[1:])


def _row(office: Office, one: PlannedMail, way: _Way, secret: bytes, now: datetime) -> dict[str, Any]:
    notice, is_last = one.notice, len(way.steps) == 1
    words = _words(office, one)
    return {
        "key": notice.key,
        "recipient_ref": notice.to.ref,
        "kind": notice.kind,
        "wording": notice.wording,
        "entity": notice.entity,
        "entity_id": notice.entity_id,
        "steps": steps_as_data(way.steps, way.reach),
        "known": known_as_data(way.presence),
        "step": 0,
        "state": "told" if is_last else "climbing",
        "look_at": look_at(way.steps[0], is_last, max(now, notice.not_before)),
        "subject": words.subject,
        "body": words.body,
        "short_text": words.short,
        "raw": zlib.compress(one.mail.raw) if one.mail.raw else None,
        "message_ids": _message_ids(office, one, way.steps, secret),
        "policy": one.policy,
        "planned_at": now,
        "not_before": notice.not_before,
        "work_task_id": notice.asks_task_id,
        "item_id": notice.item_id,
        "cause_event_id": notice.cause_event_id,
    }


def _message_ids(office: Office, one: PlannedMail, steps: Sequence[Step], secret: bytes) -> dict[str, str]:
    others = {name: message_id_of(secret, f"{one.notice.key}#{name}", office.domain) for name in _others(steps)}
    return {"mail": one.mail.message_id} | others


def _others(steps: Sequence[Step]) -> list[str]:
    """The channels besides mail and inbox: their servers need a name for the message."""
    return sorted({channel for step in steps for channel in step.channels} - {"mail", "notice"})


def _words(office: Office, one: PlannedMail) -> Words:
    """What is said in chat, inbox and SMS; in whose name, where that is said."""
    name = one.notice.sender_name
    body = without_signature(one.mail.text)
    short = _short_text(office, one.notice) if office.channels.sms.is_on else ""
    return Words(one.mail.subject, f"{name}:\n{body}" if name else body, short or one.mail.subject)


def _short_text(office: Office, notice: Notice) -> str:
    """The wording's own words for SMS, or ''."""
    wording, brand = notice.wording + SMS, house_brand(office)
    if not any(find_text(office, brand, language, wording) for language in (notice.to.language, office.language)):
        return ""
    said = {"recipient": notice.to} | dict(notice.data)
    try:
        worded = render_wording(office, wording, notice.to.language, said, brand)
    except OfficeError:
        return ""  # the mail's own words are good; its subject goes by SMS
    return fit_sms(without_signature(worded.text), office.channels.sms.max_parts)


def climb_ladders(connection: sa.Connection, office: Office, now: datetime) -> int:
    """Take the next step for every message whose present one has failed or waited long enough; how many rows planned.

    Inside the caller's write transaction; a second worker or run takes no step twice.
    """
    rules = ladder_rules(office.channels)
    planned = last_id = 0
    while standings := read_climbing(connection, now, last_id, _CHUNK):
        last_id = standings[-1].told.notification_id
        presences = read_presence(connection, {one.told.recipient_ref for one in standings})
        done = [one for one in standings if _verdict(one, now) == "done"]
        end_told(connection, [one.told.notification_id for one in done])
        moved = [_move(connection, one, rules, presences, now) for one in standings if one not in done]
        planned += plan_steps(connection, [step for step in moved if step is not None], now)
    return planned


def _verdict(one: Standing, now: datetime) -> str:
    is_due = one.told.look_at is not None and one.told.look_at <= now
    return look(one.told.steps[one.told.step], one.progress, is_due)


def _move(
    connection: sa.Connection, one: Standing, rules: LadderRules, presences: Mapping[str, Presence], now: datetime
) -> TakenStep | None:
    """The next step of one message, if it is to be taken now."""
    told, presence = one.told, presences.get(one.told.recipient_ref, Presence())
    if _verdict(one, now) == "wait":
        return None
    later = postponed(told.steps[told.step], presence, rules, now)
    if later is not None:
        postpone(connection, told.notification_id, later)
        return None
    if not overtake(connection, one.open_ids):
        return None
    step = told.steps[told.step + 1]
    is_last = told.step + 2 == len(told.steps)
    if not climb(connection, told, look_at(step, is_last, now)):
        return None
    return TakenStep(one.row, step, now, one.failed_id)


def reachable(connection: sa.Connection, office: Office, refs: Sequence[str]) -> frozenset[str]:
    """Those of `refs` (person:ID, contact:ID) that can be told something in any way."""
    rules = ladder_rules(office.channels)
    nobody, any_time = Presence(), datetime.min.replace(tzinfo=UTC)
    reaches = read_reach(connection, refs)
    return frozenset(ref for ref, reach in reaches.items() if ladder(reach, nobody, "notice", rules, any_time))
