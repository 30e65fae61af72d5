"""`./callout held list | release`: orders and other items that stopped, why, and letting them go on."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import Any

from deployments.cli.desk import opened_desk
from deployments.cli.jobs import Job, Option, run_named
from tasks.rules.text_table import text_table

_EMPTY = {"en": "Nothing is held.", "ru": "Ничего не остановлено."}
_HEAD = {
    "en": ("item", "number", "process", "stage", "since", "reason", "rules that had acted"),
    "ru": ("строка", "номер", "процесс", "этап", "с", "причина", "сработавшие правила"),
}
_REASON_CHARS = 90
RELEASE = Job(
    "release",
    "flows.acts.release_held",
    "ReleaseItemsRequest",
    "Let held items go on. / Отпустить остановленное.",
    (Option("who", "key or mail address of who releases / кто отпускает: ключ или адрес"),),
)


def list_held(arguments: argparse.Namespace) -> int:
    """What waits for a person, the longest held first."""
    with opened_desk() as desk:
        from tasks.process_desk import held_list

        rows = held_list(desk, process=arguments.process, limit=arguments.limit)
        language, zone = desk.office.language, desk.office.zone
    if arguments.json:
        found = [asdict(row) | {"held_at": row.held_at.isoformat()} for row in rows]
        print(json.dumps(found, ensure_ascii=False))
        return 0
    cells = [
        (
            row.item_id,
            row.number,
            f"{row.process} {row.version}",
            row.stage,
            f"{row.held_at.astimezone(zone):%Y-%m-%d %H:%M}",
            row.reason[:_REASON_CHARS],
            " → ".join(row.path),
        )
        for row in rows
    ]
    print("\n".join(text_table(_HEAD[language], cells)) or _EMPTY[language])
    return 0


def release(arguments: argparse.Namespace) -> int:
    """Run the flow release-items."""
    fields: dict[str, Any] = {"items": arguments.items}
    return run_named(RELEASE, fields | ({"who": arguments.who} if arguments.who else {}), arguments)
