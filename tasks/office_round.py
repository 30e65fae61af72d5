"""One round through the office's open items: the moment, the people, the calendar and the pipelines it goes by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from tasks.gateways.store.staff import open_loads, read_staff
from tasks.rules.assignment import Staff
from tasks.rules.deal_answers import Knowledge
from tasks.rules.errors import OfficeError
from tasks.rules.office import Office
from tasks.rules.pipeline import read_pipeline
from tasks.rules.pipeline_parts import Pipeline
from tasks.rules.pipeline_state import HeldError, OfficeFacts
from tasks.rules.working_time import WorkingCalendar, working_calendar

SERVICE = "service"


@dataclass(frozen=True, slots=True)
class OfficeRound:
    """What stays the same during one round; `now` is the moment the run is about."""

    office: Office
    now: datetime
    staff: Staff
    calendar: WorkingCalendar
    pipelines: Mapping[str, Pipeline]

    def pipeline(self, name: str, version: int) -> Pipeline:
        """The pipeline an item runs by. Raises HeldError when the folder holds another version, or none."""
        found = self.pipelines.get(name)
        if found is None or found.version != version:
            has = f"version {found.version}" if found else "no such pipeline"
            raise HeldError(f"the item runs by {name} version {version}, the office folder has {has}")
        return found

    def knowledge(self, pipeline: Pipeline) -> Knowledge:
        """What is needed to understand the values in an answer."""
        return Knowledge(pipeline, self.staff, self.office.prices, self.office.zone)

    def facts(self, connection: sa.Connection, reachable: frozenset[str]) -> OfficeFacts:
        """The office as the engine sees it now; `reachable` are the contacts that can be written to."""
        return OfficeFacts(self.staff, open_loads(connection), reachable, self.calendar, self.office.zone)

    def day(self, at: datetime) -> date:
        """The office's day at a moment."""
        return at.astimezone(self.office.zone).date()

    def may_write(self, ref: str, at: datetime) -> datetime:
        """When a message decided at `at` may leave: staff at once, clients not in the quiet hours."""
        local = at.astimezone(self.office.zone)
        start, end = self.office.quiet_from, self.office.quiet_until
        if not ref.startswith("contact:") or start == end:
            return at
        is_evening, is_early = local.time() >= start, local.time() < end
        is_quiet = (is_evening or is_early) if start > end else (is_evening and is_early)
        if not is_quiet:
            return at
        day = local.date() + timedelta(days=1 if is_evening and start > end else 0)
        return datetime.combine(day, end, tzinfo=self.office.zone)


def begin_round(connection: sa.Connection, office: Office, now: datetime) -> OfficeRound:
    """Read what a round goes by. Raises OfficeError when a pipeline file is wrong or the service one is missing."""
    pipelines = {name: read_pipeline(name, raw) for name, raw in office.pipelines.items()}
    if SERVICE not in pipelines:
        raise OfficeError([f"pipelines/{SERVICE}.yaml: the file is missing; leads become orders by it"])
    calendar = working_calendar(office.hours, office.zone)
    return OfficeRound(office, now, read_staff(connection), calendar, pipelines)
