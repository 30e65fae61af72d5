"""Live routing at the door: looks that give up in time, staff remembered for a moment, answers written down later.

A caller hears silence while the PBX waits, so nothing here waits for anybody: the looks have threads and connections of
their own, and an answer is handed to a writer. What the writer had not written when the process was killed is lost; the
calls themselves are not, they come with the call logs.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from queue import Empty, Full, Queue
from threading import Event, Lock, Thread
from typing import TypeVar

from deployments.door.room import Room
from tasks.call_routing import (
    Question,
    answered,
    line_queue,
    look_up_caller,
    look_up_ended,
    look_up_seats,
    office_seats,
)
from tasks.gateways.store.call_routing import Answered, keep_answers
from tasks.gateways.store.hasty import open_hasty
from tasks.rules.calls.routing import Route, Seats, decide_route, decide_without_store, last_resort
from tasks.rules.errors import CredentialError, StoreError

_log = logging.getLogger("callout.door")
_Found = TypeVar("_Found")
_PATIENCE_SECONDS = 0.1
"""How long the looks of one question may take; with all the rest the PBX has its answer within 200 ms."""
_TOKEN_PATIENCE_SECONDS = 0.05
_THREADS = 4
_SEATS_SECONDS = 1.0
_TOKEN_SECONDS = 30.0
_MOST_WAITING = 10_000
_AT_ONCE = 500
_RETRY_SECONDS = 1.0
_LAST_COMMIT_SECONDS = 5.0


class RouteLine:
    """The routing of one door."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._hasty = open_hasty(room.desk.engine, int(_PATIENCE_SECONDS * 1000), _THREADS)
        self._threads = ThreadPoolExecutor(_THREADS, "route")
        self._seats: Seats = {}
        self._ended: frozenset[str] = frozenset()
        self._seats_at = -_SEATS_SECONDS
        self._is_refreshing = False
        self._token, self._token_at = "", -_TOKEN_SECONDS
        self._writer = _Writer(room)

    def begin(self) -> None:
        """Open the way into the store before the first caller waits for it."""
        if self._room.office.telephony.routing.secret:
            self._threads.submit(self._refresh)

    async def token(self) -> str:
        """The token a PBX must show, '' when nobody is answered; remembered for a while, a file may hold it."""
        if time.monotonic() - self._token_at >= _TOKEN_SECONDS:
            with suppress(TimeoutError):
                async with asyncio.timeout(_TOKEN_PATIENCE_SECONDS):
                    await self._look(self._read_token)
        return self._token

    async def decide(self, key: str, question: Question) -> Route:
        """Who should get the call; in time, whatever the store does. `key` names the question in the record."""
        office, now, asked = self._room.office, self._room.now(), question.asked
        routing = office.telephony.routing
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                assigned = await self._look(look_up_caller, self._hasty, asked.caller)
                seats = await self._present()
            if asked.line in self._ended:
                route = last_resort(routing, f"line {asked.line} was given up")
            else:
                route = decide_route(asked, seats, assigned, routing, line_queue(office, asked.line))
        except (TimeoutError, StoreError):
            seats = self._seats or office_seats(office, now)
            route = decide_without_store(asked, seats, routing, "the store did not answer in time")
        self._writer.hand(answered(key, now, question, route))
        return route

    def end(self) -> None:
        """Write what waits, and no more."""
        self._writer.end()
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._hasty.dispose()

    async def _present(self) -> Seats:
        """The staff, at most a moment old; only the very first question waits for it."""
        if not self._seats:
            await self._look(self._refresh)
        elif time.monotonic() - self._seats_at >= _SEATS_SECONDS and not self._is_refreshing:
            self._is_refreshing = True
            self._threads.submit(self._refresh)
        return self._seats

    def _refresh(self) -> None:
        try:
            self._ended = look_up_ended(self._hasty, self._room.now())
            self._seats = look_up_seats(self._hasty, self._room.office, self._room.now())
            self._seats_at = time.monotonic()
        finally:
            self._is_refreshing = False

    def _read_token(self) -> None:
        """Remember the token; a slow source is not waited for, the next question has it."""
        name = self._room.office.telephony.routing.secret
        try:
            self._token = self._room.desk.secrets.read(name) if name else ""
        except CredentialError as error:
            _log.error("a PBX asks, but %s", error)
            self._token = ""
        self._token_at = time.monotonic()

    async def _look(self, look: Callable[..., _Found], *given: object) -> _Found:
        """What the look finds; it can be left alone wherever it hangs."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, look, *given)


class _Writer:
    """Writes answers down, many with one commit, and again after a moment when the store refuses."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._waiting: Queue[Answered | None] = Queue(_MOST_WAITING)
        self._lock = Lock()
        self._thread: Thread | None = None
        self._is_ended = Event()

    def hand(self, answer: Answered) -> None:
        """Take an answer; a line longer than the memory should hold loses it."""
        with self._lock:
            if self._thread is None:
                self._thread = Thread(target=self._write, name="route-writer", daemon=True)
                self._thread.start()
        try:
            self._waiting.put_nowait(answer)
        except Full:
            _log.error("an answer to a PBX is not recorded: %s others wait for the store", _MOST_WAITING)

    def end(self) -> None:
        """Write what waits, once."""
        self._is_ended.set()
        if self._thread is not None:
            with suppress(Full):
                self._waiting.put_nowait(None)
            self._thread.join(_LAST_COMMIT_SECONDS)

    def _write(self) -> None:
        while batch := self._next():
            while not self._kept(batch):
                if self._is_ended.wait(_RETRY_SECONDS):
                    return

    def _kept(self, batch: list[Answered]) -> bool:
        try:
            keep_answers(self._room.desk.engine, batch)
        except StoreError:
            return False
        except Exception:
            _log.exception("%s answers to a PBX could not be recorded", len(batch))
        return True

    def _next(self) -> list[Answered]:
        """Whoever waits by now, at least one; nobody when the line has ended."""
        found = [self._waiting.get()]
        with suppress(Empty):
            while len(found) < _AT_ONCE:
                found.append(self._waiting.get_nowait())
        return [one for one in found if one is not None]
