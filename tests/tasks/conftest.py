"""Fixtures for tests of tasks: a desk whose outbox leads to a real mail server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from tasks.desk import Desk
from tasks.gateways.mail_writer import WrittenMail, write_mail
from tasks.gateways.secrets_source import SecretSource
from tasks.rules.office import Brakes, Brand, Office
from tasks.rules.outgoing import Notice
from tests.samples.known_variables import unknown_variables
from tests.samples.post_office import Post, open_post_office
from tests.samples.small_office import small_office, write_wordings


@pytest.fixture(autouse=True)
def samples_know_what_is_planned(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every notice that any test here plans has the variables of its samples, by which templates are checked."""
    problems: list[str] = []

    def checked(office: Office, notice: Notice, secret: bytes, at: datetime, brand: Brand | None = None) -> WrittenMail:
        problems.extend(unknown_variables(notice, office.processes))
        return write_mail(office, notice, secret, at, brand)

    monkeypatch.setattr("tasks.outbox.write_mail", checked)
    yield
    assert problems == []


@pytest.fixture
def post() -> Iterator[Post]:
    with open_post_office(Post()) as served:
        yield served


@pytest.fixture
def desk(engine: sa.Engine, tmp_path: Path, post: Post) -> Desk:
    folder = write_wordings(tmp_path / "templates")
    office = replace(small_office(folder, port=post.port), brakes=Brakes(recipient_per_hour=1000))
    return Desk(office, engine, SecretSource(tmp_path), tmp_path, tmp_path)
