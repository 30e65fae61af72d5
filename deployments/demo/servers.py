"""The demo's processes: IMAP, SMTP and Prefect's server, each on a free port, started again when it dies."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from deployments.prefect_environment import LOOPBACK, api_address
from deployments.prefect_server import free_port, server_address, start_server, wait_healthy
from deployments.processes import Child, end_left_overs, start_child, stop_children
from deployments.settings import PROJECT
from tasks.rules.errors import OutsideError

_START_SECONDS = 30.0


@dataclass(slots=True)
class Servers:
    """What runs beside the demo; logs lie in the home's logs folder."""

    home: Path
    _children: dict[str, Child] = field(default_factory=dict)
    _ports: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        end_left_overs(self.home / "run")

    def add(self, name: str, command: Callable[[int], list[str]]) -> int:
        """Start a server on a free port and wait until it listens; returns the port."""
        port = free_port()
        self._start(name, command(port), port)
        return port

    def start_prefect(self) -> None:
        """Start Prefect's server and wait until it answers."""
        port = free_port()
        self._children["server"] = start_server(self.home, port, _environment())
        self._ports["server"] = port
        wait_healthy(api_address(port), is_alive=lambda: self._children["server"].is_running)

    @property
    def prefect_port(self) -> int:
        """Port of Prefect's server."""
        return self._ports["server"]

    @property
    def ui_url(self) -> str:
        """Where the runs can be watched."""
        return server_address(self.prefect_port)

    def revive(self) -> bool:
        """Start again what died; True when something had."""
        dead = [name for name, child in self._children.items() if not child.is_running]
        for name in dead:
            child, port = self._children[name], self._ports[name]
            if name == "server":
                self._children[name] = start_server(self.home, port, _environment())
                wait_healthy(api_address(port))
            else:
                self._start(name, list(child.argv), port)
        return bool(dead)

    def stop(self) -> None:
        """End everything, the Prefect server last."""
        stop_children(sorted(self._children.values(), key=lambda child: child.name == "server"))

    def _start(self, name: str, argv: list[str], port: int) -> None:
        log_file = self.home / "logs" / f"{name}.log"
        self._children[name] = start_child(name, argv, _environment(), log_file, self.home / "run")
        self._ports[name] = port
        _wait_listening(name, port, self._children[name])


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(PROJECT)}


def _wait_listening(name: str, port: int, child: Child) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex((LOOPBACK, port)) == 0:
                return
        if not child.is_running:
            break
        time.sleep(0.1)
    raise OutsideError(f"the demo's {name} server did not start; its log is {child.log_file}")
