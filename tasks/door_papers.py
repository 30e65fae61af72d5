"""Papers handed over at the door: kept by content, counted against the set that is wanted, each hand-over once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tasks.desk import Desk
from tasks.form_files import is_document, named, paper_of
from tasks.gateways.attachment_files import keep_file
from tasks.gateways.store.connection import writing
from tasks.gateways.store.door_items import NewPaper, keep_papers
from tasks.gateways.store.process_items import load_item
from tasks.office_round import begin_round
from tasks.process_acts import Act, act
from tasks.process_agenda import catch_up
from tasks.rules.process.reasons import Reason

_FIELD = "documents"


@dataclass(frozen=True, slots=True)
class HandedFile:
    """One file as it was sent: for which kind of document, what the sender calls it, its bytes."""

    kind: str
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What came of it: names of files that are no documents (then nothing is kept), or the engine's reasons."""

    refused_names: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()


def hand_over(desk: Desk, item_id: int, actor: str, files: Sequence[HandedFile], now: datetime) -> HandedOver:
    """Keep the files and note their kinds on the item, in one transaction; the bytes lie on the disk before it."""
    bad = tuple(named(file.name) for file in files if not is_document(file.content))
    if bad or not files:
        return HandedOver(refused_names=bad)
    papers = [(file, paper_of(file.kind, file.name, file.content)) for file in files]
    for file, _ in papers:
        keep_file(desk.files, file.content)
    return _note(desk, item_id, actor, papers, now)


def _note(
    desk: Desk, item_id: int, actor: str, papers: Sequence[tuple[HandedFile, NewPaper]], now: datetime
) -> HandedOver:
    said = f"{item_id}:{actor}:" + ":".join(sorted(f"{file.kind}={paper.sha256}" for file, paper in papers))
    number = int(hashlib.sha256(said.encode()).hexdigest()[:15], 16)
    with writing(desk.engine) as connection:
        run = begin_round(connection, desk.office, now)
        catch_up(connection, run, item_id, now)  # what came in before may have brought papers too
        stored = load_item(connection, item_id)
        if _FIELD in run.definition(stored.process, stored.version).fields:
            there = set(stored.item.fields.get(_FIELD) or ())
            sets = {_FIELD: tuple(sorted(there | {file.kind for file, _ in papers if file.kind}))}
            wanted = Act(f"door:{number}", item_id, "changed", actor, "door", sets, is_fact=True)
            acted = act(connection, run, wanted)
            if acted.reasons:
                return HandedOver(reasons=acted.reasons)
        keep_papers(
            connection,
            origin=f"door:{number}",
            actor=actor,
            deal_id=stored.entity_id if stored.entity == "deal" else None,
            subject=stored.title,
            papers=[paper for _, paper in papers],
            at=now,
        )
    return HandedOver()
