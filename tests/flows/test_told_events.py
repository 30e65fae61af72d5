"""What Prefect is told, under a real server: once when mails wait, once when a mailbox fails or is well again."""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.events import Event
from prefect.events.filters import EventFilter, EventNameFilter, EventOccurredFilter

from deployments.prefect_server import free_port
from deployments.settings import PROJECT
from deployments.warm_runs import run_warm
from flows.deals import AdvanceRequest, advance_deals
from flows.intake import IntakeMailRequest, intake_mail
from tasks.rules.errors import OutsideError
from tests.samples.mail_room import EVENING, MORNING, PASSWORD, message, pymap_room

pytestmark = pytest.mark.usefixtures("prefect_server")
_ARRIVES_WITHIN_SECONDS = 20
_NOON = MORNING + timedelta(hours=3)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sample office in a home of its own."""
    office = tmp_path / "office"
    shutil.copytree(PROJECT / "deployments" / "office", office)
    monkeypatch.setenv("CALLOUT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CALLOUT_OFFICE", str(office))
    monkeypatch.setenv("CALLOUT_SECRET_OFFICE_MAILBOX", PASSWORD)
    monkeypatch.setenv("CALLOUT_IMAP_PORT", str(free_port()))
    return tmp_path


async def _told(since: datetime, at_least: int) -> list[Event]:
    """Our events since then, when so many are there; the server keeps them a moment after they were sent."""
    wanted = EventFilter(
        event=EventNameFilter(prefix=["callout."]), occurred=EventOccurredFilter(since=since, until=datetime.now(UTC))
    )
    async with get_client() as client:
        for _ in range(_ARRIVES_WITHIN_SECONDS * 5):
            wanted.occurred.until = datetime.now(UTC)  # type: ignore[assignment]  # Prefect's own DateTime
            page = await client.read_events(wanted, limit=50)
            if len(page.events) >= at_least:
                break
            await asyncio.sleep(0.2)
    return sorted(page.events, key=lambda event: event.occurred)


@pytest.mark.long
async def test_a_filled_outbox_is_told_once_and_not_by_the_listener(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    since = datetime.now(UTC)
    with pymap_room(home / "mail") as room:
        monkeypatch.setenv("CALLOUT_IMAP_PORT", str(room.port))
        for number, origin in enumerate(("listener", "test")):
            room.put(f"m{number}", message(f"m{number}", f"new{number}@example.com"))
            at = (_NOON + timedelta(minutes=5 * number)).isoformat()
            await run_warm(intake_mail, IntakeMailRequest(as_of=at), origin)
            moved = await run_warm(advance_deals, AdvanceRequest(as_of=at), origin)
            assert moved.counts["notices"], moved.counts
        later = (_NOON + timedelta(minutes=15)).isoformat()
        await run_warm(advance_deals, AdvanceRequest(as_of=later), "test")
    [told] = await _told(since, 1)
    assert (told.event, told.resource.id) == ("callout.outbox.filled", "callout.outbox")
    assert told.payload["mails"] >= 1


async def test_a_mailbox_that_fails_is_told_once_and_once_when_it_is_well(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    since = datetime.now(UTC)
    for hours in (0, 1):
        request = IntakeMailRequest(as_of=(EVENING + timedelta(hours=hours)).isoformat(), mailboxes=["office"])
        with pytest.raises(OutsideError):
            await run_warm(intake_mail, request, "test")
    with pymap_room(home / "mail") as room:
        monkeypatch.setenv("CALLOUT_IMAP_PORT", str(room.port))
        late = (EVENING + timedelta(hours=2)).isoformat()
        await run_warm(intake_mail, IntakeMailRequest(as_of=late), "test")
    told = await _told(since, 2)
    ours = [event for event in told if event.event.startswith("callout.mailbox")]
    assert [(event.event, event.resource.id) for event in ours] == [
        ("callout.mailbox.failed", "callout.mailbox.office"),
        ("callout.mailbox.recovered", "callout.mailbox.office"),
    ]
    assert {str(event.payload) for event in ours} == {"{'mailbox': 'office'}"}
