"""The inputs of a form: one for each field that somebody is asked for, filled with what is there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from tasks.door_sight import Sight, moment_of, title_of, value_of
from tasks.rules.door.looks import Input, InputKind
from tasks.rules.door.slots import time_of_options
from tasks.rules.process.definition import FieldPart
from tasks.rules.process.words import shown

_KINDS: Mapping[str, InputKind] = {
    "text": "text", "number": "number", "money": "number", "date": "date", "time": "time", "choice": "choice",
    "person": "person", "contact": "person", "list": "list", "flag": "flag", "file": "file",
}  # fmt: skip


def is_editable(part: FieldPart) -> bool:
    """Whether people fill the field in by themselves, at an input of its own."""
    return part.compute is None and part.type in _KINDS and part.name not in ("lines", "client", "number")


def input_of(sight: Sight, part: FieldPart) -> Input:
    """The input of a field; that of a file holds the name of the one that is there."""
    value = sight.values.get(part.name)
    kind: InputKind = "times" if time_of_options(sight.definition, part.name) else _KINDS[part.type]
    choices: list[tuple[str, str]] = []
    if kind == "choice":
        choices = [(option, shown(option, sight.language)) for option in part.options]
    elif kind == "person":
        staff = sight.run.staff.values()
        fitting = [member for member in staff if part.name in member.roles] or list(staff)
        choices = [(member.key, member.name) for member in sorted(fitting, key=lambda one: one.name)]
        value = next((member.key for member in fitting if member.ref == value), "")
    elif kind == "time":
        local = moment_of(value)
        value = _local(local, sight) if local else ""
    elif kind == "times":
        value = ", ".join(_local(moment, sight) for moment in map(moment_of, value or ()) if moment)
    elif kind == "file":
        value = value_of(sight, part.name)
    elif kind == "list":
        value = ", ".join(map(str, value or ()))
    return Input(part.name, title_of(sight, part), kind, "" if value is None else str(value), choices)


def _local(moment: datetime, sight: Sight) -> str:
    """A moment as a browser's input holds it."""
    return f"{moment.astimezone(sight.run.office.zone):%Y-%m-%dT%H:%M}"
