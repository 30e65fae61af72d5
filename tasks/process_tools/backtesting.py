"""Back-test: a changed process file, tried on what really came in; nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tasks.desk import Desk
from tasks.gateways.store.connection import reading
from tasks.gateways.store.process_courses import items_touched, read_courses, task_ids
from tasks.process_tools.definitions import KnownDefinitions
from tasks.rules.errors import UsageError
from tasks.rules.process.loader import read_definition
from tasks.rules.process_tools.assumed import read_assumed
from tasks.rules.process_tools.backtest import Backtest, Backtester, usual_answers
from tasks.rules.process_tools.proof import prove


def run_backtest(
    desk: Desk, raw: Mapping[str, Any], since: datetime, until: datetime, *, is_assuming: bool, answers: Any = None
) -> Backtest:
    """The items of a process that did anything in the span, under the newest version that runs and under `raw`.

    Each is played from its beginning; what happened before the span is not counted. Items whose record the engine does
    not reproduce exactly are counted as unproved. Raises UsageError when the process has never run, OfficeError for a
    file with mistakes. Where nobody was asked in the past, `is_assuming` gives the usual answers, and `answers` (the
    content of a file, see read_assumed) comes before them.
    """
    new = read_definition(str(raw.get("process")), raw)
    with reading(desk.engine) as connection:
        known = KnownDefinitions(connection, desk)
        old = known.newest(new.name)
        if old is None:
            raise UsageError(f"{new.name!r} has never run here: there is no past to try it on")
        touched = [item_id for item_id, _ in items_touched(connection, since, until, new.name)]
        records = read_courses(connection, touched, until)
        usual = usual_answers([rows for _, rows in read_courses(connection, touched, until)]) if is_assuming else None
        if answers is not None:
            usual = (usual or {}) | read_assumed(answers, new)
        tester = Backtester(old, new, since, until, usual)
        for item_id, courses in records:
            tasks = task_ids(connection, item_id)
            tester.result.unproved += bool(prove(courses, known.find, tasks, since, None))
            tester.take(courses, tasks)
    return tester.result
