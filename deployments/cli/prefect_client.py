"""Which Prefect a command talks to: the running server of this home, else a temporary one that it starts itself."""

from __future__ import annotations

import os
import urllib.error
import urllib.request

from deployments.prefect_environment import prefect_environment
from deployments.settings import Settings


def prepare_prefect(settings: Settings, *, is_quiet: bool = True) -> bool:
    """Set the environment before Prefect is imported. True when a running server is used, False for a temporary one.

    An address the user gave (PREFECT_API_URL) is kept. Prefect prints nothing to the terminal when `is_quiet`:
    commands say themselves what they did, and errors are one line.
    """
    environment = prefect_environment(settings.home, settings.prefect_port)
    url = os.environ.get("PREFECT_API_URL") or environment["PREFECT_API_URL"]
    is_running = _answers(url)
    if not is_running:
        environment = {name: value for name, value in environment.items() if name != "PREFECT_API_URL"}
        environment["PREFECT_SERVER_ALLOW_EPHEMERAL_MODE"] = "true"
    for name, value in environment.items():
        os.environ.setdefault(name, value)
    if is_quiet:
        os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    return is_running


def _answers(api_url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{api_url}/health", timeout=2) as answer:  # noqa: S310 (our own http address)
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
