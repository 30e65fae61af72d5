"""Rule 7: who is asked, whose answer counts, when it is void, and that nothing counts twice."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from tasks.rules.process.decisions import AskWork, DecideWork, Reassign, Withdraw
from tasks.rules.process.definition import Definition
from tasks.rules.process.state import Item, OfficeFacts
from tasks.rules.process.step import step
from tasks.rules.process.view import content_hash
from tests.rules.process.process_samples import (
    FACTS,
    LINES,
    NOON,
    STAFF,
    away,
    begun,
    event,
    fact,
    held,
    of,
    process,
    refused,
    run,
)


def votes(need: str, *, more: str = "", who: str = "[manager, dispatcher, head]") -> str:
    """A process with one vote."""
    return f"""
fields: {{manager: {{type: person}}, text: {{type: text}}, at: {{type: time}}, lines: {{type: list}},
  cost: {{type: money, compute: {{sum: lines}}}}}}
work:
  vote: {{kind: approval, who: {who}, need: {need}, due: 1h, binds: [text, cost]{more}}}
stages:
  s:
    enter: [{{ask: vote}}]
    rules: [{{work: vote approved, to: yes}}, {{work: vote declined, to: no}}, {{event: again, to: s}}]
  yes: {{status: approved}}
  no: {{status: declined}}
