"""kill -9 of any process of the demo at random moments, again and again, then one whole run: the same end as without.

CALLOUT_FAULT_ROUNDS says how often (10 unless told); the seed is printed, so that a failure can be played again.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
import sqlalchemy as sa

from deployments.settings import PROJECT
from tasks.gateways.store.connection import open_store, reading

pytestmark = pytest.mark.faults

ROUNDS = int(os.environ.get("CALLOUT_FAULT_ROUNDS", "10"))
SEED = int(os.environ.get("CALLOUT_FAULT_SEED", str(int(time.time()))))
WHOLE_RUN_SECONDS = 420

# What the day came to, without keys and clock times: those may differ between two right courses.
END_STATE = {
    "mail": "SELECT state, reason, entity, count(*) FROM intake_item GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    "leads": "SELECT status, title, mail, phone, channel FROM lead ORDER BY title, mail, phone",
    "deals": "SELECT stage, outcome, title, amount FROM deal ORDER BY title, stage, amount",
    "work": "SELECT name, state, count(*) FROM work_task GROUP BY 1, 2 ORDER BY 1, 2",
    "activities": "SELECT kind, direction, subject, count(*) FROM activity GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    "calls": "SELECT linked_id, outcome, wait_seconds, talk_seconds FROM call ORDER BY linked_id",
    "missed": "SELECT client_phone, state, count(*) FROM missed_call GROUP BY 1, 2 ORDER BY 1, 2",
    "invoices": "SELECT amount, paid_at IS NOT NULL FROM invoice ORDER BY 1, 2",
    "reminders": "SELECT term_version, stage_days, count(*) FROM reminder GROUP BY 1, 2 ORDER BY 1, 2",
    "outbox": "SELECT kind, state, recipient, count(*) FROM outbox GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    "events": "SELECT kind, count(*) FROM event GROUP BY 1 ORDER BY 1",
    "inbox": "SELECT count(*) FROM process_inbox",
    "quarantine": "SELECT source, reason, count(*) FROM quarantine_row GROUP BY 1, 2 ORDER BY 1, 2",
}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a demo that nobody killed."""
    home = tmp_path_factory.mktemp("undisturbed")
    home.chmod(0o755)
    _whole_run(home)
    return home


def test_killed_anywhere_the_day_ends_the_same(undisturbed: Path, tmp_path: Path) -> None:
    print(f"CALLOUT_FAULT_SEED={SEED}")
    tmp_path.chmod(0o755)  # open like the other home, so that both have the same IMAP server
    chance = random.Random(SEED)
    for _ in range(ROUNDS):
        with _demo(tmp_path) as demo:
            time.sleep(chance.uniform(4, 40))
            _kill_one(demo, chance)
            with suppress(subprocess.TimeoutExpired):
                demo.wait(chance.uniform(1, 5))
    _whole_run(tmp_path)
    assert end_state(tmp_path) == end_state(undisturbed)
    assert doubled_mail(tmp_path) == []


def test_a_second_run_changes_nothing_and_sends_nothing(undisturbed: Path) -> None:
    before, accepted = end_state(undisturbed), _accepted(undisturbed)
    _whole_run(undisturbed)
    assert end_state(undisturbed) == before
    assert _accepted(undisturbed) == accepted


def end_state(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What the store of `home` came to."""
    engine = open_store(f"sqlite:///{home / 'callout.db'}")
    with reading(engine) as connection:
        found = {name: [_plain(row) for row in connection.execute(sa.text(query))] for name, query in END_STATE.items()}
    engine.dispose()
    return found


def _plain(row: sa.Row[Any]) -> tuple[Any, ...]:
    """A row without row ids: they may differ between two right courses."""
    return tuple(re.sub(r"\bitem \d+", "item", part) if isinstance(part, str) else part for part in row)


def doubled_mail(home: Path) -> list[str]:
    """Message-IDs that were accepted more often than attempts in doubt can explain."""
    engine = open_store(f"sqlite:///{home / 'callout.db'}")
    with reading(engine) as connection:
        rows = connection.execute(sa.text("SELECT message_id, attempt_count FROM outbox"))
        attempts = {row.message_id: row.attempt_count for row in rows}
        kept = connection.execute(sa.text("SELECT count(*) FROM outbox WHERE state = 'sent'")).scalar_one()
    engine.dispose()
    accepted = Counter(_accepted(home))
    assert len(accepted) == kept
    return [message_id for message_id, times in accepted.items() if times > attempts.get(message_id, 0)]


def _accepted(home: Path) -> list[str]:
    lines = (home / "outside" / "accepted.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["message_id"] for line in lines]


class _demo:  # noqa: N801 (a context, used like a function)
    """A running demo; whatever is left of it is killed at the end."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def __enter__(self) -> subprocess.Popen[bytes]:
        self._log = (self._home / "test.log").open("ab")
        argv = [sys.executable, "-m", "deployments.cli", "demo", "--exit", "--json", "--home", str(self._home)]
        self._process = subprocess.Popen(argv, cwd=PROJECT, stdout=subprocess.PIPE, stderr=self._log)
        return self._process

    def __exit__(self, *_unused: object) -> None:
        for process in _family(self._process.pid):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait()
        self._log.close()


def _whole_run(home: Path) -> dict[str, Any]:
    with _demo(home) as demo:
        output, _ = demo.communicate(timeout=WHOLE_RUN_SECONDS)
    assert demo.returncode == 0, (home / "test.log").read_text(encoding="utf-8")[-3000:]
    figures: dict[str, Any] = json.loads(output)
    return figures


def _kill_one(demo: subprocess.Popen[bytes], chance: random.Random) -> None:
    family = list(_family(demo.pid))
    if family:
        with suppress(psutil.NoSuchProcess):
            chance.choice(family).kill()


def _family(pid: int) -> Iterator[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        parent = psutil.Process(pid)
        yield from parent.children(recursive=True)
        yield parent
