"""The office with everything around it: a mailbox over IMAP, a mail server that takes what leaves, the door over HTTP.

People write, answer and click; the flows run as the schedules run them, at moments that the scenario chooses.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import sqlalchemy as sa
import uvicorn

from deployments.demo.mail_servers import deliver
from deployments.demo.people import body_text
from deployments.door.app import build_door
from deployments.door.room import Room, open_room
from deployments.warm_runs import run_warm
from flows.opening import open_desk
from tasks.gateways.store.connection import reading
from tasks.rules.summary import RunSummary
from tests.samples.mail_room import MailRoom
from tests.samples.waiting import wait_for

OFFICE_MAIL = "office@north-service.example"
DAY_FLOWS = (
    ("flows.intake.intake_mail", "IntakeMailRequest"),
    ("flows.deals.advance_deals", "AdvanceRequest"),
    ("flows.dispatch.dispatch_outbox", "DispatchOutboxRequest"),
)
_PARSER = BytesParser(EmailMessage, policy=policy.default)


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail that left the office, as its reader sees it."""

    to: str
    wording: str
    subject: str
    text: str
    mail: EmailMessage

    @property
    def links(self) -> list[str]:
        """The web addresses in it."""
        return re.findall(r"https?://[^\s>\"]+", self.text)


@dataclass
class World:
    """One office at the moment `at`. Mail comes and goes through real servers, pages through a real door."""

    at: datetime
    mailbox: MailRoom
    outside: Path
    counter: int = 0
    summaries: list[RunSummary] = field(default_factory=list)
    room: Room | None = None

    async def go_on(self, minutes: float = 10) -> None:
        """Time passes, then the flows of the day run once."""
        self.at += timedelta(minutes=minutes)
        for name, request in DAY_FLOWS:
            await self.run(name, request)

    async def run(self, dotted: str, request: str, **fields: Any) -> RunSummary:
        """Run one flow as the UI would, at this moment."""
        module_name, _, name = dotted.rpartition(".")
        module = importlib.import_module(module_name)
        asked = getattr(module, request)(as_of=self.at.isoformat(), **fields)
        summary: RunSummary = await run_warm(getattr(module, name), asked, "scenario")
        self.summaries.append(summary)
        return summary

    # ------------------------------------------------------------ mail

    def write(self, sender: str, subject: str, text: str) -> None:
        """Somebody writes to the office."""
        self._deliver(self._mail(sender, subject, text))

    def letters(self, to: str, word: str = "") -> list[Letter]:
        """What reached somebody, in its order; only those with `word` in subject or text."""
        book = self.outside / "accepted.jsonl"
        lines = book.read_text(encoding="utf-8").splitlines() if book.exists() else []
        found = [self._letter(entry) for entry in map(json.loads, lines) if entry["to"][0].startswith(to)]
        return [one for one in found if word in f"{one.subject}\n{one.text}"]

    def answer(self, letter: Letter, text: str, *files: str) -> None:
        """The reader of a letter answers it, quoting it."""
        mail = self._mail(letter.to, f"Re: {letter.subject}", "", letter)
        quoted = "\n".join(f"> {line}" for line in letter.text.splitlines())
        mail.set_content(f"{text}\n\n{format_datetime(self.at)} {OFFICE_MAIL} пишет:\n{quoted}\n", cte="base64")
        for name in files:
            content = f"{name}: образец\n".encode()
            mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
        self._deliver(mail)

    def _mail(self, sender: str, subject: str, text: str, about: Letter | None = None) -> EmailMessage:
        self.counter += 1
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, OFFICE_MAIL, subject
        mail["Date"] = format_datetime(self.at)
        mail["Message-ID"] = f"<scenario-{self.counter}@{sender.rpartition('@')[2].rstrip('>')}>"
        if about:
            mail["In-Reply-To"] = mail["References"] = str(about.mail["Message-ID"])
        if text:
            mail.set_content(text, cte="base64")
        return mail

    def _deliver(self, mail: EmailMessage) -> None:
        deliver(self.mailbox.maildir, f"s{self.counter}", self.at, mail.as_bytes(policy=policy.SMTP))

    def _letter(self, entry: dict[str, Any]) -> Letter:
        mail = _PARSER.parsebytes((self.outside / entry["file"]).read_bytes())
        return Letter(entry["to"][0], entry["wording"], str(mail["Subject"]), body_text(mail), mail)

    # ------------------------------------------------------------ the door

    @contextmanager
    def door(self) -> Iterator[httpx.Client]:
        """The door over HTTP, with the clock of this world; links in mails lead to it."""
        desk = open_desk()
        port = int(httpx.URL(desk.office.door.url).port or 0)
        self.room = open_room(desk, desk.office.door.url, lambda: self.at)
        server = uvicorn.Server(
            uvicorn.Config(build_door(self.room), host="127.0.0.1", port=port, log_config=None, access_log=False)
        )
        thread = Thread(target=server.run, daemon=True)
        thread.start()
        wait_for(lambda: server.started, 20)
        try:
            with httpx.Client(base_url=desk.office.door.url, headers={"accept-language": "ru"}) as client:
                yield client
        finally:
            self.room.stop.set()
            server.should_exit = True
            thread.join(20)
            desk.engine.dispose()

    # ------------------------------------------------------------ what can be seen

    def rows(self, query: str, **values: Any) -> list[Any]:
        """What an analyst would ask the store."""
        desk = open_desk()
        try:
            with reading(desk.engine) as connection:
                return list(connection.execute(sa.text(query), values))
        finally:
            desk.engine.dispose()

    def one(self, query: str, **values: Any) -> Any:
        """The single value of a question."""
        return self.rows(query, **values)[0][0]
