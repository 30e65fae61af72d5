"""The sample office's process files, read as the tools read them."""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from typing import Any

from tasks.gateways.strict_yaml import parse_yaml
from tasks.rules.process.definition import Definition
from tasks.rules.process.loader import examine_definition

FOLDER = Path(__file__).resolve().parents[3] / "deployments" / "office" / "processes"
NAMES = tuple(sorted(file.stem for file in FOLDER.glob("*.yaml")))
READY = tuple(sorted(file.stem for file in (FOLDER / "ready").glob("*.yaml")))
ROLES = (
    "operator",
    "manager",
    "dispatcher",
    "executor",
    "accounting",
    "administrator",
    "chief",
    "head",
    "director",
    "recruiter",
    "lead",
    "supervisor",
    "master",
)


@cache
def _read(name: str) -> dict[str, Any]:
    value: dict[str, Any] = parse_yaml(name, (FOLDER / f"{name}.yaml").read_bytes(), {}).value
    return value


def raw(name: str) -> dict[str, Any]:
    """A process file of the office, to be changed at will."""
    return copy.deepcopy(_read(name))


def ready_rules() -> dict[str, dict[str, Any]]:
    """The ready rules by name."""
    return {name: raw(f"ready/{name}") for name in READY}


def definition(value: dict[str, Any]) -> Definition:
    """The definition of a file that is in order."""
    found, flaws = examine_definition(value)
    assert flaws == []
    return found


def small(**parts: Any) -> dict[str, Any]:
    """A process of two stages, with other parts put in."""
    return {
        "process": "small",
        "version": 1,
        "entity": "deal",
        "fields": {"manager": {"type": "person"}, "cost": {"type": "money"}, "note": {"type": "text"}},
        "work": {"check": {"kind": "task", "title": "check {note}", "who": ["manager"], "due": "8h working"}},
        "stages": {
            "open": {
                "enter": [{"ask": "check"}],
                "rules": [
                    {"work": "check done", "to": "won"},
                    {"work": "check overdue", "do": [{"notify": {"to": ["manager"], "text": "late"}}]},
                ],
            },
            "won": {"ends": "won", "enter": [{"notify": {"to": ["manager"], "text": "{cost} is in"}}]},
        },
    } | parts
