"""The demo's PBX writes its logs by and by; whatever byte it was killed at, the next call completes them."""

from __future__ import annotations

from datetime import datetime, time
from pathlib import Path

import pytest

from deployments.demo.call_truth import DAY, ZONE
from deployments.demo.make_calls import FOLDER, sample_day
from deployments.demo.sample_calls import append_until

NAMES = ("Master.csv", "queue_log")


def _at(text: str) -> datetime:
    return datetime.combine(DAY, time.fromisoformat(text), ZONE)


def _lines(folder: Path) -> int:
    return sum((folder / name).read_bytes().count(b"\n") for name in NAMES)


def test_lines_come_when_they_were_written_and_once(tmp_path: Path) -> None:
    counts = []
    for at in ("08:00", "09:30", "09:30", "14:00", "09:30", "18:30", "23:00"):
        append_until(tmp_path / "pbx", _at(at))
        counts.append(_lines(tmp_path / "pbx"))
    assert counts[0] == 0 < counts[1] == counts[2] < counts[3] == counts[4] < counts[5] == counts[6]
    assert [(tmp_path / "pbx" / name).read_bytes() for name in NAMES] == [
        (FOLDER / name).read_bytes() for name in NAMES
    ]


@pytest.mark.parametrize("size", [0, 1, 250, 5000, 20011])
def test_a_write_cut_anywhere_is_completed(tmp_path: Path, size: int) -> None:
    for name in NAMES:
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes()[:size])
    append_until(tmp_path, _at("18:30"))
    assert [(tmp_path / name).read_bytes() for name in NAMES] == [(FOLDER / name).read_bytes() for name in NAMES]


def test_the_day_has_every_kind_of_call() -> None:
    truth = sample_day().truth
    kinds = {(one.direction, one.outcome) for one in truth}
    assert {("in", "answered"), ("in", "abandoned"), ("in", "no_answer"), ("in", "busy"), ("out", "answered")} <= kinds
    assert {("out", "busy"), ("out", "failed"), ("internal", "answered")} <= kinds
    assert {one.missed for one in truth} == {"", "open", "returned", "came_back"}
    assert sum(one.leg_count for one in truth) >= 160
    assert sum(one.transfer_count for one in truth) >= 5
    assert any(one.client_phone is None for one in truth if one.direction == "in")
