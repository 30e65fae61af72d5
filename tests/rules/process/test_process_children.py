"""Rule 9 and the actions that reach outside an item: sub-processes, calendars, documents, assignment, rights."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tasks.rules.process.decisions import (
    CalendarEvent,
    EndChild,
    Incident,
    MakeDocument,
    Notify,
    SetField,
    StartProcess,
    TakeBack,
)
from tasks.rules.process.definition import Definition
from tasks.rules.process.following import child_ended, follow_ups
from tasks.rules.process.possible import moves_now
from tasks.rules.process.state import Event, Item
from tasks.rules.process.step import begin, step
from tasks.rules.process.view import all_values, has_right, value_of, work_state
from tests.rules.process.process_samples import (
    CLIENT,
    FACTS,
    LINES,
    NOON,
    away,
    begun,
    event,
    fact,
    flaws,
    held,
    moves,
    of,
    process,
    refused,
    run,
    shipped,
    told,
)

PARENT = process("""
process: parent
fields: {n: {type: text}, paid: {type: money}, ready: {type: flag}}
stages:
  s:
    rules:
      - {event: pay, do: [{start: {process: child, as: payment, with: {t: $n, fixed: 3}, returns: {paid: amount}}}]}
      - {event: take_back, do: [{withdraw: payment}]}
      - {event: hold_on, do: [{start: {process: child, as: inner, wait: true}}]}
      - {work: payment won, do: [{notify: {to: [head], text: "paid {paid}"}}]}
      - {work: payment lost, to: bad}
      - {as_soon_as: {ready: true}, to: t}
      - {event: leave, to: t}
  t: {rules: [{event: stop, to: bad}]}
  bad: {ends: lost}
""")
CHILD = process("""
process: child
fields: {t: {type: text}, fixed: {type: number}, amount: {type: money}}
stages:
  open: {rules: [{event: pay, to: paid}, {event: lose, to: gone}]}
  paid: {ends: won}
  gone: {ends: lost}
  off: {ends: cancelled}
""")


def started(item: Item, command: str) -> tuple[Item, StartProcess]:
    """The parent after a command that starts a child."""
    item, decisions = step(PARENT, FACTS, item, event(command))
    (start,) = of(StartProcess, decisions)
    return item, start


def ended(start: StartProcess, command: str) -> Event:
    """The news of a child that a command has ended."""
    child, _ = begin(CHILD, FACTS, key=start.key, at=NOON, author=start.author, fields=start.fields, is_command=False)
    last = event(command, minutes=5, sets={"amount": 7})
    child, _ = step(CHILD, FACTS, child, last)
    return child_ended(child, CHILD, start.name, start.round, last)


def test_a_child_begins_with_mapped_data_and_its_end_wakes_the_parent_once() -> None:
    item, start = started(begun(PARENT, n="D-1"), "pay")
    assert (start.key, start.fields, start.author, start.hops) == (
        "i/payment/1",
        {"t": "D-1", "fixed": 3},
        "person:operator",
        1,
    )
    assert step(PARENT, FACTS, item, event("pay", minutes=2))[1] == ()
    news = ended(start, "pay")
    assert (news.key, news.outcome, news.hops) == ("i/payment/1:ended", "won", 1)
    item, decisions = step(PARENT, FACTS, item, news)
    assert of(SetField, decisions) == [SetField("paid", Decimal(7))]
    assert (told(decisions), work_state(item, "payment")) == ([("head", "paid {paid}")], "won")
    assert step(PARENT, FACTS, item, replace(news, key="again")) == (item, ())
    item, start = started(item, "pay")
    assert (start.round, start.key) == (2, "i/payment/2")
    assert step(PARENT, FACTS, item, news)[1] == ()
    assert moves(step(PARENT, FACTS, item, ended(start, "lose"))[1]) == ["bad"]


def test_the_end_of_a_child_after_the_parent_s_is_kept_but_moves_nothing() -> None:
    item, start = started(begun(PARENT), "pay")
    item, decisions = run(PARENT, item, event("leave", minutes=2), event("stop", minutes=3))
    assert of(EndChild, decisions) == []
    item, decisions = step(PARENT, FACTS, item, ended(start, "pay"))
    assert (decisions, work_state(item, "payment"), item.stage) == ((SetField("paid", Decimal(7)),), "won", "bad")


def test_a_rule_takes_a_child_back_once_and_its_end_is_no_news() -> None:
    item, start = started(begun(PARENT), "pay")
    item, decisions = step(PARENT, FACTS, item, event("take_back", minutes=2))
    assert [(one.name, one.key, one.hops) for one in of(EndChild, decisions)] == [("payment", "i/payment/1", 1)]
    assert work_state(item, "payment") == "cancelled"
    assert step(PARENT, FACTS, item, event("take_back", minutes=3))[1] == ()
    assert step(PARENT, FACTS, item, ended(start, "lose"))[1] == ()
    child, _ = begin(CHILD, FACTS, key=start.key, at=NOON, fields=start.fields, is_command=False)
    news = fact("parent_ended", minutes=2, sets={"t": "why", "no_field_of_the_child": 1})
    child, _ = step(CHILD, FACTS, child, news)
    assert (child.stage, child.outcome, child.fields["t"]) == ("off", "cancelled", "why")


def test_what_is_taken_back_is_work_or_a_sub_process() -> None:
    (flaw,) = flaws("""
