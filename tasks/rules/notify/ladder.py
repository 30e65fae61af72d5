"""Which way a message goes to a person, and which way next when that one fails: decided from plain facts.

Staff: chat (XMPP) if they use it and are online; else a notice in their inbox at the door, and mail besides when they
are not signed in or idle (MISSION D2, D3). People who are no users of ours: mail and SMS (C6).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from tasks.rules.notify.channel_settings import Channels

Channel = Literal["xmpp", "notice", "mail", "sms"]
# when the step has done its work: somebody's server or telephone took it, or the person has read it
DoneWhen = Literal["delivered", "read"]


@dataclass(frozen=True, slots=True)
class Reach:
    """How one person can be reached; '' is no such way. `phone` is set only if it may get SMS.

    `is_user`: has an inbox at the door, as staff have and clients have not.
    """

    is_user: bool
    mail: str = ""
    jid: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Presence:
    """What was last heard of a person: online in chat (as noted then), and last seen at the door."""

    is_online: bool = False
    chat_noted_at: datetime | None = None
    last_seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LadderRules:
    """The office's side of it."""

    has_chat: bool = False
    has_sms: bool = False
    sms_kinds: frozenset[str] = frozenset()
    idle_after: timedelta = timedelta(minutes=10)
    receipt_wait: timedelta = timedelta(seconds=15)
    presence_good_for: timedelta = timedelta(minutes=5)

    def is_online(self, presence: Presence, now: datetime) -> bool:
        """Online in chat, as far as it is known and not too long ago."""
        heard = presence.chat_noted_at
        return presence.is_online and heard is not None and now - heard <= self.presence_good_for

    def is_idle(self, presence: Presence, now: datetime) -> bool:
        """Not signed in at the door, or not seen there for a while."""
        seen = presence.last_seen_at
        return seen is None or now - seen >= self.idle_after


@dataclass(frozen=True, slots=True)
class Step:
    """Channels used at once. Without success (`done_when`) by `wait` the next step is taken; None: only if they fail.

    `why` names the reason it stands in the ladder.
    """

    channels: tuple[Channel, ...]
    why: str
    done_when: DoneWhen = "delivered"
    wait: timedelta | None = None


def ladder_rules(channels: Channels) -> LadderRules:
    """The rules that the office folder sets."""
    return LadderRules(
        has_chat=channels.chat.is_on,
        has_sms=channels.sms.is_on,
        sms_kinds=frozenset(channels.sms.kinds),
        idle_after=timedelta(minutes=channels.idle_minutes),
        receipt_wait=timedelta(seconds=channels.chat.receipt_seconds),
        presence_good_for=timedelta(minutes=channels.chat.presence_minutes),
    )


def ladder(reach: Reach, presence: Presence, kind: str, rules: LadderRules, now: datetime) -> tuple[Step, ...]:
    """The steps for one message of `kind` to one person, first to last; none when there is no way to them."""
    if not reach.is_user:
        return _outside_steps(reach, kind, rules)
    if kind == "report" and reach.mail:
        return (Step(("mail",), "has_files"),)
    return (*_chat_steps(reach, presence, rules, now), *_inbox_steps(reach, presence, rules, now))


def _chat_steps(reach: Reach, presence: Presence, rules: LadderRules, now: datetime) -> tuple[Step, ...]:
    if rules.has_chat and reach.jid and rules.is_online(presence, now):
        return (Step(("xmpp",), "online", wait=rules.receipt_wait),)
    return ()


def _inbox_steps(reach: Reach, presence: Presence, rules: LadderRules, now: datetime) -> tuple[Step, ...]:
    if not reach.mail:
        return (Step(("notice",), "no_mail", "read"),)
    if rules.is_idle(presence, now):
        return (Step(("notice", "mail"), "idle" if presence.last_seen_at else "not_signed_in"),)
    seen = presence.last_seen_at or now
    until_idle = max(seen + rules.idle_after - now, timedelta(0))
    return Step(("notice",), "signed_in", "read", until_idle), Step(("mail",), "unread")


def _outside_steps(reach: Reach, kind: str, rules: LadderRules) -> tuple[Step, ...]:
    can_sms = rules.has_sms and bool(reach.phone)
    if not reach.mail:
        return (Step(("sms",), "no_mail"),) if can_sms else ()
    if can_sms and kind in rules.sms_kinds:
        return (Step(("mail", "sms"), "kind"),)
    first = Step(("mail",), "no_user")
    return (first, Step(("sms",), "mail_refused")) if can_sms else (first,)


@dataclass(frozen=True, slots=True)
class Progress:
    """How the present step stands: outbox states of its channels, and whether its notice was read."""

    states: tuple[str, ...]
    is_read: bool = False


Verdict = Literal["done", "wait", "next"]
_UNDER_WAY = ("claimed", "in_doubt")
_FAILED = ("refused", "ambiguous")


def look(step: Step, progress: Progress, is_due: bool) -> Verdict:
    """What to do with a message at a step: it is done, waits, or takes the next step. `is_due`: the wait is over."""
    if progress.is_read or (step.done_when == "delivered" and "sent" in progress.states):
        return "done"
    if any(state in _UNDER_WAY for state in progress.states):
        return "wait"
    if progress.states and all(state in _FAILED for state in progress.states):
        return "next"
    return "next" if is_due else "wait"


def postponed(step: Step, presence: Presence, rules: LadderRules, now: datetime) -> datetime | None:
    """Till when a notice unread by somebody who is at the door goes on waiting; None: it waits no more."""
    if step.done_when != "read" or rules.is_idle(presence, now) or presence.last_seen_at is None:
        return None
    return presence.last_seen_at + rules.idle_after
