"""The qualification form: what is asked about a lead, and the mistakes such a form can have.

A form is data of the office folder (qualification.yaml), with groups such as PRODUCT, SERVICES and CLIENT. It has a
version: an answer is kept with the version it was given to, so that a form can change while leads are under way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from tasks.rules.nearest_name import nearest
from tasks.rules.office_brand import Language as Language

_STRICT: dict[str, Any] = {"extra": "forbid"}

FieldType = Literal["text", "number", "money", "date", "choice", "flag"]
GatedStatus = Literal["in_work", "qualified", "converted"]


@dataclass(frozen=True, slots=True)
class FormOption:
    """One answer of a choice."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    key: str
    titles: dict[Language, str]


@dataclass(frozen=True, slots=True)
class FormField:
    """One question. `aliases` are further names under which people answer it by mail."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    key: str
    titles: dict[Language, str]
    type: FieldType = "text"
    options: tuple[FormOption, ...] = ()
    aliases: tuple[str, ...] = ()
    unit: str = ""


@dataclass(frozen=True, slots=True)
class FormGroup:
    """Questions that belong together: the product, the services, the client."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    key: str
    titles: dict[Language, str]
    fields: tuple[FormField, ...]


@dataclass(frozen=True, slots=True)
class QualificationForm:
    """qualification.yaml: `required` names the fields without which a lead cannot reach a status, or a later one."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
    version: int = 1
    groups: tuple[FormGroup, ...] = ()
    required: dict[GatedStatus, tuple[str, ...]] = field(default_factory=dict)

    @property
    def fields(self) -> dict[str, FormField]:
        """Every question by its key, in the form's order."""
        return {one.key: one for group in self.groups for one in group.fields}


def flaws_in(form: QualificationForm) -> list[tuple[tuple[str | int, ...], str]]:
    """Every mistake of a form, each with its place."""
    flaws: list[tuple[tuple[str | int, ...], str]] = []
    if form.version < 1:
        flaws.append((("version",), "the version begins with 1"))
    owners: dict[str, FormField] = {}
    groups: set[str] = set()
    for number, group in enumerate(form.groups):
        if group.key in groups:
            flaws.append((("groups", number, "key"), f"the group {group.key!r} stands here twice"))
        groups.add(group.key)
        for position, asked in enumerate(group.fields):
            place = ("groups", number, "fields", position)
            flaws += [((*place, *path), reason) for path, reason in _field_flaws(asked, owners)]
    for status, keys in form.required.items():
        flaws += [
            (("required", status, position), _unknown(key, form))
            for position, key in enumerate(keys)
            if key not in form.fields
        ]
    return flaws


def field_names(asked: FormField) -> set[str]:
    """Every name under which people may answer a question, folded."""
    return {folded(name) for name in (asked.key, *asked.titles.values(), *asked.aliases)}


def folded(name: str) -> str:
    """A name without case, spaces and dashes that do not matter."""
    return re.sub(r"[\s_-]+", " ", name).strip().casefold().replace("ё", "е")


def _field_flaws(asked: FormField, owners: dict[str, FormField]) -> Iterable[tuple[tuple[str | int, ...], str]]:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", asked.key):
        yield ("key",), f"{asked.key!r} is no field name; write it like wanted_date"
    if bool(asked.options) != (asked.type == "choice"):
        yield ("options",), "a choice needs options, and only a choice has them"
    keys = [option.key for option in asked.options]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield ("options",), f"the option {key!r} stands here twice"
    for name in field_names(asked):
        if name in owners:
            yield ("key",), f"the name {name!r} stands here twice; the field {owners[name].key!r} has it already"
        owners.setdefault(name, asked)


def _unknown(key: str, form: QualificationForm) -> str:
    hint = nearest(key, form.fields)
    return f"there is no field {key!r} in the form{f'; is it {hint}?' if hint else ''}"
