"""The outbox on both engines: planned once, sent once, and nothing lost or doubled when a sender is killed."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from sql import schema
from tasks.desk import Desk
from tasks.gateways.claim_holder import claim_mark, is_holder_gone
from tasks.gateways.store.connection import writing
from tasks.gateways.store.sending import claim_due, release
from tasks.outbox import look_at_outbox
from tasks.rules.brakes import brake_rules
from tasks.rules.errors import OutsideError
from tasks.rules.outgoing import Notice
from tests.samples.post_office import Post
from tests.samples.waiting import wait_for
from tests.tasks.outbox_at_work import NOW, dispatch, notice, plan, rows, start_dispatcher, states

MINUTE = timedelta(minutes=1)


def test_a_key_is_planned_once_with_its_bytes(desk: Desk) -> None:
    assert plan(desk, notice("anna", 1), notice("anna", 1), notice("anna", 2)) == 2
    before = rows(desk)
    assert plan(desk, notice("anna", 2), notice("anna", 3), now=NOW + MINUTE) == 1
    assert rows(desk)[:2] == before
    assert all(row.message_id.endswith("@north-service.example>") for row in rows(desk))


def test_a_wording_that_fails_stops_only_itself_until_put_right(desk: Desk) -> None:
    bad = notice("boris", 2, wording="broken")
    assert plan(desk, notice("anna", 1), bad, notice("anna", 3)) == 2
    (held,) = rows(desk, schema.quarantine_row)
    assert (held.source, held.row_key, held.state) == ("outbox", "boris:2", "held")
    assert "broken.txt.j2:4: 'nobody' is undefined" in held.reason
    file = Path(desk.office.templates) / "ru" / "broken.txt.j2"
    file.write_text("Subject: x\n\n{{ text }}", encoding="utf-8")
    assert plan(desk, bad) == 1
    assert rows(desk, schema.quarantine_row)[0].state == "released"


async def test_what_is_due_is_sent_once(desk: Desk, post: Post) -> None:
    plan(desk, *(notice("anna", n) for n in range(120)))
    plan(desk, notice("anna", 900), now=NOW + MINUTE)
    assert await dispatch(desk) == {"sent": 120}
    assert await dispatch(desk) == {}
    assert post.connections == 8
    assert set(post.counts.values()) == {1}
    assert set(post.accepted) == {row.message_id for row in rows(desk)[:120]}
    assert look_at_outbox.fn(desk).waiting == 1
    kinds = [row.kind for row in rows(desk, schema.event)]
    assert kinds == ["mail.sent"] * 120


async def test_not_before_is_kept(desk: Desk) -> None:
    later = Notice("k", "notice", notice("anna").to, "note", {"text": ""}, "deal", 1, NOW + MINUTE)
    plan(desk, later)
    assert await dispatch(desk) == {}
    assert await dispatch(desk, NOW + MINUTE) == {"sent": 1}


async def test_every_answer_has_its_state(desk: Desk, post: Post) -> None:
    names = ("gone", "never", "busy", "full", "drop-at-data", "drop-after-dot", "anna")
    plan(desk, *(notice(name, 1) for name in names), notice("drop-after-dot", 2, policy="ask"))
    await dispatch(desk)
    assert states(desk) == {
        "gone:1": "refused",
        "never:1": "refused",
        "busy:1": "retry",
        "full:1": "retry",
        "drop-at-data:1": "retry",
        "drop-after-dot:1": "retry",
        "drop-after-dot:2": "ambiguous",
        "anna:1": "sent",
    }
    attempts = {row.outbox_id: (row.result, row.reply_code) for row in rows(desk, schema.outbox_attempt)}
    assert [attempts[number] for number in sorted(attempts)] == [
        ("refused", 550),
        ("refused", 554),
        ("retry", 451),
        ("retry", 452),
        ("in_doubt", None),
        ("in_doubt", None),
        ("sent", 250),
        ("in_doubt", None),
    ]
    left = look_at_outbox.fn(desk)
    assert (left.waiting, left.ambiguous) == (4, (8,))
    assert "outbox 8" in left.notes[0]


async def test_back_off_then_refused(desk: Desk) -> None:
    plan(desk, notice("busy"))
    tried = []
    for minute in range(120):
        if await dispatch(desk, NOW + minute * MINUTE):
            tried.append(minute)
    assert tried == [0, 1, 6, 21, 81]
    assert states(desk) == {"busy:0": "refused"}


async def test_a_server_that_is_not_there_counts_no_attempt(desk: Desk, post: Post) -> None:
    plan(desk, notice("anna", 1), notice("anna", 2))
    post.refuse_sender = True
    with pytest.raises(OutsideError, match="takes no mail from us"):
        await dispatch(desk)
    assert {(row.state, row.attempt_count, row.claimed_by) for row in rows(desk)} == {("planned", 0, None)}
    assert rows(desk, schema.outbox_attempt) == []
    post.refuse_sender = False
    assert await dispatch(desk) == {"sent": 2}


async def test_two_dispatchers_at_once(desk: Desk, post: Post) -> None:
    plan(desk, *(notice("anna", n) for n in range(160)))
    totals = await asyncio.gather(dispatch(desk), dispatch(desk))
    assert sum(total.get("sent", 0) for total in totals) == 160
    assert set(post.counts.values()) == {1}
    assert len(post.counts) == 160


async def test_a_lost_claim_is_not_sent(desk: Desk, post: Post) -> None:
    plan(desk, notice("anna", 1))
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    with writing(desk.engine) as connection:
        rules = brake_rules(desk.office)
        assert len(claim_due(connection, claim_mark(), NOW, datetime.now(UTC), 50, rules).mails) == 1
    assert await dispatch(desk) == {}
    with writing(desk.engine) as connection:
        connection.execute(sa.update(schema.outbox).values(claimed_until=long_ago))
        assert release(connection, "another") == 0
    assert await dispatch(desk) == {"sent": 1}
    assert set(post.counts.values()) == {1}


def test_holders() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    host, _, start = claim_mark().removeprefix("process:").partition("#")[0].rsplit("/", 2)
    theirs = f"process:{host}/{child.pid}/{start}#1"
    assert is_holder_gone(theirs)
    assert not is_holder_gone(claim_mark())
    assert not is_holder_gone(f"process:another-{host}/{child.pid}/{start}#1")
    child.communicate(b"\n", timeout=20)


async def test_a_killed_sender_leaves_nothing_lost_and_nothing_doubled(desk: Desk, post: Post) -> None:
    plan(desk, *(notice("anna", n) for n in range(20)))
    plan(desk, notice("hold", 20), notice("hold-and-ask", 21, policy="ask"))
    plan(desk, *(notice("boris", n) for n in range(22, 60)))
    held = {row.message_id for row in rows(desk) if row.recipient.startswith("hold")}
    await asyncio.to_thread(_kill_while_held, desk, post, held)
    await dispatch(desk)
    assert await dispatch(desk) == {}
    found = {row.key: row for row in rows(desk)}
    assert {row.state for key, row in found.items() if key != "hold-and-ask:21"} == {"sent"}
    assert found["hold-and-ask:21"].state == "ambiguous"
    assert set(post.counts) == {row.message_id for row in found.values()}
    attempts = {row.message_id: row.attempt_count for row in found.values()}
    assert post.counts[found["hold:20"].message_id] == 2
    assert all(count <= attempts[message_id] for message_id, count in post.counts.items())
    sent = [row.outbox_id for row in rows(desk, schema.outbox_attempt) if row.result == "sent"]
    assert len(sent) == len(set(sent)) == 59


def _kill_while_held(desk: Desk, post: Post, held: set[str]) -> None:
    """kill -9 of a dispatcher while the server has taken `held` and keeps its answers to itself."""
    child = start_dispatcher(desk)
    try:
        wait_for(lambda: held <= set(post.accepted), 60)
    finally:
        child.kill()
        child.wait()
