"""Every environment variable that Prefect and our own processes run under, in one place.

Nothing leaves the machine: the server listens on loopback, usage reports and promotions are off. Runs are kept for
a quarter, events for a week. The project is on the import path, so a worker finds the flows from any folder.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import certifi

from deployments.settings import PROJECT, Settings

LOOPBACK = "127.0.0.1"
_RUNS_KEPT_DAYS = 90
_EVENTS_KEPT_DAYS = 7


def api_address(port: int) -> str:
    """Address of the Prefect API on this machine."""
    return f"http://{LOOPBACK}:{port}/api"


def prefect_environment(home: Path, port: int, *, has_server: bool = True) -> dict[str, str]:
    """Prefect's settings for an installation in `home` whose server has `port`.

    Without a server (`has_server` False) Prefect starts a temporary one on the same database by itself.
    """
    prefect_home = home.resolve() / "prefect"
    return {
        "PREFECT_HOME": str(prefect_home),
        **(_with_server(port) if has_server else {"PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "true"}),
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "90",
        "PREFECT_API_SSL_CERT_FILE": str(_one_certificate(prefect_home)),
        "PREFECT_SERVER_API_HOST": LOOPBACK,
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": os.environ.get(
            "PREFECT_SERVER_DATABASE_CONNECTION_URL", f"sqlite+aiosqlite:///{prefect_home / 'prefect.db'}"
        ),
        # a lease kept in memory dies with the server, and with it the healthy run that holds it
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_UI_V2_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(_RUNS_KEPT_DAYS * 24 * 3600),
        "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": f"P{_EVENTS_KEPT_DAYS}D",
        "PREFECT_RUNNER_AUTO_INSTALL_DEPENDENCIES": "false",
        # the server on loopback asks for no such token, and each new client would ask it for one
        "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "false",
        "PREFECT_CLI_PROMPT": "false",
        "PREFECT_CLI_COLORS": "false",
        "PREFECT_LOGGING_SERVER_LEVEL": "WARNING",
        "PYTHONPATH": _prepended("PYTHONPATH", PROJECT),
        "PYTHONUNBUFFERED": "1",
        "PATH": _prepended("PATH", Path(sys.executable).parent),
    }


def _one_certificate(prefect_home: Path) -> Path:
    """A certificate file of one: every Prefect client reads it, also for our plain loopback address.

    The usual bundle of 140 takes 45 ms each time, which is more than most of our task runs.
    """
    file = prefect_home / "loopback-ca.pem"
    if not file.exists():
        prefect_home.mkdir(parents=True, exist_ok=True)
        bundle = Path(certifi.where()).read_text(encoding="ascii")
        start = bundle.index("-----BEGIN CERTIFICATE-----")
        end = bundle.index("-----END CERTIFICATE-----", start) + len("-----END CERTIFICATE-----")
        draft = file.with_suffix(f".{os.getpid()}")
        draft.write_text(bundle[start:end] + "\n", encoding="ascii")
        draft.rename(file)
    return file


def callout_environment(settings: Settings, *, has_server: bool = True) -> dict[str, str]:
    """The whole environment of a child process: what we have, Prefect's part, and these settings passed on."""
    return {
        **{name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"},
        **prefect_environment(settings.home, settings.prefect_port, has_server=has_server),
        "CALLOUT_HOME": str(settings.home.resolve()),
        "CALLOUT_OFFICE": str(settings.office.resolve()),
        "CALLOUT_DATABASE_URL": settings.database_url,
        "CALLOUT_PREFECT_PORT": str(settings.prefect_port),
        "CALLOUT_DOOR_PORT": str(settings.door_port),
        "CALLOUT_DOOR_HOST": settings.door_host,
    }


def enter_environment(settings: Settings, *, has_server: bool) -> None:
    """Make this process run under `callout_environment`; only before Prefect is first imported."""
    if "prefect" in sys.modules:
        raise RuntimeError("Prefect has read its settings already")
    os.environ.pop("PREFECT_API_URL", None)
    os.environ.update(callout_environment(settings, has_server=has_server))


def _with_server(port: int) -> dict[str, str]:
    return {"PREFECT_API_URL": api_address(port), "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false"}


def _prepended(variable: str, folder: Path) -> str:
    rest = [entry for entry in os.environ.get(variable, "").split(os.pathsep) if entry and entry != str(folder)]
    return os.pathsep.join([str(folder), *rest])