process: p
version: 1
entity: thing
stages: {s: {rules: [{event: x, do: [{withdraw: paiment}]}, {event: y, do: [{start: {process: q, as: payment}}]}]}}
""")
    assert "there is no work 'paiment'; did you mean 'payment'?" in flaw


def test_a_waiting_child_stops_automatic_moves_and_ends_with_its_stage() -> None:
    item, start = started(begun(PARENT), "hold_on")
    waiting, decisions = step(PARENT, FACTS, item, fact("changed", minutes=2, sets={"ready": True}))
    assert moves(decisions) == []
    assert moves(step(PARENT, FACTS, waiting, ended(start, "pay"))[1]) == ["t"]
    item, decisions = step(PARENT, FACTS, item, event("leave", minutes=2))
    assert [(one.name, one.key) for one in of(EndChild, decisions)] == [("inner", "i/inner/1")]
    assert work_state(item, "inner") == "cancelled"


def test_only_a_won_order_starts_the_collection_of_documents() -> None:
    definitions = {name: shipped(name) for name in ("service", "collect_documents")}
    order = definitions["service"]
    fields = {"number": "D-1", "client": CLIENT, "manager": "person:manager"}
    last = event("x", "manager")
    for outcome, count in (("won", 1), ("lost", 0), ("cancelled", 0)):
        item = replace(begun(order, **fields), outcome=outcome)
        found = follow_ups(definitions, order, item, last)
        assert len(found) == count
        for start in found:
            assert (start.process, start.key) == ("collect_documents", "i/ended/collect_documents")
            assert start.fields == {"number": "D-1", "client": CLIENT, "closer": "person:manager"}


OUTSIDE = process("""
fields: {who: {type: contact}, at: {type: time}, day: {type: date}, lead: {type: person}, bill: {type: text},
  l: {type: list}, cost: {type: money, compute: {sum: l}}}
stages:
  s:
    rules:
      - {event: meet, do: [{calendar: {who: who, at: at, title: "visit {cost}"}}]}
      - {event: bill, do: [{document: {make: invoice, as: bill, due: 1d working}}]}
      - {event: pick, do: [{assign: {field: lead, from: [accounting, manager]}}]}
      - {event: pick_nobody, do: [{assign: {field: lead, from: [ghost]}}]}
      - {event: blame, do: [{incident: {on: manager, what: slow}}, {incident: {on: accounting, what: slow}}]}
      - {event: stamp, do: [{set: {at: $now, day: $now}}]}
      - {event: write, do: [{notify: {to: [accounting], from: author, text: hello}}, {status: written}]}
      - {event: win, to: won}
      - {event: lose, to: lost}
  won: {ends: won}
  lost: {ends: lost}
