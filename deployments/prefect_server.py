"""Prefect's own server on loopback: a free port, the start, and knowing when it answers."""

from __future__ import annotations

import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import psutil

from deployments.prefect_environment import LOOPBACK, api_address, prefect_environment
from deployments.processes import Child, start_child
from tasks.rules.errors import OutsideError, PortTakenError

START_SECONDS = 120.0
SERVER_ARGV = (sys.executable, "-m", "deployments.prefect_serving")
_LOOK_SECONDS = 0.3


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def require_free_port(port: int, variable: str = "CALLOUT_PREFECT_PORT") -> None:
    """Raise PortTakenError that says who listens on `port` and what to do: `variable` names the setting."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise PortTakenError(
                f"port {port} on {LOOPBACK} is taken{_by_whom(port)}: stop it, or set {variable} to a free port"
            ) from error


def start_server(home: Path, port: int, env: Mapping[str, str]) -> Child:
    """Start Prefect's server for `home`; `env` is the whole environment to start it in."""
    return start_child(
        "server",
        SERVER_ARGV,
        {**env, **prefect_environment(home, port)},
        home / "logs" / "server.log",
        home / "run",
    )


def is_healthy(api_url: str) -> bool:
    """Whether the API at `api_url` answers now."""
    with (
        suppress(urllib.error.URLError, OSError, ValueError),
        urllib.request.urlopen(f"{api_url}/health", timeout=2) as answer,  # noqa: S310 - our own loopback address
    ):
        return bool(answer.status == 200)
    return False


def wait_healthy(
    api_url: str, timeout_seconds: float = START_SECONDS, is_alive: Callable[[], bool] = lambda: True
) -> None:
    """Wait until the API answers. Raises OutsideError after `timeout_seconds`, or at once when `is_alive` says no."""
    end = time.monotonic() + timeout_seconds
    while time.monotonic() < end:
        if is_healthy(api_url):
            return
        if not is_alive():
            raise OutsideError(f"the Prefect server ended while starting ({api_url}); its log is logs/server.log")
        time.sleep(_LOOK_SECONDS)
    raise OutsideError(f"the Prefect server at {api_url} did not answer within {timeout_seconds:.0f} s")


def server_address(port: int) -> str:
    """Where people open the UI."""
    return api_address(port).removesuffix("/api")


def _by_whom(port: int) -> str:
    with suppress(psutil.Error, OSError):
        for connection in psutil.net_connections(kind="tcp"):
            if connection.laddr and connection.laddr.port == port and connection.status == psutil.CONN_LISTEN:
                name = psutil.Process(connection.pid).name() if connection.pid else "another user's process"
                return f" by {name}" + (f" (process {connection.pid})" if connection.pid else "")
    return ""
