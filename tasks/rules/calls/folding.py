"""Folding the legs of one call into the call: who called, who answered after how long, who talked, how it ended.

A row of a call log is one leg (FACTS: 84 rows were 36 calls). Waiting and giving up are told by the queue's own log;
without it an answered leg of a queue says nothing about waiting. Where a source tells no waiting of a leg, the call has
none: not available is not 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby

from tasks.rules.calls.parties import device_of, extension_of
from tasks.rules.calls.records import Call, Direction, Leg, Outcome, QueueEvent, Talk
from tasks.rules.phones import to_e164

_CLOSED_QUEUE = ("ABANDON", "COMPLETEAGENT", "COMPLETECALLER")
_LEFT_QUEUE = ("ABANDON", "EXITWITHTIMEOUT", "EXITEMPTY", "EXITWITHKEY")


def fold_call(legs: Sequence[Leg], events: Sequence[QueueEvent], country: str, lines: Iterable[str] = ()) -> Call:
    """One call from all its legs (at least one, of one linked id) and the queue events of its channels."""
    ordered = sorted(legs, key=_place)
    told = sorted(events, key=lambda event: event.at)
    first = ordered[0]
    talks = _talks(ordered, told, first.direction)
    is_incoming = first.direction == "in"
    answered_at = talks[0].started_at if talks else None
    desk = talks[-1].extension if is_incoming and talks else None
    return Call(
        source=first.source,
        linked_id=first.linked_id,
        direction=first.direction,
        started_at=min(leg.started_at for leg in ordered),
        answered_at=answered_at,
        ended_at=max(leg.ended_at for leg in ordered),
        outcome=_outcome(ordered, told, first.direction, has_talk=bool(talks)),
        wait_seconds=_wait_seconds(ordered, told, answered_at) if is_incoming else None,
        talk_seconds=_covered_seconds(talks),
        leg_count=len(ordered),
        transfer_count=_changes(talks),
        client_raw=_client_raw(first),
        client_phone=_client_phone(first),
        line=_line(ordered, told, country, frozenset(lines)),
        queue=_queue(ordered, told),
        extension=desk if is_incoming else first.extension,
        talks=talks,
        rung=tuple(dict.fromkeys(leg.extension for leg in ordered if leg.extension)),
    )


def is_over(legs: Sequence[Leg], events: Sequence[QueueEvent]) -> bool:
    """Whether the call's result cannot change any more though its last leg has just ended.

    Somebody talked, the queue's log has closed the call, the source tells a call in one record, or the channel that
    the call began on was hung up with nobody answering.
    """
    if any(event.kind in _CLOSED_QUEUE for event in events):
        return True
    if any(event.kind == "ENTERQUEUE" for event in events):
        return False
    has_talk = any(leg.disposition == "answered" and leg.queue is None for leg in legs)
    return has_talk or all(leg.natural_key == leg.linked_id for leg in legs) or _is_hung_up(legs)


def _is_hung_up(legs: Sequence[Leg]) -> bool:
    """Whether the call's own channel has ended, answered by nobody and by no queue.

    Asterisk closes all records of a channel when it is hung up and writes them at once, however many desks were dialled
    after one another or together (main/cdr.c, its versions 12 and later); a channel of another desk comes on its own,
    sooner or later. A leg of a queue waits for the queue's log: music may have answered it.
    """
    is_lonely = all(leg.queue is None and leg.disposition != "answered" for leg in legs)
    return is_lonely and any(leg.channel_id == leg.linked_id for leg in legs)


def _place(leg: Leg) -> tuple[bool, datetime, int, str]:
    """The leg of the oldest channel (its id is the linked id) leads, then time, then the PBX's own sequence."""
    sequence = leg.natural_key.rpartition("/")[2]
    number = int(sequence) if sequence.isdecimal() else 0
    return leg.channel_id != leg.linked_id, leg.started_at, number, leg.natural_key


