"""Which way a message goes to whom, as tables and as properties."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rules.notify.channel_settings import Channels, ChatLine, SmsGateway
from tasks.rules.notify.ladder import (
    LadderRules,
    Presence,
    Progress,
    Reach,
    Step,
    ladder,
    ladder_rules,
    look,
    postponed,
)

NOW = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ALL_ON = ladder_rules(Channels(chat=ChatLine(is_on=True), sms=SmsGateway(gateway="sms_ru")))
ALL_OFF = ladder_rules(Channels())
STAFF = Reach(True, "daria@north-service.example", "daria@chat.example", "")
CLIENT = Reach(False, "anna@example.com", "", "+79000000201")


def chat(minutes_ago: float, *, is_online: bool = True, seen: datetime | None = None) -> Presence:
    return Presence(is_online, NOW - minutes_ago * MINUTE, seen)


def seen(minutes_ago: float) -> Presence:
    return Presence(last_seen_at=NOW - minutes_ago * MINUTE)


@pytest.mark.parametrize(
    ("reach", "presence", "kind", "rules", "wanted"),
    [
        # staff: chat if used and online, else the inbox, and mail besides when away
        (STAFF, chat(1), "task", ALL_ON, ["xmpp:online", "notice+mail:not_signed_in"]),
        (STAFF, chat(5), "task", ALL_ON, ["xmpp:online", "notice+mail:not_signed_in"]),
        (STAFF, chat(6), "task", ALL_ON, ["notice+mail:not_signed_in"]),
        (STAFF, chat(1, is_online=False), "task", ALL_ON, ["notice+mail:not_signed_in"]),
        (STAFF, chat(1, seen=NOW), "task", ALL_ON, ["xmpp:online", "notice:signed_in", "mail:unread"]),
        (STAFF, chat(1), "task", ALL_OFF, ["notice+mail:not_signed_in"]),
        (Reach(True, "d@north-service.example"), chat(1), "task", ALL_ON, ["notice+mail:not_signed_in"]),
        (STAFF, Presence(), "task", ALL_ON, ["notice+mail:not_signed_in"]),
        (STAFF, seen(9.9), "task", ALL_ON, ["notice:signed_in", "mail:unread"]),
        (STAFF, seen(10), "task", ALL_ON, ["notice+mail:idle"]),
        (STAFF, chat(1, seen=NOW), "report", ALL_ON, ["mail:has_files"]),
        (Reach(True), seen(99), "notice", ALL_ON, ["notice:no_mail"]),
        # people who are no users: mail and SMS
        (CLIENT, Presence(), "notice", ALL_ON, ["mail:no_user", "sms:mail_refused"]),
        (CLIENT, Presence(), "confirmation", ALL_ON, ["mail+sms:kind"]),
        (CLIENT, Presence(), "confirmation", ALL_OFF, ["mail:no_user"]),
        (Reach(False, phone="+79000000201"), Presence(), "notice", ALL_ON, ["sms:no_mail"]),
        (Reach(False, phone="+79000000201"), Presence(), "notice", ALL_OFF, []),
        (Reach(False), Presence(), "notice", ALL_ON, []),
    ],
)
def test_the_ladder(reach: Reach, presence: Presence, kind: str, rules: LadderRules, wanted: list[str]) -> None:
    steps = ladder(reach, presence, kind, rules, NOW)
    assert [f"{'+'.join(step.channels)}:{step.why}" for step in steps] == wanted


def test_waits() -> None:
    online, _, _ = ladder(STAFF, chat(1, seen=NOW - 4 * MINUTE), "task", ALL_ON, NOW)
    assert online.wait == timedelta(seconds=15)
    inbox, mail = ladder(STAFF, seen(4), "task", ALL_ON, NOW)
    assert (inbox.wait, mail.wait) == (6 * MINUTE, None)


CHAT = Step(("xmpp",), "online", wait=MINUTE)
INBOX = Step(("notice",), "signed_in", "read", MINUTE)
BOTH = Step(("mail", "sms"), "kind")


@pytest.mark.parametrize(
    ("step", "progress", "is_due", "wanted"),
    [
        (CHAT, Progress(("sent",)), False, "done"),
        (CHAT, Progress(("planned",)), False, "wait"),
        (CHAT, Progress(("retry",)), True, "next"),
        (CHAT, Progress(("in_doubt",)), True, "wait"),  # the sender still waits for the receipt
        (CHAT, Progress(("ambiguous",)), False, "next"),
        (CHAT, Progress(("refused",)), False, "next"),
        (INBOX, Progress(()), False, "wait"),
        (INBOX, Progress(()), True, "next"),
        (INBOX, Progress((), is_read=True), True, "done"),
        (BOTH, Progress(("refused", "sent")), False, "done"),
        (BOTH, Progress(("refused", "planned")), False, "wait"),
        (BOTH, Progress(("refused", "refused")), False, "next"),
    ],
)
def test_looking_at_a_step(step: Step, progress: Progress, is_due: bool, wanted: str) -> None:
    assert look(step, progress, is_due) == wanted


def test_a_notice_waits_for_somebody_who_is_still_there() -> None:
    assert postponed(INBOX, seen(3), ALL_ON, NOW) == NOW + 7 * MINUTE
    assert postponed(INBOX, seen(10), ALL_ON, NOW) is None
    assert postponed(CHAT, seen(3), ALL_ON, NOW) is None


reaches = st.builds(
    Reach,
    st.booleans(),
    st.sampled_from(("", "a@example.com")),
    st.sampled_from(("", "a@chat.example")),
    st.sampled_from(("", "+79000000201")),
)
moments = st.none() | st.integers(-1000, 0).map(lambda minutes: NOW + minutes * MINUTE)
presences = st.builds(Presence, st.booleans(), moments, moments)
rule_sets = st.builds(LadderRules, st.booleans(), st.booleans(), st.sampled_from((frozenset(), frozenset({"notice"}))))
kinds = st.sampled_from(("notice", "task", "reminder", "report", "confirmation"))


@given(reaches, presences, kinds, rule_sets)
def test_no_channel_is_used_twice_or_without_an_address(
    reach: Reach, presence: Presence, kind: str, rules: LadderRules
) -> None:
    steps = ladder(reach, presence, kind, rules, NOW)
    used = [channel for step in steps for channel in step.channels]
    assert len(used) == len(set(used))
    assert "mail" not in used or reach.mail
    assert "sms" not in used or (reach.phone and rules.has_sms and not reach.is_user)
    assert "xmpp" not in used or (reach.jid and rules.has_chat and presence.is_online)
    assert "notice" not in used or reach.is_user


@given(reaches, presences, kinds, rule_sets)
def test_whoever_has_a_mail_address_is_reached_by_mail_in_the_end(
    reach: Reach, presence: Presence, kind: str, rules: LadderRules
) -> None:
    steps = ladder(reach, presence, kind, rules, NOW)
    assert not reach.mail or any("mail" in step.channels for step in steps)
    assert not reach.is_user or steps
    assert all(step.wait is None or step.wait >= timedelta(0) for step in steps)
    assert all(step.wait is not None or step.done_when == "delivered" for step in steps[:-1])
