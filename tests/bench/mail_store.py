"""A store in which much mail lies already: settled long ago, with its letters, a lead for every tenth."""

from __future__ import annotations

import sqlalchemy as sa

from tasks.gateways.store.connection import open_store, writing

_FILLING = (
    """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
    INSERT INTO intake_item
        (source, natural_key, meaning_key, sha256, raw, size_bytes, message_id, received_at, fetched_at, state,
         settled_at, verdict)
    SELECT 'office', 'OLD:1:' || i, lower(hex(randomblob(32))), lower(hex(randomblob(32))), randomblob(300), 900,
        '<old-' || i || '@old.example>', '2026-01-01 00:00:00.000000', '2026-01-01 00:00:00.000000', 'settled',
        '2026-01-01 00:00:00.000000', 'known_sender' FROM n""",
    """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
    INSERT INTO lead
        (number, origin_key, channel, title, person_name, mail, language, created_at, take_due_at)
    SELECT 'OLD-' || i, 'mail:old-' || i, 'mail', 'Ремонт', 'Иван', 'old' || i || '@old.example', 'ru',
        '2026-01-01 00:00:00.000000', '2026-01-01 00:00:00.000000' FROM n WHERE i % 10 = 0""",
    """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
    INSERT INTO activity (origin_key, kind, direction, at, subject, body_text, reply_text)
    SELECT 'mail:old-' || i, 'mail', 'in', '2026-01-01 00:00:00.000000', 'Ремонт', hex(randomblob(100)), '' FROM n""",
)


def fill_store(url: str, count: int) -> None:
    """Add `count` settled mails to a SQLite store."""
    engine = open_store(url)
    with writing(engine) as connection:
        for statement in _FILLING if count else ():
            connection.execute(sa.text(statement), {"count": count})
    engine.dispose()
