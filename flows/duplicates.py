"""Who is it: what a person decides about two contacts that may be one."""

from __future__ import annotations

from typing import Literal

from prefect import flow
from pydantic import Field

from flows.opening import open_shift
from flows.run_request import RunRequest
from tasks.merging import decide_duplicates
from tasks.rules.summary import RunSummary


class DecideDuplicatesRequest(RunRequest):
    """Two contacts, or an earlier merge, and who says so / Два контакта или прежнее слияние, и кто решает."""

    action: Literal["merge", "unmerge", "not_the_same", "same_again"] = Field(
        default="merge",
        title="Action",
        description="merge: the second contact goes into the first; unmerge: undo a merge; not_the_same: two people; "
        "same_again: take that back / Слить, разделить, «разные люди», снять эту отметку.",
    )
    contacts: list[int] = Field(
        default=[],
        title="Contacts",
        description="Numbers of two contacts, the one to keep first / Номера двух контактов, первый остаётся.",
    )
    merge: int = Field(
        default=0,
        ge=0,
        title="Merge",
        description="To undo: the number of the merge / Для отмены: номер слияния.",
    )
    who: str = Field(
        default="",
        title="Who decides",
        description="Key or mail address of the member of staff / Ключ или адрес сотрудника, который решает.",
    )
    note: str = Field(default="", title="Note", description="Why, for colleagues / Почему, для коллег.")

    @property
    def which(self) -> str:
        """What it is about, for the run's name."""
        return f"merge {self.merge}" if self.merge else f"contacts {', '.join(map(str, self.contacts)) or 'none'}"


@flow(name="decide-duplicates", flow_run_name="{request.action} {request.which}")
async def decide_duplicate_contacts(request: DecideDuplicatesRequest = DecideDuplicatesRequest()) -> RunSummary:
    """Merge two contacts that are one person, undo a merge, or say that two are not the same.

    Слить два контакта одного человека, отменить слияние или сказать, что это разные люди.
    """
    with open_shift("decide-duplicates", request) as shift:
        done = decide_duplicates(
            shift.desk, request.action, request.contacts, request.merge, request.who, request.note, shift.now
        )
        shift.add(**done)
        return shift.summary()
