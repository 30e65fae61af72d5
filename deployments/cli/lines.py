"""`./callout line list | delete | cancel-delete`: the office's numbers, and giving one up with a day of grace."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from deployments.cli.desk import opened_desk
from tasks.rules.text_table import text_table

_HEAD = {"en": ("number", "title", "kind", "ends"), "ru": ("номер", "название", "вид", "отключается")}


def list_lines(_arguments: argparse.Namespace) -> int:
    """Every number, and when it ends if it is given up."""
    with opened_desk() as desk:
        from tasks.line_life import line_standings

        zone = desk.office.zone
        cells = [
            (
                one.line.number,
                one.line.title,
                one.line.kind,
                f"{one.ends_at.astimezone(zone):%Y-%m-%d %H:%M}" if one.ends_at else "",
            )
            for one in line_standings(desk)
        ]
        print("\n".join(text_table(_HEAD[desk.office.language], cells)))
    return 0


def delete_line(arguments: argparse.Namespace) -> int:
    """Give a number up: it works for 24 hours more."""
    with opened_desk() as desk:
        from tasks.line_life import give_up_line

        ends_at = give_up_line(desk, arguments.number, datetime.now(UTC)).astimezone(desk.office.zone)
        print(f"{arguments.number}: {ends_at:%Y-%m-%d %H:%M}")
    return 0


def cancel_delete(arguments: argparse.Namespace) -> int:
    """Keep a number that was to be given up."""
    with opened_desk() as desk:
        from tasks.line_life import keep_line

        keep_line(desk, arguments.number, datetime.now(UTC))
        print(f"{arguments.number}: ok")
    return 0
