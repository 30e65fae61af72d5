"""Mail put straight into the store, as fetching would: for tests of what becomes of it."""

from __future__ import annotations

from datetime import datetime
from itertools import count

from tasks.desk import Desk
from tasks.gateways.store.connection import writing
from tasks.gateways.store.intake import store_batch
from tasks.rules.mail.fetched import FetchedBatch, FetchedMail, Position
from tests.samples.mail_room import EVENING, MORNING

_NUMBERS = count(1)


def put(desk: Desk, *raws: bytes, at: datetime = MORNING) -> None:
    """Store these messages as received at `at`."""
    mails = tuple(FetchedMail(f"INBOX:1:{next(_NUMBERS)}", raw, len(raw), at) for raw in raws)
    with writing(desk.engine) as connection:
        store_batch(connection, "office", "mail:office:INBOX", FetchedBatch(mails, Position(1, 1)), EVENING)
