"""Every version of every process that the office has run, and those of its folder, ready for the engine."""

from __future__ import annotations

import sqlalchemy as sa

from tasks.desk import Desk
from tasks.gateways.store.process_definitions import read_definitions
from tasks.rules.process.definition import Definition
from tasks.rules.process.loader import examine_definition


class KnownDefinitions:
    """Definitions by name and version, read once and made when they are asked for."""

    def __init__(self, connection: sa.Connection, desk: Desk) -> None:
        self._raws = {(str(raw["process"]), int(raw["version"])): raw for raw in desk.office.processes.values()}
        self._raws |= {(kept.name, kept.version): kept.raw() for kept in read_definitions(connection)}
        self._made: dict[tuple[str, int], Definition | None] = {}

    def find(self, name: str, version: int) -> Definition | None:
        """The definition, None when nobody has kept it or today's grammar no longer reads it."""
        key = (name, version)
        if key not in self._made:
            raw = self._raws.get(key)
            found, flaws = examine_definition(raw) if raw is not None else (None, [])
            self._made[key] = None if flaws else found
        return self._made[key]

    def newest(self, name: str) -> Definition | None:
        """The newest version that runs."""
        versions = [version for process, version in self._raws if process == name]
        return self.find(name, max(versions)) if versions else None
