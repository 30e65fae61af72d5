"""The fetching of recordings as a victim does it: from the folder `monitor` in its home, kept for 30 days."""

from __future__ import annotations

from pathlib import Path

from tasks.desk import Desk
from tasks.rules.office_recordings import RecordingRules, RecordingSource
from tests.samples.desks import desk_with
from tests.samples.recorded_calls import recording_office

RECORDINGS_WORK = "recordings"


def recordings_desk(desk: Desk, home: Path) -> Desk:
    """The desk with a call log whose recordings lie in the home."""
    source = RecordingSource("folder", str(home / "monitor"))
    return desk_with(desk, recording_office(desk.office, source, rules=RecordingRules(keep_days=30)))
