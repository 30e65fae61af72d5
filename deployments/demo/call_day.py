"""A telephone day being written as Asterisk would write it, and the truth about each call beside it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

from deployments.demo.call_truth import DAY, LINE, ZONE, Truth

_GREETING_SECONDS = 6
_RING_SECONDS = 15
_RESULTS = {"no_answer": "NO ANSWER", "busy": "BUSY", "failed": "CONGESTION", "answered": "ANSWERED"}


@dataclass(slots=True)
class _Channel:
    """The calling channel of a call being written."""

    at: datetime
    unique_id: str
    linked_id: str
    name: str
    caller: str
    legs: int = 0


@dataclass(slots=True)
class CallDay:
    """A day being written: legs and queue events by the moment each line is written, and the truth."""

    truth: list[Truth] = field(default_factory=list)
    _legs: list[tuple[datetime, int, list[str]]] = field(default_factory=list)
    _events: list[tuple[int, int, str]] = field(default_factory=list)
    _channels: int = 0

    def queue(
        self,
        at: str,
        phone: str,
        queue: int,
        wait: int,
        agent: int | None = None,
        talk: int = 0,
        *,
        rung: Sequence[int] = (),
        to: tuple[int, int] | None = None,
        consult: int = 0,
        timeout: bool = False,
        missed: str = "",
    ) -> None:
        """An incoming call through a queue: answered by `agent`, given up without one, or sent out by `timeout`.

        `rung` desks let it ring before. `to` (desk, talk) is a transfer, after `consult` seconds of asking.
        """
        channel = self._incoming(at, phone)
        entered = channel.at + timedelta(seconds=_GREETING_SECONDS)
        until = entered + timedelta(seconds=wait)
        self._event(channel.at, channel, "NONE", "NONE", "DID", LINE[1:])
        self._event(entered, channel, queue, "NONE", "ENTERQUEUE", "", channel.caller, "1")
        for index, desk in enumerate(rung):
            begins = channel.at if index == 0 else entered + timedelta(seconds=_RING_SECONDS * index)
            ends = min(entered + timedelta(seconds=_RING_SECONDS * (index + 1)), until)
            self._leg(channel, queue, desk, begins, None, ends, "NO ANSWER", f"Queue:{queue},tT,,,120")
            if ends < until:
                self._event(ends, channel, queue, f"PJSIP/{desk}", "RINGNOANSWER", f"{_RING_SECONDS * 1000}")
        if agent is None:
            self._leave_queue(channel, queue, entered, until, has_leg=bool(rung), timeout=timeout)
            outcome, extension, total, transfers = ("no_answer" if timeout else "abandoned"), None, 0, 0
        else:
            begins = entered + timedelta(seconds=_RING_SECONDS * len(rung)) if rung else channel.at
            total = self._talk_in_queue(channel, queue, agent, begins, until, wait, talk, to, consult)
            outcome, extension, transfers = "answered", (to or (agent,))[0], int(to is not None)
        self._tell(channel, "in", outcome, wait, total, transfers, phone, LINE, queue, extension, missed)

    def direct(
        self,
        at: str,
        phone: str,
        desks: Sequence[int],
        ring: int,
        talk: int = 0,
        *,
        missed: str = "",
        result: str = "no_answer",
    ) -> None:
        """An incoming call straight to a desk, or to a group of them: with talk the first answers."""
        channel = self._incoming(at, phone)
        ends = channel.at + timedelta(seconds=ring)
        dialled = desks[0] if len(desks) == 1 else 610
        dial = "Dial:" + "&".join(f"PJSIP/{desk}" for desk in desks) + ",30,tT"
        for desk in desks[1:] if talk else desks:
            self._leg(
                channel, dialled, desk, channel.at, None, ends, _RESULTS[result if not talk else "no_answer"], dial
            )
        if talk:
            self._leg(channel, dialled, desks[0], channel.at, ends, ends + timedelta(seconds=talk), "ANSWERED", dial)
        outcome, desk_talked = ("answered", desks[0]) if talk else (result, None)
        self._tell(channel, "in", outcome, ring, talk, 0, phone, LINE, None, desk_talked, missed)

    def out(self, at: str, desk: int, phone: str, ring: int, talk: int = 0, *, result: str = "no_answer") -> None:
        """A call from a desk to the world."""
        channel = self._channel(at, f"PJSIP/{desk}", str(desk))
        answered = channel.at + timedelta(seconds=ring) if talk else None
        ends = channel.at + timedelta(seconds=ring + talk)
        number = "8" + phone[2:]
        outcome = "answered" if talk else result
        dial = f"Dial:PJSIP/{number}@mts-trunk,60"
        self._leg(channel, number, "mts-trunk", channel.at, answered, ends, _RESULTS[outcome], dial, LINE[1:])
        self._tell(channel, "out", outcome, None, talk, 0, phone, LINE, None, desk)

    def inner(self, at: str, desk: int, other: int, ring: int, talk: int = 0, *, result: str = "no_answer") -> None:
        """A call between two desks."""
        channel = self._channel(at, f"PJSIP/{desk}", str(desk))
        answered = channel.at + timedelta(seconds=ring) if talk else None
        ends = channel.at + timedelta(seconds=ring + talk)
        outcome = "answered" if talk else result
        self._leg(channel, other, other, channel.at, answered, ends, _RESULTS[outcome], f"Dial:PJSIP/{other},30", "")
        self._tell(channel, "internal", outcome, None, talk, 0, None, None, None, desk)

    def master_csv(self) -> bytes:
        """The legs in the order they ended, with three lines among them that cannot be used."""
        lines = [_csv_line(cells) for _, _, cells in sorted(self._legs)]
        impossible = list(sorted(self._legs)[90][2])
        impossible[1], impossible[13], impossible[14] = "79000000590", "5400", "ANSWERED"
        impossible[16] = impossible[19] = impossible[16].replace(".", ".9")
        lines.insert(140, b"\xd0\x9f\xff\x1b[1;31m *** asterisk restarted ***\n")
        lines.insert(91, _csv_line(impossible))
        lines.insert(25, lines[24][: len(lines[24]) // 3] + b"\n")
        return b"".join(lines)

    def queue_log(self) -> bytes:
        """The queue events in order."""
        return "".join(f"{line}\n" for _, _, line in sorted(self._events)).encode()

    def _leave_queue(
        self, channel: _Channel, queue: int, entered: datetime, until: datetime, *, has_leg: bool, timeout: bool
    ) -> None:
        """The caller leaves without an answer. Without a desk rung the queue's music itself counts as ANSWERED."""
        wait = int((until - entered).total_seconds())
        if not has_leg:
            self._leg(channel, queue, "", channel.at, channel.at, until, "ANSWERED", f"Queue:{queue},tT,,,120")
        kind = "EXITWITHTIMEOUT" if timeout else "ABANDON"
        self._event(until, channel, queue, "NONE", kind, "1", "1", str(wait))

    def _talk_in_queue(
        self,
        channel: _Channel,
        queue: int,
        agent: int,
        begins: datetime,
        answered: datetime,
        wait: int,
        talk: int,
        to: tuple[int, int] | None,
        consult: int,
    ) -> int:
        """The conversation with the agent and, after a transfer, with another desk; returns the seconds of both."""
        ends = answered + timedelta(seconds=talk)
        member = f"PJSIP/{agent}"
        self._event(answered, channel, queue, member, "CONNECT", str(wait), channel.unique_id, str(min(wait, 9)))
        self._leg(channel, queue, agent, begins, answered, ends, "ANSWERED", f"Queue:{queue},tT,,,120")
        if to is None:
            self._event(ends, channel, queue, member, "COMPLETECALLER", str(wait), str(talk), "1")
            return talk
        if consult:
            self._consult(channel, agent, to[0], ends, consult)
        self._event(ends, channel, queue, member, "BLINDTRANSFER", str(to[0]), "office", str(wait), str(talk), "1")
        taken = ends + timedelta(seconds=0 if consult else 5)
        self._leg(
            channel,
            to[0],
            to[0],
            ends,
            taken,
            taken + timedelta(seconds=to[1]),
            "ANSWERED",
            f"Dial:PJSIP/{to[0]},30,tT",
        )
        return talk + to[1]

    def _consult(self, channel: _Channel, agent: int, other: int, until: datetime, seconds: int) -> None:
        """The agent asks a colleague first: a leg of its own, bound to the call by the linked id."""
        begins = until - timedelta(seconds=seconds + 4)
        own = self._channel_at(begins, f"PJSIP/{agent}", str(agent))
        asking = replace(own, linked_id=channel.linked_id)
        self._leg(
            asking, other, other, begins, begins + timedelta(seconds=4), until, "ANSWERED", f"Dial:PJSIP/{other},30", ""
        )
        channel.legs += 1

    def _incoming(self, at: str, phone: str) -> _Channel:
        digits = phone.lstrip("+")
        forms = [digits, f"+{digits}", f"8{digits[1:]}", digits[1:]]
        caller = forms[int(digits[-2:]) % 4] if digits.isdecimal() else phone
        return self._channel(at, "PJSIP/mts-trunk", caller)

    def _channel(self, at: str, device: str, caller: str) -> _Channel:
        return self._channel_at(datetime.combine(DAY, time.fromisoformat(at), ZONE), device, caller)

    def _channel_at(self, at: datetime, device: str, caller: str) -> _Channel:
        self._channels += 2
        unique_id = f"{int(at.timestamp())}.{self._channels}"
        return _Channel(at, unique_id, unique_id, f"{device}-{self._channels:08x}", caller)

    def _leg(
        self,
        channel: _Channel,
        dialled: int | str,
        party: int | str,
        begins: datetime,
        answered: datetime | None,
        ends: datetime,
        disposition: str,
        application: str,
        mark: str = LINE[1:],
    ) -> None:
        channel.legs += 1
        sequence = len(self._legs) + 1
        application_name, _, data = application.partition(":")
        name = '"Callout"' if channel.caller.isdecimal() and len(channel.caller) < 5 else '""'
        talk = int((ends - answered).total_seconds()) if answered else 0
        cells = ["", channel.caller, str(dialled), "office", f"{name} <{channel.caller}>", channel.name]
        cells += [f"PJSIP/{party}-{self._channels + 1:08x}" if party else "", application_name, data]
        cells += [_local(begins), _local(answered) if answered else "", _local(ends)]
        cells += [str(int((ends - begins).total_seconds())), str(talk), disposition, "DOCUMENTATION"]
        cells += [channel.unique_id, mark, "", channel.linked_id, str(sequence)]
        self._legs.append((ends, sequence, cells))

    def _event(self, at: datetime, channel: _Channel, queue: int | str, agent: str, kind: str, *data: str) -> None:
        epoch = int(at.timestamp())
        cells = [str(epoch), channel.unique_id, str(queue), agent, kind, *data]
        self._events.append((epoch, len(self._events), "|".join(cells)))

    def _tell(
        self,
        channel: _Channel,
        direction: str,
        outcome: str,
        wait: int | None,
        talk: int,
        transfers: int,
        phone: str | None,
        line: str | None,
        queue: int | None,
        desk: int | None,
        missed: str = "",
    ) -> None:
        number = phone if phone and phone.startswith("+") else None
        queue_name, extension = (None if name is None else str(name) for name in (queue, desk))
        self.truth.append(
            Truth(
                linked_id=channel.linked_id,
                direction=direction,
                outcome=outcome,
                wait_seconds=wait,
                talk_seconds=talk,
                leg_count=channel.legs,
                transfer_count=transfers,
                client_phone=number,
                line=line,
                queue=queue_name,
                extension=extension,
                missed=missed,
            )
        )


def _local(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")


def _csv_line(cells: Sequence[str]) -> bytes:
    """Quoted as Asterisk quotes: text always, times only when there, numbers never."""
    bare = {10} if not cells[10] else set()
    text = io.StringIO()
    for index, cell in enumerate(cells):
        quoted = cell if index in bare or index in (12, 13, 20) else '"' + cell.replace('"', '""') + '"'
        text.write(("," if index else "") + quoted)
    return (text.getvalue() + "\n").encode()
