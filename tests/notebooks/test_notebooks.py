"""The analysts' notebooks run on a filled store, and say what the report says."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from tasks.gateways.store.connection import open_store
from tasks.gateways.store.revision import upgrade
from tests.samples.report_day import OFFICE, open_filled_desk

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


@pytest.fixture
def filled_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation's home with the sample day, named by the environment."""
    engine = open_store(f"sqlite:///{tmp_path / 'callout.db'}")
    upgrade(engine)
    open_filled_desk(engine, tmp_path)
    engine.dispose()
    monkeypatch.setenv("CALLOUT_HOME", str(tmp_path))
    monkeypatch.setenv("CALLOUT_OFFICE", str(OFFICE))
    monkeypatch.delenv("CALLOUT_DATABASE_URL", raising=False)
    return tmp_path


@pytest.mark.usefixtures("filled_home")
def test_the_telephone_notebook_agrees_with_the_report(capsys: pytest.CaptureFixture[str]) -> None:
    found = runpy.run_path(str(NOTEBOOKS / "telephony.py"))
    assert len(found["incoming"]) == 151
    assert (100 * found["service_levels"]).round(1).to_dict() == {
        "offered": 52.0,
        "offered_without_short": 58.2,
        "answered": 67.2,
    }
    assert "175 calls" in capsys.readouterr().out


@pytest.mark.usefixtures("filled_home")
def test_the_staff_notebook_runs() -> None:
    found = runpy.run_path(str(NOTEBOOKS / "staff.py"))
    assert float(found["won"].sum()) == 506004.50
    assert found["done"]["call_answered"].sum() == 117
