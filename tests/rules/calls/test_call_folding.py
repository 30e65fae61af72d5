"""Legs become calls: who, how long, how it ended; and never a number that the source cannot tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.calls.folding import fold_call, is_over
from tasks.rules.calls.records import Call, Leg, QueueEvent

START = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)


def _at(seconds: int) -> datetime:
    return START + timedelta(seconds=seconds)


def _leg(begins: int, ends: int, answered: int | None = None, **changes: Any) -> Leg:
    values: dict[str, Any] = {
        "source": "pbx", "natural_key": f"1.1/{begins}{ends}", "linked_id": "1.1", "started_at": _at(begins),
        "answered_at": None if answered is None else _at(answered), "ended_at": _at(ends),
        "duration_seconds": ends - begins, "talk_seconds": 0 if answered is None else ends - answered,
        "disposition": "no_answer" if answered is None else "answered", "caller_raw": "79000000501",
        "caller_phone": "+79000000501", "callee_raw": "600", "callee_phone": None, "extension": "101", "queue": None,
        "line": None, "direction": "in", "raw_line": "", "file_line": "Master.csv:1",
        "wait_seconds": (ends if answered is None else answered) - begins,
    }  # fmt: skip
    return Leg(**values | changes)


def _event(seconds: int, kind: str, *data: str, queue: str = "600", agent: str = "NONE") -> QueueEvent:
    return QueueEvent("pbx", f"h:{seconds}{kind}", _at(seconds), "1.1", queue, agent, kind, data, "", "queue_log:1")


def _fold(legs: list[Leg], events: list[QueueEvent] | None = None) -> Call:
    return fold_call(legs, events or [], "RU", ["+79000000100"])


def test_a_ring_group_is_one_call_of_who_answered() -> None:
    call = _fold([_leg(0, 9, extension="102"), _leg(0, 69, 9, extension="103"), _leg(0, 9, extension="101")])
    assert (call.outcome, call.wait_seconds, call.talk_seconds, call.leg_count) == ("answered", 9, 60, 3)
    assert (call.extension, call.transfer_count, set(call.rung)) == ("103", 0, {"101", "102", "103"})


def test_waiting_is_told_by_the_queue_not_by_its_music() -> None:
    legs = [_leg(0, 100, 2, queue="600")]
    events = [_event(4, "ENTERQUEUE"), _event(40, "CONNECT", "36", agent="PJSIP/101"), _event(100, "COMPLETEAGENT")]
    call = _fold(legs, events)
    assert (call.wait_seconds, call.answered_at, call.talk_seconds, call.queue) == (36, _at(40), 60, "600")


def test_a_queue_without_its_log_tells_no_waiting() -> None:
    assert _fold([_leg(0, 100, 30, queue="600")]).wait_seconds is None
    lost = _fold([_leg(0, 30, queue="600", extension=None)])
    assert (lost.outcome, lost.wait_seconds) == ("abandoned", None)


@pytest.mark.parametrize(
    ("kind", "outcome"), [("ABANDON", "abandoned"), ("EXITWITHTIMEOUT", "no_answer"), ("EXITEMPTY", "no_answer")]
)
def test_leaving_a_queue(kind: str, outcome: str) -> None:
    call = _fold([_leg(0, 35, 0, queue="600", extension=None)], [_event(5, "ENTERQUEUE"), _event(35, kind)])
    assert (call.outcome, call.wait_seconds, call.talk_seconds, call.extension) == (outcome, 30, 0, None)


def test_an_overflow_belongs_to_the_queue_that_answered() -> None:
    legs = [_leg(0, 20, queue="600"), _leg(20, 90, 30, queue="601", extension="104")]
    events = [_event(0, "ENTERQUEUE"), _event(20, "EXITWITHTIMEOUT"), _event(20, "ENTERQUEUE", queue="601"),
              _event(30, "CONNECT", queue="601")]  # fmt: skip
    call = _fold(legs, events)
    assert (call.queue, call.wait_seconds, call.extension) == ("601", 30, "104")


def test_a_transfer_counts_once_and_a_consultation_is_no_talk_with_the_client() -> None:
    asking = _leg(30, 50, 34, natural_key="2.1/7", direction="internal", extension="101", caller_phone=None)
    call = _fold([_leg(0, 50, 10), asking, _leg(50, 90, 52, extension="201")])
    assert (call.transfer_count, call.talk_seconds, call.extension, call.leg_count) == (1, 78, "201", 3)


def test_desks_that_talk_among_themselves_do_not_answer_the_client() -> None:
    asking = _leg(5, 50, 9, natural_key="2.1/7", direction="internal", extension="101", caller_phone=None)
    call = _fold([_leg(0, 60), asking])
    assert (call.outcome, call.talk_seconds, call.extension) == ("no_answer", 0, None)


def test_two_legs_of_one_conversation_count_once() -> None:
    bridge = _leg(1, 60, 10, natural_key="2.1/2")
    assert _fold([_leg(0, 60, 10), bridge]).talk_seconds == 50


@pytest.mark.parametrize(
    ("dispositions", "outcome"),
    [(("busy",), "busy"), (("failed",), "failed"), (("busy", "failed"), "busy"), (("busy", "no_answer"), "no_answer")],
)
def test_unanswered_calls_end_as_their_legs_did(dispositions: tuple[str, ...], outcome: str) -> None:
    assert _fold([_leg(n, n + 3, disposition=word) for n, word in enumerate(dispositions)]).outcome == outcome


def test_an_outgoing_call_is_of_the_desk_that_made_it() -> None:
    numbers = {"caller_phone": None, "callee_phone": "+79000000201", "callee_raw": "89000000201"}
    call = _fold([_leg(0, 20, direction="out", line="+79000000100", **numbers)])
    assert (call.outcome, call.client_phone, call.extension, call.wait_seconds) == (
        "no_answer",
        "+79000000201",
        "101",
        None,
    )
    assert call.line == "+79000000100"


def test_the_line_is_told_by_the_queues_log_too() -> None:
    assert _fold([_leg(0, 9)], [_event(0, "DID", "79000000100", queue="NONE")]).line == "+79000000100"
    assert _fold([_leg(0, 9)], [_event(0, "DID", "79000000199", queue="NONE")]).line is None


def test_an_answer_known_only_to_the_queue_is_an_answer() -> None:
    call = _fold(
        [_leg(0, 90, queue="600", extension=None)], [_event(1, "ENTERQUEUE"), _event(20, "CONNECT", agent="PJSIP/103")]
    )
    assert (call.outcome, call.extension, call.talk_seconds) == ("answered", "103", 70)


_SECONDS = st.integers(0, 300)
_DESKS = st.sampled_from(["101", "102", None])
_LEGS = st.lists(st.tuples(_SECONDS, _SECONDS, st.none() | _SECONDS, _DESKS), min_size=1, max_size=8)


@given(_LEGS, st.randoms(use_true_random=False))
def test_folding_minds_no_order_and_keeps_its_bounds(drawn: list[Any], shuffler: Any) -> None:
    legs = [
        _leg(begins, begins + length, None if answer is None else begins + min(answer, length),
             natural_key=f"1.1/{number}", extension=desk)
        for number, (begins, length, answer, desk) in enumerate(drawn)
    ]  # fmt: skip
    call = _fold(legs)
    shuffled = list(legs)
    shuffler.shuffle(shuffled)
    assert _fold(shuffled) == call
    assert 0 <= call.talk_seconds <= (call.ended_at - call.started_at).total_seconds()
    assert call.wait_seconds is not None
    assert call.wait_seconds >= 0
    assert (call.outcome == "answered") == (call.answered_at is not None)


def test_a_source_that_tells_no_waiting_gives_none() -> None:
    call = _fold([_leg(0, 60, 0, wait_seconds=None)])
    assert (call.outcome, call.wait_seconds, call.talk_seconds) == ("answered", None, 60)
    assert _fold([_leg(0, 60, 9), _leg(60, 90, wait_seconds=None)]).wait_seconds is None


@pytest.mark.parametrize(
    ("legs", "events", "expected"),
    [
        ([_leg(0, 60, 9)], [], True),
        ([_leg(0, 20, natural_key="c1", linked_id="c1")], [], True),
        ([_leg(0, 60, 2, queue="600")], [], False),
        ([_leg(0, 60, 2, queue="600")], [_event(2, "ENTERQUEUE"), _event(9, "CONNECT")], False),
        ([_leg(0, 60, 2, queue="600")], [_event(2, "ENTERQUEUE"), _event(60, "COMPLETECALLER")], True),
        ([_leg(0, 20, queue="600")], [_event(2, "ENTERQUEUE"), _event(20, "ABANDON")], True),
        # rang at one desk, at several after one another, at several at once: all written when the caller hung up
        ([_leg(0, 20)], [], True),
        ([_leg(0, 20, extension="101"), _leg(20, 45, extension="102")], [], True),
        ([_leg(0, 30, extension="101"), _leg(0, 30, natural_key="1.1/4", disposition="busy")], [], True),
        # follow me rings by channels of its own: theirs come sooner or later than the caller's
        ([_leg(0, 20, natural_key="2.2/7"), _leg(0, 20, natural_key="2.4/8")], [], False),
        ([_leg(0, 20, natural_key="2.2/7"), _leg(0, 41)], [], True),
        # in a queue that has told nothing yet, by the caller's channel or another
        ([_leg(0, 20, queue="600")], [], False),
        ([_leg(0, 20), _leg(0, 20, natural_key="2.2/7", queue="600")], [], False),
        ([_leg(0, 20)], [_event(2, "ENTERQUEUE")], False),
        # a desk's own outgoing call that nobody took
        ([_leg(0, 20, direction="out", wait_seconds=None)], [], True),
    ],
)
def test_only_a_call_that_cannot_change_is_over_at_once(
    legs: list[Leg], events: list[QueueEvent], expected: bool
) -> None:
    assert is_over(legs, events) is expected


def test_a_leg_that_comes_after_the_callers_hanging_up_folds_into_the_same_call() -> None:
    rang = _leg(0, 41)
    late = _leg(2, 41, natural_key="2.2/7", extension="102")
    assert is_over([rang], [])
    assert is_over([rang, late], [])
    before, after = _fold([rang]), _fold([rang, late])
    assert (before.outcome, after.outcome) == ("no_answer", "no_answer")
    assert (before.rung, after.rung, after.leg_count) == (("101",), ("101", "102"), 2)
    answered = _fold([rang, _leg(41, 90, 44, extension="103")])
    assert (answered.outcome, answered.extension) == ("answered", "103")
