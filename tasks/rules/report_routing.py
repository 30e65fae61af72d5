"""Who should have got the calls, by what the PBX was answered, and who did; and how even each queue is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from tasks.rules.assignment import evenness
from tasks.rules.report_model import Cell, Column, Section, Table, Word

Verdict = Literal["as_told", "somebody_else", "nobody", "no_call"]
VERDICTS: tuple[Verdict, ...] = ("as_told", "somebody_else", "nobody", "no_call")
_NEAR = timedelta(minutes=2)
"""How far the PBX's question and the first ring of its call may lie apart."""
_NO_CALL: dict[str, Any] = dict.fromkeys(("call_id", "call_started_at", "outcome", "taker_id", "taker_name"))


@dataclass(frozen=True, slots=True)
class RoutedCall:
    """One call that the PBX asked about: names of who should have got it first and of who took it, '' for nobody."""

    call_id: int | None
    queue: str
    kind: str
    should: str
    did: str
    verdict: Verdict


def routed_calls(rows: Iterable[Mapping[str, Any]]) -> list[RoutedCall]:
    """The calls behind the rows of the query route_rows; a call that was asked about again counts by its first answer.

    `no_call`: no log has told of such a call, or somebody hung up before it began.
    """
    found: dict[Any, RoutedCall] = {}
    for row in _nearest(rows):
        has_call = row["call_id"] is not None
        key = row["call_id"] if has_call else f"route-{row['route_id']}"
        did = row["taker_name"] or "" if row["outcome"] == "answered" else ""
        should = row["person_name"] or ""
        one = RoutedCall(row["call_id"], row["queue"], row["kind"], should, did, _verdict(row))
        found.setdefault(key, one)
    return list(found.values())


def _nearest(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """One row per answer: its call by the PBX's own id, else the one that rang nearest, if it is near at all."""
    best: dict[int, Mapping[str, Any]] = {}
    for row in rows:
        is_meant = row["call_id"] is not None and (row["is_exact"] or _distance(row) <= _NEAR)
        near = row if is_meant else {**row, **_NO_CALL}
        known = best.get(row["route_id"])
        if known is None or _distance(near) < _distance(known):
            best[row["route_id"]] = near
    return list(best.values())


def _distance(row: Mapping[str, Any]) -> timedelta:
    began: datetime | None = row["call_started_at"]
    return timedelta.max if began is None else abs(began - row["asked_at"])


def _verdict(row: Mapping[str, Any]) -> Verdict:
    if row["call_id"] is None:
        return "no_call"
    if row["outcome"] != "answered":
        return "nobody"
    return "as_told" if row["taker_id"] is not None and row["taker_id"] == row["person_id"] else "somebody_else"


def routing_section(calls: Sequence[RoutedCall]) -> Section:
    """The chapter: what became of the answers, each person's share of each queue, and how even the shares are."""
    return Section("routing", tables=(_course(calls), _shares(calls), _evenness(calls)))


def _course(calls: Sequence[RoutedCall]) -> Table:
    keys = {verdict: [one for one in calls if one.verdict == verdict] for verdict in VERDICTS}
    body = [(Cell(Word(f"routed.{verdict}")), _count(keys[verdict])) for verdict in VERDICTS]
    return Table("routed", (Column("state", "text"), Column("calls", "count")), (*body,))


def _shares(calls: Sequence[RoutedCall]) -> Table:
    told, took = _by_person(calls, "should"), _by_person(calls, "did")
    body = tuple(
        (Cell(queue), Cell(name), _count(told.get((queue, name), [])), _count(took.get((queue, name), [])))
        for queue, name in sorted(told.keys() | took.keys())
    )
    head = (Column("queue", "text"), Column("person", "text"), Column("told", "count"), Column("took", "count"))
    return Table("routed_people", head, body)


def _evenness(calls: Sequence[RoutedCall]) -> Table:
    """Each queue by the calls its people took; who was told but took none counts with nothing."""
    told, took = _by_person(calls, "should"), _by_person(calls, "did")
    rows = []
    for queue in sorted({queue for queue, _ in told}):
        names = {name for q, name in told.keys() | took.keys() if q == queue}
        counts = Counter({name: len(took.get((queue, name), [])) for name in names})
        even = evenness(counts)
        calls_of = _count([one for (q, _), part in took.items() if q == queue for one in part])
        rows.append((Cell(queue), replace(calls_of, value=None if even is None else 100 * even, sample=calls_of.value)))
    return Table("routed_evenness", (Column("queue", "text"), Column("evenness", "percent")), tuple(rows))


def _by_person(calls: Sequence[RoutedCall], side: Literal["should", "did"]) -> dict[tuple[str, str], list[RoutedCall]]:
    """Calls that went by their queue, by the queue and the person."""
    found: dict[tuple[str, str], list[RoutedCall]] = defaultdict(list)
    for one in calls:
        name = one.should if side == "should" else one.did
        if one.kind == "queue" and name:
            found[one.queue, name].append(one)
    return dict(found)


def _count(calls: Sequence[RoutedCall]) -> Cell:
    return Cell(len(calls), tuple(f"call-{one.call_id}" for one in calls if one.call_id is not None))
