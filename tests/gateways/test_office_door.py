"""Mistakes in the door's address and in the forms of the sites are refused with file, line and reason."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from deployments.settings import PROJECT
from tasks.gateways.office_folder import load_office
from tasks.rules.errors import OfficeError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the sample company to spoil."""
    return Path(shutil.copytree(PROJECT / "deployments" / "office", tmp_path / "office"))


MISTAKES = [
    ("office.yaml", '"${CALLOUT_DOOR_URL:-}"', "http://door.north-service.example", "must be https"),
    ("office.yaml", '"${CALLOUT_DOOR_URL:-}"', "door.north-service.example", "is no address"),
    ("office.yaml", '"${CALLOUT_DOOR_URL:-}"', "https://door.north-service.example/path", "is no address"),
    ("office.yaml", "undo_seconds: 60", "undo_seconds: 6000", "is not between 0 and 600"),
    ("office.yaml", "link_days: 30", "link_days: 0", "is not between 1 and 365"),
    ("forms.yaml", "name: request", "name: Re quest", "a key is small latin letters"),
    ("forms.yaml", "honeypot: website", "honeypot: mail", "a field people fill in"),
    ("forms.yaml", "https://www.north-service.example", "https://www.north-service.example/", "is no origin"),
    ("forms.yaml", "kind: mail, meaning: mail", "kind: text, meaning: mail", "is of the kind mail"),
    ("forms.yaml", "meaning: company", "meaning: name", "is taken by number"),
    (
        "forms.yaml",
        "kind: choice, options: [repair, certification, insurance]",
        "kind: choice",
        "options and kind choice",
    ),
    ("forms.yaml", "max_kilobytes: 64", "max_kilobytes: 99999", "is not between 1 and"),
    ("forms.yaml", "is_required: true", "required: true", "unknown key 'required'"),
]


@pytest.mark.parametrize(("file", "old", "new", "reason"), MISTAKES)
def test_a_mistake_is_told_with_its_line(folder: Path, file: str, old: str, new: str, reason: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(OfficeError) as caught:
        load_office(folder)
    line = text[: text.index(old)].count("\n") + 1
    assert [one for one in caught.value.problems if reason in one and one.startswith(f"{file}:{line}:")]


def test_an_office_without_forms_has_none(folder: Path) -> None:
    (folder / "forms.yaml").unlink()
    assert load_office(folder).forms == ()


@pytest.mark.parametrize("url", ["https://door.north-service.example", "http://127.0.0.1:8420", "http://localhost"])
def test_good_addresses(folder: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLOUT_DOOR_URL", url)
    assert load_office(folder).door.url == url
