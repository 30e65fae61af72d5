"""What every step needs at hand: the office as data, the store, the secrets and the folders."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from tasks.gateways.secrets_source import SecretSource
from tasks.rules.office import Office


@dataclass(frozen=True, slots=True)
class Desk:
    """One opened office. `files` holds attachments by content, `reports` what was written for people."""

    office: Office
    engine: sa.Engine
    secrets: SecretSource
    files: Path
    reports: Path
