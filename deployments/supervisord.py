"""supervisord, the keeper of our processes: its configuration, its start, and what it says about them.

No setting and no secret is written into the configuration: supervisord is started in the environment that its
programs are to have. It is asked over a socket in the home, which only its owner can open.
"""

from __future__ import annotations

import http.client
import shlex
import shutil
import sys
import tempfile
import time
import xmlrpc.client
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from supervisor.xmlrpc import SupervisorTransport

from deployments.processes import STOP_SECONDS, Child, start_child, stop_children
from tasks.rules.errors import OutsideError

_ANSWER_SECONDS = 20.0
_LOOK_SECONDS = 0.1
_STOP_ALL_SECONDS = 4 * STOP_SECONDS
# supervisord binds PATH.NUMBER first, and the kernel takes no more than 107 bytes (unix(7); 103 on macOS)
_LONGEST_SOCKET_BYTES = 90
_UNANSWERED = (OSError, http.client.HTTPException, xmlrpc.client.Error)

_HEAD = """\
[supervisord]
nodaemon = true
silent = true
logfile = {logs}/supervisord.log
logfile_maxbytes = 5MB
logfile_backups = 2
pidfile = {run}/supervisord.number
childlogdir = {logs}

[unix_http_server]
file = {socket}
chmod = 0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""

# The pause before a new start grows by a second each time; after `startretries` of them `up` begins anew.
_PROGRAM = """
[program:{name}]
command = {command}
priority = {priority}
autostart = {is_first}
autorestart = true
startsecs = 5
startretries = 20
stopsignal = TERM
stopwaitsecs = {stop_seconds:.0f}
stopasgroup = true
killasgroup = true
redirect_stderr = true
stdout_logfile = {log}
stdout_logfile_maxbytes = 10MB
stdout_logfile_backups = 3
"""


@dataclass(frozen=True, slots=True)
class Program:
    """One process to keep. The lower `priority` starts first and stops last; `is_first` starts without being asked."""

    name: str
    argv: tuple[str, ...]
    priority: int
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """What supervisord says about a program; `state` is its word (RUNNING, BACKOFF …), `pid` is 0 when it is not up."""

    name: str
    state: str
    pid: int

    @property
    def has_given_up(self) -> bool:
        """Whether supervisord tries no more to start it."""
        return self.state == "FATAL"

    def news(self, before: Seen | None) -> str:
        """What to tell people who were told `before`; '' for nothing new."""
        if not before or not before.pid or self.pid == before.pid:
            came_back = before and before.state == "BACKOFF" and self.pid
            return f"started again (process {self.pid})" if came_back else ""
        if self.pid:
            return f"ended and was started again (process {self.pid})"
        return f"ended, starts again; see logs/{self.name}.log"


@dataclass(frozen=True, slots=True)
class Supervisord:
    """A running supervisord."""

    child: Child
    run_folder: Path
    socket_file: Path

    @property
    def is_running(self) -> bool:
        """Whether supervisord itself runs."""
        return self.child.is_running

    def has_ended(self, name: str) -> bool:
        """Whether the program ended by itself (it may start again), or supervisord did."""
        seen = self.look().get(name)
        return not self.is_running or (seen is not None and seen.state in {"BACKOFF", "EXITED", "FATAL"})

    def look(self) -> dict[str, Seen]:
        """Every program by name; empty when supervisord does not answer now."""
        with suppress(*_UNANSWERED):
            told = cast("list[dict[str, Any]]", self._call("getAllProcessInfo"))
            return {one["name"]: Seen(one["name"], one["statename"], one["pid"]) for one in told}
        return {}

    def start(self, name: str) -> None:
        """Start a program that is not up, without waiting for it; a later `look` tells how it went."""
        with suppress(*_UNANSWERED):
            self._call("startProcess", name, False)

    def _call(self, method: str, *arguments: object) -> object:
        transport = SupervisorTransport(None, None, f"unix://{self.socket_file}")
        with xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport) as server:
            return getattr(server.supervisor, method)(*arguments)


def start_supervisord(home: Path, programs: Sequence[Program], env: Mapping[str, str]) -> Supervisord:
    """Write home/run/supervisord.conf and start supervisord on it in `env`; returns at once."""
    logs, run = home / "logs", home / "run"
    logs.mkdir(parents=True, exist_ok=True)
    run.mkdir(parents=True, exist_ok=True)
    socket_file = _socket_file(run)
    conf = run / "supervisord.conf"
    conf.write_text(configuration(programs, logs, run, socket_file), encoding="utf-8")
    argv = [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(conf)]
    return Supervisord(start_child("supervisord", argv, env, logs / "supervisord.log", run), run, socket_file)


def wait_answering(supervisord: Supervisord, timeout_seconds: float = _ANSWER_SECONDS) -> None:
    """Wait until supervisord answers. Raises OutsideError when it ended, or after `timeout_seconds`."""
    end = time.monotonic() + timeout_seconds
    while not supervisord.look():
        if not supervisord.is_running or time.monotonic() > end:
            raise OutsideError(f"supervisord did not start; its log is {supervisord.child.log_file}")
        time.sleep(_LOOK_SECONDS)


def stop_supervisord(supervisord: Supervisord) -> None:
    """End its programs in order, then itself; returns when they are gone."""
    stop_children([supervisord.child], stop_seconds=_STOP_ALL_SECONDS)
    if supervisord.socket_file.parent != supervisord.run_folder:
        shutil.rmtree(supervisord.socket_file.parent, ignore_errors=True)


def configuration(programs: Sequence[Program], logs: Path, run: Path, socket_file: Path) -> str:
    """The text of supervisord.conf; `%` begins an expansion there and is doubled."""
    places = {"logs": _escaped(logs), "run": _escaped(run), "socket": _escaped(socket_file)}
    return _HEAD.format(**places) + "".join(
        _PROGRAM.format(
            **places,
            name=program.name,
            log=_escaped(_escaped(logs / f"{program.name}.log")),  # this one is expanded twice (supervisor 4.3)
            command=_escaped(shlex.join(_kept(program, run))),
            priority=program.priority,
            is_first=str(program.is_first).lower(),
            stop_seconds=STOP_SECONDS,
        )
        for program in programs
    )


def _kept(program: Program, run: Path) -> list[str]:
    return [sys.executable, "-m", "deployments.kept_process", str(run / f"{program.name}.pid"), *program.argv]


def _escaped(value: Path | str) -> str:
    return str(value).replace("%", "%%")


def _socket_file(run: Path) -> Path:
    """In the home, or in a private temporary folder when the home's path is too long for a socket."""
    inside = run / "supervisord.sock"
    if len(str(inside).encode()) <= _LONGEST_SOCKET_BYTES:
        return inside
    return Path(tempfile.mkdtemp(prefix="callout-")) / "supervisord.sock"
