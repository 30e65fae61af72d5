"""Back-test: what people and clients did, through the process as it is and through a changed file, in memory.

The same inputs go both ways; clocks come by themselves. What the changed file asks for and nobody was asked in the past
stays open and is counted as unanswered; with assumed answers the usual answer comes after the usual time, and is
counted as assumed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Literal

from tasks.rules.process.decisions import AskWork, Decision, Withdraw
from tasks.rules.process.definition import Definition
from tasks.rules.process.state import VERBS, Event, Item
from tasks.rules.process_tools.playing import TaskIds, by_name, play_inputs
from tasks.rules.process_tools.recording import Course
from tasks.rules.process_tools.tally import ItemTally, Tally

Verb = Literal["done", "approve", "decline"]
_VERBS_OF: Mapping[str, Verb] = {"done": "done", "approved": "approve", "declined": "decline"}


@dataclass(frozen=True, slots=True)
class Usual:
    """How people answered this sort of work: the commonest answer, and the median time until it, in seconds."""

    verb: str
    seconds: int


@dataclass(frozen=True, slots=True)
class ItemResult:
    """One item both ways: the stages it went through, and what it came to."""

    item_id: int
    before: tuple[str, ...]
    after: tuple[str, ...]
    unanswered: tuple[str, ...]
    assumed: int

    @property
    def is_same(self) -> bool:
        """Whether the item would have gone the same way."""
        return self.before == self.after and not self.unanswered


@dataclass(slots=True)
class Backtest:
    """Both ways of one process over a while. `cannot_begin`: items that the changed file would not begin at all."""

    process: str
    since: datetime
    until: datetime
    before: Tally
    after: Tally
    items: list[ItemResult] = field(default_factory=list)
    unanswered: Counter[str] = field(default_factory=Counter)
    assumed: int = 0
    inputs: int = 0
    cannot_begin: int = 0
    unproved: int = 0

    @property
    def changed(self) -> list[ItemResult]:
        """The items that would have gone another way."""
        return [one for one in self.items if not one.is_same]


class Backtester:
    """Takes items one after the other through both definitions."""

    def __init__(
        self,
        old: Definition,
        new: Definition,
        since: datetime,
        until: datetime,
        usual: Mapping[str, Usual] | None = None,
    ) -> None:
        self._old, self._new, self._usual = old, new, usual
        self.result = Backtest(new.name, since, until, Tally(since), Tally(since))

    def take(self, courses: Sequence[Course], tasks: TaskIds) -> None:
        """One item's record; it is counted when it begins with its beginning."""
        if not courses or courses[0].kind != "begin":
            return
        result = self.result
        result.inputs += sum(1 for row in courses if not row.is_clock and row.event.at >= result.since)
        before, after = ItemTally(result.before), ItemTally(result.after)
        old = play_inputs(self._old, courses, tasks, result.until, lambda e, d, _i: before.look(e, d))
        answered = {by_name(row, tasks).work for row in courses if row.event.name in VERBS}
        assuming = _Assuming(self._new, self._usual or {}, answered)

        def look(event: Event, decisions: Sequence[Decision], item: Item) -> None:
            after.look(event, decisions)
            assuming.look(event, decisions, item)

        new = play_inputs(self._new, courses, tasks, result.until, look, assuming.next_answer)
        if new is None:
            result.cannot_begin += 1
            return
        left = _open_work(new) - (_open_work(old) if old else set())
        result.unanswered.update(left)
        result.assumed += assuming.count
        way = ItemResult(courses[0].item_id, tuple(before.way), tuple(after.way), tuple(sorted(left)), assuming.count)
        result.items.append(way)


class _Assuming:
    """Gives the usual answer for work that nobody was asked for in the past."""

    def __init__(self, definition: Definition, usual: Mapping[str, Usual], answered: set[str]) -> None:
        self._definition, self._usual, self._answered = definition, usual, answered
        self._waiting: list[Event] = []
        self.count = 0

    def look(self, event: Event, decisions: Sequence[Decision], item: Item) -> None:
        """Remember what was asked for now, and forget what was taken back."""
        for decision in decisions:
            if isinstance(decision, Withdraw):
                owed = decision.owed
                self._waiting = [one for one in self._waiting if (one.work, one.actor) != (owed.name, owed.owner)]
            if not isinstance(decision, AskWork) or decision.owed.name in self._answered:
                continue
            usual = self._usual_of(decision)
            if usual is not None:
                owed = decision.owed
                at = item.entered_at if event.at < item.entered_at else event.at
                key = f"assumed:{item.key}:{owed.name}:{owed.round}:{owed.owner}"
                answer = Event(key, at + timedelta(seconds=usual.seconds), usual.verb, owed.owner, work=owed.name)
                self._waiting.append(answer)
        self._waiting.sort(key=lambda one: one.at)

    def next_answer(self, item: Item, until: datetime) -> Event | None:
        """The assumed answer that comes first and before a moment; it is given once."""
        while self._waiting and self._waiting[0].at < until:
            answer = self._waiting.pop(0)
            work = item.work.get(answer.work)
            is_open = work is not None and any(r.owner == answer.actor and r.state == "open" for r in work.rows)
            if is_open and not item.outcome:
                self.count += 1
                return answer
        return None

    def _usual_of(self, asked: AskWork) -> Usual | None:
        part = self._definition.work[asked.owed.name]
        kind = "vote" if part.is_vote else "task"
        own = self._usual.get(f"work:{asked.owed.name}")
        if own is not None:
            return own
        found = (self._usual.get(f"{kind}:{slot}") for slot in (*asked.owed.slots, ""))
        return next((one for one in found if one), None)


def usual_answers(records: Sequence[Sequence[Course]]) -> dict[str, Usual]:
    """The usual answer by kind and slot ('vote:manager'), and by kind alone ('vote:'), from recorded courses."""
    given: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for courses in records:
        asked: dict[tuple[str, str], tuple[datetime, tuple[str, ...]]] = {}
        for row in courses:
            for decision in row.decisions:
                owed = decision.get("owed", {})
                key = (owed.get("name", ""), owed.get("owner", ""))
                if decision["is"] == "AskWork":
                    asked[key] = (row.event.at, tuple(owed.get("slots", ())))
                elif decision["is"] == "CloseWork" and key in asked:
                    at, slots = asked.pop(key)
                    verb = _VERBS_OF[decision["state"]]
                    seconds = (row.event.at - at).total_seconds()
                    for slot in (*slots, ""):
                        given[f"{'task' if verb == 'done' else 'vote'}:{slot}"].append((verb, seconds))
    return {
        key: Usual(Counter(verb for verb, _ in answers).most_common(1)[0][0], int(median(s for _, s in answers)))
        for key, answers in given.items()
    }


def _open_work(item: Item) -> set[str]:
    return {name for name, work in item.work.items() if work.state == "open"}
