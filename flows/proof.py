"""The nightly proof of the process engine: yesterday's course, played again."""

from __future__ import annotations

from prefect import flow
from pydantic import Field

from flows.opening import open_shift
from flows.run_request import RunRequest
from tasks.process_tools.proving import proof_notes, prove_courses, publish_proof
from tasks.process_tools.shadowing import watch_shadows
from tasks.process_tools.spans import span_of_days
from tasks.rules.summary import RunSummary


class ProveRequest(RunRequest):
    """Which days are to be proved."""

    first_day: str = Field(
        default="", title="First day", description="ISO day; empty: yesterday / Первый день, пусто: вчера."
    )
    last_day: str = Field(
        default="", title="Last day", description="ISO day, inclusive; empty: the first / Последний день включительно."
    )


@flow(name="prove-processes", flow_run_name="proof as of {request.when}")
async def prove_processes(request: ProveRequest = ProveRequest()) -> RunSummary:
    """Replay the recorded course of every process of a day with today's engine and files; each difference is shown.

    Ночное доказательство: записанный ход процессов воспроизводится движком точно; каждое расхождение показано.
    Versions that only watch (shadow runs) are brought up to date by the same record.
    """
    with open_shift("prove-processes", request) as shift:
        since, until = span_of_days(shift.desk, request.first_day, request.last_day, shift.now)
        proof = prove_courses(shift.desk, since, until)
        publish_proof(shift.desk, proof)
        shift.notes.extend(proof_notes(shift.desk, proof))
        shift.add(**proof.counts(), shadow_acts=watch_shadows(shift.desk, shift.now))
        return shift.summary()
