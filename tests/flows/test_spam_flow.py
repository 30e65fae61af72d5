"""Spam under a real Prefect server: what three people say by the form changes what becomes of the next mail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from deployments.settings import PROJECT
from deployments.warm_runs import run_warm
from flows.intake import IntakeMailRequest, intake_mail
from flows.spam import LabelMailRequest, label_mails
from tasks.gateways.spam_model import SPAM_MEMORY
from tasks.gateways.store.connection import open_store
from tasks.gateways.store.revision import upgrade
from tests.samples.mail_desk import rows
from tests.samples.mail_room import EVENING, MORNING, PASSWORD, MailRoom, pymap_room
from tests.samples.spam_letters import letter, store_letters

pytestmark = pytest.mark.usefixtures("prefect_server")
LATER = (EVENING + timedelta(hours=1)).isoformat()


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailRoom]:
    """The sample office over one real mailbox, in a home of its own."""
    SPAM_MEMORY.forget()
    with pymap_room(tmp_path / "mail") as room:
        monkeypatch.setenv("CALLOUT_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("CALLOUT_OFFICE", str(PROJECT / "deployments" / "office"))
        monkeypatch.setenv("CALLOUT_IMAP_PORT", str(room.port))
        monkeypatch.setenv("CALLOUT_SECRET_OFFICE_MAILBOX", PASSWORD)
        yield room
    SPAM_MEMORY.forget()


@pytest.fixture
def store(room: MailRoom, tmp_path: Path) -> Iterator[sa.Engine]:
    """The home's store, migrated."""
    engine = open_store(f"sqlite:///{tmp_path / 'home' / 'callout.db'}")
    upgrade(engine)
    yield engine
    engine.dispose()


async def test_three_peoples_words_put_the_next_spam_aside(room: MailRoom, store: sa.Engine) -> None:
    spam, good = store_letters(store, 150, MORNING - timedelta(days=9))
    for turn, who in enumerate(("olga", "maria", "viktor")):
        for label, mails in (("spam", spam), ("good", good)):
            fields = {"mails": mails[turn::3], "label": label, "who": who, "as_of": MORNING.isoformat()}
            said = await run_warm(label_mails, LabelMailRequest(**fields), "test")
            assert said.counts["labelled"] == 50
    assert said.notes[-1].startswith("the model decides: 150 spam and 150 good")
    room.put("spam", letter(9000, is_spam=True))
    room.put("good", letter(9000, is_spam=False))
    taken = await run_warm(intake_mail, IntakeMailRequest(as_of=EVENING.isoformat()), "test")
    assert (taken.counts["fetched"], taken.counts["leads"], taken.counts["quarantined"]) == (2, 1, 1)
    [(intake_id, reason)] = rows(store, "select id, reason from intake_item where state = 'quarantined'")
    assert reason.startswith(("spam: learned, score 0.9", "spam: learned, score 1"))
    back = await run_warm(
        label_mails, LabelMailRequest(mails=[intake_id], label="good", who="olga", as_of=LATER), "test"
    )
    assert (back.counts["released"], back.counts["leads"]) == (1, 1)
