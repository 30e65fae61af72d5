"""The nightly proof: the recorded course of a day comes out of today's engine and files again, or each difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.artifacts import publish_table
from tasks.desk import Desk
from tasks.gateways.store.connection import reading
from tasks.gateways.store.process_courses import items_touched, read_courses, task_ids
from tasks.gateways.store.process_items import load_items
from tasks.process_tools.definitions import KnownDefinitions
from tasks.rules.process_tools.proof import Mismatch, prove
from tasks.rules.process_tools.proof_words import mismatch_line, mismatch_row

_MOST_SHOWN = 200
_MOST_NOTED = 20


@dataclass(frozen=True, slots=True)
class Proof:
    """What was replayed, and what came out otherwise."""

    items: int
    events: int
    mismatches: tuple[Mismatch, ...]

    def counts(self) -> dict[str, int]:
        """As a run counts it."""
        return {"items": self.items, "events": self.events, "differences": len(self.mismatches)}


@task(name="prove-courses", task_run_name="prove-courses", cache_policy=NO_CACHE)
def prove_courses(desk: Desk, since: datetime, until: datetime) -> Proof:
    """Replay every item that did anything in the span, from its beginning; each by itself."""
    events, mismatches = 0, []
    with reading(desk.engine) as connection:
        known = KnownDefinitions(connection, desk)
        touched = [item_id for item_id, _ in items_touched(connection, since, until)]
        stored = {one.item_id: one for one in load_items(connection, touched)}
        for item_id, courses in read_courses(connection, touched):
            events += sum(1 for row in courses if row.event.at >= since)
            now = stored.get(item_id)
            found = prove(courses, known.find, task_ids(connection, item_id), since, now.item if now else None)
            mismatches += found
    return Proof(len(touched), events, tuple(mismatches))


def publish_proof(desk: Desk, proof: Proof) -> None:
    """Show the differences as the artifact `process-proof`; one row that says so when there is none."""
    language = desk.office.language
    rows: Sequence[dict[str, str]] = [mismatch_row(one, language) for one in proof.mismatches[:_MOST_SHOWN]]
    exact = "воспроизведено точно" if language == "ru" else "reproduced exactly"
    described = f"{proof.items} items, {proof.events} events, {len(proof.mismatches)} differences"
    publish_table("process-proof", rows or [{"proof": f"{exact}: {proof.events}"}], described)


def proof_notes(desk: Desk, proof: Proof) -> list[str]:
    """The first differences as remarks of the run."""
    return [mismatch_line(one, desk.office.language) for one in proof.mismatches[:_MOST_NOTED]]
