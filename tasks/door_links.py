"""A fresh link for somebody whose own has expired: to the bound address only, and only while something is asked."""

from __future__ import annotations

from datetime import datetime, timedelta

from tasks.desk import Desk
from tasks.gateways.store.connection import writing
from tasks.gateways.store.door_items import WorkRow, read_work_row, work_of
from tasks.gateways.store.door_rates import is_within
from tasks.gateways.store.identity_lookup import canonical_refs
from tasks.gateways.store.outbox import message_id_secret
from tasks.gateways.store.process_items import load_item
from tasks.gateways.store.staff import read_recipients
from tasks.office_round import begin_round
from tasks.outbox import plan_notices
from tasks.rules.door.links import LinkClaim, action_url, nonce_of, purpose_of, sign
from tasks.rules.door.rates import Rate
from tasks.rules.outgoing import Notice
from tasks.rules.process.view import content_hash

_FRESH = Rate("fresh-link", 3)


def claim_for(row: WorkRow, secret: bytes, content: str, expires_at: datetime) -> LinkClaim:
    """What a link about this piece of work says to its owner."""
    return LinkClaim(
        purpose=purpose_of(row.kind),
        person=row.owner,
        work_task_id=row.task_id,
        item_id=row.item_id or 0,
        round=row.round,
        content_hash=content,
        nonce=nonce_of(secret, row.owner, row.task_id, row.round),
        expires_at=expires_at,
    )


def own_link(desk: Desk, task_id: int, person: str, base_url: str, now: datetime) -> str | None:
    """The address where `person`, who is signed in, answers their own piece of work; None when it is not theirs."""
    with writing(desk.engine) as connection:
        row = read_work_row(connection, task_id)
        if row is None or row.item_id is None or row.owner != person:
            return None
        run = begin_round(connection, desk.office, now)
        stored = load_item(connection, row.item_id)
        definition = run.definition(stored.process, stored.version)
        content = content_hash(definition, stored.item, row.name) if row.name in definition.work else ""
        secret = message_id_secret(connection, now)
    claim = claim_for(row, secret, content, now + timedelta(days=1))
    return action_url(base_url, claim.purpose, sign(secret, claim))


def send_fresh_link(desk: Desk, old: LinkClaim, base_url: str, now: datetime) -> bool:
    """Plan a mail with a link that is good again; False when nothing is asked of that person any more, or too often."""
    with writing(desk.engine) as connection:
        if not is_within(connection, _FRESH, old.nonce, now):
            return False
        row = read_work_row(connection, old.work_task_id)
        if row is None or row.item_id != old.item_id:
            return False
        person = canonical_refs(connection, [old.person])[old.person]
        open_rows = (one for one in work_of(connection, old.item_id) if one.name == row.name and one.state == "open")
        asked = next((one for one in open_rows if one.owner == person), None)
        recipient = read_recipients(connection, [person]).get(person)
        if asked is None or recipient is None:
            return False
        run = begin_round(connection, desk.office, now)
        stored = load_item(connection, old.item_id)
        content = content_hash(run.definition(stored.process, stored.version), stored.item, asked.name)
        secret = message_id_secret(connection, now)
        claim = claim_for(asked, secret, content, now + timedelta(days=desk.office.door.link_days))
        notice = Notice(
            key=f"fresh_link:{claim.nonce}:{int(now.timestamp())}",
            kind="confirmation",
            to=recipient,
            wording="fresh_link",
            data={
                "number": stored.number,
                "work_title": asked.title,
                "link": action_url(base_url, claim.purpose, sign(secret, claim)),
                "days": desk.office.door.link_days,
            },
            entity=stored.entity,
            entity_id=stored.entity_id,
            not_before=now,
            asks_task_id=asked.task_id,
        )
        return plan_notices(connection, desk.office, [notice], now) == 1
