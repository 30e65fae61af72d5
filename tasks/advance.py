"""Advancing everything that waits: events in the order of their time, clocks in between when they are due.

Each event or clock is one transaction with everything that follows from it. An item that cannot be carried through is
held with its reason, and the others go on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.deals import fire_deal_clock, take_deal_reply
from tasks.desk import Desk
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.deals import ConflictError, next_deal_clock
from tasks.gateways.store.lead_course import next_lead_clock
from tasks.gateways.store.work import WaitingEvent, held_items, hold_item, take_event, waiting_events
from tasks.leads import remind_lead, take_lead_reply, take_new_lead
from tasks.letters import take_letter
from tasks.office_round import OfficeRound, begin_round
from tasks.rules.errors import CalloutError
from tasks.rules.pipeline_state import HeldError

_BATCH = 500
_TRIES = 3
_LAST_CHARS = 300

Step = Callable[[sa.Connection], Counter[str]]
Handler = Callable[[sa.Connection, OfficeRound, WaitingEvent], Counter[str]]
_HANDLERS: dict[tuple[str, str], Handler] = {
    ("lead", "lead.created"): take_new_lead,
    ("lead", "reply"): take_lead_reply,
    ("deal", "reply"): take_deal_reply,
}


@task(name="advance-items", task_run_name="advance-items", cache_policy=NO_CACHE)
def advance_items(desk: Desk, now: datetime) -> dict[str, int]:
    """Take every event received up to `now` and every clock due by then; counts of what was done."""
    with reading(desk.engine) as connection:
        run, held = begin_round(connection, desk.office, now), held_items(connection)
    agenda = _Agenda(desk.engine, run, held)
    agenda.work_off()
    return dict(agenda.counts)


@dataclass(slots=True)
class _Agenda:
    """One run: what was done so far, and which items wait for a person."""

    engine: sa.Engine
    run: OfficeRound
    held: set[str]
    counts: Counter[str] = field(default_factory=Counter)

    def work_off(self) -> None:
        """Events in the order of (time, ledger id); before each, the clocks due before it."""
        position: tuple[datetime, int] | None = None
        while events := self._next_events(position):
            for event in events:
                self._fire_clocks(event.at, is_inclusive=False)
                if event.item not in self.held:
                    self._attempt(event.item, event.key, self._taking(event))
            position = (events[-1].at, events[-1].event_id)
        self._fire_clocks(self.run.now, is_inclusive=True)

    def _next_events(self, after: tuple[datetime, int] | None) -> list[WaitingEvent]:
        with reading(self.engine) as connection:
            return waiting_events(connection, self.run.now, after, _BATCH)

    def _taking(self, event: WaitingEvent) -> Step:
        fallback: Handler = take_letter if event.kind == "reply" else _only_recorded
        handler = _HANDLERS.get((event.entity, event.kind), fallback)

        def take(connection: sa.Connection) -> Counter[str]:
            return handler(connection, self.run, event) if take_event(connection, event.event_id) else Counter()

        return take

    def _fire_clocks(self, until: datetime, *, is_inclusive: bool) -> None:
        while clock := self._next_clock():
            due, item, step = clock
            if due > until or (due == until and not is_inclusive):
                return
            self._attempt(item, f"clock {due.isoformat()}", step)

    def _next_clock(self) -> tuple[datetime, str, Step] | None:
        """The clock that is due first, of a lead or of a deal."""
        with reading(self.engine) as connection:
            lead, deal = next_lead_clock(connection, self.held), next_deal_clock(connection, self.held)
        if lead and (deal is None or lead.due_at <= deal[0]):
            return lead.due_at, f"lead:{lead.lead_id}", lambda connection: remind_lead(connection, self.run, lead)
        if deal is None:
            return None
        due, deal_id = deal
        return due, f"deal:{deal_id}", lambda connection: fire_deal_clock(connection, self.run, deal_id)

    def _attempt(self, item: str, what: str, step: Step) -> None:
        """One step in one transaction; what cannot be carried through holds its item only."""
        for _ in range(_TRIES):
            try:
                with writing(self.engine) as connection:
                    counts = step(connection)
            except ConflictError:
                continue
            except CalloutError:
                raise
            except HeldError as error:
                self._hold(item, what, str(error))
                return
            except Exception as error:
                # whatever is wrong with one item must not stop the office; the reason is kept for a person
                self._hold(item, what, f"{type(error).__name__}: {str(error)[:_LAST_CHARS]}")
                return
            self.counts.update(counts)
            return
        self.held.add(item)

    def _hold(self, item: str, what: str, reason: str) -> None:
        with writing(self.engine) as connection:
            hold_item(connection, item, reason, what, self.run.now)
        self.held.add(item)
        self.counts["held"] += 1


def _only_recorded(_connection: sa.Connection, _run: OfficeRound, _event: WaitingEvent) -> Counter[str]:
    """A fact nobody waits for stays in the record."""
    return Counter()
