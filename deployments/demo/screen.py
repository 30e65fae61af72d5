"""The demo's last screen: what came in, what became of it, what went out, and where to look."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import reading


def collect(engine: sa.Engine, reports: list[str], ui_url: str) -> dict[str, Any]:
    """The figures of the day, all from the store."""
    with reading(engine) as connection:

        def by(column: sa.ColumnElement[Any]) -> dict[str, int]:
            rows = connection.execute(sa.select(column, sa.func.count()).group_by(column).order_by(column))
            return {str(name): int(count) for name, count in rows}

        def count(table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
            return int(connection.scalar(sa.select(sa.func.count()).select_from(table).where(*where)) or 0)

        outbox, item = schema.outbox, schema.intake_item
        attempts = sa.select(sa.func.count()).select_from(schema.outbox_attempt)
        return {
            "mail_in": by(item.c.state),
            "mail_reasons": by(sa.func.coalesce(item.c.reason, "settled")),
            "calls_in": {
                "legs": count(schema.call_leg),
                "calls": count(schema.call),
                "refused_lines": count(schema.quarantine_row, schema.quarantine_row.c.source != "mail"),
            },
            "leads": by(schema.lead.c.status),
            "activities": by(schema.activity.c.kind),
            "deals": by(schema.deal.c.stage),
            "invoices_paid": count(schema.invoice, schema.invoice.c.paid_at.is_not(None)),
            "missed_calls": by(schema.missed_call.c.state),
            "reminders": count(schema.reminder, schema.reminder.c.outbox_id.is_not(None)),
            "mail_out": by(outbox.c.state),
            "mail_out_kinds": by(outbox.c.kind),
            "attempts": int(connection.scalar(attempts) or 0),
            "events": count(schema.event),
            "reports": reports,
            "ui": ui_url,
        }


def show(figures: dict[str, Any], *, as_json: bool, seconds: float) -> None:
    """Print the screen for people, or as one JSON object."""
    if as_json:
        print(json.dumps(figures | {"seconds": round(seconds, 1)}, ensure_ascii=False))
        return
    print(f"\n{'─' * 78}\n The day is over / День окончен   ({seconds:.0f} s)\n{'─' * 78}")
    _line("Mail in / почта", figures["mail_in"])
    _line("Calls / звонки", figures["calls_in"])
    _line("Leads / лиды", figures["leads"])
    _line("Letters and calls / дела", figures["activities"])
    _line("Deals / сделки", figures["deals"])
    _line("Missed calls / пропущено", figures["missed_calls"])
    print(f"  {'Invoices paid / оплачено':<28}{figures['invoices_paid']}")
    print(f"  {'Reminders / напоминания':<28}{figures['reminders']}")
    _line("Mail out / отправлено", figures["mail_out"])
    _line("  of it / из них", figures["mail_out_kinds"])
    print("\n  Reports / отчёты:")
    for report in figures["reports"]:
        print(f"    {_short(report)}")
    print(f"\n  Prefect UI: {figures['ui']}")


def _line(title: str, counts: dict[str, int]) -> None:
    print(f"  {title:<28}{', '.join(f'{count} {name}' for name, count in counts.items()) or 'none'}")


def _short(path: str) -> str:
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except ValueError:
        return path
