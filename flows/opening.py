"""Opening the office for one run: settings, office folder, store and ledger row; closing it with the run's counts."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from deployments.settings import read_settings
from flows.run_request import RunRequest
from tasks.desk import Desk
from tasks.gateways.office_folder import load_office
from tasks.gateways.secrets_source import SecretSource
from tasks.gateways.store.connection import open_store, writing
from tasks.gateways.store.ledger import end_run, start_run
from tasks.gateways.store.office_sync import sync_office
from tasks.gateways.store.revision import require_current
from tasks.prefect_secrets import read_secret_block
from tasks.rules.errors import OfficeError
from tasks.rules.office import Office
from tasks.rules.summary import RunSummary

standing_office: ContextVar[Office | None] = ContextVar("standing_office", default=None)
"""The office a long-lived process goes on with while the folder has a mistake; None: the mistake ends the run."""


@dataclass(slots=True)
class Shift:
    """One run's stay in the office: what is at hand, the moment it is about, and what it has done so far."""

    flow: str
    desk: Desk
    now: datetime
    counts: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    def add(self, **counts: int) -> None:
        """Add to the run's counts."""
        for name, count in counts.items():
            self.counts[name] = self.counts.get(name, 0) + count

    def summary(self) -> RunSummary:
        """What the run did."""
        return RunSummary(self.flow, dict(self.counts), tuple(self.notes), tuple(self.files))


def read_office() -> Office:
    """The office folder as it is now. Raises OfficeError."""
    return load_office(read_settings().office)


def open_desk() -> Desk:
    """The office that the settings name. Raises OfficeError or StoreError, each saying what to put right."""
    settings = read_settings()
    try:
        office = load_office(settings.office)
    except OfficeError:
        standing = standing_office.get()
        if standing is None:
            raise
        office = standing
    engine = open_store(settings.store_url)
    require_current(engine)
    secrets = SecretSource(settings.home / "secrets", read_secret_block)
    return Desk(office, engine, secrets, settings.files, settings.reports)


@cache
def _keep_imports() -> None:
    """What was imported stays for good: once a process, so that no later collection looks through all of it again."""
    gc.freeze()


@contextmanager
def open_shift(flow: str, request: RunRequest) -> Iterator[Shift]:
    """Open the office for one run of `flow`; its ledger row is closed only when the run ends well."""
    # a command opens the desk before Prefect may be imported, which reads its settings then
    from tasks.prefect_events import tell_outbox_filled

    desk = open_desk()
    _keep_imports()
    shift = Shift(flow, desk, request.moment())
    try:
        with writing(desk.engine) as connection:
            sync_office(connection, desk.office, shift.now)
        run_id = start_run(desk.engine, flow, shift.now)
        yield shift
        end_run(desk.engine, run_id, {"counts": shift.counts, "notes": shift.notes, "files": shift.files})
        tell_outbox_filled(desk, shift.now)
    finally:
        desk.engine.dispose()
