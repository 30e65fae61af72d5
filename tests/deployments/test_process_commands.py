"""Commands about processes as a person types them: check, compare, carry between offices, draw, try on the past."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.dom.minidom import parseString

import pytest
import sqlalchemy as sa

from deployments.cli.__main__ import main
from deployments.settings import PROJECT
from tests.deployments.conftest import OfficeServer
from tests.tasks.day_at_office import DayAtOffice

pytestmark = pytest.mark.long

MORNING = datetime(2026, 11, 17, 6, tzinfo=UTC)
DAY = ("--from", "2026-11-17", "--to", "2026-11-17")


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sample office, to be edited."""
    folder = tmp_path / "office"
    shutil.copytree(PROJECT / "deployments" / "office", folder)
    monkeypatch.setenv("CALLOUT_OFFICE", str(folder))
    monkeypatch.setenv("CALLOUT_HOME", str(tmp_path))
    return folder


@pytest.fixture
def home(sqlite_engine: sa.Engine, tmp_path: Path, office: Path) -> Path:
    """A store in which an order was begun on the sample day."""
    day = DayAtOffice(sqlite_engine, tmp_path, MORNING)
    day.lead(MORNING)
    day.advance(MORNING + timedelta(minutes=1))
    day.answer(
        MORNING + timedelta(minutes=2), "lead_new", "", "квалифицирован\nвид: urgent\nдиспетчер: daria\nимя: Иван"
    )
    day.advance(MORNING + timedelta(minutes=3))
    sqlite_engine.dispose()
    (tmp_path / "store.db").rename(tmp_path / "callout.db")
    return tmp_path


def run(home: Path, *words: str, port: int = 0) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "CALLOUT_HOME": str(home), "PYTHONPATH": str(PROJECT)}
    env |= {"CALLOUT_PREFECT_PORT": str(port)} if port else {}
    argv = [sys.executable, "-m", "deployments.cli", *words]
    done = subprocess.run(argv, env=env, cwd=home, capture_output=True, text=True, timeout=240, check=False)
    assert "Traceback" not in done.stderr + done.stdout
    return done


def _edit(file: Path, old: str, new: str) -> Path:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return file


def test_the_shipped_processes_are_in_order(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["process", "check", "--steps", "300", "--json"]) == 0
    reports = json.loads(capsys.readouterr().out)
    assert {"repair", "hiring", "contract_approval", "service"} <= {Path(one["file"]).stem for one in reports}
    assert {"remind_owner", "convert_lead"} <= {Path(one["file"]).stem for one in reports}
    assert all(one["errors"] == one["warnings"] == 0 for one in reports)


def test_a_ready_rule_is_checked_as_one(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = office / "processes" / "ready" / "remind_owner.yaml"
    assert main(["process", "check", str(file)]) == 0
    assert "remind_owner" in capsys.readouterr().out
    _edit(file, "[<who>], text:", "[<whom>], text:")
    assert main(["process", "check", str(file)]) == 1
    assert "<whom> is no parameter" in capsys.readouterr().out


def test_the_whole_trial_of_the_shipped_processes_finds_nothing(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["process", "check", "--json"]) == 0
    assert [one["remarks"] for one in json.loads(capsys.readouterr().out) if one["remarks"]] == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("to: quoting}", "to: quotin}", "did you mean 'quoting'"),
        ("due: 5d working", "due: 5 days", "no span of time"),
        ("who: [client]", "who: [cliet]", "'cliet'"),
        ("      - {event: keep, by: [head, manager], to: ready}\n", "", ""),
    ],
)
def test_a_mistake_is_shown_with_file_and_line(
    office: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, said: str
) -> None:
    file = _edit(office / "processes" / "repair.yaml", old, new)
    line = next(n for n, text in enumerate(file.read_text(encoding="utf-8").splitlines(), 1) if new in text)
    code = main(["process", "check", str(file), "--steps", "0"])
    out = capsys.readouterr().out
    assert code == (1 if said else 0)
    assert said in out
    if said:
        assert f"{file}:{line}: error:" in out


