"""A warm process that forks a victim per job, and kills it: python -m tests.faults.victim, a JSON job a line.

A victim does the intake or the dispatch with the functions that the flows call, until it is done or dead. It is forked
from a process that has everything imported and nothing opened, so that a kill costs a quarter of a second.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Literal

import sqlalchemy as sa

from deployments.settings import PROJECT
from tasks.desk import Desk
from tasks.gateways.secrets_source import SecretSource
from tasks.gateways.smtp_sender import MailServer
from tasks.gateways.store.connection import open_store
from tasks.outbox import send_batch
from tasks.rules.errors import CalloutError
from tasks.rules.office import Office
from tests.faults.boundaries import NEEDS_GATE, arm, replace_everywhere
from tests.faults.course_work import COURSE, LOOKING, make_ready, play_course
from tests.faults.full_disk import limit_pages
from tests.faults.lost_line import lose_line
from tests.faults.naive_sender import send_naively
from tests.faults.recordings_work import RECORDINGS_WORK, recordings_desk
from tests.faults.sms_work import SMS_WORK, sms_desk
from tests.samples.drop_room import DropFolder, ScriptedDrop
from tests.samples.mail_desk import fetch, take_in
from tests.samples.mail_room import MailRoom
from tests.samples.recorded_calls import fetch_all
from tests.samples.small_office import small_office

DONE, FAILED, CRASHED = 0, 3, 1
_LONGEST_SECONDS = 120.0
_ORPHAN_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Job:
    """What a victim does (`intake`, `dispatch`, `recordings`, `send-then-mark`, `course:NAME` …) and how it ends.

    At the `nth` passing of `boundary`, or `kill_after_seconds` after its start; undisturbed with neither.
    `file_bytes`: the size at which its files stop growing; `free_pages`: what SQLite may add (-1: as much as it wants);
    `answer_seconds`: how long it waits for the mail server; `line_lost_at`: the statement or commit at which the
    database ends its connection. A POP3 mailbox has its own `protocol`, and `after_taking` of its mail.
    """

    work: str
    url: str
    home: str
    port: int
    now: str
    folder: str = "INBOX"
    boundary: str = ""
    nth: int = 1
    kill_after_seconds: float = 0.0
    file_bytes: int = 0
    free_pages: int = -1
    answer_seconds: float = 20.0
    line_lost_at: int = 0
    protocol: Literal["imap", "pop3"] = "imap"
    after_taking: Literal["leave", "mark_seen", "move", "delete"] = "leave"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a victim ended: by SIGKILL, or with an exit code; `left_behind`: processes of its own outlived it."""

    is_killed: bool
    code: int
    said: str
    left_behind: bool


class Victims:
    """The warm process, as its parent sees it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, job: Job) -> Ended:
        """Do the job in a new process and wait for its end."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(job)) + "\n")
        self._process.stdin.flush()
        return Ended(**json.loads(self._process.stdout.readline()))


@contextmanager
def warm_victims() -> Iterator[Victims]:
    """A warm process, until the block ends."""
    command = [sys.executable, "-m", "tests.faults.victim"]
    process = subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield Victims(process)
    finally:
        process.stdin.close()  # type: ignore[union-attr]  # we gave it a pipe
        process.wait(30)


def _office(job: Job) -> Office:
    """The small office with its mailbox or its mail server at the job's port."""
    home = Path(job.home)
    if job.work == "intake":
        over_imap = MailRoom(home, job.port, job.folder).mailbox
        over_pop3 = DropFolder(ScriptedDrop(port=job.port), job.after_taking).mailbox
        return replace(small_office(home), mailboxes=(over_imap if job.protocol == "imap" else over_pop3,))
    return small_office(home / "templates", port=job.port)


def desk_of(job: Job, engine: sa.Engine | None = None) -> Desk:
    """A desk on the job's store, which is opened unless `engine` is it."""
    home = Path(job.home)
    store = engine or open_store(job.url)
    return Desk(_office(job), store, SecretSource(home / "secrets"), home / "files", home / "reports")


def _work(job: Job) -> None:
    if job.work.startswith((COURSE, LOOKING)):
        play_course(job.work, job.url, job.home)
        return
    desk, now = desk_of(job), datetime.fromisoformat(job.now)
    if job.free_pages >= 0:
        limit_pages(desk.engine, job.free_pages)
    if job.line_lost_at:
        lose_line(desk.engine, job.line_lost_at)
    if job.work == "intake":
        fetch(desk, now)
        take_in(desk, now, with_gate=job.boundary == NEEDS_GATE)
    elif job.work == RECORDINGS_WORK:
        fetch_all(recordings_desk(desk, Path(job.home)), now)
    elif job.work in SMS_WORK:
        asyncio.run(SMS_WORK[job.work](sms_desk(desk, job.port), now))
    elif job.work == "dispatch":
        # the longest patience with a server is two minutes; a test has less
        replace_everywhere("MailServer", MailServer, partial(MailServer, timeout_seconds=job.answer_seconds))
        asyncio.run(_dispatch(desk, now))
    else:
        asyncio.run(send_naively(desk, now, job.work))
    desk.engine.dispose()


async def _dispatch(desk: Desk, now: datetime) -> None:
    while (await send_batch.fn(desk, now)).claimed:
        pass


def _live(job: Job, told: int) -> int:
    """A victim's whole life; what it says of its end goes to `told`."""
    try:
        if job.boundary:
            arm(job.boundary, job.nth)
        if job.file_bytes:
            resource.setrlimit(resource.RLIMIT_FSIZE, (job.file_bytes, resource.RLIM_INFINITY))
        _work(job)
    except CalloutError as error:
        os.write(told, str(error).encode())
        return FAILED
    except BaseException:
        os.write(told, traceback.format_exc()[-4000:].encode())
        return CRASHED
    return DONE


def _fork(job: Job) -> Ended:
    hear, told = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.close(hear)
        os._exit(_live(job, told))
    os.close(told)
    status = _await_end(pid, job.kill_after_seconds)
    with os.fdopen(hear, "rb") as stream:
        os.set_blocking(hear, False)
        said = (stream.read() or b"").decode(errors="replace")
    is_killed = os.WIFSIGNALED(status)
    return Ended(is_killed, 0 if is_killed else os.WEXITSTATUS(status), said, not _is_alone(pid))


def _await_end(pid: int, kill_after_seconds: float) -> int:
    """The wait status; kills at the time told, and what hangs."""
    end = time.monotonic() + (kill_after_seconds or _LONGEST_SECONDS)
    while time.monotonic() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return status
        time.sleep(0.001)
    os.kill(pid, signal.SIGKILL)
    return os.waitpid(pid, 0)[1]


def _is_alone(group: int) -> bool:
    """Whether nothing of the victim's process group is left."""
    end = time.monotonic() + _ORPHAN_SECONDS
    while time.monotonic() < end:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.005)
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
    return False


def _serve() -> None:
    for line in sys.stdin:
        job = Job(**json.loads(line))
        make_ready(job.work)
        print(json.dumps(asdict(_fork(job))), flush=True)


def engine_url(engine: sa.Engine) -> str:
    """The engine's address, for a process of its own."""
    return engine.url.render_as_string(hide_password=False)


if __name__ == "__main__":
    _serve()
