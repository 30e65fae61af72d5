"""Which Prefect a command talks to: the running server of this home, else a temporary one that it starts itself."""

from __future__ import annotations

import os

from deployments.prefect_environment import api_address, enter_environment
from deployments.prefect_server import is_healthy
from deployments.settings import Settings


def prepare_prefect(settings: Settings) -> bool:
    """Set the environment before Prefect is imported. True when a running server is used, False for a temporary one.

    Prefect prints nothing to the terminal then: commands say themselves what they did, and errors are one line.
    """
    is_running = is_healthy(api_address(settings.prefect_port))
    enter_environment(settings, has_server=is_running)
    os.environ["PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL"] = "CRITICAL"
    return is_running
