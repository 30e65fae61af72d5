"""Brakes: nothing is dropped, no cap is exceeded, nobody is woken, and no machine is answered."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.brakes import BrakeRules, DueNotice, IncomingCause, Spent, Traffic, answer_forbidden, judge
from tasks.rules.office import Brakes, Hours
from tasks.rules.quiet_hours import QuietHours
from tasks.rules.working_time import working_calendar

MOSCOW = ZoneInfo("Europe/Moscow")
NOON = datetime(2026, 11, 17, 12, 0, tzinfo=MOSCOW)
RULES = BrakeRules(Brakes(), QuietHours(time(21), time(8), MOSCOW), working_calendar(Hours(time(9), time(18)), MOSCOW))


def due(number: int, recipient: str = "anna@example.com", ref: str = "contact:1", kind: str = "notice") -> DueNotice:
    return DueNotice(number, kind, recipient, ref)


@pytest.mark.parametrize(
    ("hour", "ref", "kind", "until"),
    [
        (12, "contact:1", "reminder", None),
        (20, "contact:1", "reminder", None),
        (21, "contact:1", "reminder", 18),
        (3, "contact:1", "task", 17),
        (3, "contact:1", "confirmation", None),
        (3, "person:1", "task", None),
    ],
)
def test_quiet_hours_are_the_clients(hour: int, ref: str, kind: str, until: int | None) -> None:
    holds = judge([due(1, ref=ref, kind=kind)], Traffic(), RULES, NOON.replace(hour=hour))
    ends = [datetime(2026, 11, until, 8, 0, tzinfo=MOSCOW)] if until else []
    assert [(hold.until, hold.reason) for hold in holds] == [(end, "quiet_hours") for end in ends]


@pytest.mark.parametrize(("zone", "is_kept"), [("", False), ("Europe/Moscow", False), ("Asia/Vladivostok", True)])
def test_a_far_client_sleeps_at_our_noon(zone: str, is_kept: bool) -> None:
    afternoon = NOON.replace(hour=16)  # 23:00 in Vladivostok
    holds = judge([replace(due(1), zone=zone)], Traffic(), RULES, afternoon)
    assert [hold.until for hold in holds] == [datetime(2026, 11, 18, 1, 0, tzinfo=MOSCOW)] * is_kept


def test_staff_in_working_hours_only_when_the_office_says_so() -> None:
    rules = replace(RULES, brakes=Brakes(staff_hours="working"))
    friday = datetime(2026, 11, 20, 19, 0, tzinfo=MOSCOW)
    (hold,) = judge([due(1, ref="person:1")], Traffic(), rules, friday)
    assert (hold.until, hold.reason) == (datetime(2026, 11, 23, 9, 0, tzinfo=MOSCOW), "staff_hours")


def test_a_cap_frees_an_hour_after_its_first_mail() -> None:
    rules = replace(RULES, brakes=Brakes(recipient_per_hour=2))
    first = NOON - timedelta(minutes=40)
    traffic = Traffic(Spent(1, first), {"anna@example.com": Spent(1, first)})
    holds = judge([due(1), due(2), due(3, "boris@example.com")], traffic, rules, NOON)
    assert [(hold.outbox_id, hold.until, hold.reason) for hold in holds] == [
        (2, NOON + timedelta(minutes=20), "recipient_cap")
    ]


@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(["contact:1", "person:2"])), max_size=40),
    st.integers(1, 6),
    st.integers(1, 12),
    st.integers(0, 5),
    st.integers(0, 23),
)
def test_caps_hold_and_every_mail_leaves_or_waits(
    mails: list[tuple[str, str]], per_recipient: int, in_all: int, spent: int, hour: int
) -> None:
    rules = replace(RULES, brakes=Brakes(recipient_per_hour=per_recipient, office_per_hour=in_all))
    now = NOON.replace(hour=hour).astimezone(UTC)
    waiting = [due(number, name, ref) for number, (name, ref) in enumerate(mails)]
    traffic = Traffic(Spent(spent, now), {"a": Spent(spent, now)})
    holds = judge(waiting, traffic, rules, now)
    assert all(hold.until > now for hold in holds)
    held = {hold.outbox_id for hold in holds}
    left = Counter(mail.recipient for mail in waiting if mail.outbox_id not in held)
    assert left.total() + len(holds) == len(waiting)
    assert left.total() <= max(0, in_all - spent)
    assert left["a"] <= max(0, per_recipient - spent)
    assert all(count <= per_recipient for count in left.values())


PROVEN = IncomingCause("contact:1", "verified_reply", is_verified=True)


@pytest.mark.parametrize(
    ("to", "cause", "reason"),
    [
        ("contact:1", PROVEN, ""),
        ("contact:1", None, ""),
        ("contact:1", replace(PROVEN, verdict="automatic"), "answer_to_machine"),
        ("contact:1", replace(PROVEN, verdict="bounce"), "answer_to_machine"),
        ("contact:1", replace(PROVEN, verdict="list"), "answer_to_machine"),
        ("contact:1", replace(PROVEN, verdict="claimed_reply", is_verified=False), "answer_to_unverified"),
        ("person:4", replace(PROVEN, verdict="automatic", is_verified=False), ""),
    ],
)
def test_whom_nothing_answers_by_itself(to: str, cause: IncomingCause | None, reason: str) -> None:
    assert answer_forbidden(to, cause) == reason
