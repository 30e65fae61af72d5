"""The office with everything around it: a mailbox over IMAP, a mail server that takes what leaves, the door over HTTP.

People write, answer and click; the flows run as the schedules run them, at moments that the scenario chooses.
"""

from __future__ import annotations

import importlib
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from pathlib import Path
from threading import Thread
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import sqlalchemy as sa
import uvicorn

from deployments.demo.mail_servers import deliver
from deployments.door.app import build_door
from deployments.door.room import Room, carry_out_decisions, open_room
from deployments.warm_runs import run_warm
from flows.opening import open_desk
from tasks.gateways.store.connection import open_store, reading
from tasks.rules.summary import RunSummary
from tests.samples.mail_room import MailRoom
from tests.samples.waiting import wait_for
from tests.scenarios.letters import Letter, new_mail, quote, read_letter

MORNING = datetime(2026, 11, 17, 6, 30, tzinfo=UTC)  # a Tuesday, half past nine in Moscow
MOSCOW = ZoneInfo("Europe/Moscow")
OWN_PAGE = {"accept-language": "ru", "sec-fetch-site": "same-origin"}


@dataclass(frozen=True, slots=True)
class Played:
    """An office as it stood at a moment: its store and files, and what had reached people."""

    home: Path
    at: datetime
    counter: int
    book: tuple[str, ...]


@dataclass
class Shelf:
    """Kept offices by the name of the course that led to them."""

    folder: Path
    kept: dict[str, Played] = field(default_factory=dict)


