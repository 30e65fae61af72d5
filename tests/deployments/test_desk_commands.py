"""The desk's commands as a person types them: what waits, a word about it, a second reading, and finding."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from deployments.settings import PROJECT
from tests.deployments.conftest import OfficeServer
from tests.samples.mail_room import message
from tests.samples.stored_mail import stored_mail

pytestmark = pytest.mark.long

MORNING = datetime(2026, 11, 17, 6, tzinfo=UTC)
DAY = ("--from", "2026-11-17", "--to", "2026-11-17")


@pytest.fixture
def home(sqlite_engine: sa.Engine, tmp_path: Path) -> Path:
    """A store with a stranger's mail and one that has no sender."""
    mail = stored_mail(sqlite_engine, tmp_path)
    mail.put(message("new", "Игорь <igor@example.com>"), MORNING)
    mail.put(b"Subject: nobody\r\nMessage-ID: <n@example.com>\r\n\r\nwho am I", MORNING)
    mail.settle(MORNING)
    sqlite_engine.dispose()
    (tmp_path / "store.db").rename(tmp_path / "callout.db")
    return tmp_path


def run(home: Path, *words: str, port: int = 0) -> subprocess.CompletedProcess[str]:
    """The command as typed; `port` is a Prefect server's that runs already, without one the command starts its own."""
    env = {**os.environ, "CALLOUT_HOME": str(home), "PYTHONPATH": str(PROJECT)}
    env |= {"CALLOUT_PREFECT_PORT": str(port)} if port else {}
    argv = [sys.executable, "-m", "deployments.cli", *words]
    done = subprocess.run(argv, env=env, cwd=home, capture_output=True, text=True, timeout=240, check=False)
    assert "Traceback" not in done.stderr + done.stdout
    return done


def test_what_waits_is_listed_shown_and_fixed(home: Path, office_server: OfficeServer) -> None:
    [row] = json.loads(run(home, "quarantine", "list", "--json").stdout)
    assert (row["state"], row["row_key"]) == ("held", "intake:2")
    shown = run(home, "quarantine", "show", str(row["row_id"]))
    assert "who am I" in shown.stdout
    fix = ("quarantine", "decide", "fix", "1", "--who", "olga", "--sender", "anna@new.example", "--json")
    fixed = run(home, *fix, port=office_server.port)
    assert json.loads(fixed.stdout)["counts"]["leads"] == 1, fixed.stderr
    assert "карантине ничего" in run(home, "quarantine", "list").stdout


def test_a_second_reading_finds_no_difference_and_then_one(home: Path, office_server: OfficeServer) -> None:
    same = run(home, "replay", *DAY, port=office_server.port)
    assert (same.returncode, same.stdout) == (0, "Перечитано писем: 2, изменений нет.\n")
    engine = sa.create_engine(f"sqlite:///{home / 'callout.db'}")
    with engine.begin() as connection:
        connection.execute(sa.text("update lead set phone = null"))
    engine.dispose()
    differs = run(home, "replay", *DAY, "--json", port=office_server.port)
    assert differs.returncode == 1
    [changed] = json.loads(differs.stdout)["changed"]
    assert changed == {"intake_id": 1, "changes": [{"field": "lead.phone", "was": None, "would": "+79000000501"}]}


def test_finding_in_the_wrong_layout(home: Path) -> None:
    found = json.loads(run(home, "find", "bujhm", "--kind", "lead", "--json").stdout)
    assert found["searched_for"] == "bujhm / игорь"
    assert [one["name"] for one in found["found"]] == ["Игорь"]
