"""What deals knew of their course, moved to items of processes: used by migration 0007 alone, and never changed.

Orders of the shipped service process (version 1 of the first engine) go on under version 2 of the process file, in the
same stage with the same work. Won ones get the sub-process that receives their money. Orders of other processes keep
their name and version: they are held until the office has a file for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from sql.column_types import Json, Money, UtcDateTime

_DAY = timedelta(days=1)
# what service.yaml version 2 counts in each stage: a first guess of the due time, counted anew when it is looked at
_CLOCKS: Mapping[str, Sequence[tuple[str, timedelta]]] = {
    "new": (("within", timedelta(hours=4)),),
    "planning": (("within", 2 * _DAY),),
    "agreeing": (("within", 3 * _DAY),),
    "unreachable": (("within", 3 * _DAY), ("after:unreachable.1", 3 * _DAY), ("after:unreachable.2", 10 * _DAY)),
    "approving": (("within", 2 * _DAY), ("after:approving.4", 2 * _DAY)),
    "scheduled": (),
    "documents": (("within", 3 * _DAY),),
}
_MONEY_CLOCKS = (("after:invoiced.2", 8 * _DAY), ("after:invoiced.3", 25 * _DAY))
_ENDS = {"won": "won", "paid": "won", "lost": "lost", "cancelled": "cancelled"}
_MONEY = "payment"
_EMPTY: tuple[Any, ...] = (None, "", [])

_deal = sa.table(
    "deal",
    *(sa.column(name) for name in ("id", "number", "pipeline", "pipeline_version", "stage", "visit", "status_text")),
    *(sa.column(name) for name in ("title", "contact_id", "manager_id", "dispatcher_id", "executor_id", "outcome")),
    sa.column("stage_entered_at", UtcDateTime()),
    sa.column("created_at", UtcDateTime()),
    sa.column("ended_at", UtcDateTime()),
    sa.column("fields", Json),
    sa.column("fired", Json),
    sa.column("amount", Money),
)
_item = sa.table(
    "process_item",
    *(sa.column(name) for name in ("id", "key", "process", "version", "entity", "entity_id", "parent_id")),
    *(sa.column(name) for name in ("parent_work", "number", "title", "stage", "visit", "status_text", "outcome")),
    *(sa.column(name) for name in ("is_overdue", "responsible_id")),
    *(
        sa.column(n, UtcDateTime())
        for n in ("stage_entered_at", "created_at", "ended_at", "next_due_at", "deadline_at")
    ),
    sa.column("fields", Json),
    sa.column("memory", Json),
)
_task = sa.table(
    "work_task",
    *(sa.column(name) for name in ("id", "entity", "entity_id", "item_id", "name", "kind", "person_id", "contact_id")),
    *(sa.column(name) for name in ("state", "round", "closed_by")),
    *(sa.column(name, UtcDateTime()) for name in ("opened_at", "begun_at", "due_at", "overdue_at", "closed_at")),
)
_invoice = sa.table(
    "invoice", *(sa.column(name) for name in ("deal_id", "number", "uid")), sa.column("paid_at", UtcDateTime())
)
_event = sa.table(
    "event",
    *(sa.column(name) for name in ("id", "key", "entity", "entity_id", "kind", "actor")),
    sa.column("at", UtcDateTime()),
    sa.column("data", Json),
)
_inbox = sa.table(
    "process_inbox",
    *(sa.column(name) for name in ("event_id", "entity", "entity_id", "item_id")),
    sa.column("at", UtcDateTime()),
)


def move_deals(connection: sa.Connection) -> None:
    """Every deal gets its item, its tasks and messages belong to it, and open ones count their clocks anew."""
    tasks = _by_deal(connection.execute(sa.select(_task).where(_task.c.entity == "deal").order_by(_task.c.id)))
    lines = _lines(connection)
    invoices = {row.deal_id: row for row in connection.execute(sa.select(_invoice))}
    for deal in connection.execute(sa.select(_deal).order_by(_deal.c.id)).all():
        own = [task for task in tasks.get(deal.id, ()) if task.name != _MONEY]
        item_id = _insert(connection, _order(deal, own, lines.get(deal.id, []), deal.id in invoices))
        _belong(connection, own, item_id)
        if deal.id in invoices:
            money = [task for task in tasks.get(deal.id, ()) if task.name == _MONEY]
            child_id = _insert(connection, _child(deal, money, invoices[deal.id], item_id))
            _belong(connection, money, child_id)
    connection.execute(
        sa.text(
            "UPDATE outbox SET item_id = (SELECT min(i.id) FROM process_item AS i "
            "WHERE i.entity = 'deal' AND i.entity_id = outbox.entity_id) WHERE entity = 'deal'"
        )
    )


def _by_deal(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.entity_id, []).append(row)
    return found


def _lines(connection: sa.Connection) -> dict[int, list[Any]]:
    query = sa.text(
        "SELECT l.deal_id, p.key, l.title, l.quantity, l.price FROM deal_line AS l "
        "LEFT JOIN price_item AS p ON l.price_item_id = p.id ORDER BY l.deal_id, l.position"
    ).columns(quantity=sa.Numeric(12, 3), price=Money)
    found: dict[int, list[Any]] = {}
    for row in connection.execute(query):
        line = [row.key or "", row.title, format(row.quantity, "f"), format(row.price, "f")]
        found.setdefault(row.deal_id, []).append({"line": line})
    return found


def _order(deal: Any, tasks: Sequence[Any], lines: list[Any], is_invoiced: bool) -> dict[str, Any]:
    is_service = deal.pipeline == "service" and deal.pipeline_version == 1
    stage = "won" if is_service and deal.stage == "paid" else deal.stage
    outcome = _ENDS.get(deal.stage, deal.outcome)
    kept = {name: value for name, value in deal.fields.items() if name not in ("invoice", "paid_at")}
    people = {name: _ref(getattr(deal, f"{name}_id")) for name in ("manager", "dispatcher", "executor")}
    fields = {"number": deal.number, "client": f"contact:{deal.contact_id}", "lines": lines, **people, **kept}
    memory = _memory(deal, tasks, outcome, _CLOCKS.get(stage, ()), stage)
    if is_invoiced:
        child = {"name": _MONEY, "round": 1, "process": "receive_payment", "key": f"deal:{deal.id}/{_MONEY}/1"}
        is_paid = deal.stage == "paid"
        memory["children"] = {_MONEY: child | ({"state": "won"} if is_paid else {})}
    return _row(deal, memory, fields, stage, outcome) | {
        "key": f"deal:{deal.id}",
        "process": deal.pipeline,
        "version": 2 if is_service else deal.pipeline_version,
        "created_at": deal.created_at,
    }


def _child(deal: Any, tasks: Sequence[Any], invoice: Any, parent_id: int) -> dict[str, Any]:
    stage, outcome = ("paid", "won") if invoice.paid_at else ("invoiced", None)
    fields = {
        "number": deal.number,
        "client": f"contact:{deal.contact_id}",
        "manager": _ref(deal.manager_id),
        "amount": {"decimal": format(deal.amount, "f")},
        "invoice": invoice.number,
        "paid_at": invoice.paid_at.isoformat() if invoice.paid_at else None,
    }
    key = f"deal:{deal.id}/{_MONEY}/1"
    memory = _memory(deal, tasks, outcome, _MONEY_CLOCKS, stage)
    memory["promises"] = [f"{key}/document/invoice/1"]
    return _row(deal, memory, fields, stage, outcome) | {
        "key": key,
        "process": "receive_payment",
        "version": 1,
        "parent_id": parent_id,
        "parent_work": _MONEY,
        "visit": 1,
        "created_at": deal.ended_at or deal.stage_entered_at,
        "ended_at": invoice.paid_at,
    }


def _row(deal: Any, memory: dict[str, Any], fields: dict[str, Any], stage: str, outcome: str | None) -> dict[str, Any]:
    dues = [datetime.fromisoformat(clock["due"]) for clock in memory.get("clocks", ())]
    within = [c["due"] for c in memory.get("clocks", ()) if c["name"] == "within"]
    rows = [row for work in memory.get("work", {}).values() for row in work["rows"]]
    return {
        "entity": "deal",
        "entity_id": deal.id,
        "number": deal.number,
        "title": deal.title,
        "stage": stage,
        "visit": deal.visit,
        "stage_entered_at": deal.stage_entered_at,
        "status_text": deal.status_text,
        "fields": {name: value for name, value in fields.items() if value not in _EMPTY},
        "memory": memory,
        "outcome": outcome,
        "ended_at": (deal.ended_at or deal.stage_entered_at) if outcome else None,
        "next_due_at": min(dues, default=None),
        "deadline_at": datetime.fromisoformat(within[0]) if within else None,
        "is_overdue": not outcome and ("within" in deal.fired or any(row.get("is_overdue") for row in rows)),
        "responsible_id": deal.manager_id,
        "parent_id": None,
        "parent_work": "",
    }


def _memory(
    deal: Any, tasks: Sequence[Any], outcome: str | None, spans: Sequence[tuple[str, timedelta]], stage: str
) -> dict[str, Any]:
    """Work with its votes, clocks with what they count from, and which rules acted in this stay."""
    names = dict.fromkeys(task.name for task in tasks)
    work = {name: _work(deal, name, [task for task in tasks if task.name == name]) for name in names}
    clocks = []
    if not outcome:
        for name, span in spans:
            if name not in deal.fired:
                clocks.append(_clock(deal.stage_entered_at + span, name, deal.stage_entered_at))
        for one in work.values():
            open_rows = [row for row in one["rows"] if "state" not in row and not row.get("is_overdue")]
            dues = [row["due_at"] for row in open_rows if row.get("due_at")]
            if dues:
                basis = datetime.fromisoformat(one["asked_at"])
                clocks.append(_clock(datetime.fromisoformat(dues[0]), f"work:{one['name']}:{one['round']}", basis))
    found: dict[str, Any] = {"status": {"": deal.status_text}}
    if work:
        found["work"] = work
    if clocks:
        found["clocks"] = sorted(clocks, key=lambda clock: (clock["due"], clock["name"]))
    fired = [key for key in deal.fired if key.startswith("documents.") and stage == "documents"]
    return found | ({"fired": sorted(fired)} if fired else {})


def _clock(due: datetime, name: str, basis: datetime) -> dict[str, Any]:
    return {"due": due.isoformat(), "name": name, "basis": basis.isoformat()}


def _work(deal: Any, name: str, tasks: Sequence[Any]) -> dict[str, Any]:
    newest = max(task.round for task in tasks)
    rows = [task for task in tasks if task.round == newest]
    state = _state(rows)
    last = max((row for row in rows if row.closed_at), key=lambda row: row.closed_at, default=None)
    decided = {"by": last.closed_by or "", "at": last.closed_at.isoformat()} if last and state != "open" else {}
    return {
        "name": name,
        "round": newest,
        "visit": deal.visit,
        "state": state,
        "asked_at": rows[0].opened_at.isoformat(),
        "rows": [_owed(row) for row in rows],
    } | decided


def _state(rows: Sequence[Any]) -> str:
    """As the first engine read it: a vote needs everybody, a task one."""
    states = [row.state for row in rows]
    if all(state == "withdrawn" for state in states):
        return "withdrawn"
    if rows[0].kind == "task":
        return "done" if "done" in states else "open"
    if all(state == "approved" for state in states):
        return "approved"
    return "declined" if "declined" in states else "open"


def _owed(row: Any) -> dict[str, Any]:
    slots = {"time_agreed": "client" if row.contact_id else "executor", "approval": "manager", "papers": "executor"}
    owner = f"person:{row.person_id}" if row.person_id else f"contact:{row.contact_id}"
    found = {"name": row.name, "round": row.round, "owner": owner, "task_id": row.id}
    found["slots"] = [slots.get(row.name, "accounting" if row.name == _MONEY else "dispatcher")]
    more = {
        "state": row.state if row.state != "open" else None,
        "due_at": row.due_at.isoformat() if row.due_at else None,
        "is_begun": bool(row.begun_at),
        "is_overdue": bool(row.overdue_at),
        "by": row.closed_by if row.state not in ("open", "withdrawn") else "",
        "at": row.closed_at.isoformat() if row.closed_at and row.state not in ("open", "withdrawn") else None,
    }
    return found | {name: value for name, value in more.items() if value}


def _insert(connection: sa.Connection, row: dict[str, Any]) -> int:
    item_id: int = connection.execute(sa.insert(_item).values(row).returning(_item.c.id)).scalar_one()
    if row["next_due_at"] is not None:
        _count_anew(connection, row, item_id)
    if row["process"] == "receive_payment":
        uid = row["memory"]["promises"][0]
        connection.execute(sa.update(_invoice).where(_invoice.c.deal_id == row["entity_id"]).values(uid=uid))
    return item_id


def _count_anew(connection: sa.Connection, row: dict[str, Any], item_id: int) -> None:
    """The calendar of the office counts the clocks: a fact that comes before all of them."""
    at = row["stage_entered_at"] if row["stage_entered_at"].tzinfo else row["stage_entered_at"].replace(tzinfo=UTC)
    data = {"name": "calendar_changed", "is_command": False, "item_id": item_id}
    place = {"entity": "deal", "entity_id": row["entity_id"], "at": at}
    event = place | {"key": f"{row['key']}:moved-to-items", "kind": "item.fact", "actor": "process", "data": data}
    event_id = connection.execute(sa.insert(_event).values(event).returning(_event.c.id)).scalar_one()
    connection.execute(sa.insert(_inbox).values(place | {"event_id": event_id, "item_id": item_id}))


def _belong(connection: sa.Connection, tasks: Sequence[Any], item_id: int) -> None:
    for task in tasks:
        connection.execute(sa.update(_task).where(_task.c.id == task.id).values(item_id=item_id))


def _ref(person_id: int | None) -> str | None:
    return f"person:{person_id}" if person_id else None
