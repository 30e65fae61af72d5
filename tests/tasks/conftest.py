"""Fixtures for tests of tasks: a desk whose outbox leads to a real mail server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from tasks.desk import Desk
from tasks.gateways.secrets_source import SecretSource
from tasks.rules.office import Brakes
from tests.samples.post_office import Post, open_post_office
from tests.samples.small_office import small_office, write_wordings


@pytest.fixture
def post() -> Iterator[Post]:
    with open_post_office(Post()) as served:
        yield served


@pytest.fixture
def desk(engine: sa.Engine, tmp_path: Path, post: Post) -> Desk:
    folder = write_wordings(tmp_path / "templates")
    office = replace(small_office(folder, port=post.port), brakes=Brakes(recipient_per_hour=1000))
    return Desk(office, engine, SecretSource(tmp_path), tmp_path, tmp_path)
