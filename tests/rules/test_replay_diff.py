"""What a replay calls a difference."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.mail.settlement import Letter, Settlement
from tasks.rules.replay_diff import (
    Change,
    MailState,
    Replay,
    diff_mail,
    public_rows,
    replay_json,
    replay_lines,
    would_be,
)

AT = datetime(2026, 11, 17, 9, tzinfo=UTC)
LETTER = Letter("Насос", "body", "reply", "petr@example.com", "Пётр", "+79000000501", "ru")
LEAD = Settlement(7, AT, "unknown_sender", "settled", None, LETTER, makes_lead=True)
SPAM = Settlement(7, AT, "spam", "quarantined", "spam: flag")
HELD = MailState("quarantined", "spam", "spam: flag")


def recorded(settlement: Settlement) -> MailState:
    """How a mail stands in the store that was settled like this."""
    return would_be(settlement, MailState("new", None, None))


def test_the_same_code_finds_nothing() -> None:
    for settlement in (LEAD, SPAM, replace(LEAD, makes_lead=False)):
        was = recorded(settlement)
        assert diff_mail(7, was, would_be(settlement, was)) is None


def test_a_mail_understood_today_would_make_its_lead() -> None:
    diff = diff_mail(7, HELD, would_be(LEAD, HELD))
    assert diff is not None
    changes = {one.field: one.would for one in diff.changes}
    assert (changes["state"], changes["makes"], changes["lead.phone"]) == ("settled", "lead", "+79000000501")


def test_what_was_made_stays_made() -> None:
    was = recorded(LEAD)
    diff = diff_mail(7, was, would_be(SPAM, was))
    assert diff is not None
    assert [(one.field, one.would) for one in diff.changes] == [("verdict", "spam"), ("reason", "spam: flag")]


def test_a_lead_that_became_known_is_not_unmade_by_its_own_contact() -> None:
    was = recorded(LEAD)
    known = replace(LEAD, makes_lead=False)
    assert diff_mail(7, was, would_be(known, was)) is None


def test_words_of_a_closed_lead_are_not_compared() -> None:
    was = recorded(LEAD)
    closed = replace(was, words={name: value for name, value in was.words.items() if not name.startswith("lead.")})
    other = replace(LEAD, letter=replace(LETTER, phone=None))
    assert diff_mail(7, closed, would_be(other, closed)) is None
    diff = diff_mail(7, was, would_be(other, was))
    assert diff is not None
    assert diff.changes == (Change("lead.phone", "+79000000501", None),)


def test_a_verdict_not_written_down_then_is_no_difference() -> None:
    was = replace(recorded(LEAD), verdict=None)
    assert diff_mail(7, was, would_be(LEAD, was)) is None


def test_people_see_the_words_and_prefect_does_not() -> None:
    diff = diff_mail(7, HELD, would_be(LEAD, HELD))
    assert diff is not None
    replay = Replay(1, 0, (diff,)) + Replay(2, 1)
    lines = replay_lines(replay, "en")
    assert lines[-2:] == [
        "3 mail(s) read again, 1 would change. Nothing was written; --apply writes it.",
        "1 were decided by a person and are left as decided.",
    ]
    assert any("+79000000501" in line for line in lines)
    assert "+79000000501" not in str(public_rows(replay, 100))
    assert "Насос" not in str(public_rows(replay, 100))
    assert {"field": "state", "was": "quarantined", "would": "settled"} in replay_json(replay)["changed"][0]["changes"]


def test_nothing_found_and_nothing_changed_are_said() -> None:
    assert replay_lines(Replay(), "ru") == ["За это время разобранных писем нет, или таких номеров нет."]
    assert replay_lines(Replay(5), "ru") == ["Перечитано писем: 5, изменений нет."]


@given(st.text(), st.text(), st.booleans())
def test_a_diff_names_exactly_what_differs(was: str, would: str, is_verified: bool) -> None:
    letter = replace(LETTER, reply_text=was, is_verified=is_verified)
    before = recorded(replace(LEAD, letter=letter))
    diff = diff_mail(7, before, would_be(replace(LEAD, letter=replace(letter, reply_text=would)), before))
    expected = () if was == would else (Change("activity.reply_text", was, would),)
    assert (diff.changes if diff else ()) == expected
