"""A decision pressed at the door that could not take effect after all: whoever pressed it is told why, in one line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa

from tasks.door_links import claim_for
from tasks.gateways.store.door_acts import KeptAct
from tasks.gateways.store.door_items import read_work_row
from tasks.gateways.store.outbox import message_id_secret
from tasks.gateways.store.process_items import StoredItem, load_item
from tasks.gateways.store.staff import read_recipients
from tasks.notifications import tell
from tasks.office_round import OfficeRound
from tasks.process_acts import explain
from tasks.rules.door.effect_words import command_title
from tasks.rules.door.links import action_url, sign
from tasks.rules.outgoing import Notice
from tasks.rules.process.reasons import Reason
from tasks.rules.process.view import content_hash

_OUR_FAULT = {
    "ru": "ошибка на нашей стороне, мы её уже видим",
    "en": "an error on our side, we have a note of it",
}


def refusal_words(
    connection: sa.Connection, run: OfficeRound, kept: KeptAct, reasons: Sequence[Reason], language: str
) -> list[str]:
    """Why, with people's names and fields' titles, in a language; without reasons it is no fault of the person's."""
    if not reasons:
        return [_OUR_FAULT[language]]
    stored = load_item(connection, kept.item_id)
    return explain(reasons, language, connection, run, run.definition(stored.process, stored.version))


def tell_refused(
    connection: sa.Connection, run: OfficeRound, kept: KeptAct, reasons: Sequence[Reason], base_url: str
) -> int:
    """Tell who pressed it, in the caller's transaction, once per press; how many are told (nobody without an address).

    The page to answer anew is named while the work is still open and theirs; `base_url` '' names none.
    """
    to = read_recipients(connection, [kept.actor]).get(kept.actor)
    if to is None:
        return 0
    stored = load_item(connection, kept.item_id)
    row = read_work_row(connection, kept.work_task_id) if kept.work_task_id else None
    notice = Notice(
        key=f"act_refused:{kept.key}:{kept.pressed_at.isoformat()}",
        kind="confirmation",
        to=to,
        wording="act_refused",
        data={
            "number": stored.number,
            "work_title": row.title if row else command_title(kept.name, to.language),
            "reasons": refusal_words(connection, run, kept, reasons, to.language),
            "text": str(kept.content.get("text") or ""),
            "pressed_at": kept.pressed_at,
            "link": _link(connection, run, stored, kept, base_url),
        },
        entity=stored.entity,
        entity_id=stored.entity_id,
        not_before=run.now,
        item_id=stored.item_id,
    )
    return tell(connection, run, [notice])


def _link(connection: sa.Connection, run: OfficeRound, stored: StoredItem, kept: KeptAct, base_url: str) -> str:
    row = read_work_row(connection, kept.work_task_id) if kept.work_task_id else None
    if not base_url or row is None or row.state != "open" or row.owner != kept.actor:
        return ""
    definition = run.definition(stored.process, stored.version)
    content = content_hash(definition, stored.item, row.name) if row.name in definition.work else ""
    secret = message_id_secret(connection, run.now)
    claim = claim_for(row, secret, content, run.now + timedelta(days=run.office.door.link_days))
    return action_url(base_url, claim.purpose, sign(secret, claim))