"""


def new_owners(decisions: object) -> list[tuple[str, str]]:
    """From whom to whom open work goes."""
    return [(one.before.owner[7:], one.after.owner[7:]) for one in of(Reassign, decisions)]  # type: ignore[arg-type]


def stopped(definition: Definition, item: Item, *answer: Any, facts: OfficeFacts = FACTS, **more: Any) -> object:
    """Why an answer is refused."""
    return refused(step(definition, facts, item, event(*answer, **more))[1])


def vote(item: Item, definition: Definition, *answers: str, facts: OfficeFacts = FACTS) -> Item:
    """Votes one after another: '+manager' for yes, '-head' for no."""
    for n, answer in enumerate(answers):
        verb = "approve" if answer.startswith("+") else "decline"
        item, _ = step(definition, facts, item, event(verb, answer[1:], minutes=n + 1, work="vote"))
    return item


@pytest.mark.parametrize(
    ("need", "answers", "stage"),
    [
        ("all", ("+manager", "+dispatcher", "+head"), "yes"),
        ("all", ("+manager", "+dispatcher"), "s"),
        ("all", ("-manager",), "no"),
        ("any", ("+head",), "yes"),
        ("any", ("-head", "-manager"), "s"),
        ("any", ("-head", "-manager", "-dispatcher"), "no"),
        ("2", ("+head", "-manager", "+dispatcher"), "yes"),
        ("2", ("+head", "-manager", "-dispatcher"), "no"),
    ],
)
def test_need_decides_in_any_order(need: str, answers: tuple[str, ...], stage: str) -> None:
    definition = process(votes(need))
    for order in permutations(answers):
        assert vote(begun(definition), definition, *order).stage == stage


def test_one_vote_per_person_and_none_after_the_decision() -> None:
    definition = process(votes("2"))
    item = vote(begun(definition), definition, "+head")
    again = step(definition, FACTS, item, event("approve", "head", work="vote", minutes=5))[1]
    assert refused(again) == [("closed", "vote")]
    item, decisions = step(definition, FACTS, item, event("approve", "manager", work="vote", minutes=6))
    assert [(one.owed.owner, one.because) for one in of(Withdraw, decisions)] == [("person:dispatcher", "decided")]
    assert of(DecideWork, decisions) == [DecideWork("vote", 1, "approved", "person:manager")]
    _, (refusal,) = step(definition, FACTS, item, event("decline", "dispatcher", work="vote", minutes=7))
    (reason,) = refusal.reasons  # type: ignore[union-attr]
    assert (reason.kind, reason.found, reason.by, (reason.at - NOON).seconds) == (
        "closed",
        "approved",
        "person:manager",
        360,
    )


def test_only_who_is_asked_may_vote() -> None:
    definition = process(votes("all"))
    item = begun(definition)
    assert stopped(definition, item, "approve", "executor", work="vote") == [("who", "vote")]
    assert stopped(definition, item, "approve", "executor") == [("nothing_asked", "")]
    assert stopped(definition, item, "approve", "head", work="voet") == [("unknown", "voet")]
    assert stopped(definition, item, "done", "head", work="vote") == [("nothing_asked", "vote")]
    assert stopped(definition, item, "approve", "head", task_id=9) == [("closed", "")]


def test_a_substitute_s_vote_counts_once_and_so_does_the_one_of_who_comes_back() -> None:
    definition = process(votes("all", who="[manager, dispatcher]"))
    facts = away("manager", "person:head")
    item, decisions = step(definition, facts, begun(definition), event("again"))
    assert [(one.owed.owner, one.owed.instead_of) for one in of(AskWork, decisions)] == [
        ("person:head", "person:manager"),
        ("person:dispatcher", ""),
    ]
    voted = vote(item, definition, "+head", facts=facts)
    assert stopped(definition, voted, "approve", "manager", minutes=9, work="vote", facts=facts) == [("who", "vote")]
    assert vote(item, definition, "+manager", "+dispatcher", facts=facts).stage == "yes"


def test_an_absence_moves_open_work_and_its_end_moves_it_back() -> None:
    definition = process(votes("all", who="[manager, dispatcher]"))
    item = vote(begun(definition, manager="person:manager"), definition, "+dispatcher")
    gone = away("manager", "person:clerk")
    item, decisions = step(definition, gone, item, fact("absence_changed", minutes=5))
    assert [(one.before.owner, one.after.owner) for one in of(Reassign, decisions)] == [
        ("person:manager", "person:clerk")
    ]
    assert step(definition, gone, item, fact("absence_changed", minutes=6)) == (item, ())
    item, decisions = step(definition, FACTS, item, fact("absence_changed", minutes=7))
    assert [(one.before.owner, one.after.owner) for one in of(Reassign, decisions)] == [
        ("person:clerk", "person:manager")
    ]
    assert vote(item, definition, "+manager").stage == "yes"


def test_a_substitute_who_is_asked_already_answers_for_both() -> None:
    definition = process(votes("all", who="[manager, dispatcher]"))
    gone = away("manager", "person:dispatcher")
    item, decisions = step(definition, gone, begun(definition, manager="person:manager"), fact("absence_changed"))
    assert [one.owed.owner for one in of(Withdraw, decisions)] == ["person:manager"]
    assert [set(one.after.slots) for one in of(Reassign, decisions)] == [{"dispatcher", "manager"}]
    assert vote(item, definition, "+dispatcher", facts=gone).stage == "yes"
    back, decisions = step(definition, FACTS, item, fact("absence_changed", minutes=2))
    assert [one.owed.owner for one in of(AskWork, decisions)] == ["person:manager"]
    assert vote(back, definition, "+dispatcher").stage == "s"
    assert vote(back, definition, "+dispatcher", "+manager").stage == "yes"


def test_one_person_in_two_slots_is_asked_once_and_speaks_for_both() -> None:
    definition = process(votes("all", who="[manager, dispatcher]"))
    item, decisions = step(definition, FACTS, begun(definition), event("again", sets={"manager": "person:dispatcher"}))
    assert [one.owed.slots for one in of(AskWork, decisions)] == [("manager", "dispatcher")]
    assert vote(item, definition, "+dispatcher").stage == "yes"


FOUR = process(votes("all", who="[manager, head]", more=", distinct: true"))


def test_nobody_approves_what_they_began_or_made() -> None:
    staff = STAFF | {"person:second": replace(STAFF["person:manager"], ref="person:second", key="second")}
    facts = replace(FACTS, staff=staff)
    item, decisions = step(FOUR, facts, replace(begun(FOUR), author="person:manager"), event("again", "clerk"))
    assert [one.owed.owner for one in of(AskWork, decisions)] == ["person:second", "person:head"]
    assert stopped(FOUR, item, "approve", "manager", minutes=2, work="vote", facts=facts) == [("four_eyes", "vote")]
    item, decisions = step(FOUR, facts, begun(FOUR), event("again", "head", sets={"text": "mine"}))
    assert held(decisions) == [("nobody", "vote")]
    assert item.is_held


def test_with_four_eyes_one_person_is_not_asked_for_two_slots() -> None:
    item, decisions = step(FOUR, FACTS, begun(FOUR), event("again", "clerk", sets={"manager": "person:head"}))
    assert held(decisions) == [("nobody", "vote")]
    assert item.work["vote"].round == 1


def test_an_absence_that_leaves_one_person_for_two_votes_changes_nothing() -> None:
    gone = away("manager", "person:head")
    item = begun(FOUR, manager="person:manager")
    after, _ = step(FOUR, gone, item, fact("absence_changed"))
    rows = [(row.owner, row.state) for row in after.work["vote"].rows]
    assert rows == [("person:manager", "open"), ("person:head", "open")]
    voted = vote(after, FOUR, "+head", facts=gone)
    assert stopped(FOUR, voted, "approve", "head", minutes=9, work="vote", facts=gone)
    assert voted.stage == "s"


def test_a_change_of_the_content_voids_votes_and_asks_again() -> None:
    definition = process(votes("all", who="[manager, dispatcher]"))
    item = vote(begun(definition), definition, "+dispatcher")
    old = item.work["vote"]
    assert old.content_hash == content_hash(definition, item, "vote")
    item, decisions = step(definition, FACTS, item, fact("changed", minutes=5, sets={"text": "new"}))
    assert [(one.owed.owner, one.is_vote_void) for one in of(Withdraw, decisions)] == [
        ("person:manager", False),
        ("person:dispatcher", True),
    ]
    assert [
        (one.owed.round, one.content_hash == content_hash(definition, item, "vote")) for one in of(AskWork, decisions)
    ] == [
        (2, True),
        (2, True),
    ]
    for stale in ({"round": 1}, {"content_hash": old.content_hash}):
        why = stopped(definition, item, "approve", "manager", minutes=6, work="vote", **stale)
        assert why == [("outdated", "vote")]
    assert vote(item, definition, "+manager", "+dispatcher").stage == "yes"


def test_content_that_stays_the_same_voids_nothing() -> None:
    definition = process(votes("all", who="[manager, dispatcher]"))
    item = begun(definition, lines=LINES)
    doubled = (replace(LINES[0], title="Другое"),)
    _, decisions = step(
        definition, FACTS, item, fact("changed", sets={"lines": doubled, "at": "2026-11-19T10:00:00+03:00"})
    )
    assert of(Withdraw, decisions) == []
    _, decisions = step(definition, FACTS, item, fact("changed", sets={"lines": (*LINES, *LINES)}))
    assert len(of(Withdraw, decisions)) == len(of(AskWork, decisions)) == 2


def test_a_decided_vote_is_void_too_and_asked_again_while_its_stage_lasts() -> None:
    definition = process("""
