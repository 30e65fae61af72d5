"""Writes the sample telephone day (Master.csv, queue_log), and is the truth of what it wrote.

Run it after a change of the script: python -m deployments.demo.make_calls
"""

from __future__ import annotations

from pathlib import Path

from deployments.demo.call_day import CallDay
from deployments.demo.call_script import play

FOLDER = Path(__file__).resolve().parent / "calls"


def sample_day() -> CallDay:
    """The whole day, written anew."""
    day = CallDay()
    play(day)
    return day


def main() -> None:
    """Write both files."""
    day = sample_day()
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "Master.csv").write_bytes(day.master_csv())
    (FOLDER / "queue_log").write_bytes(day.queue_log())


if __name__ == "__main__":
    main()
