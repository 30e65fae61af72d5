"""One advance run in a process of its own, to be killed: python -m tests.samples.advance_once URL FOLDER NOW."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from tasks.advance import advance_items
from tasks.desk import Desk
from tasks.gateways.office_folder import load_office
from tasks.gateways.secrets_source import SecretSource
from tasks.gateways.store.connection import open_store

OFFICE = Path(__file__).resolve().parents[2] / "deployments" / "office"


def main(url: str, folder: Path, now: datetime) -> None:
    """Advance everything once."""
    desk = Desk(load_office(OFFICE), open_store(url), SecretSource(folder), folder, folder)
    advance_items.fn(desk, now)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), datetime.fromisoformat(sys.argv[3]))
