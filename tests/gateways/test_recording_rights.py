"""Recordings found by lead and order, and grants that stand once, on both engines."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from sql import schema
from tasks.gateways.store.connection import reading, writing
from tasks.gateways.store.leads import NewLead, create_leads
from tasks.gateways.store.recording_rights import (
    close_recording,
    find_recording,
    list_recordings,
    open_recording,
    recordings_of_deal,
    recordings_of_lead,
)
from tasks.gateways.store.recordings import NewRecording, note_recordings
from tests.samples.recorded_calls import NOON, put_call


def _recording(engine: sa.Engine, name: str, **call: Any) -> int:
    call_id = put_call(engine, name, **call)
    with writing(engine) as connection:
        note_recordings(connection, [NewRecording(call_id, "pbx", name, NOON, "waiting")], NOON)
    return call_id


def _deal(connection: sa.Connection, number: int, lead_id: int | None, contact_id: int) -> None:
    times = {"stage_entered_at": NOON, "created_at": NOON}
    row = {"id": number, "number": f"D-{number}", "pipeline": "service", "stage": "work", "contact_id": contact_id}
    connection.execute(sa.insert(schema.deal).values(row | times | {"lead_id": lead_id}))


def test_by_lead_and_by_order(engine: sa.Engine) -> None:
    with writing(engine) as connection:
        lead = NewLead("call:1", "call", "A call", "", None, "+79000000501", "ru", None, NOON, NOON)
        create_leads(connection, [lead])
        lead_id = connection.scalar(sa.select(sa.func.max(schema.lead.c.id)))
        [contact_id] = connection.execute(
            sa.insert(schema.contact).values(name="Anna", created_at=NOON)
        ).inserted_primary_key or (0,)
        _deal(connection, 1, lead_id, contact_id)
        _deal(connection, 2, None, contact_id)
    _recording(engine, "lead.wav", lead_id=lead_id)
    later = _recording(engine, "order.wav")
    other = _recording(engine, "other.wav")
    activity = {"kind": "call", "direction": "in", "at": NOON}
    with writing(engine) as connection:
        for deal_id, call_id in ((1, later), (2, other)):
            row = activity | {"origin_key": f"call:{call_id}", "deal_id": deal_id}
            connection.execute(sa.insert(schema.activity).values(row))
        mail = activity | {"origin_key": "mail:99", "kind": "mail", "deal_id": 2}
        connection.execute(sa.insert(schema.activity).values(mail))
    with reading(engine) as connection:
        assert lead_id is not None
        found = [recordings_of_lead(connection, lead_id), *(recordings_of_deal(connection, one) for one in (1, 2, 3))]
        assert [[one.recording_id for one in each] for each in found] == [[1], [2, 1], [3], []]
        assert [one.recording_id for one in list_recordings(connection, later, "waiting", 9)] == [2]
        assert list_recordings(connection, later, "kept", 9) == []
        assert len(list_recordings(connection, 0, "", 2)) == 2


def test_a_grant_stands_once_and_can_be_given_again(engine: sa.Engine) -> None:
    _recording(engine, "a.wav")
    with writing(engine) as connection:
        said = [open_recording(connection, 1, "person:7", "why", "person:1", NOON) for _ in range(2)]
        said += [close_recording(connection, 1, "person:7", "person:1", NOON) for _ in range(2)]
        said += [open_recording(connection, 1, grantee, "why", "person:1", NOON) for grantee in ("role:a", "person:7")]
        assert said == [True, False, True, False, True, True]
    with reading(engine) as connection:
        found = find_recording(connection, 1)
        assert found is not None
        assert found.grantees == ("person:7", "role:a")
        assert find_recording(connection, 2) is None
