"""The recordings of calls: fetched or linked, and removed when their time is over."""

from __future__ import annotations

from prefect import flow
from pydantic import Field

from flows.opening import open_shift
from flows.run_request import RunRequest
from tasks.calls import require_readable
from tasks.recordings import (
    begin_asking,
    due_recordings,
    fetch_chunk,
    forget_recordings,
    note_recordings,
    show_recordings,
)
from tasks.rules.summary import RunSummary


class FetchRecordingsRequest(RunRequest):
    """Whose recordings to fetch."""

    logs: list[str] = Field(
        default=[],
        title="Call logs",
        description="Names of call logs in telephony.yaml whose recordings are asked for; none means all / "
        "Журналы звонков, чьи записи забрать; пусто: все.",
    )


@flow(name="fetch-recordings", flow_run_name="fetch recordings as of {request.when}")
async def fetch_recordings(request: FetchRecordingsRequest = FetchRecordingsRequest()) -> RunSummary:
    """Fetch or link the recordings that call logs name, ask again for those that are not there yet, and remove those
    whose time is over.

    Забирает записи разговоров или хранит ссылки на них, повторяет неудачные попытки и удаляет записи после срока.
    """
    with open_shift("fetch-recordings", request) as shift:
        asking = begin_asking(shift.desk, request.logs)
        shift.add(**note_recordings(shift.desk, shift.now))
        for due in due_recordings(shift.desk, shift.now):
            shift.add(**fetch_chunk(shift.desk, asking, due, shift.now))
        shift.add(**forget_recordings(shift.desk, shift.now))
        show_recordings(shift.desk)
        require_readable(asking.problems)
        return shift.summary()
