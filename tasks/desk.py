"""What every step needs at hand: the office as data, the store, the secrets and the folders."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from tasks.gateways.secrets_source import SecretSource
from tasks.rules.office import Office


class Desk:
    """One opened office. `files` holds attachments by content, `reports` what was written for people.

    A plain class on purpose: Prefect walks through every dataclass that a task is given, and the office is large.
    """

    __slots__ = ("engine", "files", "office", "reports", "secrets")

    def __init__(self, office: Office, engine: sa.Engine, secrets: SecretSource, files: Path, reports: Path) -> None:
        self.office = office
        self.engine = engine
        self.secrets = secrets
        self.files = files
        self.reports = reports
