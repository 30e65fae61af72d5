"""The pause grows up to an hour; one failure is no alarm."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tasks.rules.source_health import Health, pause_after

NOW = datetime(2026, 11, 17, 6, tzinfo=UTC)


def test_the_pause_grows_and_is_bounded() -> None:
    minutes = [pause_after(count).total_seconds() / 60 for count in (0, 1, 2, 3, 4, 5, 6, 7, 100_000)]
    assert minutes == [0, 0, 5, 10, 20, 40, 60, 60, 60]


@pytest.mark.parametrize(
    ("failures", "minutes_since_success", "is_due"),
    [(0, 600, False), (1, 600, False), (2, 14, False), (2, 15, True), (2, None, False), (3, 1, True), (3, None, True)],
)
def test_an_alarm_is_for_what_lasts(failures: int, minutes_since_success: int | None, is_due: bool) -> None:
    success = None if minutes_since_success is None else NOW - timedelta(minutes=minutes_since_success)
    assert Health("mail:office", failures, "gone", success).is_alarm_due(NOW) is is_due


def test_a_source_may_be_tried_when_its_pause_is_over() -> None:
    assert Health("mail:office").may_try(NOW)
    waiting = Health("mail:office", 2, next_try_at=NOW)
    assert (waiting.may_try(NOW - timedelta(seconds=1)), waiting.may_try(NOW)) == (False, True)
