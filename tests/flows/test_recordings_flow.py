"""The flow fetch-recordings under a real Prefect server, and the commands of who may hear what came."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from deployments.settings import PROJECT
from deployments.warm_runs import run_warm
from flows.recordings import FetchRecordingsRequest, fetch_recordings
from tasks.gateways.store.connection import open_store
from tasks.gateways.store.revision import upgrade
from tasks.rules.errors import OutsideError
from tests.samples.recorded_calls import NOON, put_call, put_file
from tests.samples.sounds import wav

pytestmark = pytest.mark.long


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose office looks for recordings in the folder `monitor`, and at a host whose token nobody set."""
    office = tmp_path / "office"
    shutil.copytree(PROJECT / "deployments" / "office", office)
    file = office / "telephony.yaml"
    text = file.read_text(encoding="utf-8")
    wanted = f"way: folder\n      folder: {tmp_path / 'monitor'}"
    more = "\n".join(
        (
            "  - name: asterisk2", "    kind: post", "    post_secret: call-token", "    time_zone: UTC",
            "    recordings: {way: https, hosts: [records.example], secret: records-token}", "", "# Your own numbers",
        )
    )  # fmt: skip
    text = text.replace("way: none", wanted, 1).replace("# Your own numbers", more, 1)
    file.write_text(text, encoding="utf-8")
    monkeypatch.setenv("CALLOUT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CALLOUT_OFFICE", str(office))
    return tmp_path


@pytest.fixture
def store(home: Path) -> Iterator[sa.Engine]:
    """The home's store, migrated."""
    engine = open_store(f"sqlite:///{home / 'home' / 'callout.db'}")
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.mark.usefixtures("prefect_server")
async def test_it_fetches_and_says_what_it_could_not(home: Path, store: sa.Engine) -> None:
    put_call(store, "a.wav", "b.wav", source="asterisk", line="+79000000100")
    put_file(home / "monitor", "2026/11/17/a.wav", wav())
    done = await run_warm(fetch_recordings, FetchRecordingsRequest(logs=["asterisk"], as_of=NOON.isoformat()), "test")
    assert done.counts == {
        "recordings_waiting": 2,
        "recordings_kept": 1,
        "recordings_asked_again": 1,
        "recordings_removed": 0,
    }
    put_file(home / "monitor", "b.wav", wav(2.0))
    later = FetchRecordingsRequest(as_of=(NOON + timedelta(minutes=5)).isoformat())
    with pytest.raises(OutsideError, match="records-token"):
        await run_warm(fetch_recordings, later, "test")
    _commands(home)


def _commands(home: Path) -> None:
    def said(*words: str) -> tuple[int, str]:
        argv = [sys.executable, "-m", "deployments.cli", "recording", *words]
        env = {**os.environ, "PYTHONPATH": str(PROJECT)}
        done = subprocess.run(argv, env=env, cwd=home, capture_output=True, text=True, timeout=120, check=False)
        return done.returncode, done.stdout + done.stderr

    code, text = said("list", "--json")
    listed = json.loads(text)
    assert [(one["state"], one["open_to"]) for one in listed] == [("kept", []), ("kept", [])]
    number = str(listed[0]["recording"])
    assert said("open", number, "--to", "olga", "--reason", "review", "--who", "viktor") == (0, "сделано\n")
    assert said("open", number, "--to", "olga", "--reason", "review", "--who", "viktor") == (0, "менять нечего\n")
    code, text = said("export", number, str(home / "out.wav"), "--reason", "review", "--who", "maria")
    assert (code, "may not hear" in text) == (2, True)
    assert said("export", number, str(home / "out.wav"), "--reason", "review", "--who", "olga")[0] == 0
    assert (home / "out.wav").read_bytes() in (wav(), wav(2.0))
    assert said("hold", number, "--reason", "court", "--who", "viktor") == (0, "сделано\n")
    assert "court" in said("list", "--state", "kept")[1]
    assert "+79000000501" not in said("list")[1]
    assert said("release", number, "--who", "viktor") == (0, "сделано\n")
    assert said("close", number, "--to", "olga", "--who", "viktor") == (0, "сделано\n")
