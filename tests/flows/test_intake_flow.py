"""The mail flow under a real Prefect server: one mailbox that cannot be reached does not stop the other."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName

from deployments.prefect_server import free_port
from deployments.settings import PROJECT
from deployments.warm_runs import run_warm
from flows.intake import IntakeMailRequest, intake_mail
from tasks.rules.errors import OutsideError
from tests.samples.mail_room import EVENING, PASSWORD, MailRoom, message, pymap_room

pytestmark = pytest.mark.usefixtures("prefect_server")

FAR = """
  - name: far
    address: far@north-service.example
    host: 127.0.0.1
    port: {port}
    security: plain
    login: far
    secret: office-mailbox
"""


@dataclass(frozen=True, slots=True)
class TwoBoxes:
    """An office with the mailbox `office`, which answers, and `far`, which does not."""

    room: MailRoom
    home: Path


@pytest.fixture
def boxes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TwoBoxes]:
    """The sample office with a second mailbox, in a home of its own."""
    office = tmp_path / "office"
    shutil.copytree(PROJECT / "deployments" / "office", office)
    with (office / "mailboxes.yaml").open("a", encoding="utf-8") as file:
        file.write(FAR.format(port=free_port()))
    with pymap_room(tmp_path / "mail") as room:
        monkeypatch.setenv("CALLOUT_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("CALLOUT_OFFICE", str(office))
        monkeypatch.setenv("CALLOUT_IMAP_PORT", str(room.port))
        monkeypatch.setenv("CALLOUT_SECRET_OFFICE_MAILBOX", PASSWORD)
        yield TwoBoxes(room, tmp_path)


async def test_one_mailbox_fails_and_the_other_is_taken_in(boxes: TwoBoxes) -> None:
    boxes.room.put("new", message("new", "new@example.com"))
    summary = await run_warm(intake_mail, IntakeMailRequest(as_of=EVENING.isoformat()), "test")
    assert (summary.counts["fetched"], summary.counts["leads"]) == (1, 1)
    [note] = summary.notes
    assert note.startswith("mailbox far: cannot reach 127.0.0.1:")
    again = await run_warm(intake_mail, IntakeMailRequest(as_of=EVENING.isoformat()), "test")
    assert not again.counts["fetched"]


async def test_a_run_that_reaches_nothing_fails_and_says_so_in_the_ui(boxes: TwoBoxes) -> None:
    request = IntakeMailRequest(as_of=EVENING.isoformat(), mailboxes=["far"])
    with pytest.raises(OutsideError, match=r"mailbox far: cannot reach"):
        await run_warm(intake_mail, request, "test")
    named = FlowRunFilter(name=FlowRunFilterName(any_=[f"far as of {EVENING.isoformat()}"]))
    async with get_client() as client:
        [run] = await client.read_flow_runs(flow_run_filter=named)
    assert run.state is not None
    assert run.state.is_failed()
