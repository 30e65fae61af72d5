"""G6: a changed file is tried on the day just played; the present one reproduces it exactly."""

from __future__ import annotations

import json
from pathlib import Path

from tests.scenarios.commands import callout
from tests.scenarios.orders import stand_at
from tests.scenarios.world import World

_DAY = ["--from", "2026-11-17", "--to", "2026-11-17"]


async def test_a_changed_file_is_tried_on_the_day_just_played(world: World, tmp_path: Path) -> None:
    """From version 3 on the operator approves every first order: what would have been different?"""
    await stand_at(world, "won")
    text = (world.office / "processes" / "service.yaml").read_text("utf-8")
    changed = tmp_path / "service.yaml"
    before = "      - {ask: [dispatcher, manager]}\n"
    assert before in text
    changed.write_text(text.replace(before, "      - {ask: [dispatcher, manager, operator]}\n"), "utf-8")
    rows_before = world.one("SELECT count(*) FROM event")
    said = callout("backtest", str(changed), *_DAY)
    assert said["unproved"] == 0, "the engine reproduces what was recorded"
    assert [one["is_same"] for one in said["items"]] == [False]
    assert "approval" in json.dumps(said["unanswered"]), "nobody had asked the operator"
    assert world.one("SELECT count(*) FROM event") == rows_before, "nothing is written"
    assert [one["is_same"] for one in callout("backtest", "service", *_DAY)["items"]] == [True], (
        "the present file changes nothing"
    )


async def test_the_day_is_proved(world: World) -> None:
    await stand_at(world, "won")
    days = {"first_day": "2026-11-17", "last_day": "2026-11-17"}
    proof = await world.run("flows.proof.prove_processes", "ProveRequest", **days)
    assert not proof.counts.get("differences"), proof.notes
    assert sum(proof.counts.values()) > 0
