"""Work that is done rather than voted on: who may close it, when, and who is asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tasks.rules.process.decisions import AskWork, BeginWork, CloseWork, Reassign, Withdraw
from tasks.rules.process.definition import Definition
from tasks.rules.process.state import Item, OfficeFacts
from tasks.rules.process.step import step
from tests.rules.process.process_samples import (
    CLIENT,
    FACTS,
    away,
    begun,
    event,
    fact,
    moves,
    of,
    process,
    refused,
    run,
    told,
)


def new_owners(decisions: object) -> list[tuple[str, str]]:
    """From whom to whom open work goes."""
    return [(one.before.owner[7:], one.after.owner[7:]) for one in of(Reassign, decisions)]  # type: ignore[arg-type]


def stopped(definition: Definition, item: Item, *answer: Any, facts: OfficeFacts = FACTS, **more: Any) -> object:
    """Why an answer is refused."""
    return refused(step(definition, facts, item, event(*answer, **more))[1])


TASKS = process("""
fields:
  {papers: {type: list}, wanted: {type: list}, who: {type: person}, client: {type: contact}, note: {type: text}}
work:
  job:
    {kind: task, who: [who], watch: [head], closed_by: [manager], close_if: {papers: {covers: $wanted}}, say: papers!}
  both: {kind: task, who: [dispatcher, head], need: all}
  one: {kind: task, who: [dispatcher, head]}
  call: {kind: question, who: [client]}
stages:
  s:
    rules:
      - {event: ask_job, do: [{ask: job}]}
      - {event: ask_both, do: [{ask: both}]}
      - {event: ask_one, do: [{ask: one}]}
      - {event: ask_call, do: [{ask: call}]}
      - {event: stop, do: [{withdraw: one}]}
      - {work: job begun, do: [{notify: {to: [head], text: begun}}]}
      - {work: job done, do: [{notify: {to: [head], text: job}}]}
      - {work: both done, do: [{notify: {to: [head], text: both}}]}
      - {work: one done, do: [{notify: {to: [head], text: one}}]}
      - {work: call done, do: [{notify: {to: [head], text: call}}]}
""")


def test_a_task_does_not_close_without_its_documents_nor_by_another() -> None:
    item = begun(TASKS, who="person:executor", wanted=["act", "bill"], papers=["act"])
    item, decisions = run(TASKS, item, event("ask_job"))
    assert [(one.owed.owner, one.watchers) for one in of(AskWork, decisions)] == [("person:executor", ("person:head",))]
    done = event("done", "manager", minutes=2, work="job")
    assert stopped(TASKS, item, "done", "executor", minutes=2, work="job") == [("who", "job")]
    assert refused(step(TASKS, FACTS, item, done)[1]) == [("words", "job"), ("missing", "papers")]
    item, decisions = step(TASKS, FACTS, item, replace(done, sets={"papers": ["act", "bill"]}, text="done it"))
    assert told(decisions) == [("head", "job")]
    assert [(one.by, one.text, one.is_vote) for one in of(CloseWork, decisions)] == [
        ("person:manager", "done it", False)
    ]
    assert refused(step(TASKS, FACTS, item, replace(done, key="again"))[1]) == [("closed", "job")]


def test_a_task_is_begun_once_by_its_owner() -> None:
    item, _ = run(TASKS, begun(TASKS, who="person:executor"), event("ask_job"))
    item, decisions = step(TASKS, FACTS, item, event("begin", "executor", minutes=2, work="job"))
    assert (told(decisions), len(of(BeginWork, decisions))) == ([("head", "begun")], 1)
    assert stopped(TASKS, item, "begin", "executor", minutes=3, work="job") == [("closed", "job")]
    assert stopped(TASKS, item, "begin", "manager", minutes=3, work="job") == [("who", "job")]


def test_need_counts_for_tasks_too() -> None:
    item, _ = run(TASKS, begun(TASKS), event("ask_both"), event("ask_one"))
    item, decisions = step(TASKS, FACTS, item, event("done", "head", minutes=2, work="both"))
    assert told(decisions) == []
    item, decisions = step(TASKS, FACTS, item, event("done", "dispatcher", minutes=3, work="both"))
    assert told(decisions) == [("head", "both")]
    item, decisions = step(TASKS, FACTS, item, event("done", "dispatcher", minutes=4))
    assert (told(decisions), len(of(Withdraw, decisions))) == ([("head", "one")], 1)


def test_an_answer_that_names_no_work_must_be_plain() -> None:
    item, _ = run(TASKS, begun(TASKS), event("ask_both"), event("ask_one"))
    _, (refusal,) = step(TASKS, FACTS, item, event("done", "head", minutes=2))
    assert refusal.reasons[0].wanted == ("both", "one")  # type: ignore[union-attr]
    assert stopped(TASKS, item, "approve", "head", minutes=2) == [("nothing_asked", "")]
    item, decisions = step(TASKS, FACTS, item, event("approve", "head", minutes=2, work="one"))
    assert told(decisions) == [("head", "one")]


def test_a_contact_answers_a_question_and_one_without_address_is_called() -> None:
    item, decisions = run(TASKS, begun(TASKS, client=CLIENT), event("ask_call"))
    assert [one.owed.owner for one in of(AskWork, decisions)] == [CLIENT]
    item, decisions = step(TASKS, FACTS, item, event("done", CLIENT, minutes=2, sets={"note": "blue"}))
    assert (item.fields["note"], told(decisions)) == ("blue", [("head", "call")])
    _, decisions = run(TASKS, begun(TASKS, client="contact:9"), event("ask_call"))
    assert [(one.owed.owner, one.owed.instead_of) for one in of(AskWork, decisions)] == [
        ("person:operator", "contact:9")
    ]


def test_a_rule_may_take_work_back() -> None:
    item, decisions = run(TASKS, begun(TASKS), event("ask_one"), event("stop", minutes=2))
    assert ([one.because for one in of(Withdraw, decisions)], item.work["one"].state) == (["rule", "rule"], "withdrawn")
    assert moves(decisions) == []


def test_another_person_in_the_field_takes_over_open_work() -> None:
    item, _ = run(TASKS, begun(TASKS, who="person:executor"), event("ask_job"))
    _, decisions = step(TASKS, FACTS, item, event("changed", minutes=2, sets={"who": "person:clerk"}))
    assert [(one.before.owner, one.after.owner) for one in of(Reassign, decisions)] == [
        ("person:executor", "person:clerk")
    ]


def test_a_role_keeps_whom_it_asked_and_the_least_loaded_is_asked() -> None:
    definition = process(
        "work: {j: {kind: task, who: [accounting]}}\nstages: {s: {enter: [{ask: j}], rules: [{event: go, to: s}]}}"
    )
    busy = replace(FACTS, loads={"person:accounting": 2})
    item, _ = step(definition, busy, begun(definition), event("go"))
    assert item.work["j"].rows[0].owner == "person:clerk"
    item, decisions = step(
        definition, replace(FACTS, loads={"person:clerk": 5}), item, fact("absence_changed", minutes=2)
    )
    assert (item.work["j"].rows[0].owner, decisions) == ("person:clerk", ())
    gone = away("clerk")
    item, _ = step(definition, gone, item, fact("absence_changed", minutes=3))
    assert item.work["j"].rows[0].owner == "person:accounting"
