"""One round through the office's open items: the moment, the people, the calendar and the processes it goes by."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from tasks.gateways.store.item_batch import ItemBatch, Mark
from tasks.gateways.store.process_courses import CourseRows
from tasks.gateways.store.process_definitions import read_definitions, refuse_changed
from tasks.gateways.store.staff import open_loads, reachable_contacts, read_staff
from tasks.rules.assignment import Staff
from tasks.rules.deal_answers import Knowledge
from tasks.rules.errors import OfficeError
from tasks.rules.office import Office
from tasks.rules.process.definition import Definition
from tasks.rules.process.loader import read_definition
from tasks.rules.process.state import Item, OfficeFacts
from tasks.rules.working_time import WorkingCalendar, working_calendar

SERVICE = "service"
_KEPT = 8
_definitions: dict[str, dict[str, Definition]] = {}


class NoDefinitionError(Exception):
    """An item runs by a version that neither the office folder nor the store has."""


@dataclass(frozen=True, slots=True)
class OfficeRound:
    """What stays the same during one round; `now` is the moment the run is about.

    `definitions` are the versions of the office folder, under which new items begin; `kept` all that were ever loaded.
    `loads` is the open work per person, read when it is first asked for and kept up by the round itself.
    """

    office: Office
    now: datetime
    staff: Staff
    calendar: WorkingCalendar
    definitions: Mapping[str, Definition]
    kept: Mapping[tuple[str, int], str]
    loads: Counter[str] = field(default_factory=Counter)
    is_loaded: list[bool] = field(default_factory=list)
    batch: ItemBatch | None = None
    """What several items share in one transaction: read at its beginning, written at its end; None: each by itself."""
    ahead: dict[str, dict[int, tuple[bool, int]]] = field(default_factory=dict)
    """What was seen ahead of the clocks of one look: by event key, which messages collapse."""

    @property
    def courses(self) -> CourseRows | None:
        """Where records of courses are collected; None: each is written at once."""
        return self.batch.courses if self.batch else None

    def definition(self, name: str, version: int) -> Definition:
        """The process an item runs by. Raises NoDefinitionError when neither folder nor store have that version."""
        found = self.definitions.get(name)
        if found is not None and found.version == version:
            return found
        if (name, version) not in self.kept:
            has = f"version {found.version}" if found else "no such process"
            raise NoDefinitionError(f"the item runs by {name} version {version}, the office folder has {has}")
        return _kept_definition(self.kept[name, version])

    def newest(self, name: str) -> Definition:
        """The process under which a new item begins. Raises NoDefinitionError when the folder has none of this name."""
        if name not in self.definitions:
            raise NoDefinitionError(f"the office folder has no process {name!r}")
        return self.definitions[name]

    def knowledge(self, definition: Definition) -> Knowledge:
        """What is needed to understand the values in an answer."""
        return Knowledge(definition, self.staff, self.office.prices, self.office.zone)

    def facts(self, connection: sa.Connection, definition: Definition, item: Item | None = None) -> OfficeFacts:
        """The office as the engine sees it now; of the contacts, those of the item are looked up."""
        if not self.is_loaded:
            self.is_loaded.append(True)
            self.loads.update(open_loads(connection))
        refs = (
            [item.fields.get(name) for name, part in definition.fields.items() if part.type == "contact"]
            if item
            else []
        )
        contacts = [str(ref) for ref in refs if isinstance(ref, str) and ref.startswith("contact:")]
        return OfficeFacts(self.staff, self.loads, self._reached(connection, contacts), self.calendar, self.office.zone)

    def _reached(self, connection: sa.Connection, contacts: list[str]) -> frozenset[str]:
        if self.batch:
            return self.batch.reached(connection, contacts)
        return reachable_contacts(connection, contacts, by_sms=self.office.channels.sms.is_on)

    def mark(self) -> Mark | None:
        """Where to go back to when a step is given up."""
        return self.batch.mark() if self.batch else None

    def give_up(self, since: Mark | None) -> None:
        """Nothing of what was collected since then has happened."""
        if self.batch and since:
            self.batch.go_back(since)
        self.forget_loads()

    def forget_loads(self) -> None:
        """Steps that counted their work were given up: what is open is read again."""
        self.loads.clear()
        self.is_loaded.clear()

    def day(self, at: datetime) -> date:
        """The office's day at a moment."""
        return at.astimezone(self.office.zone).date()


def begin_round(connection: sa.Connection, office: Office, now: datetime) -> OfficeRound:
    """Read what a round goes by.

    Raises OfficeError when a process file is wrong, the service one is missing, or a version was changed after it was
    first loaded.
    """
    definitions = office_definitions(office)
    if SERVICE not in definitions:
        raise OfficeError([f"processes/{SERVICE}.yaml: the file is missing; leads become orders by it"])
    forms = read_definitions(connection)
    refuse_changed(forms, office.processes)
    kept = {(one.name, one.version): one.content for one in forms}
    calendar = working_calendar(office.hours, office.zone)
    return OfficeRound(office, now, read_staff(connection), calendar, definitions, kept)


def has_new_definitions(run: OfficeRound) -> bool:
    """Whether the folder has a version that was never kept."""
    return any((one.name, one.version) not in run.kept for one in run.definitions.values())


def office_definitions(office: Office) -> dict[str, Definition]:
    """The processes of the office folder by name, read once per folder. Raises OfficeError."""
    if office.digest not in _definitions:
        if len(_definitions) >= _KEPT:
            _definitions.clear()
        read = [read_definition(f"processes/{name}.yaml", raw) for name, raw in office.processes.items()]
        _definitions[office.digest] = {one.name: one for one in read}
    return _definitions[office.digest]


@lru_cache(maxsize=64)
def _kept_definition(content: str) -> Definition:
    raw: dict[str, Any] = json.loads(content)
    return read_definition("a kept process", raw)
