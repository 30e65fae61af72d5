"""How many events of whole service orders the process engine takes per CPU-second, beside a floor in the same run.

The floor is a bare state machine: a dict that says which stage follows, and a copied item. It knows no people, work,
clocks or conditions; it is what the cheapest thing that could move an order would cost.
Run: ./callout bench process --orders 2000
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tasks.gateways.strict_yaml import parse_yaml
from tasks.rules.assignment import Member
from tasks.rules.office import Hours
from tasks.rules.process.definition import Definition
from tasks.rules.process.loader import read_definition
from tasks.rules.process.state import Event, Item, OfficeFacts
from tasks.rules.process.step import begin, step
from tasks.rules.process.values import Line
from tasks.rules.working_time import working_calendar

FILE = Path(__file__).resolve().parents[1] / "samples" / "process" / "service.yaml"
_ROUND = 10
NOON = datetime(2026, 11, 17, 9, tzinfo=UTC)
ROLES = ("manager", "dispatcher", "executor", "accounting", "operator", "head")
LINES = (
    Line("visit", "Выезд", Decimal(1), Decimal(1500)),
    Line("pump", "Насос", Decimal(2), Decimal(61000)),
    Line("hour", "Работа", Decimal(6), Decimal("1850.50")),
)
FIELDS = {
    "number": "D-1",
    "kind": "periodic",
    "client": "contact:1",
    "manager": "person:manager",
    "operator": "person:operator",
    "executor": "person:executor",
}
_PRICED = {"lines": LINES, "work_at": "2026-11-19T10:00:00+03:00"}
_ORDER: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("start", "operator", "", {"dispatcher": "person:dispatcher"}),
    ("begin", "dispatcher", "conduct", {}),
    ("done", "dispatcher", "price", _PRICED),
    ("approve", "client", "time_agreed", {}),
    ("approve", "executor", "time_agreed", {}),
    ("approve", "dispatcher", "approval", {}),
    ("approve", "operator", "approval", {}),
    ("approve", "manager", "approval", {}),
    ("done", "executor", "papers", {"documents": ("act",)}),
    ("changed", "dispatcher", "", {"documents": ("act", "invoice")}),
    ("done", "manager", "conduct", {}),
)
_NEXT = {
    ("new", "start"): "planning",
    ("planning", "price"): "agreeing",
    ("agreeing", "time_agreed"): "approving",
    ("approving", "approval"): "scheduled",
    ("scheduled", "papers"): "documents",
    ("documents", "conduct"): "won",
}


def main() -> None:
    """Run whole orders through the engine and the floor, and print both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=2000, help="how many orders run from start to won")
    parser.add_argument("--store", type=int, metavar="DEALS", help="instead: one advance run over so many open deals")
    parser.add_argument("--due", type=int, default=1000, help="with --store: how many of them are due")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if arguments.store:
        from tests.bench.process_store import measure

        print(json.dumps(measure(arguments.store, arguments.due), ensure_ascii=False))
        return
    figures = pure_figures(arguments.orders)
    print(json.dumps(figures, ensure_ascii=False) if arguments.json else _said(figures))


def pure_figures(orders: int) -> dict[str, Any]:
    """Events per CPU-second of the engine and of the floor, and the ratio."""
    definition, facts = order_process(), office_facts()
    first, _ = begin(definition, facts, key="D-1", at=NOON, actor="person:operator", fields=FIELDS)
    run_order(definition, facts, first, order_events())
    engine = _per_second(orders, lambda events: run_order(definition, facts, first, events))
    floor = _per_second(orders, _run_floor)
    return {
        "orders": orders,
        "events_per_order": len(_ORDER),
        "engine_events_per_cpu_second": engine,
        "floor_events_per_cpu_second": floor,
        "times_the_floor": round(floor / engine, 1),
    }


def order_process() -> Definition:
    """The service order that is measured."""
    return read_definition(FILE.name, parse_yaml(FILE.name, FILE.read_bytes(), {}).value)


def office_facts() -> OfficeFacts:
    """An office with one person for each role."""
    zone = ZoneInfo("Europe/Moscow")
    hours = Hours(dt.time(9), dt.time(18))
    staff = {f"person:{role}": Member(f"person:{role}", role, role.title(), frozenset({role})) for role in ROLES}
    return OfficeFacts(staff, {}, frozenset({"contact:1"}), working_calendar(hours, zone), zone)


def order_events() -> tuple[Event, ...]:
    """The events of one order from its start until it is won, ten minutes apart; every order has lines of its own."""
    found = []
    own = tuple(replace(line) for line in LINES)
    for n, (name, role, work, sets) in enumerate(_ORDER):
        actor = "contact:1" if role == "client" else f"person:{role}"
        at = NOON + timedelta(minutes=10 * (n + 1))
        given = {**sets, "lines": own} if "lines" in sets else sets
        found.append(Event(f"e{n}", at, name, actor, name != "changed", given, work))
    return tuple(found)


def run_order(definition: Definition, facts: OfficeFacts, item: Item, events: tuple[Event, ...]) -> Item:
    """One whole order. Raises AssertionError when it does not end won."""
    for event in events:
        item, _ = step(definition, facts, item, event)
    if item.outcome != "won":
        raise AssertionError(f"the order ended in {item.stage}")
    return item


def _run_floor(events: tuple[Event, ...]) -> dict[str, Any]:
    item: dict[str, Any] = {"stage": "new", **FIELDS}
    for event in events:
        item = {**item, **event.sets}
        item["stage"] = _NEXT.get((item["stage"], event.work or event.name), item["stage"])
    return item


def _per_second(orders: int, run: Callable[[tuple[Event, ...]], object]) -> int:
    """The best of many short rounds of different orders: the machine may be busy with others."""
    best = float("inf")
    for _ in range(max(1, orders // _ROUND)):
        courses = [order_events() for _ in range(_ROUND)]
        began = time.process_time()
        for events in courses:
            run(events)
        best = min(best, time.process_time() - began)
    return round(_ROUND * len(_ORDER) / best)


def _said(figures: dict[str, Any]) -> str:
    return (
        f"{figures['orders']} service orders of {figures['events_per_order']} events: "
        f"{figures['engine_events_per_cpu_second']} events per CPU-second; a bare state machine without people, work, "
        f"clocks or conditions: {figures['floor_events_per_cpu_second']} ({figures['times_the_floor']} times as many)"
    )


if __name__ == "__main__":
    main()
