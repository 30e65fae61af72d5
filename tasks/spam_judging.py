"""Judging strangers' mail by what people said about earlier mail. Without labels nothing is learned or imported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import sqlalchemy as sa

from tasks.desk import Desk
from tasks.gateways.mail_parsing import MAIL_PARSER
from tasks.gateways.spam_model import SPAM_MEMORY
from tasks.gateways.store.spam_labels import addresses_in_touch, labels_mark, raw_mails, read_labels, vouched_items
from tasks.rules.mail.parsed import ParsedMail
from tasks.rules.mail.spam_decision import SpamJudgement
from tasks.rules.mail.spam_trust import weigh_labels
from tasks.rules.mail.spam_words import spam_words


def judge_strangers(desk: Desk, connection: sa.Connection, mails: Mapping[int, ParsedMail]) -> dict[int, SpamJudgement]:
    """Scores of strangers' mail by intake id; nothing about mail that people vouch for, nor without enough labels.

    The model of this process serves until the labels change.
    """
    mark = labels_mark(connection) if mails else ()
    wanted = _to_judge(connection, mails) if mark else []
    if not wanted:
        return {}
    taught = SPAM_MEMORY.recall(
        str(desk.engine.url),
        mark,
        lambda: weigh_labels(read_labels(connection)),
        lambda ids: _read_words(connection, ids),
    )
    if taught.model is None:
        return {}
    scores = taught.model.scores([spam_words(mails[intake_id]) for intake_id in wanted])
    return {intake_id: SpamJudgement(score, taught.may_decide) for intake_id, score in zip(wanted, scores, strict=True)}


def _to_judge(connection: sa.Connection, mails: Mapping[int, ParsedMail]) -> list[int]:
    vouched = vouched_items(connection, mails)
    in_touch = addresses_in_touch(connection, {mail.from_address for mail in mails.values()})
    return [
        intake_id for intake_id, mail in mails.items() if intake_id not in vouched and mail.from_address not in in_touch
    ]


def _read_words(connection: sa.Connection, ids: Sequence[int]) -> Iterator[tuple[int, list[str]]]:
    """The words of stored mail, parsed anew under the parser's limits; a mail that cannot be read teaches nothing."""
    kept: list[int] = []

    def raws() -> Iterator[bytes]:
        for intake_id, raw in raw_mails(connection, ids):
            kept.append(intake_id)
            yield raw

    for number, mail in enumerate(MAIL_PARSER.parse(raws())):
        if isinstance(mail, ParsedMail):
            yield kept[number], spam_words(mail)