fields: {text: {type: text}, ok: {type: flag}}
work: {vote: {kind: approval, who: [head], binds: [text]}}
stages:
  s: {enter: [{ask: vote}], rules: [{as_soon_as: {work.vote: approved, ok: true}, to: t}, {event: go, to: u}]}
  t: {status: t}
  u: {rules: [{event: finish, if: {work.vote: approved}, to: t}]}
""")
    item = vote(begun(definition, text="one"), definition, "+head")
    item, _ = step(definition, FACTS, item, fact("changed", minutes=3, sets={"text": "two"}))
    assert (item.work["vote"].round, item.work["vote"].state) == (2, "open")
    item, _ = step(definition, FACTS, item, fact("changed", minutes=4, sets={"ok": True}))
    assert item.stage == "s"
    assert vote(item, definition, "+head").stage == "t"
    item, _ = run(definition, vote(begun(definition, text="one"), definition, "+head"), event("go", minutes=3))
    item, decisions = step(definition, FACTS, item, event("finish", minutes=4, sets={"text": "two"}))
    assert refused(decisions) == [("differs", "work.vote")]
    item, _ = step(definition, FACTS, item, fact("changed", minutes=5, sets={"text": "two"}))
    assert (item.work["vote"].state, item.work["vote"].round) == ("void", 1)


def test_who_approves_does_not_change_the_content_but_who_declines_may_offer_another() -> None:
    definition = process(votes("all", who="[manager, dispatcher]"))
    item = begun(definition, text="one")
    assert stopped(definition, item, "approve", "manager", work="vote", sets={"text": "two"}) == [("bound", "vote")]
    item, decisions = step(definition, FACTS, item, event("decline", "manager", work="vote", sets={"text": "two"}))
    assert (item.stage, item.fields["text"], of(AskWork, decisions)) == ("no", "two", [])


def test_whom_a_vote_is_asked_of_depends_on_the_item() -> None:
    definition = process(votes("all", who="[{if: {text: big}, ask: [manager, head]}, {ask: [manager]}]"))
    assert [row.owner for row in begun(definition, text="big").work["vote"].rows] == ["person:manager", "person:head"]
    assert [row.owner for row in begun(definition).work["vote"].rows] == ["person:manager"]