def _talks(legs: Sequence[Leg], events: Sequence[QueueEvent], direction: Direction) -> tuple[Talk, ...]:
    """Conversations with the client, in order; desks consulting each other in between are none."""
    connects = [event for event in events if event.kind == "CONNECT"]
    found = []
    for leg in legs:
        if leg.disposition != "answered" or leg.answered_at is None or leg.direction != direction:
            continue
        begins = leg.answered_at
        if leg.queue is not None and events:
            # A queue's channel may be answered by music long before a person speaks: the queue's log knows better.
            if not connects:
                continue
            begins = min(max(begins, connects[0].at), leg.ended_at)
        found.append(Talk(leg.extension, begins, leg.ended_at))
    if not found and connects:
        agent = extension_of(device_of(connects[0].agent)) or extension_of(connects[0].agent)
        found.append(Talk(agent, connects[0].at, max(connects[0].at, *(leg.ended_at for leg in legs))))
    return tuple(sorted(found, key=lambda talk: (talk.started_at, talk.ended_at)))


def _outcome(legs: Sequence[Leg], events: Sequence[QueueEvent], direction: Direction, *, has_talk: bool) -> Outcome:
    if has_talk:
        return "answered"
    if direction != "in":
        final = legs[-1].disposition
        return "no_answer" if final == "answered" else final
    kinds = {event.kind for event in events}
    if "ABANDON" in kinds or (not kinds and any(leg.queue for leg in legs)):
        return "abandoned"
    dispositions = {leg.disposition for leg in legs}
    if dispositions == {"failed"}:
        return "failed"
    return "busy" if dispositions <= {"busy", "failed"} else "no_answer"


def _wait_seconds(legs: Sequence[Leg], events: Sequence[QueueEvent], answered_at: datetime | None) -> int | None:
    ended_at = max(leg.ended_at for leg in legs)
    entered = [event.at for event in events if event.kind == "ENTERQUEUE"]
    if entered:
        left = [event.at for event in events if event.kind in _LEFT_QUEUE]
        until = answered_at or (left[-1] if left else ended_at)
        return max(0, int((until - entered[0]).total_seconds()))
    if any(leg.queue or leg.wait_seconds is None for leg in legs):
        return None
    started_at = min(leg.started_at for leg in legs)
    return int(((answered_at or ended_at) - started_at).total_seconds())


def _covered_seconds(talks: Sequence[Talk]) -> int:
    """Seconds in which anybody talked: overlapping conversations count once."""
    total, reached = 0.0, None
    for talk in talks:
        begins = talk.started_at if reached is None else max(talk.started_at, reached)
        if talk.ended_at > begins:
            total += (talk.ended_at - begins).total_seconds()
        reached = talk.ended_at if reached is None else max(reached, talk.ended_at)
    return int(total)


def _changes(talks: Sequence[Talk]) -> int:
    """How often the call was handed on: changes of the desk that talks."""
    return max(0, len([desk for desk, _ in groupby(talk.extension for talk in talks)]) - 1)


def _client_raw(first: Leg) -> str:
    return {"in": first.caller_raw, "out": first.callee_raw, "internal": ""}[first.direction]


def _client_phone(first: Leg) -> str | None:
    return {"in": first.caller_phone, "out": first.callee_phone, "internal": None}[first.direction]


def _line(legs: Sequence[Leg], events: Sequence[QueueEvent], country: str, lines: frozenset[str]) -> str | None:
    dialled = (to_e164(event.data[0], country) for event in events if event.kind == "DID" and event.data)
    noted = next((phone for phone in dialled if phone in lines), None)
    return noted or next((leg.line for leg in legs if leg.line), None)


def _queue(legs: Sequence[Leg], events: Sequence[QueueEvent]) -> str | None:
    """The queue the caller was in last: it answered, or lost the caller."""
    entered = [event.queue for event in events if event.kind == "ENTERQUEUE"]
    return entered[-1] if entered else next((leg.queue for leg in reversed(legs) if leg.queue), None)
