"""When a recording is asked for again, given up or removed, which may not be had at all, and who may hear it."""

from __future__ import annotations

import typing
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.office_recordings import RecordingRules, RecordingSource
from tasks.rules.office_telephony import Line, Telephony
from tasks.rules.recordings.addresses import address_of, names_of
from tasks.rules.recordings.course import (
    STATES,
    TEMPORARY,
    NextStep,
    Reason,
    RecordingError,
    after_failure,
    is_past_keeping,
    recording_ban,
)
from tasks.rules.recordings.rights import hearing_right
from tasks.rules.recordings.words import reason_words, state_words

NOON = datetime(2026, 11, 17, 9, tzinfo=UTC)
RULES = RecordingRules(keep_days=30, give_up_hours=48, open_to=("head",))
REASONS: tuple[Reason, ...] = typing.get_args(Reason)
OPEN, SHUT = Line("+79000000100", "Open", open_to=("operator",)), Line("+79000000101", "Shut", may_record=False)


@pytest.mark.parametrize(
    ("tries", "minutes"), [(1, 5), (2, 10), (3, 20), (6, 160), (7, 320), (8, 360), (9, 360), (500, 360)]
)
def test_pauses_double_up_to_six_hours(tries: int, minutes: int) -> None:
    step = after_failure("not_there", tries, NOON, RULES, NOON)
    assert step == NextStep("waiting", NOON + timedelta(minutes=minutes))


def test_it_is_asked_a_last_time_at_the_end_and_then_given_up() -> None:
    end = NOON + timedelta(hours=48)
    assert after_failure("busy", 20, NOON, RULES, end - timedelta(minutes=1)) == NextStep("waiting", end)
    assert after_failure("busy", 21, NOON, RULES, end) == NextStep("given_up", None)


@pytest.mark.parametrize("reason", REASONS)
def test_only_what_may_be_better_is_asked_again(reason: Reason) -> None:
    step = after_failure(reason, 1, NOON, RULES, NOON)
    assert (step.state == "waiting") is (reason in TEMPORARY)
    assert RecordingError(reason).is_permanent is (reason not in TEMPORARY)


@given(st.integers(1, 10**6), st.integers(-100, 100))
def test_a_next_try_is_later_and_never_after_the_end(tries: int, hours: int) -> None:
    now = NOON + timedelta(hours=hours)
    step = after_failure("slow", tries, NOON, RULES, now)
    if step.next_try_at is not None:
        assert now < step.next_try_at <= NOON + timedelta(hours=48)


def test_keeping_is_counted_from_the_call() -> None:
    assert [is_past_keeping(NOON, RULES, NOON + timedelta(days=days)) for days in (29, 30)] == [False, True]
    assert not is_past_keeping(NOON, RecordingRules(keep_days=0), NOON + timedelta(days=9999))


@pytest.mark.parametrize(
    ("direction", "numbers", "lines", "ban"),
    [
        ("in", {"+79000000100"}, (OPEN, SHUT), None),
        ("in", {"+79000000101"}, (OPEN, SHUT), "line_not_recorded"),
        ("out", {"+79000000100", "+79000000101"}, (OPEN, SHUT), "line_not_recorded"),
        ("in", {None}, (OPEN, SHUT), "line_unknown"),
        ("out", set(), (SHUT,), "line_unknown"),
        ("in", {None}, (OPEN,), None),
        ("in", {None}, (), None),
        ("internal", {None}, (OPEN, SHUT), None),
        ("internal", {"+79000000101"}, (OPEN, SHUT), "line_not_recorded"),
        ("in", {"+79000000999"}, (OPEN, SHUT), None),
    ],
)
def test_a_line_that_may_not_be_recorded(
    direction: str, numbers: set[str | None], lines: tuple[Line, ...], ban: Reason | None
) -> None:
    assert recording_ban(direction, numbers, lines) == ban


@pytest.mark.parametrize(
    ("roles", "line", "grants", "right"),
    [
        ({"administrator"}, None, (), "administrator"),
        ({"chief"}, None, (), ""),
        ({"head"}, None, (), "setting:head"),
        ({"operator"}, "+79000000100", (), "setting:operator"),
        ({"operator"}, "+79000000101", (), ""),
        ({"operator"}, None, (), ""),
        ({"executor"}, None, ("person:7",), "grant:person:7"),
        ({"executor"}, None, ("person:70", "role:chief"), ""),
        ({"executor"}, None, ("role:executor",), "grant:role:executor"),
        (set(), None, (), ""),
    ],
)
def test_who_may_hear(roles: set[str], line: str | None, grants: tuple[str, ...], right: str) -> None:
    telephony = Telephony(lines=(OPEN, SHUT), recordings=RULES)
    assert hearing_right("person:7", roles, telephony, line, grants) == right


WEB = RecordingSource("https", hosts=("files.example", "files.example:8443"), url="https://files.example/r/{name}.wav")


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("https://files.example/a.mp3?token=x", "https://files.example/a.mp3?token=x"),
        ("https://FILES.example:443/a", "https://FILES.example:443/a"),
        ("https://files.example:8443/a", "https://files.example:8443/a"),
        ("call 17/../1", "https://files.example/r/call%2017%2F..%2F1.wav"),
        ("запись", "https://files.example/r/%D0%B7%D0%B0%D0%BF%D0%B8%D1%81%D1%8C.wav"),
    ],
)
def test_addresses_at_named_hosts(name: str, address: str) -> None:
    assert address_of(WEB, name) == address


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("http://files.example/a", "not_secure"),
        ("ftp://files.example/a", "not_secure"),
        ("file:///etc/passwd", "bad_answer"),
        ("https://other.example/a", "other_host"),
        ("https://files.example:9/a", "other_host"),
        ("https://files.example.evil.example/a", "other_host"),
        ("https://files.example@evil.example/a", "bad_answer"),
        ("https://evil.example\\@files.example/a", "bad_answer"),
        ("https://files.example:x/a", "bad_answer"),
        ("https://files.example/a\r\nHost: evil", "bad_answer"),
        ("https://[::1/a", "bad_answer"),
        ("https:///a", "bad_answer"),
        ("http://169.254.169.254/latest", "not_secure"),
        ("https://127.0.0.1/a", "other_host"),
    ],
)
def test_other_addresses_are_never_asked(name: str, reason: str) -> None:
    with pytest.raises(RecordingError) as caught:
        address_of(WEB, name)
    assert caught.value.reason == reason
    assert "example" not in str(caught.value)


def test_a_name_without_an_address_pattern_is_none() -> None:
    with pytest.raises(RecordingError, match="no address"):
        address_of(RecordingSource("https", hosts=("files.example",)), "rec-1.wav")


@given(st.text(max_size=80))
def test_no_name_leads_elsewhere(name: str) -> None:
    try:
        address = address_of(WEB, name)
    except RecordingError:
        return
    assert address.lower().startswith("https://files.example")


def test_names_in_what_a_log_tells() -> None:
    assert names_of("mango", "a1, b2,,a1") == ("a1", "b2")
    assert names_of("asterisk", "a,b.wav") == ("a,b.wav",)
    assert names_of("post", "x" * 1001) == names_of("post", "  ") == ()


def test_every_state_and_reason_has_words() -> None:
    for language in ("ru", "en"):
        assert all(state_words(state, language) for state in STATES)
        assert all(reason_words(reason, language) for reason in REASONS)
    assert reason_words("", "ru") == ""