""")
AT = "2026-11-20T10:00:00+03:00"


def test_what_was_promised_is_moved_by_its_uid_and_taken_back_when_the_item_is_lost() -> None:
    item, decisions = run(OUTSIDE, begun(OUTSIDE, who=CLIENT, at=AT, l=LINES), event("meet"), event("bill", minutes=2))
    (meeting,), (bill,) = of(CalendarEvent, decisions), of(MakeDocument, decisions)
    assert (meeting.uid, meeting.who, meeting.at) == ("i/calendar/who/at", (CLIENT,), AT)
    assert (bill.make, bill.field, bill.uid) == ("invoice", "bill", "i/document/bill/1")
    assert bill.due_at is not None
    item, decisions = run(OUTSIDE, item, event("meet", minutes=3, sets={"at": "2026-11-21T10:00:00+03:00"}))
    assert [one.uid for one in of(CalendarEvent, decisions)] == [meeting.uid]
    assert of(TakeBack, step(OUTSIDE, FACTS, item, event("win", minutes=4))[1]) == []
    lost = step(OUTSIDE, FACTS, item, event("lose", minutes=4))[1]
    assert [one.uid for one in of(TakeBack, lost)] == [meeting.uid, bill.uid]


def test_a_calendar_event_without_a_time_is_refused() -> None:
    assert refused(step(OUTSIDE, FACTS, begun(OUTSIDE, who=CLIENT), event("meet"))[1]) == [("empty", "at")]
    assert refused(step(OUTSIDE, FACTS, begun(OUTSIDE, at=AT), event("meet"))[1]) == [("empty", "who")]


def test_the_least_loaded_who_is_present_is_assigned() -> None:
    facts = replace(FACTS, loads={"person:accounting": 1, "person:manager": 2})
    item, _ = step(OUTSIDE, facts, begun(OUTSIDE), event("pick"))
    assert item.fields["lead"] == "person:clerk"
    item, _ = step(OUTSIDE, replace(away("clerk"), loads=facts.loads), begun(OUTSIDE), event("pick"))
    assert item.fields["lead"] == "person:accounting"
    assert held(step(OUTSIDE, FACTS, begun(OUTSIDE), event("pick_nobody"))[1]) == [("unassigned", "lead")]


def test_a_breach_is_written_against_a_person_only_when_it_is_clear_whom() -> None:
    _, decisions = step(OUTSIDE, FACTS, begun(OUTSIDE), event("blame"))
    assert [(one.person, one.slot, one.step) for one in of(Incident, decisions)] == [
        ("person:manager", "manager", "s"),
        ("", "accounting", "s"),
    ]


def test_a_notice_goes_to_all_of_a_role_once_and_names_the_author_as_sender() -> None:
    _, decisions = step(OUTSIDE, FACTS, begun(OUTSIDE), event("write", "head"))
    assert [(one.to, one.sender) for one in of(Notify, decisions)] == [
        ("person:accounting", "person:operator"),
        ("person:clerk", "person:operator"),
    ]


def test_now_is_the_time_of_the_event() -> None:
    item, _ = step(OUTSIDE, FACTS, begun(OUTSIDE), event("stamp"))
    assert (item.fields["at"], item.fields["day"]) == ("2026-11-17T09:01:00+00:00", "2026-11-17")
    assert value_of(OUTSIDE, item, "stage") == "s"
    assert all_values(OUTSIDE, replace(item, fields={"l": LINES}))["cost"] == Decimal("1500.00")


@pytest.mark.parametrize(
    ("right", "actor", "expected"),
    [
        ("see", "person:accounting", True),
        ("see", "person:recruiter", False),
        ("export", "person:manager", True),
        ("export", "person:operator", False),
        ("edit_file", "person:head", False),
    ],
)
def test_rights_are_slots(right: str, actor: str, expected: bool) -> None:
    definition = shipped("service")
    assert has_right(definition, FACTS, begun(definition), actor, right, NOON) is expected  # type: ignore[arg-type]
    assert has_right(PARENT, FACTS, begun(PARENT), actor, right, NOON)  # type: ignore[arg-type]
    assert not has_right(PARENT, FACTS, begun(PARENT), CLIENT, right, NOON)  # type: ignore[arg-type]


def test_what_somebody_could_do_is_tried_in_memory() -> None:
    definition: Definition = shipped("service")
    fields = {"number": "D-1", "kind": "periodic", "client": CLIENT, "manager": "person:manager"}
    item = begun(definition, **fields)
    (start, cancel) = moves_now(definition, FACTS, item, "person:manager", NOON)
    assert (start.name, start.is_accepted, start.is_theirs) == ("start", False, True)
    assert [reason.kind for reason in start.reasons] == ["words", "empty"]
    assert (cancel.name, cancel.is_theirs) == ("cancel", True)
    assert [one.is_theirs for one in moves_now(definition, FACTS, item, "person:accounting", NOON)] == [False, False]
    item, _ = step(definition, FACTS, item, event("start", sets={"dispatcher": "person:dispatcher"}))
    at = NOON.replace(minute=2)
    found = moves_now(definition, FACTS, item, "person:dispatcher", at)
    assert [(one.name, one.work, one.is_accepted) for one in found] == [
        ("begin", "conduct", True),
        ("begin", "price", True),
        ("done", "price", False),
        ("cancel", "", False),
    ]
    assert moves_now(definition, FACTS, replace(item, outcome="won"), "person:dispatcher", at) == ()
