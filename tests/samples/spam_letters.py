"""Invented good letters and spam, in words that a model can tell apart, stored as if they had come long ago."""

from __future__ import annotations

import hashlib
import random
import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import writing
from tasks.gateways.store.spam_labels import write_label
from tasks.rules.mail.spam_trust import SpamLabel
from tests.samples.mail_room import message

_SPAM_TEXT = """казино выигрыш бонус приз кредит займ одобрен скидка акция бесплатно срочно деньги карта перевод ставки
промокод халява доход пассивный рассылка база продвижение топ раскрутка гарантия миллион casino bonus winner
free credit viagra offer cheap click unsubscribe guaranteed promotion million lottery inheritance"""
_GOOD_TEXT = """насос котел ремонт мастер вентиль труба протечка бойлер фильтр монтаж договор счетчик адрес подъезд
объект
инженер выезд обслуживание сертификат поверка давление клапан котельная смета приезд график бригада pump
boiler repair engineer leak valve visit address pressure service heating contract schedule maintenance
certificate"""
_COMMON_TEXT = """добрый день просим вас нам нужно можно завтра сегодня пожалуйста спасибо компания письмо ответ звоните
hello
please thank regards company letter tomorrow today office need"""
_SPAM, _GOOD, _COMMON = _SPAM_TEXT.split(), _GOOD_TEXT.split(), _COMMON_TEXT.split()
WORDS_IN_LETTER = 45


def letter(number: int, *, is_spam: bool, sender: str = "") -> bytes:
    """The `number`-th letter of its kind from a stranger; always the same."""
    chance = random.Random(f"{number}{is_spam}")
    own = _SPAM if is_spam else _GOOD
    words = [chance.choice(own if chance.random() < 0.7 else _COMMON) for _ in range(WORDS_IN_LETTER)]
    kind = "spam" if is_spam else "good"
    address = sender or f"{kind}{number}@{kind}-{number % 40}.example"
    return message(f"{kind}-{number}", address, " ".join(words[:3]), " ".join(words[3:]) + "\n")


def store_mail(engine: sa.Engine, raw: bytes, at: datetime, *, state: str = "new") -> int:
    """Put one mail into the ledger as the mailbox `office` would; its intake id."""
    sha256 = hashlib.sha256(raw).hexdigest()
    row = {
        "source": "office",
        "natural_key": f"INBOX:1:{sha256}",
        "meaning_key": sha256,
        "sha256": sha256,
        "raw": zlib.compress(raw),
        "size_bytes": len(raw),
        "received_at": at,
        "fetched_at": at,
        "state": state,
        "settled_at": None if state == "new" else at,
    }
    with writing(engine) as connection:
        table = schema.intake_item
        return int(connection.execute(sa.insert(table).values(row).returning(table.c.id)).scalar_one())


def store_letters(engine: sa.Engine, count: int, at: datetime) -> tuple[list[int], list[int]]:
    """`count` letters of each kind, settled: ids of the spam, ids of the good ones."""
    kinds = (True, False)
    spam, good = (
        [store_mail(engine, letter(number, is_spam=is_spam), at, state="settled") for number in range(count)]
        for is_spam in kinds
    )
    return spam, good


def label_all(
    engine: sa.Engine, actors: Sequence[str], spam: Sequence[int], good: Sequence[int], start: datetime
) -> None:
    """The people label these mails by turns, a few every hour, so that no day's limit is touched."""
    said = [(number, True) for number in spam] + [(number, False) for number in good]
    with writing(engine) as connection:
        for turn, (number, is_spam) in enumerate(said):
            at = start + timedelta(hours=turn)
            write_label(connection, SpamLabel(number, is_spam, actors[turn % len(actors)], at))
