"""The living figures for the picture of a process."""

from __future__ import annotations

from datetime import datetime, timedelta

from tasks.desk import Desk
from tasks.gateways.store.connection import reading
from tasks.gateways.store.process_live import count_stages, read_moves
from tasks.rules.process_tools.chart import Live
from tasks.rules.process_tools.live_figures import live_figures


def read_live(desk: Desk, process: str, now: datetime, days: int) -> Live:
    """What stands where now, and the hours of the last `days` days."""
    with reading(desk.engine) as connection:
        counts = {one.stage: (one.items, one.overdue) for one in count_stages(connection, process)}
        moves = read_moves(connection, process, now - timedelta(days=days))
        return live_figures(counts, ((move.item_id, move.at, move.source, move.target) for move in moves))
