"""Every few minutes: what people answered and what has become due moves leads and deals on."""

from __future__ import annotations

from prefect import flow

from flows.opening import open_shift
from flows.run_request import RunRequest
from tasks.advance import advance_items
from tasks.door_acts import carry_out_decisions
from tasks.process_tools.answering import answer_exceptions
from tasks.rules.summary import RunSummary


class AdvanceRequest(RunRequest):
    """Nothing but the moment: everything that waits until then is taken."""


@flow(name="advance-deals", flow_run_name="deals as of {request.when}")
async def advance_deals(request: AdvanceRequest = AdvanceRequest()) -> RunSummary:
    """Leads get their manager, answers move deals on, forgotten and overdue things are reminded of.

    Назначает лиды, двигает сделки по ответам людей и срокам, напоминает о забытом и просроченном.
    """
    with open_shift("advance-deals", request) as shift:
        shift.add(decisions=carry_out_decisions(shift.desk, shift.now))
        shift.add(**answer_exceptions(shift.desk, shift.now))
        shift.add(**advance_items(shift.desk, shift.now))
        return shift.summary()