def test_a_mistake_in_a_ready_rule_is_shown_there(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _edit(office / "processes" / "repair.yaml", "entity: deal\n", "entity: deal\nready: [remind_owner]\n")
    ready = _edit(office / "processes" / "ready" / "remind_owner.yaml", "[<who>], text:", "[<whom>], text:")
    assert main(["process", "check", str(office / "processes" / "repair.yaml"), "--steps", "0"]) == 1
    assert f"{ready.name}" in capsys.readouterr().out


def test_ready_rules_become_part_of_the_process(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _edit(office / "processes" / "repair.yaml", "entity: deal\n", "entity: deal\nready: [task_on_status]\n")
    assert main(["process", "check", str(office / "processes" / "repair.yaml"), "--steps", "300"]) == 0
    capsys.readouterr()
    assert main(["process", "export", "repair"]) == 0
    out = capsys.readouterr().out
    assert "status_task" in out
    assert "\nready:" not in out


def test_differences_are_said_and_exit_with_one(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = office / "processes" / "repair.yaml"
    other = shutil.copyfile(file, office.parent / "other.yaml")
    assert main(["process", "diff", str(file), str(other)]) == 0
    _edit(other, "due: 5d working", "due: 4d working")
    assert main(["process", "diff", str(file), str(other)]) == 1
    assert "5d working  ⇒  4d working" in capsys.readouterr().out
    assert main(["process", "diff", str(file), "nothing"]) == 2
    assert "name a file, one of" in capsys.readouterr().err


def test_pictures_and_schema(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = office.parent / "service.svg"
    assert main(["process", "draw", "service", "--output", str(target)]) == 0
    parseString(target.read_text(encoding="utf-8"))  # noqa: S318 (our own words)
    capsys.readouterr()
    assert main(["process", "draw", "hiring", "--mermaid", "--language", "en"]) == 0
    assert capsys.readouterr().out.startswith("flowchart TD")
    (office / "process.schema.json").unlink()
    assert main(["process", "schema", "--write"]) == 0
    assert json.loads((office / "process.schema.json").read_text(encoding="utf-8"))["title"] == "Callout process file"


def test_a_file_goes_from_office_to_office(home: Path, office: Path) -> None:
    carried = home / "carried.yaml"
    assert run(home, "process", "export", "hiring", "--output", str(carried)).returncode == 0
    (office / "processes" / "hiring.yaml").unlink()
    taken = run(home, "process", "import", str(carried))
    assert taken.returncode == 0, taken.stderr
    assert "этап offered" in taken.stdout
    same = run(home, "process", "diff", "hiring", str(carried))
    assert same.stdout == "они одинаковы\n"
    _edit(carried, "due: 2d working", "due: 3d working")
    refused = run(home, "process", "import", str(carried))
    assert (refused.returncode, refused.stderr.count("\n")) == (3, 1)
    assert "write version: 2" in refused.stderr


def test_the_past_proves_tries_and_watches(home: Path, office: Path, office_server: OfficeServer) -> None:
    port = office_server.port
    proved = run(home, "prove", *DAY, "--json", port=port)
    assert proved.returncode == 0, proved.stdout + proved.stderr
    assert json.loads(proved.stdout)["counts"]["events"] > 1
    changed = _edit(
        shutil.copyfile(office / "processes" / "service.yaml", home / "new.yaml"), "version: ", "version: 9"
    )
    _edit(changed, "{ask: conduct}, {ask: price}", "{ask: price}")
    tried = run(home, "backtest", str(changed), *DAY, port=port)
    assert tried.returncode == 0, tried.stderr
    assert "conduct" in tried.stdout
    assert "watches as run 1" in run(home, "shadow", "start", str(changed), "--who", "viktor", port=port).stdout
    assert json.loads(run(home, "shadow", "list", "--json", port=port).stdout)[0]["process"] == "service"
    assert run(home, "answers", "list", port=port).stdout == "Ответов ещё нет.\n"
    engine = sa.create_engine(f"sqlite:///{home / 'callout.db'}")
    with engine.begin() as connection:
        connection.execute(sa.text("update process_course set decisions = '[]' where kind = 'begin'"))
    engine.dispose()
    broken = run(home, "prove", *DAY, port=port)
    assert broken.returncode == 1
    assert "решения получаются другие" in broken.stdout
