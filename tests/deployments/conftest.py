"""A real Prefect server in a process of its own, with the services that make and mark runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deployments.prefect_environment import api_address, callout_environment
from deployments.prefect_server import free_port, start_server, wait_healthy
from deployments.processes import stop_children
from deployments.settings import Settings
from tests.samples.stand_in_flows import write_stand_in_flows


@dataclass(frozen=True, slots=True)
class OfficeServer:
    """Address of the API, the environment of its processes, and a folder with stand-in flows on their import path."""

    address: str
    env: dict[str, str]
    folder: Path
    port: int

    def client(self) -> Any:
        """A client to use as a context."""
        from prefect.client.orchestration import SyncPrefectClient

        return SyncPrefectClient(self.address)


@pytest.fixture(scope="session")
def office_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfficeServer]:
    folder = tmp_path_factory.mktemp("prefect")
    settings = Settings(home=folder / "home", prefect_port=free_port())
    write_stand_in_flows(folder)
    env = callout_environment(settings)
    env["PYTHONPATH"] = f"{env['PYTHONPATH']}:{folder}"
    env["PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS"] = "2"
    server = start_server(settings.home, settings.prefect_port, env)
    try:
        wait_healthy(api_address(settings.prefect_port), is_alive=lambda: server.is_running)
        yield OfficeServer(api_address(settings.prefect_port), env, folder, settings.prefect_port)
    finally:
        stop_children([server])
