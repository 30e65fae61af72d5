"""Imports go one way, in every file there is; and the reader of that rule really refuses what it must."""

from __future__ import annotations

import pytest

from deployments.settings import PROJECT
from tests.import_rules import PARTS, violations

FILES = sorted(
    path.relative_to(PROJECT).as_posix()
    for part in (*PARTS, "notebooks", "tests")
    for path in (PROJECT / part).rglob("*.py")
)


def test_every_file_imports_one_way() -> None:
    found = [why for name in FILES for why in violations(name, (PROJECT / name).read_text(encoding="utf-8"))]
    assert found == []
    assert len(FILES) > 100


def test_no_package_marks_in_tests() -> None:
    assert not [name for name in FILES if name.startswith("tests/") and name.endswith("__init__.py")]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("tasks/rules/wishes.py", "import pandas"),
        ("tasks/rules/wishes.py", "from tasks.gateways.store import leads"),
        ("tasks/rules/wishes.py", "from tasks import desk"),
        ("tasks/rules/wishes.py", "import sqlalchemy as sa"),
        ("tasks/rules/wishes.py", "from prefect import task"),
        ("tasks/rules/wishes.py", "import os"),
        ("tasks/rules/wishes.py", "def rule():\n    import socket"),
        ("tasks/rules/wishes.py", "from datetime import datetime\nx = datetime.now()"),
        ("tasks/rules/wishes.py", "from . import errors"),
        ("tasks/gateways/pigeon.py", "from prefect.client import get_client"),
        ("tasks/gateways/pigeon.py", "from tasks.desk import Desk"),
        ("tasks/gateways/pigeon.py", "import flows.intake"),
        ("tasks/gateways/pigeon.py", "import smtplib"),
        ("tasks/wishes.py", "from flows.intake import intake_mail"),
        ("tasks/wishes.py", "from deployments.settings import read_settings"),
        ("flows/wishes.py", "from deployments.settings import read_settings"),
        ("flows/wishes.py", "from tasks.gateways.store.leads import create_leads"),
        ("flows/wishes.py", "from sql import schema"),
        ("flows/opening.py", "from deployments.apply import apply_deployments"),
        ("sql/wishes.py", "from tasks.rules import office"),
        ("sql/wishes.py", "import pandas"),
        ("deployments/wishes.py", "from tests.conftest import engine"),
        ("tests/rules/test_wishes.py", "from smtplib import SMTP"),
        ("tasks/email.py", ""),
        ("tasks/rules/holidays.py", ""),
        ("tasks/gateways/queue/store.py", ""),
        ("flows/prefect.py", ""),
    ],
)
def test_wrong_ways_are_refused(path: str, source: str) -> None:
    assert violations(path, source)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        (
            "tasks/rules/wishes.py",
            "from datetime import datetime, time\nimport holidays\nfrom tasks.rules import office",
        ),
        ("tasks/rules/metrics_wishes.py", "import pandas as pd"),
        ("tasks/gateways/pigeon.py", "import imaplib\nfrom sql import schema\nfrom tasks.gateways.store import leads"),
        ("tasks/wishes.py", "from prefect import task\nfrom tasks.gateways import office_folder"),
        (
            "flows/wishes.py",
            "from prefect import flow\nfrom flows.opening import open_shift\nfrom tasks.leads import find",
        ),
        ("flows/opening.py", "from deployments.settings import read_settings\nfrom tasks.gateways.store import ledger"),
        ("deployments/wishes.py", "from flows.intake import intake_mail\nfrom tasks.upkeep import close_left_overs"),
    ],
)
def test_right_ways_pass(path: str, source: str) -> None:
    assert violations(path, source) == []
