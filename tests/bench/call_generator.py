"""Synthetic days of a PBX whose right answers are known, because they are noted while each call is made up.

Nothing here is computed by the project's rules: a call is decided first, the truth is written down, and then the legs
and queue entries are made that tell of it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tasks.rules.calls.records import Disposition, Leg, QueueEvent
from tests.bench.call_truth import Truth

MOSCOW = ZoneInfo("Europe/Moscow")
SOURCE, LINE, SECOND_LINE = "asterisk", "+79000000100", "+79000000101"
QUEUES = ("600", "601")
AGENTS = ("101", "102", "103", "104", "105", "106")
THRESHOLD, SHORT = 20, 5
_HOURS = (9, 10, 10, 11, 11, 11, 12, 13, 14, 14, 15, 15, 16)


@dataclass
class MadeDay:
    """One day's rows, legs in the order a PBX writes them."""

    day: date
    legs: list[Leg] = field(default_factory=list)
    events: list[QueueEvent] = field(default_factory=list)


class CallGenerator:
    """Makes days; the same seed makes the same ones. `truth` is that of all days made so far."""

    def __init__(self, seed: int, zone: ZoneInfo = MOSCOW) -> None:
        self._random = random.Random(seed)
        self._zone = zone
        self._number = 0
        self.truth = Truth()

    def days(self, first: date, count: int, calls: int) -> Iterator[MadeDay]:
        """So many days of about so many calls each: whoever is called back or rings again comes on top."""
        for ahead in range(count):
            self._made = MadeDay(first + timedelta(days=ahead))
            for _ in range(calls):
                self._one_call()
            yield self._made

    def _one_call(self) -> None:
        at = self._moment()
        kinds = ("answered", "abandoned", "short", "flow_answered", "flow_lost", "busy", "direct", "out", "inside")
        kind = self._random.choices(kinds, (46, 8, 3, 3, 3, 2, 12, 18, 5))[0]
        queue, desk = self._random.choice(QUEUES), self._random.choice(AGENTS)
        wait, talk = min(int(self._random.expovariate(1 / 16)), 110), self._random.randint(20, 400)
        match kind:
            case "answered":
                self._queue_answered(at, self._caller(), queue, desk, wait, talk)
            case "abandoned":
                self._queue_lost(at, queue, max(SHORT, wait), "ABANDON")
            case "short":
                self._queue_lost(at, queue, self._random.randrange(SHORT), "ABANDON")
            case "flow_answered":
                self._flow_answered(at, queue, desk, 30 + wait, talk)
            case "flow_lost":
                self._queue_lost(at, queue, 30 + wait, "EXITWITHTIMEOUT")
            case "busy":
                self._turned_away(at)
            case "direct":
                self._direct(at, desk, wait % 20, talk)
            case "out":
                self._out(at, self._new_phone(), desk, talk if self._random.random() < 0.7 else 0)
            case _:
                self._inside(at, desk, talk)

    def _queue_answered(self, at: datetime, phone: str, queue: str, desk: str, wait: int, talk: int) -> None:
        linked = self._offered(at, phone, queue)
        self._noted_answer(at, queue, desk, wait, talk)
        ends = at + timedelta(seconds=wait + talk)
        self._rings(linked, at, phone, queue, wait)
        self._leg(linked, at, ends, "answered", phone, LINE, desk, queue, wait, talk)
        agent = f"PJSIP/{desk}"
        self._event(linked, at, queue, "NONE", "ENTERQUEUE", "", phone, "1")
        self._event(linked, at + timedelta(seconds=wait), queue, agent, "CONNECT", str(wait), linked, "3")
        self._event(linked, ends, queue, agent, "COMPLETECALLER", str(wait), str(talk), "1")
        self.truth.outside.append((at, ends))

    def _queue_lost(self, at: datetime, queue: str, wait: int, kind: str) -> None:
        """Nobody answered in the queue: the caller gave up, or the time was over and nobody else was there."""
        phone = self._new_phone()
        hour = at.astimezone(self._zone).hour
        linked = self._offered(at, phone, queue)
        self.truth.waits.append(wait)
        if kind == "ABANDON":
            self.truth.note("abandoned", queue, hour)
            self.truth.note("short", queue, hour, int(wait < SHORT))
            self.truth.note("abandoned_within", queue, hour, int(wait <= THRESHOLD))
        else:
            self.truth.note("flow_out", queue, hour)
        ends = at + timedelta(seconds=wait)
        self._rings(linked, at, phone, queue, wait)
        self._leg(linked, at, ends, "no_answer", phone, LINE, None, queue, wait, 0)
        self._event(linked, at, queue, "NONE", "ENTERQUEUE", "", phone, "1")
        self._event(linked, ends, queue, "NONE", kind, "1", "1", str(wait))
        self.truth.outside.append((at, ends))
        if wait >= SHORT:
            self._missed(phone, at, ends, queue)

    def _flow_answered(self, at: datetime, queue: str, desk: str, wait: int, talk: int) -> None:
        """The queue let the caller go, and a desk outside of it answered."""
        phone = self._new_phone()
        linked = self._offered(at, phone, queue)
        self._noted_answer(at, queue, desk, wait, talk)
        self.truth.note("flow_out", queue, at.astimezone(self._zone).hour)
        left, ends = at + timedelta(seconds=25), at + timedelta(seconds=wait + talk)
        self._leg(linked, at, left, "no_answer", phone, LINE, None, queue, 25, 0)
        self._leg(linked, left, ends, "answered", phone, LINE, desk, None, wait - 25, talk)
        self._event(linked, at, queue, "NONE", "ENTERQUEUE", "", phone, "1")
        self._event(linked, left, queue, "NONE", "EXITWITHTIMEOUT", "1", "1", "25")
        self.truth.outside.append((at, ends))

    def _turned_away(self, at: datetime) -> None:
        phone = self._new_phone()
        linked = self._offered(at, phone, "")
        self.truth.waits.append(1)
        ends = at + timedelta(seconds=1)
        self._leg(linked, at, ends, "busy", phone, SECOND_LINE, "101", None, 1, 0)
        self.truth.outside.append((at, ends))
        self._missed(phone, at, ends, "")

    def _direct(self, at: datetime, desk: str, wait: int, talk: int) -> None:
        phone = self._caller()
        linked = self._offered(at, phone, "")
        self._noted_answer(at, "", desk, wait, talk)
        ends = at + timedelta(seconds=wait + talk)
        self._leg(linked, at, ends, "answered", phone, SECOND_LINE, desk, None, wait, talk)
        self.truth.outside.append((at, ends))

    def _out(self, at: datetime, phone: str, desk: str, talk: int) -> None:
        self.truth.counts["made"] += 1
        self.truth.by_desk["made", desk] += 1
        ends = at + timedelta(seconds=8 + talk)
        self.truth.by_desk["reached", desk] += int(talk > 0)
        linked = self._linked(at)
        said: Disposition = "answered" if talk else "no_answer"
        self._leg(linked, at, ends, said, desk, phone, desk, None, 8, talk, "out")
        self.truth.outside.append((at, ends))

    def _inside(self, at: datetime, desk: str, talk: int) -> None:
        linked, ends = self._linked(at), at + timedelta(seconds=3 + talk)
        self._leg(linked, at, ends, "answered", desk, "100", desk, None, 3, talk, "internal")

    def _missed(self, phone: str, began: datetime, ended: datetime, queue: str) -> None:
        """What becomes of a missed call: we call back, the caller tries again and gets through, or nothing."""
        self.truth.counts["owed"] += 1
        later = ended + timedelta(seconds=self._random.randint(60, 1700))
        course = self._random.choices(("returned", "came_back", "open"), (5, 3, 2))[0]
        self.truth.counts[course] += 1
        if course == "returned":
            self.truth.call_backs.append(int((later - ended).total_seconds()))
            self._out(later, phone, self._random.choice(AGENTS), self._random.choice((0, 45)))
        elif course == "came_back":
            self._queue_answered(later, phone, queue or QUEUES[0], self._random.choice(AGENTS), 7, 30)

    def _offered(self, at: datetime, phone: str, queue: str) -> str:
        self.truth.note("offered", queue, at.astimezone(self._zone).hour)
        self.truth.callers.update([phone] if phone else [])
        return self._linked(at)

    def _noted_answer(self, at: datetime, queue: str, desk: str, wait: int, talk: int) -> None:
        hour = at.astimezone(self._zone).hour
        self.truth.note("answered", queue, hour)
        self.truth.note("within", queue, hour, int(wait <= THRESHOLD))
        self.truth.note("talk", queue, hour, talk)
        self.truth.by_desk["answered", desk] += 1
        self.truth.by_desk["talk", desk] += talk
        self.truth.answer_waits.append(wait)
        self.truth.waits.append(wait)

    def _rings(self, linked: str, at: datetime, phone: str, queue: str, wait: int) -> None:
        """Desks that rang in vain before."""
        for turn in range(min(2, wait // 12)):
            begins = at + timedelta(seconds=12 * turn)
            desk = AGENTS[(self._number + turn) % len(AGENTS)]
            self._leg(linked, begins, begins + timedelta(seconds=12), "no_answer", phone, LINE, desk, queue, 12, 0)
            self._event(linked, begins, queue, f"PJSIP/{desk}", "RINGNOANSWER", "12000")

    def _leg(
        self,
        linked: str,
        begins: datetime,
        ends: datetime,
        said: Disposition,
        caller: str,
        callee: str,
        desk: str | None,
        queue: str | None,
        wait: int,
        talk: int,
        direction: str = "in",
    ) -> None:
        turn = sum(leg.linked_id == linked for leg in self._made.legs[-4:]) + 1
        answered = begins + timedelta(seconds=wait) if said == "answered" else None
        if answered is not None and direction == "in":
            answered = ends - timedelta(seconds=talk)
        inside = direction == "internal"
        self._made.legs.append(
            Leg(
                SOURCE,
                f"{linked}/{turn}",
                linked,
                begins,
                answered,
                ends,
                int((ends - begins).total_seconds()),
                talk,
                said,
                caller,
                caller if direction == "in" and caller else None,
                callee,
                callee if direction == "out" else (None if inside else callee),
                desk,
                queue,
                None if inside else (LINE if direction == "out" else callee),
                direction,  # type: ignore[arg-type]  # one of the three, from the calls above
                "made up",
                f"Master.csv:{len(self._made.legs) + 1}",
                wait,
            )
        )

    def _event(self, linked: str, at: datetime, queue: str, agent: str, kind: str, *data: str) -> None:
        number = len(self._made.events) + 1
        key = f"{self._made.day}/{number}"
        self._made.events.append(
            QueueEvent(SOURCE, key, at, linked, queue, agent, kind, data, "made up", f"queue_log:{number}")
        )

    def _linked(self, at: datetime) -> str:
        self._number += 1
        return f"{int(at.timestamp())}.{self._number}"

    def _moment(self) -> datetime:
        local = time(self._random.choice(_HOURS), self._random.randrange(60), self._random.randrange(60))
        return datetime.combine(self._made.day, local, self._zone).astimezone(UTC)

    def _caller(self) -> str:
        """Somebody new, somebody who withholds the number, or one of some regulars."""
        choice = self._random.random()
        if choice < 0.05:
            return ""
        return f"+7900{self._random.randrange(1, 40):07d}" if choice < 0.2 else self._new_phone()

    def _new_phone(self) -> str:
        self._number += 1
        return f"+7900{1000 + self._number:07d}"
