"""From stored bytes to what should become of each mail: one pass per chunk, everything looked up once for all."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from tasks.desk import Desk
from tasks.gateways.mail_parsing import MAIL_PARSER
from tasks.gateways.store.connection import reading
from tasks.gateways.store.intake import StoredMail, UnsettledMail, read_unsettled
from tasks.mail_judging import settlement_of
from tasks.mail_lookups import NO_HINDSIGHT, Hindsight, ReadMail, look_up
from tasks.rules.gate import GateResult
from tasks.rules.mail.parsed import ParsedMail
from tasks.rules.mail.settlement import Letter, Settlement
from tasks.rules.mail.spam_decision import with_judgement
from tasks.spam_judging import judge_strangers


@dataclass(frozen=True, slots=True)
class MailReading:
    """A chunk as understood: how each item ends, and the rows (by `gate_ids`) that the gate is to look at."""

    settlements: tuple[Settlement, ...]
    gate_rows: tuple[dict[str, Any], ...]
    gate_ids: tuple[int, ...]


def read_chunk(desk: Desk, ids: Sequence[int]) -> MailReading:
    """Parse and judge the items `ids`; attachments are kept by content, nothing else is written."""
    with reading(desk.engine) as connection:
        return read_items(desk, connection, read_unsettled(connection, ids))


def read_items(
    desk: Desk, connection: sa.Connection, items: Iterable[StoredMail], hindsight: Hindsight = NO_HINDSIGHT
) -> MailReading:
    """Parse and judge stored mail, also such as was judged before; `hindsight` says what is known about that."""
    asked: deque[UnsettledMail] = deque()
    mails: list[ReadMail] = [(asked.popleft(), mail) for mail in MAIL_PARSER.parse(_raws(items, asked))]
    lookups = look_up(connection, mails, hindsight)
    settlements = [settlement_of(desk, item, mail, lookups) for item, mail in mails]
    if "spam" not in hindsight.overruled:
        settlements = _judged(desk, connection, mails, settlements)
    rows = [
        _gate_row(item, settlement, settlement.letter)
        for (item, _), settlement in zip(mails, settlements, strict=True)
        if settlement.letter is not None
    ]
    return MailReading(tuple(settlements), tuple(rows), tuple(row["intake_id"] for row in rows))


def _raws(items: Iterable[StoredMail], asked: deque[UnsettledMail]) -> Iterator[bytes]:
    """The bytes of each item, which is put among those `asked`: no more than is parsed at once is held."""
    for item, raw in items:
        asked.append(item)
        yield raw


def _judged(
    desk: Desk, connection: sa.Connection, mails: Sequence[ReadMail], settlements: Sequence[Settlement]
) -> list[Settlement]:
    """The settlements, strangers' with the score of the learned spam model."""
    strangers = {
        item.intake_id: mail
        for (item, mail), settlement in zip(mails, settlements, strict=True)
        if settlement.kind == "unknown_sender" and isinstance(mail, ParsedMail)
    }
    judged = judge_strangers(desk, connection, strangers)
    return [
        with_judgement(settlement, judged[settlement.intake_id]) if settlement.intake_id in judged else settlement
        for settlement in settlements
    ]


def refuse_bad(chunk: MailReading, gate: GateResult) -> list[Settlement]:
    """The chunk's settlements, those with a refused row quarantined with the gate's reasons."""
    refused = {chunk.gate_ids[position]: reasons for position, reasons in gate.bad.items()}
    return [
        dataclasses.replace(
            settlement, state="quarantined", reason=f"gate: {'; '.join(refused[settlement.intake_id])}", letter=None
        )
        if settlement.intake_id in refused
        else settlement
        for settlement in chunk.settlements
    ]


def _gate_row(item: UnsettledMail, settlement: Settlement, letter: Letter) -> dict[str, Any]:
    return {
        "intake_id": item.intake_id,
        "received_at": item.received_at,
        "fetched_at": item.fetched_at,
        "verdict": settlement.kind,
        "from_address": letter.from_address,
        "subject": letter.subject,
        "text_chars": len(letter.body_text),
        "size_bytes": item.size_bytes,
    }
