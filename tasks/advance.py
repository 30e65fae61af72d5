"""Advancing everything that waits: events in the order of their time, clocks in between when they are due.

Read is only what came in or is due, batch by batch; each event or clock is one transaction with everything that follows
from it. An item that cannot be carried through is held with its reason, and the others go on.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa
from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.advance_attempts import Attempts, reason_of
from tasks.desk import Desk
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.item_batch import read_batch
from tasks.gateways.store.lead_course import DueLead, next_lead_clock
from tasks.gateways.store.process_definitions import keep_definitions
from tasks.gateways.store.process_inbox import held_answers, route_events, take_event_row, waiting_rows
from tasks.gateways.store.process_items import ConflictError, due_items, load_item
from tasks.gateways.store.work import WaitingEvent, held_items, hold_item
from tasks.leads import remind_lead, take_lead_reply, take_new_lead
from tasks.letters import take_letter
from tasks.notifications import tell
from tasks.office_changes import has_office_changed, note_office_changes
from tasks.office_round import NoDefinitionError, OfficeRound, begin_round, has_new_definitions
from tasks.process_agenda import take_next
from tasks.process_holds import HELD_WORK, hold_for_error
from tasks.process_replies import take_reply
from tasks.process_steps import Stepped
from tasks.rules.errors import CalloutError
from tasks.rules.lead_progress import LeadHeldError

_BATCH = 500
_GROUP = 25

Step = Callable[[sa.Connection], Counter[str]]
Handler = Callable[[sa.Connection, OfficeRound, WaitingEvent], Counter[str]]
_HANDLERS: dict[tuple[str, str], Handler] = {
    ("lead", "lead.created"): take_new_lead,
    ("lead", "reply"): take_lead_reply,
}


@task(name="advance-items", task_run_name="advance-items", cache_policy=NO_CACHE)
def advance_items(desk: Desk, now: datetime) -> dict[str, int]:
    """Take every event received up to `now` and every clock due by then; counts of what was done."""
    with reading(desk.engine) as connection:
        run, held = begin_round(connection, desk.office, now), held_items(connection)
        has_news = has_new_definitions(run) or has_office_changed(connection, run)
    if has_news:
        with writing(desk.engine) as connection:
            keep_definitions(connection, run.office.processes, now)
            note_office_changes(connection, run)
    agenda = _Agenda(desk.engine, run, held)
    agenda.work_off()
    return dict(agenda.counts)


@dataclass(frozen=True, slots=True, order=True)
class _Turn:
    """Whose turn it is: at equal times events come before clocks, events by their place in the ledger."""

    at: datetime
    is_clock: bool
    number: int
    item_id: int | None = field(default=None, compare=False)
    event: WaitingEvent | None = field(default=None, compare=False)


@dataclass(slots=True)
class _Agenda:
    """One run: what was done so far, and which leads and items wait for a person."""

    engine: sa.Engine
    run: OfficeRound
    held: set[str]
    counts: Counter[str] = field(default_factory=Counter)
    stuck: set[int] = field(default_factory=set)
    position: tuple[datetime, int] | None = None
    lead_clock: DueLead | None = None
    is_lead_clock_known: bool = False

    @property
    def attempts(self) -> Attempts:
        """The transactions of this run."""
        return Attempts(self.engine, self.run)

    def work_off(self) -> None:
        """Batch by batch; what comes up meanwhile takes its turn in the same run."""
        self._answer_held()
        while True:
            self._route()
            turns, horizon = self._next_turns()
            if not turns:
                break
            self._take_all(turns, horizon)
        self._remind_leads(self.run.now, is_inclusive=True)

    def _answer_held(self) -> None:
        """An item that waits for a person takes nothing but that person's answer, so this comes first."""
        self._route()
        with reading(self.engine) as connection:
            answers = held_answers(connection, HELD_WORK, self.run.now)
        for event, item_id in answers:
            try:
                with self.attempts.writing() as connection:
                    if take_event_row(connection, event.event_id):
                        stored = load_item(connection, item_id)
                        self.counts.update(take_reply(connection, self.run, stored, event).counts)
            except (ConflictError, NoDefinitionError):
                continue  # the answer stays for the next run

    def _route(self) -> None:
        with writing(self.engine) as connection:
            route_events(connection, self.run.now)

    def _next_turns(self) -> tuple[list[_Turn], _Turn | None]:
        """The next events and clocks in their order; behind the last of a full list another may come first."""
        with reading(self.engine) as connection:
            rows = waiting_rows(connection, self.run.now, self.position, self.stuck, _BATCH)
            most = _BATCH + len(self.stuck)
            due = due_items(connection, self.run.now, most)
        events = [_Turn(event.at, False, event.event_id, item_id, event) for event, item_id in rows]
        clocks = [_Turn(at, True, item_id, item_id) for at, item_id in due if item_id not in self.stuck]
        ends = [
            turns[-1]
            for turns, is_full in ((events, len(events) == _BATCH), (clocks, len(due) == most))
            if is_full and turns
        ]
        horizon = min(ends, default=None)
        turns = [turn for turn in (*events, *clocks) if horizon is None or turn <= horizon]
        return turns, horizon

    def _take_all(self, turns: list[_Turn], horizon: _Turn | None) -> None:
        heapq.heapify(turns)
        while turns:
            group = self._next_group(turns)
            if not group and not turns:
                return
            if not group:
                turn = heapq.heappop(turns)
                self._remind_leads(turn.at, is_inclusive=False)
                self._take_other(turn)
                continue
            for following in self._take_group(group):
                if horizon is None or following <= horizon:
                    heapq.heappush(turns, following)

    def _next_group(self, turns: list[_Turn]) -> list[_Turn]:
        """The next turns of items, as many as one transaction takes; none when something else comes first."""
        group: list[_Turn] = []
        lead = self._next_lead()
        while turns and len(group) < _GROUP:
            turn = turns[0]
            if turn.item_id is None or (lead is not None and lead.due_at < turn.at):
                break
            heapq.heappop(turns)
            if turn.item_id not in self.stuck:
                group.append(turn)
        if not group and turns and turns[0].item_id is not None:
            self._remind_leads(turns[0].at, is_inclusive=False)
            return self._next_group(turns)
        return group

    def _take_group(self, group: list[_Turn]) -> list[_Turn]:
        """The steps of several items in one transaction; one by one when that fails."""
        ids = [(turn, turn.item_id) for turn in group if turn.item_id is not None]
        try:
            with self.attempts.writing() as connection:
                wanted, has_sms = [item_id for _, item_id in ids], self.run.office.channels.sms.is_on
                batch = read_batch(connection, wanted, self.run.staff, self.run.now, has_sms=has_sms)
                run = replace(self.run, batch=batch)
                taken = [(turn, take_next(connection, run, item_id, run.now)) for turn, item_id in ids]
                batch.write(connection)
                told = tell(connection, run, batch.notices)
        except CalloutError:
            raise
        except Exception:
            # what is wrong with one of them must not stop the others: each on its own shows which it is
            return [following for turn in group if (following := self._take_alone(turn)) is not None]
        self.counts["notices"] += told
        return [following for turn, stepped in taken if (following := self._noted(turn, stepped)) is not None]

    def _take_alone(self, turn: _Turn) -> _Turn | None:
        """One step of an item, in one transaction; its next clock, when that is due too."""
        item_id = turn.item_id
        if item_id is None or item_id in self.stuck:
            return None
        carried = self.attempts.carry(
            lambda connection: take_next(connection, self.run, item_id, self.run.now),
            hold=lambda error: self._hold_item(item_id, reason_of(error)),
            give_up=lambda: self.stuck.add(item_id),
        )
        return next((self._noted(turn, stepped) for stepped in carried), None)

    def _noted(self, turn: _Turn, stepped: Stepped | None) -> _Turn | None:
        """Count a step; the item's next clock, when that is due too."""
        item_id = turn.item_id
        if item_id is None:
            return None
        if stepped is None:
            self.stuck.update([item_id] if turn.is_clock else [])
            return None
        self.counts.update(stepped.counts)
        if stepped.is_held:
            self.stuck.add(item_id)
            return None
        clocks = stepped.stored.item.clocks
        is_due = bool(clocks) and clocks[0].due <= self.run.now
        return _Turn(clocks[0].due, True, item_id, item_id) if is_due else None

    def _hold_item(self, item_id: int, reason: str) -> None:
        self.stuck.add(item_id)
        with suppress(ConflictError), writing(self.engine) as connection:
            self.counts.update(hold_for_error(connection, self.run, load_item(connection, item_id), reason))

    def _take_other(self, turn: _Turn) -> None:
        """An event of a lead, or of nothing that a process runs for."""
        event = turn.event
        if event is None:
            return
        self.position = (event.at, event.event_id)
        if event.item not in self.held:
            self._attempt(event.item, event.key, self._taking(event))

    def _taking(self, event: WaitingEvent) -> Step:
        fallback: Handler = take_letter if event.kind == "reply" else _only_recorded
        handler = _HANDLERS.get((event.entity, event.kind), fallback)

        def take(connection: sa.Connection) -> Counter[str]:
            return handler(connection, self.run, event) if take_event_row(connection, event.event_id) else Counter()

        return take

    def _remind_leads(self, until: datetime, *, is_inclusive: bool) -> None:
        while True:
            lead = self._next_lead()
            if lead is None or lead.due_at > until or (lead.due_at == until and not is_inclusive):
                return
            due = lead
            self._attempt(
                f"lead:{lead.lead_id}",
                f"clock {lead.due_at.isoformat()}",
                lambda connection, due=due: remind_lead(connection, self.run, due),  # type: ignore[misc]  # bound now
            )

    def _next_lead(self) -> DueLead | None:
        """The lead that is to be reminded of next; only leads' own steps change it."""
        if not self.is_lead_clock_known:
            with reading(self.engine) as connection:
                self.lead_clock = next_lead_clock(connection, self.held)
            self.is_lead_clock_known = True
        return self.lead_clock

    def _attempt(self, item: str, what: str, step: Step) -> None:
        """One step in one transaction; what cannot be carried through holds its lead only."""
        self.is_lead_clock_known = False
        carried = self.attempts.carry(
            step,
            hold=lambda error: self._hold(
                item, what, str(error) if isinstance(error, LeadHeldError) else reason_of(error)
            ),
            give_up=lambda: self.held.add(item),
        )
        for counts in carried:
            self.counts.update(counts)

    def _hold(self, item: str, what: str, reason: str) -> None:
        with writing(self.engine) as connection:
            hold_item(connection, item, reason, what, self.run.now)
        self.held.add(item)
        self.counts["held"] += 1


def _only_recorded(_connection: sa.Connection, _run: OfficeRound, _event: WaitingEvent) -> Counter[str]:
    """A fact nobody waits for stays in the record."""
    return Counter()