@dataclass
class World:
    """One office at the moment `at`. Mail comes and goes through real servers, pages through a real door."""

    mailbox: MailRoom
    home: Path
    office: Path
    outside: Path
    shelf: Shelf
    at: datetime = MORNING
    counter: int = 0
    has_new_mail: bool = False
    past: tuple[str, ...] = ()
    summaries: list[RunSummary] = field(default_factory=list)
    room: Room | None = None

    def __post_init__(self) -> None:
        self._before = len(self._lines())

    # ------------------------------------------------------------ time

    async def go_on(self, minutes: float = 10) -> None:
        """Time passes, then the flows of the day run once; the mailbox is looked into when there is something in it."""
        self.at += timedelta(minutes=minutes)
        if self.has_new_mail:
            await self.run("flows.intake.intake_mail", "IntakeMailRequest")
            self.has_new_mail = False
        await self.run("flows.deals.advance_deals", "AdvanceRequest")
        await self.run("flows.dispatch.dispatch_outbox", "DispatchOutboxRequest")

    async def go_to(self, moscow: str) -> None:
        """As `go_on`, to a moment like "2026-11-18 10:00" in Moscow."""
        self.at = datetime.fromisoformat(moscow).replace(tzinfo=MOSCOW).astimezone(UTC)
        await self.go_on(0)

    async def run(self, dotted: str, request: str, **fields: Any) -> RunSummary:
        """Run one flow as the UI would, at this moment."""
        module_name, _, name = dotted.rpartition(".")
        module = importlib.import_module(module_name)
        asked = getattr(module, request)(as_of=self.at.isoformat(), **fields)
        summary: RunSummary = await run_warm(getattr(module, name), asked, "scenario")
        self.summaries.append(summary)
        return summary

    def edit_office(self, name: str, before: str, after: str) -> None:
        """The company changes a file of its folder."""
        file = self.office / name
        text = file.read_text("utf-8")
        assert before in text
        file.write_text(text.replace(before, after, 1), encoding="utf-8")

    def add_process(self, raw: dict[str, Any]) -> None:
        """The company writes a process of its own."""
        file = self.office / "processes" / f"{raw['process']}.yaml"
        file.write_text(json.dumps(raw, ensure_ascii=False), encoding="utf-8")  # JSON is YAML

    # ------------------------------------------------------------ offices that are kept

    def keep(self, name: str) -> None:
        """Keep the office as it stands, for other scenarios."""
        home = self.shelf.folder / name
        shutil.copytree(self.home, home)
        self.shelf.kept[name] = Played(home, self.at, self.counter, tuple(self._book()))

    def take_up(self, name: str) -> bool:
        """Go on from a kept office; False when there is none of that name."""
        played = self.shelf.kept.get(name)
        if played is None:
            return False
        shutil.rmtree(self.home)
        shutil.copytree(played.home, self.home)
        self.at, self.counter, self.past = played.at, played.counter, played.book
        return True

    # ------------------------------------------------------------ mail

    def write(self, sender: str, subject: str, text: str) -> None:
        """Somebody writes to the office."""
        mail = self._mail(sender, subject)
        mail.set_content(text, cte="base64")
        self._deliver(mail)

    def letters(self, to: str = "", word: str = "", wording: str = "") -> list[Letter]:
        """What reached somebody, in its order; only those with `word` in subject or text, and of that wording."""
        entries = [entry for entry in map(json.loads, self._book()) if entry["to"][0].startswith(to)]
        found = [read_letter(self.outside, entry) for entry in entries]
        return [one for one in found if word in f"{one.subject}\n{one.text}" and one.wording.startswith(wording)]

    def last(self, to: str, word: str = "", wording: str = "") -> Letter:
        """The newest of them; fails with what there is when there is none."""
        found = self.letters(to, word, wording)
        assert found, f"no {wording or word!r} for {to}: {[(one.to, one.subject) for one in self.letters()]}"
        return found[-1]

    def answer(self, letter: Letter, text: str, *files: str) -> None:
        """The reader of a letter answers it, quoting it."""
        mail = self._mail(letter.to, f"Re: {letter.subject}")
        quote(mail, letter, text, self.at)
        for name in files:
            content = f"{name}: образец\n".encode()
            mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
        self._deliver(mail)

    def _mail(self, sender: str, subject: str) -> EmailMessage:
        self.counter += 1
        return new_mail(self.counter, sender, subject, self.at)

    def _deliver(self, mail: EmailMessage) -> None:
        at = self.at + timedelta(seconds=self.counter % 60)  # people write one after the other
        deliver(self.mailbox.maildir, f"s{self.counter}", at, mail.as_bytes(policy=policy.SMTP))
        self.has_new_mail = True

    def _book(self) -> list[str]:
        return [*self.past, *self._lines()[self._before :]]

    def _lines(self) -> list[str]:
        book = self.outside / "accepted.jsonl"
        return book.read_text(encoding="utf-8").splitlines() if book.exists() else []

    # ------------------------------------------------------------ the door

    @contextmanager
    def door(self) -> Iterator[httpx.Client]:
        """The door over HTTP, with the clock of this world; links in mails lead to it."""
        desk = open_desk()
        port = int(httpx.URL(desk.office.door.url).port or 0)
        self.room = room = open_room(desk, desk.office.door.url, lambda: self.at)
        server = uvicorn.Server(
            uvicorn.Config(build_door(room), host="127.0.0.1", port=port, log_config=None, access_log=False)
        )
        threads = [
            Thread(target=server.run, daemon=True),
            Thread(target=carry_out_decisions, args=(room,), daemon=True),
        ]
        for thread in threads:
            thread.start()
        wait_for(lambda: server.started, 20)
        try:
            with httpx.Client(base_url=desk.office.door.url, headers=OWN_PAGE, timeout=60) as client:
                yield client
        finally:
            room.stop.set()
            room.news.set()
            server.should_exit = True
            for thread in threads:
                thread.join(20)
            desk.engine.dispose()

    def press(self, client: httpx.Client, item: int, command: str, **values: str) -> int:
        """Whoever is signed in gives a command on the page of an item; the answer's status code."""
        page = client.get(f"/item/{item}")
        assert page.status_code == 200
        form = {"command": command, "revision": self.field_on(page.text, "revision"), "sure": "yes"}
        return client.post(f"/item/{item}/act", data=form | values).status_code

    def let_take_effect(self) -> None:
        """The minute passes in which a decision made at the door can be taken back."""
        assert self.room is not None
        self.at += timedelta(minutes=2)
        self.room.news.set()
        wait_for(lambda: not self.one("SELECT count(*) FROM door_act WHERE state = 'waiting'"), 20)

    async def sign_in(self, client: httpx.Client, key: str) -> None:
        """A colleague signs in at the door, by the link in the mail."""
        client.cookies.clear()
        client.post("/in", data={"mail": f"{key}@north-service.example"})
        wait_for(lambda: self.one("SELECT count(*) FROM outbox WHERE state = 'planned'"), 20)
        await self.run("flows.dispatch.dispatch_outbox", "DispatchOutboxRequest")
        link = self.last(key, wording="sign_in").links[-1]
        assert client.get(link).status_code == 200
        assert client.post(link.partition("?")[0], data={"to": "/my"}).status_code == 303

    # ------------------------------------------------------------ what can be seen

    def rows(self, query: str, **values: Any) -> list[Any]:
        """What an analyst would ask the store."""
        store = open_store(f"sqlite:///{self.home / 'callout.db'}")
        try:
            with reading(store) as connection:
                return list(connection.execute(sa.text(query), values))
        finally:
            store.dispose()

    def one(self, query: str, **values: Any) -> Any:
        """The single value of a question."""
        return self.rows(query, **values)[0][0]

    @property
    def stage(self) -> str:
        """Where the first order stands."""
        return str(self.one("SELECT stage FROM deal WHERE id = 1"))

    def moves(self, process: str = "service") -> list[tuple[str, str]]:
        """The course of the first item of a process, from the record: (rule's event, stage)."""
        return [
            (json.loads(data)["from"], json.loads(data)["to"])
            for (data,) in self.rows(
                "SELECT e.data FROM event e JOIN process_item i ON i.id = json_extract(e.data, '$.item_id') "
                "WHERE e.kind = 'item.moved' AND i.process = :process ORDER BY e.id",
                process=process,
            )
        ]

    def said_by(self, command: str) -> list[tuple[str, str]]:
        """Who gave a command and how, from the record: (key, channel)."""
        query = (
            "SELECT p.key, json_extract(e.data, '$.channel') FROM event e "
            "JOIN person p ON e.actor = 'person:' || p.id "
            "WHERE e.kind = 'item.command' AND json_extract(e.data, '$.name') = :command ORDER BY e.id"
        )
        return [(row[0], row[1]) for row in self.rows(query, command=command)]

    @staticmethod
    def field_on(page: str, name: str) -> str:
        """The value of a hidden field of a page's form."""
        found = re.search(rf'name="{name}" value="([^"]*)"', page)
        assert found, f"no {name} on the page"
        return found[1]

    def open_work(self, name: str = "%") -> list[str]:
        """Names of the work that is owed now."""
        query = "SELECT name FROM work_task WHERE state = 'open' AND name LIKE :name ORDER BY name, id"
        return [row.name for row in self.rows(query, name=name)]
