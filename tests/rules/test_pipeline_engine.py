"""The engine over the sample service pipeline: commands, votes, clocks, refusals, and what must never matter."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.pipeline_engine import step
from tasks.rules.pipeline_parts import Pipeline, Rule, Trigger
from tasks.rules.pipeline_state import (
    Event,
    HeldError,
    Incident,
    IssueInvoice,
    Item,
    Move,
    Notify,
    Refuse,
    SetField,
    Withdraw,
)
from tasks.rules.pipeline_view import latest, next_clock, work_state
from tests.rules.pipeline_samples import (
    ACCOUNTING,
    CHIEF,
    CLIENT,
    DISPATCHER,
    EXECUTOR,
    FACTS,
    FILLED,
    MANAGER,
    NOON,
    OPERATOR,
    agreeing,
    approving,
    asked,
    away,
    new_item,
    service,
    started,
    take,
)

PIPELINE = service()
ALL_PAPERS = {"documents": ("act", "contract", "invoice")}


def _reasons(decisions: object) -> list[tuple[str, str]]:
    assert isinstance(decisions, tuple)
    assert len(decisions) == 1
    assert isinstance(decisions[0], Refuse)
    return [(reason.kind, reason.name) for reason in decisions[0].reasons]


def test_the_start_tells_the_dispatcher_and_asks_for_the_work() -> None:
    item, decisions = take(PIPELINE, new_item(), "start", OPERATOR)
    assert item.stage == "planning"
    assert asked(decisions) == [("conduct", DISPATCHER), ("price", DISPATCHER)]
    assert [one.wording for one in decisions if isinstance(one, Notify)] == ["deal_started"]


@pytest.mark.parametrize(
    ("actor", "fields", "expected"),
    [
        (EXECUTOR, {}, [("who", "")]),
        (MANAGER, {"dispatcher": None}, [("words", ""), ("empty", "dispatcher")]),
        (MANAGER, {"kind": None}, [("words", ""), ("empty", "kind")]),
    ],
)
def test_a_start_that_is_not_allowed_changes_nothing(actor: str, fields: dict[str, None], expected: object) -> None:
    before = new_item(**fields)
    item, decisions = step(PIPELINE, FACTS, before, Event("k", NOON, "start", actor))
    assert item == before
    assert _reasons(decisions) == expected


def test_an_unfilled_price_list_names_what_is_missing() -> None:
    _, decisions = take(PIPELINE, started(PIPELINE), "done", DISPATCHER, work="price")
    assert [name for kind, name in _reasons(decisions) if kind == "empty"] == ["lines", "cost", "executor", "work_at"]


def test_the_answer_done_to_the_wrong_mail_closes_the_only_task_it_can_mean() -> None:
    item, _ = take(PIPELINE, started(PIPELINE), "done", DISPATCHER, work="conduct", sets=FILLED)
    assert item.stage == "agreeing"
    assert work_state(PIPELINE, item, "conduct") == "open"


@given(st.permutations([CLIENT, EXECUTOR]))
def test_the_order_of_confirmations_does_not_matter(order: list[str]) -> None:
    item = agreeing(PIPELINE)
    for actor in order:
        assert item.stage == "agreeing"
        item, _ = take(PIPELINE, item, "approve", actor, work="time_agreed")
    assert item.stage == "approving"
    assert asked(take(PIPELINE, item, "changed", DISPATCHER, is_command=False, sets={"tries": 1})[1]) == []
    assert {owed.owner for owed in latest(item, "approval")} == {DISPATCHER, MANAGER}


ANSWERS = st.tuples(
    st.sampled_from(["begin", "done", "approve", "decline", "start", "cancel", "lose"]),
    st.sampled_from([CLIENT, EXECUTOR, DISPATCHER, MANAGER, ACCOUNTING]),
    st.sampled_from(["", "conduct", "price", "time_agreed", "approval", "papers", "payment"]),
    st.sampled_from([{}, FILLED, ALL_PAPERS, {"reason": "x"}]),
)


@given(st.lists(ANSWERS, max_size=25))
def test_whatever_people_answer_the_item_stays_sound(answers: list[tuple[str, str, str, dict[str, object]]]) -> None:
    item = new_item()
    for name, actor, work, sets in answers:
        before = item
        item, decisions = take(PIPELINE, item, name, actor, work=work, sets=sets)
        if any(isinstance(one, Refuse) for one in decisions):
            assert (item, len(decisions)) == (before, 1)
        for piece in PIPELINE.work.values():
            open_owners = [o.owner for o in latest(item, piece.name) if o.state == "open"]
            assert len(open_owners) == len(set(open_owners))
            if item.outcome and piece.name != "payment":
                assert not open_owners
        assert item.visit - before.visit == sum(isinstance(one, Move) for one in decisions)


@given(ANSWERS)
def test_an_answer_repeated_decides_nothing_twice(answer: tuple[str, str, str, dict[str, object]]) -> None:
    name, actor, work, sets = answer
    for item in (started(PIPELINE), agreeing(PIPELINE), approving(PIPELINE)):
        once, _ = take(PIPELINE, item, name, actor, work=work, sets=sets)
        task = next((o.task_id for o in reversed(item.owed) if o.name == work and o.owner == actor), None)
        if task is None:
            continue
        again, decisions = step(PIPELINE, FACTS, once, Event("k2", NOON, name, actor, sets=sets, task_id=task))
        closed = [o for o in once.owed if o.task_id == task and o.state != "open"]
        if closed and name in ("approve", "decline"):
            assert isinstance(decisions[0], Refuse)
            assert again == once


def test_another_time_voids_the_confirmations_and_asks_again() -> None:
    item, _ = take(PIPELINE, agreeing(PIPELINE), "approve", CLIENT, work="time_agreed")
    item, decisions = take(
        PIPELINE, item, "changed", DISPATCHER, is_command=False, sets={"work_at": "2026-11-20T07:00:00+00:00"}
    )
    assert [one.owed.owner for one in decisions if isinstance(one, Withdraw)] == [CLIENT, EXECUTOR]
    assert asked(decisions) == [("time_agreed", CLIENT), ("time_agreed", EXECUTOR)]
    assert {owed.round for owed in latest(item, "time_agreed")} == {2}


def test_a_vote_for_what_was_asked_before_is_not_counted() -> None:
    item = agreeing(PIPELINE)
    old = next(owed.task_id for owed in item.owed if owed.name == "time_agreed" and owed.owner == CLIENT)
    sets = {"work_at": "2026-11-20T07:00:00+00:00"}
    item, _ = take(PIPELINE, item, "changed", DISPATCHER, is_command=False, sets=sets)
    after, decisions = step(PIPELINE, FACTS, item, Event("k", NOON, "approve", CLIENT, task_id=old))
    assert after == item
    assert _reasons(decisions) == [("closed", "time_agreed")]


def test_a_declined_approval_returns_to_planning_and_withdraws_the_other_vote() -> None:
    item, decisions = take(
        PIPELINE, approving(PIPELINE), "decline", MANAGER, work="approval", sets={"reason": "too dear"}
    )
    assert item.stage == "planning"
    assert [one.owed.owner for one in decisions if isinstance(one, Withdraw)] == [DISPATCHER]
    assert ("price", DISPATCHER) in asked(decisions)


def test_a_dear_order_needs_three_votes() -> None:
    lines = (replace(FILLED["lines"][0], price=FILLED["lines"][0].price * 100),)
    item, _ = take(PIPELINE, started(PIPELINE), "done", DISPATCHER, work="price", sets={**FILLED, "lines": lines})
    item, _ = take(PIPELINE, item, "approve", CLIENT, work="time_agreed")
    _, decisions = take(PIPELINE, item, "approve", EXECUTOR, work="time_agreed")
    assert [owner for _, owner in asked(decisions)] == [DISPATCHER, MANAGER, OPERATOR]


def _scheduled() -> Item:
    item, _ = take(PIPELINE, approving(PIPELINE), "approve", DISPATCHER, work="approval")
    return take(PIPELINE, item, "approve", MANAGER, work="approval")[0]


def test_the_order_closes_only_with_every_document_and_the_money_comes_after() -> None:
    item, _ = take(PIPELINE, _scheduled(), "done", EXECUTOR, work="papers", sets={"documents": ("act", "invoice")})
    assert item.stage == "documents"
    _, decisions = take(PIPELINE, item, "done", MANAGER)
    assert _reasons(decisions) == [("words", ""), ("missing", "documents")]
    item, decisions = take(PIPELINE, item, "changed", DISPATCHER, is_command=False, sets=ALL_PAPERS)
    assert [one.to for one in decisions if isinstance(one, Notify)] == [MANAGER]
    item, decisions = take(PIPELINE, item, "done", MANAGER)
    kinds = [type(one) for one in decisions]
    told = next(n for n, one in enumerate(decisions) if isinstance(one, Notify) and one.to == ACCOUNTING)
    assert told < kinds.index(Move) < kinds.index(IssueInvoice)
    assert (item.stage, item.outcome) == ("won", "won")
    item, decisions = take(PIPELINE, item, "done", ACCOUNTING, work="payment")
    assert item.stage == "paid"
    assert SetField("paid_at", NOON.isoformat()) in decisions


def test_an_absent_approver_is_asked_through_the_substitute() -> None:
    item, _ = take(PIPELINE, agreeing(PIPELINE), "approve", CLIENT, work="time_agreed")
    facts = away(MANAGER, CHIEF)
    _, decisions = take(PIPELINE, item, "approve", EXECUTOR, work="time_agreed", facts=facts)
    assert [owner for _, owner in asked(decisions)] == [DISPATCHER, CHIEF]


def test_a_client_without_an_address_is_called_by_the_dispatcher() -> None:
    facts = replace(FACTS, reachable=frozenset())
    _, decisions = take(PIPELINE, started(PIPELINE), "done", DISPATCHER, work="price", sets=FILLED, facts=facts)
    assert asked(decisions) == [("time_agreed", DISPATCHER), ("time_agreed", EXECUTOR)]


def test_a_clock_fires_once_at_its_own_time() -> None:
    item = started(PIPELINE)
    clock = next_clock(PIPELINE, FACTS.calendar, item)
    assert clock is not None
    assert (clock.name, clock.due) == ("work:price:1", NOON + timedelta(hours=23))
    event = Event("k", clock.due, "clock", "clock", is_command=False, clock=clock.name)
    item, decisions = step(PIPELINE, FACTS, item, event)
    assert [one.person for one in decisions if isinstance(one, Incident)] == [DISPATCHER]
    following = next_clock(PIPELINE, FACTS.calendar, item)
    assert following is not None
    assert following.name == "within"


def test_another_time_or_price_after_the_approval_must_be_agreed_again() -> None:
    item, decisions = take(
        PIPELINE, _scheduled(), "changed", DISPATCHER, is_command=False, sets={"work_at": "2026-11-20T07:00:00+00:00"}
    )
    assert item.stage == "agreeing"
    assert asked(decisions) == [("time_agreed", CLIENT), ("time_agreed", EXECUTOR)]
    dearer = (*FILLED["lines"], *FILLED["lines"])
    item, decisions = take(PIPELINE, _scheduled(), "changed", DISPATCHER, is_command=False, sets={"lines": dearer})
    assert item.stage == "approving"
    assert asked(decisions) == [("approval", DISPATCHER), ("approval", MANAGER)]


def test_a_second_visit_starts_its_clocks_anew() -> None:
    item = replace(approving(PIPELINE), fired=frozenset({"within"}))
    assert "within" not in [getattr(next_clock(PIPELINE, FACTS.calendar, replace(item, owed=())), "name", "")]
    item, _ = take(PIPELINE, item, "decline", MANAGER, work="approval")
    clock = next_clock(PIPELINE, FACTS.calendar, replace(item, owed=()))
    assert clock is not None
    assert clock.name == "within"


def _circle() -> Pipeline:
    there = Rule("new.0", Trigger("as_soon_as"), to="planning")
    back = Rule("planning.0", Trigger("as_soon_as"), to="new")
    stages = dict(PIPELINE.stages)
    stages["new"] = replace(stages["new"], rules=(there,))
    stages["planning"] = replace(stages["planning"], rules=(back,))
    return replace(PIPELINE, stages=stages)


def test_rules_that_run_in_a_circle_hold_the_item() -> None:
    with pytest.raises(HeldError, match="circle"):
        step(_circle(), FACTS, new_item(), Event("k", NOON, "changed", MANAGER, is_command=False))


def test_a_stage_whose_needs_are_empty_refuses_a_command_and_holds_after_a_fact() -> None:
    bare = replace(PIPELINE.work["price"], close_if=PIPELINE.work["papers"].close_if)
    loose = replace(PIPELINE, work={**PIPELINE.work, "price": bare})
    _, decisions = take(loose, started(loose), "done", DISPATCHER, work="price")
    assert ("empty", "executor") in _reasons(decisions)
    hasty = Rule("planning.9", Trigger("as_soon_as"), to="agreeing")
    stages = dict(loose.stages)
    stages["planning"] = replace(stages["planning"], rules=(hasty,))
    with pytest.raises(HeldError, match="executor"):
        step(replace(loose, stages=stages), FACTS, started(loose), Event("k", NOON, "changed", "", is_command=False))
