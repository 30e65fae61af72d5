"""Keeping house: in Prefect itself, and at the doors where mail comes in."""

from __future__ import annotations

from prefect import flow
from pydantic import Field

from flows.opening import open_shift
from flows.run_request import RunRequest
from tasks.finding import index_search
from tasks.mail_silence import check_silence
from tasks.rules.summary import RunSummary
from tasks.upkeep import close_left_overs, free_stale_slots


class ReconcileRequest(RunRequest):
    """What the upkeep of runs may be told."""

    grace_seconds: int = Field(
        default=300,
        ge=0,
        title="Grace, seconds",
        description="How long a claimed run may have no process before it counts as left over / "
        "Сколько секунд запуск может оставаться без процесса.",
    )


@flow(name="reconcile-runs", flow_run_name="reconcile runs, grace {request.grace_seconds} s")
async def reconcile_runs(request: ReconcileRequest = ReconcileRequest()) -> RunSummary:
    """Close runs whose process died with its machine and free the slots they held; tell of mailboxes gone silent; bring
    the search index up to date.

    Закрывает запуски, чей процесс погиб, и освобождает занятые ими места; сообщает о замолчавших ящиках,
    дополняет поисковый указатель.
    """
    with open_shift("reconcile-runs", request) as shift:
        shift.add(**close_left_overs(request.grace_seconds))
        shift.add(slots_freed=free_stale_slots())
        shift.add(**check_silence(shift.desk, shift.now))
        shift.add(**index_search(shift.desk))
        return shift.summary()
