"""`./callout quarantine list | show | decide`: what was kept aside, and a person's word about it."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import Any

from deployments.cli.desk import opened_desk
from deployments.cli.jobs import Job, Option, run_named
from tasks.rules.errors import UsageError
from tasks.rules.quarantine import HeldRow
from tasks.rules.text_table import text_table

_EMPTY = {"en": "Nothing waits in quarantine.", "ru": "В карантине ничего не ждёт."}
_HEAD = {
    "en": ("row", "came", "state", "source", "key", "reason"),
    "ru": ("строка", "пришло", "состояние", "источник", "ключ", "причина"),
}
_REASON_CHARS = 90
DECIDE = Job(
    "decide",
    "flows.quarantine.decide_quarantine",
    "DecideQuarantineRequest",
    "Release, fix or reject rows. / Принять, исправить или отклонить.",
    (
        Option("who", "key or mail address of who decides / кто решает: ключ или адрес"),
        Option("sender", "with fix: the sender's real address / с fix: верный адрес отправителя"),
        Option("charset", "with fix: the text's real charset / с fix: верная кодировка"),
        Option("note", "why; needed with reject / причина; для reject обязательна"),
    ),
)


def list_quarantine(arguments: argparse.Namespace) -> int:
    """The rows that wait for a person, or all of them."""
    with opened_desk() as desk:
        from tasks.quarantine_desk import held_rows

        rows = held_rows(desk, is_all=arguments.all, source=arguments.source, limit=arguments.limit)
        language, zone = desk.office.language, desk.office.zone
    if arguments.json:
        print(json.dumps([_as_json(row) for row in rows], ensure_ascii=False))
        return 0
    cells = [
        (
            one.row_id,
            f"{one.at.astimezone(zone):%Y-%m-%d %H:%M}",
            one.state,
            one.source,
            one.row_key,
            _short(one.reason),
        )
        for one in rows
    ]
    print("\n".join(text_table(_HEAD[language], cells)) or _EMPTY[language])
    return 0


def show_row(arguments: argparse.Namespace) -> int:
    """One row with what is known about it. Raises UsageError when there is none of this number."""
    with opened_desk() as desk:
        from tasks.quarantine_desk import held_row, seen_mail

        row = held_row(desk, arguments.row)
        if row is None:
            raise UsageError(f"there is no quarantine row {arguments.row}; see ./callout quarantine list --all")
        mail = seen_mail(desk, row)
    if arguments.json:
        print(json.dumps({**_as_json(row), "raw": row.raw, "mail": mail}, ensure_ascii=False))
        return 0
    for name, value in {**_as_json(row), **mail}.items():
        if value not in ("", None) and name != "text":
            print(f"{name}: {value}")
    print(f"\n{mail.get('text') or row.raw}".rstrip())
    return 0


def decide(arguments: argparse.Namespace) -> int:
    """Run the flow decide-quarantine."""
    given = {option.field: getattr(arguments, option.field) for option in DECIDE.options}
    fields: dict[str, Any] = {"rows": arguments.rows, "decision": arguments.decision}
    return run_named(DECIDE, fields | {name: value for name, value in given.items() if value}, arguments)


def _as_json(row: HeldRow) -> dict[str, Any]:
    found = asdict(row)
    del found["raw"]
    return found | {"at": row.at.isoformat(), "decided_at": row.decided_at.isoformat() if row.decided_at else None}


def _short(reason: str) -> str:
    return reason if len(reason) <= _REASON_CHARS else f"{reason[: _REASON_CHARS - 1]}…"
