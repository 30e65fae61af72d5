"""The JSON Schema accepts what the loader accepts and refuses broken shapes; the file on disk is the current one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tasks.rules.process.loader import examine_definition
from tasks.rules.process_tools.json_schema import process_schema
from tests.rules.process_tools.office_processes import FOLDER, NAMES, raw, small
from tests.rules.process_tools.schema_reader import mistakes

Raw = dict[str, Any]


@pytest.mark.parametrize("name", NAMES)
def test_every_shipped_file_is_accepted(name: str) -> None:
    assert mistakes(process_schema(), raw(name)) == []


def test_ready_rules_are_accepted() -> None:
    file = small(ready=["task_on_status", {"stage_reminder": {"stage": "open"}}])
    assert mistakes(process_schema(), file) == []


def test_the_file_for_editors_is_the_current_one() -> None:
    kept = json.loads((FOLDER.parent / "process.schema.json").read_text(encoding="utf-8"))
    assert kept == process_schema(), "write it anew: ./callout process schema --write"


def _first_rule(file: Raw, **parts: Any) -> None:
    file["stages"]["open"]["rules"][0] = parts


def _no_stages(file: Raw) -> None:
    del file["stages"]


def _version_text(file: Raw) -> None:
    file["version"] = "one"


def _misspelt(file: Raw) -> None:
    file["stagez"] = {}


def _kind(file: Raw) -> None:
    file["work"]["check"]["kind"] = "job"


def _span(file: Raw) -> None:
    file["work"]["check"]["due"] = "8 hours"


def _nobody(file: Raw) -> None:
    file["work"]["check"]["who"] = []


def _two_triggers(file: Raw) -> None:
    _first_rule(file, event="a", work="check done", to="won")


def _no_effect(file: Raw) -> None:
    _first_rule(file, event="a")


def _verb(file: Raw) -> None:
    _first_rule(file, work="check finished", to="won")


def _two_actions(file: Raw) -> None:
    file["stages"]["open"]["enter"] = [{"ask": "check", "withdraw": "check"}]


def _operator(file: Raw) -> None:
    _first_rule(file, event="a", to="won", **{"if": {"cost": {"over": 1}}})


def _language(file: Raw) -> None:
    file["title"] = {"de": "Auftrag"}


def _end(file: Raw) -> None:
    file["stages"]["won"]["ends"] = "done"


def _type(file: Raw) -> None:
    file["fields"]["cost"] = {"type": "rubles"}


def _empty_stage(file: Raw) -> None:
    file["stages"]["empty"] = {}


@pytest.mark.parametrize(
    "spoil",
    [
        _no_stages,
        _version_text,
        _misspelt,
        _kind,
        _span,
        _nobody,
        _two_triggers,
        _no_effect,
        _verb,
        _two_actions,
        _operator,
        _language,
        _end,
        _type,
        _empty_stage,
    ],
)
def test_a_broken_shape_is_refused_by_schema_and_loader(spoil: Callable[[Raw], None]) -> None:
    file = small()
    assert mistakes(process_schema(), file) == []
    spoil(file)
    assert mistakes(process_schema(), file)
    assert examine_definition(file)[1]
