"""The telephone: call logs in, calls out."""

from __future__ import annotations

from prefect import flow
from pydantic import Field

from flows.opening import open_shift
from flows.run_request import RunRequest
from tasks.call_facts import refresh_call_facts
from tasks.calls import fold_calls, keep_call_lines, leg_rows, new_portions, require_readable, settle_calls
from tasks.quality import gate_batch
from tasks.rules.summary import RunSummary
from tasks.unwatched import unwatched


class IntakeCallsRequest(RunRequest):
    """Which call logs to take in."""

    logs: list[str] = Field(
        default=[],
        title="Call logs",
        description="Names of call logs in telephony.yaml; none means every active one / "
        "Журналы звонков, пусто: все действующие.",
    )
    early: bool = Field(
        default=False,
        title="Without waiting",
        description="Take up calls that are surely over at once, not after a minute of quiet / "
        "Не ждать минуту тишины, если звонок точно завершён.",
    )


@flow(name="intake-calls", flow_run_name="intake calls as of {request.when}")
async def intake_calls(request: IntakeCallsRequest = IntakeCallsRequest()) -> RunSummary:
    """Take new lines of the call logs, fold them into calls, and make leads, activities and missed calls of them.

    Читает журналы телефонной станции, собирает звонки и решает: лид, дело по клиенту или пропущенный звонок.
    """
    problems: list[str] = []
    with open_shift("intake-calls", request) as shift:
        shift.add(lines=0, legs=0, queue_events=0, refused=0, repeated=0, corrected=0)
        for portion in new_portions(shift.desk, request.logs, shift.now):
            verdict = gate_batch("call_legs", unwatched(leg_rows(portion)), portion.source)
            shift.add(**keep_call_lines(shift.desk, unwatched(portion), unwatched(verdict), shift.now))
            shift.notes.extend(portion.notes)
            problems.extend(portion.problems)
        shift.add(**fold_calls(shift.desk, shift.now, is_early=request.early))
        shift.add(**settle_calls(shift.desk, shift.now))
        shift.add(**refresh_call_facts(shift.desk, shift.now))
        require_readable(problems)
        return shift.summary()
