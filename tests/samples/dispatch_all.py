"""A dispatcher in a process of its own, to be killed: python -m tests.samples.dispatch_all URL TEMPLATES PORT NOW."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from tasks.desk import Desk
from tasks.gateways.secrets_source import SecretSource
from tasks.gateways.store.connection import open_store
from tasks.outbox import send_batch
from tasks.rules.office import Brakes
from tests.samples.small_office import small_office


async def dispatch(url: str, templates: str, port: str, now: str) -> None:
    """Send batches until nothing is due."""
    folder = Path(templates)
    office = replace(small_office(folder, port=int(port)), brakes=Brakes(recipient_per_hour=1000))
    desk = Desk(office, open_store(url), SecretSource(folder), folder, folder)
    while (await send_batch.fn(desk, datetime.fromisoformat(now))).claimed:
        pass


if __name__ == "__main__":
    asyncio.run(dispatch(*sys.argv[1:]))
