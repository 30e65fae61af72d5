from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tasks.rules.left_overs import LateRun, LiveProcess, OpenRun, judge, superseded

NOON = datetime(2026, 11, 17, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("run", "processes", "verdict"),
    [
        # a worker's run: the worker's host is known, its process carries the run's id
        (OpenRun("r", "RUNNING", 90_000, "here", 7), [LiveProcess(7, 1.0, "r")], "alive"),
        (OpenRun("r", "RUNNING", 5, "here", 7), [], "gone"),
        (OpenRun("r", "RUNNING", 5, "here", 7), [LiveProcess(7, 1.0, "")], "gone"),  # the number was used again
        (OpenRun("r", "RUNNING", 5, "here", 7), [LiveProcess(7, 1.0, None)], "alive"),  # we may not look: assume it
        (OpenRun("r", "RUNNING", 5, "here"), [LiveProcess(9, 1.0, "r")], "alive"),  # number not told yet
        (OpenRun("r", "RUNNING", 90_000, "there", 7), [], "elsewhere"),
        (OpenRun("r", "CANCELLING", 5, "here", 7), [], "gone"),
        # claimed, no process yet
        (OpenRun("r", "PENDING", 299, "here"), [], "unknown"),
        (OpenRun("r", "PENDING", 300, "here"), [], "gone"),
        (OpenRun("r", "PENDING", 300), [], "gone"),
        (OpenRun("r", "PENDING", 90_000, "here"), [LiveProcess(9, 1.0, "r")], "alive"),
        # in a daemon or a command: the tag says which process
        (OpenRun("r", "RUNNING", 90_000, "here", 7, 1000.0), [LiveProcess(7, 1001.5, "")], "alive"),
        (OpenRun("r", "RUNNING", 5, "here", 7, 1000.0), [LiveProcess(7, 1003.0, "")], "gone"),
        (OpenRun("r", "PENDING", 5, "here", 7, 1000.0), [], "gone"),
        (OpenRun("r", "RUNNING", 5, "there", 7, 1000.0), [], "elsewhere"),
        # without any trace: not ours to close
        (OpenRun("r", "RUNNING", 90_000), [], "unknown"),
    ],
)
def test_a_run_is_closed_only_when_its_process_is_gone(
    run: OpenRun, processes: list[LiveProcess], verdict: str
) -> None:
    assert judge(run, "here", processes, grace_seconds=300) == verdict


def test_after_a_night_off_one_late_run_of_each_deployment_stays() -> None:
    late = [LateRun(f"mail {n}", "intake", NOON + timedelta(minutes=5 * n)) for n in (2, 0, 1)]
    late.append(LateRun("remind", "remind-0230", NOON))
    assert sorted(superseded(late)) == ["mail 0", "mail 1"]
    assert superseded([]) == []
