"""Decisions about work, carried out: rows of work_task are opened, begun, reassigned, closed, taken back, overdue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tasks.gateways.store.work import NewTask, close_row, give_row, mark_row, open_task, record_vote_of
from tasks.process_chain import Chain, computed
from tasks.process_voice import Message
from tasks.rules.process.decisions import (
    AskWork,
    BeginWork,
    CloseWork,
    DecideWork,
    MarkOverdue,
    Reassign,
    Withdraw,
)
from tasks.rules.process.definition import Text
from tasks.rules.process.state import Owed

_WATCHED: Text = {
    "ru": "Поручена задача «{work}», срок {due}.",
    "en": "The task “{work}” has been given out, due {due}.",
}


def ask_work(chain: Chain, decision: AskWork, key: str) -> None:
    """A new row of work_task, and a message that asks its owner; watchers are told."""
    owed, stored = decision.owed, chain.stored
    values = computed(chain, decision.values)
    title = chain.voice().titled(chain.definition.work[owed.name], values)
    task = NewTask(
        key=f"{stored.item.key}:{key}:{owed.name}",
        entity=stored.entity,
        entity_id=stored.entity_id,
        name=owed.name,
        kind=decision.kind,
        title=title,
        owner=owed.owner,
        opened_at=chain.event.at,
        due_at=owed.due_at,
        round=owed.round,
        item_id=stored.item_id,
    )
    task_id = open_task(chain.connection, task)
    chain.asked[owed.name, owed.round, owed.owner] = task_id
    _know_row(chain, owed, task_id)
    chain.messages.append(_asking(f"work:{task.key}", replace(owed, task_id=task_id), decision.values, decision))
    for watcher in decision.watchers:
        due = f"{owed.due_at.astimezone(chain.run.office.zone):%d.%m.%Y %H:%M}" if owed.due_at else "—"
        text = {lang: words.replace("{work}", title).replace("{due}", due) for lang, words in _WATCHED.items()}
        chain.messages.append(Message(f"{key}:watch:{watcher}", watcher, "", decision.values, text))
    data = {"name": owed.name, "round": owed.round, "owner": owed.owner, "work_task_id": task_id}
    chain.record(key, "work.asked", data | {"rule": decision.rule})
    chain.counts["tasks_opened"] += 1
    chain.run.loads[owed.owner] += 1


def _asking(key: str, owed: Owed, values: Mapping[str, object], decision: AskWork | None = None) -> Message:
    phone_for = owed.instead_of if owed.instead_of.startswith("contact:") else ""
    return Message(
        key=key,
        to=owed.owner,
        wording=f"work_{owed.name}",
        values=values,
        work=owed.name,
        owed=owed,
        content_hash=decision.content_hash if decision else "",
        phone_for=phone_for,
    )


def _know_row(chain: Chain, owed: Owed, task_id: int) -> None:
    """The item remembers which row of work_task it is; answers name it."""
    work = chain.item.work.get(owed.name)
    if work is None or work.round != owed.round:
        return
    rows = tuple(
        replace(row, task_id=task_id) if row.task_id is None and row.owner == owed.owner else row for row in work.rows
    )
    chain.item = replace(chain.item, work={**chain.item.work, owed.name: replace(work, rows=rows)})


def _task_id(chain: Chain, owed: Owed) -> int:
    """The row of work_task; one that was asked for in this very chain is known by its work, round and owner."""
    return owed.task_id or chain.asked[owed.name, owed.round, owed.owner]


def reassign(chain: Chain, decision: Reassign, key: str) -> None:
    """Open work goes to another owner, who is asked; the one before is told."""
    before, after = decision.before, decision.after
    task_id = _task_id(chain, before)
    if before.due_at != after.due_at:
        mark_row(chain.connection, task_id, {"due_at": after.due_at})
    if before.owner == after.owner:
        return
    chain.asked[after.name, after.round, after.owner] = task_id
    give_row(chain.connection, task_id, after.owner)
    asked = replace(after, task_id=task_id)
    chain.messages.append(_asking(f"{key}:{after.owner}", asked, chain.item.fields))
    wording = "client_withdrawn" if before.owner.startswith("contact:") else "work_withdrawn"
    chain.messages.append(Message(f"{key}:{before.owner}", before.owner, wording, chain.item.fields, work=before.name))
    chain.record(key, "work.reassigned", _said(before, task_id) | {"to": after.owner})
    chain.counts["reassigned"] += 1
    chain.run.loads[before.owner] -= 1
    chain.run.loads[after.owner] += 1


def begin_work(chain: Chain, decision: BeginWork, key: str) -> None:
    """Somebody has started."""
    task_id = _task_id(chain, decision.owed)
    mark_row(chain.connection, task_id, {"begun_at": chain.event.at})
    chain.record(key, "work.begun", _said(decision.owed, task_id) | {"by": decision.by})


def mark_overdue(chain: Chain, decision: MarkOverdue, key: str) -> None:
    """A due time has passed."""
    task_id = _task_id(chain, decision.owed)
    mark_row(chain.connection, task_id, {"overdue_at": chain.event.at})
    chain.record(key, "work.overdue", _said(decision.owed, task_id))


def close_work(chain: Chain, decision: CloseWork, key: str) -> None:
    """An answer ends a row; a vote is kept as one."""
    owed, at = decision.owed, chain.event.at
    task_id = _task_id(chain, owed)
    close_row(chain.connection, task_id, decision.state, decision.by, at, decision.text)
    if decision.is_vote:
        record_vote_of(chain.connection, task_id, decision.by, decision.state == "approved", decision.text, at)
    chain.record(key, "work.closed", _said(owed, task_id) | {"state": decision.state, "by": decision.by})
    chain.counts["tasks_closed"] += 1
    chain.counts["declined"] += decision.state == "declined"
    chain.run.loads[owed.owner] -= 1


def decide_work(chain: Chain, decision: DecideWork, key: str) -> None:
    """A piece of work as a whole has ended: kept in the record."""
    said = {"name": decision.name, "round": decision.round, "state": decision.state, "by": decision.by}
    chain.record(key, "work.decided", said)


def withdraw(chain: Chain, decision: Withdraw, key: str) -> None:
    """A row is taken back, or a vote given for other content is void; its owner is told."""
    owed = decision.owed
    task_id = _task_id(chain, owed)
    close_row(chain.connection, task_id, "withdrawn", "process", chain.event.at, "")
    wording = "client_withdrawn" if owed.owner.startswith("contact:") else "work_withdrawn"
    chain.messages.append(Message(f"{key}:{owed.owner}", owed.owner, wording, chain.item.fields, work=owed.name))
    chain.record(key, "work.withdrawn", _said(owed, task_id) | {"because": decision.because})
    if owed.state == "open":
        chain.counts["tasks_closed"] += 1
        chain.run.loads[owed.owner] -= 1


def _said(owed: Owed, task_id: int) -> dict[str, object]:
    return {"name": owed.name, "round": owed.round, "owner": owed.owner, "work_task_id": task_id}
