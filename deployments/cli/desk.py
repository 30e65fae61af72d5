"""Commands of the person at the desk that write nothing: the balance now, and finding people and papers."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from deployments.cli.prefect_client import prepare_prefect
from deployments.settings import read_settings
from tasks.rules.balance_words import balance_json, balance_lines
from tasks.rules.finding import found_json, found_lines

if TYPE_CHECKING:
    from tasks.desk import Desk

DIFFERENT_EXIT = 1


@contextmanager
def opened_desk() -> Iterator[Desk]:
    """The office's desk for one command, closed after it. Whatever needs Prefect is imported within."""
    from flows.opening import open_desk

    prepare_prefect(read_settings())
    desk = open_desk()
    try:
        yield desk
    finally:
        desk.engine.dispose()


def show_balance(arguments: argparse.Namespace) -> int:
    """Every source's balance now; 1 when anything differs or could not be asked. Nothing is written."""
    with opened_desk() as desk:
        from tasks.audit import balance_sources

        balances = balance_sources.fn(desk, datetime.now(UTC))
        lines = balance_lines(balances, desk.office.language)
    print(json.dumps(balance_json(balances), ensure_ascii=False) if arguments.json else "\n".join(lines))
    return 0 if all(one.is_balanced for one in balances) else DIFFERENT_EXIT


def find_words(arguments: argparse.Namespace) -> int:
    """What fits the words; nothing found is said, and is no error."""
    with opened_desk() as desk:
        from tasks.finding import find

        query, hits = find(desk, " ".join(arguments.words), arguments.kind, arguments.limit)
        lines = found_lines(query, hits, desk.office.language)
    print(json.dumps(found_json(query, hits), ensure_ascii=False) if arguments.json else "\n".join(lines))
    return 0
