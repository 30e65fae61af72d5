"""C5: who approves, and what happens when they decline, are late, away, or vote on something that changed."""

from __future__ import annotations

import pytest

from tests.scenarios.orders import CLIENT, confirm_time, manager, stand_at
from tests.scenarios.world import World

_ASKED = """
SELECT p.key FROM work_task t JOIN person p ON p.id = t.person_id
WHERE t.name = 'approval' AND t.state = 'open' ORDER BY p.key
"""


@pytest.mark.parametrize(("kind", "approvers"), [("первичное", {"daria", "olga"}), ("срочное", {"daria"})])
async def test_kind_and_cost_say_who_approves(world: World, kind: str, approvers: set[str]) -> None:
    await stand_at(world, "planning")
    dear = f"вид: {kind}\nпозиция: certificate-iso x 2\nисполнитель: egor\nвремя: 2026-11-19 10:00\nготово"
    world.answer(world.last("daria", wording="work_price"), dear)
    await world.go_on()
    await confirm_time(world)
    assert {who for (who,) in world.rows(_ASKED)} == approvers | {manager(world)}
    assert "130\xa0000,00" in world.last("daria", wording="work_approval").subject


async def test_a_decline_sends_the_order_back_with_its_reason(world: World) -> None:
    await stand_at(world, "approving")
    world.answer(world.last(manager(world), wording="work_approval"), "отклонить: слишком дорого")
    await world.go_on()
    assert world.stage == "planning"
    for who in ("daria", manager(world)):
        assert "слишком дорого" in world.last(who, wording="deal_declined").text
    assert world.open_work("approval") == []
    assert world.open_work("price") == ["price"]


async def test_a_late_approval_is_told_to_the_head(world: World) -> None:
    await stand_at(world, "approving")
    await world.go_to("2026-11-17 15:00")
    assert world.last("viktor", wording="work_overdue")
    assert world.last(manager(world), wording="work_overdue")
    assert world.rows("SELECT status_text FROM deal_course") == [("согласование опаздывает",)]
    assert ("approval", "approval late") in world.rows("SELECT step, what FROM incident")


@pytest.mark.parametrize(("word", "stage"), [("да", "scheduled"), ("нет: не берёмся", "planning")])
async def test_the_head_decides_instead_of_silent_approvers(world: World, word: str, stage: str) -> None:
    if not world.take_up("escalated"):
        await stand_at(world, "approving")
        await world.go_to("2026-11-17 15:00")
        await world.go_to("2026-11-19 12:00")
        assert world.stage == "escalated"
        world.keep("escalated")
    world.answer(world.last("viktor", "решите вместо них"), word)
    await world.go_on()
    assert world.stage == stage
    assert world.open_work("approval") == []
    if stage == "planning":
        assert "не берёмся" in world.last("daria", wording="deal_declined").text


async def test_another_price_voids_the_votes(world: World) -> None:
    await stand_at(world, "approving")
    first = world.last("daria", wording="work_approval")
    world.answer(first, "да")
    await world.go_on()
    world.answer(world.last("daria", wording="work_price"), "позиция: diagnostics x 3")
    await world.go_on()
    assert world.stage == "approving"
    again = world.last("daria", wording="work_approval")
    assert again.mail["Message-ID"] != first.mail["Message-ID"]
    assert len(world.open_work("approval")) == 2, "both are asked again"
    world.answer(world.letters(manager(world), wording="work_approval")[0], "да")  # the letter about the old price
    await world.go_on()
    assert len(world.open_work("approval")) == 2, "that was a vote for another price"
    assert world.last(manager(world), wording="reply_refused")
    with world.door() as client:
        page = client.get(first.links[-1])
        assert page.status_code == 200
        assert 'name="choice"' not in page.text, "the old link decides nothing"
    for who in ("daria", manager(world)):
        world.answer(world.last(who, wording="work_approval"), "да")
    await world.go_on()
    assert world.stage == "scheduled"


async def test_another_time_is_agreed_and_approved_again(world: World) -> None:
    await stand_at(world, "approving")
    world.answer(world.last("daria", wording="work_approval"), "время: 2026-11-20 12:00")
    await world.go_on()
    assert world.stage == "agreeing"
    assert world.open_work("approval") == []
    assert "20.11.2026 12:00" in world.last(CLIENT, wording="work_time_agreed").subject


async def test_a_vote_counts_once(world: World) -> None:
    await stand_at(world, "approving")
    letter = world.last("daria", wording="work_approval")
    world.answer(letter, "да")
    world.answer(letter, "да, согласована")
    await world.go_on()
    assert world.stage == "approving", "one person's two answers are one vote"
    votes = "SELECT count(*) FROM approval a JOIN work_task t ON t.id = a.work_task_id WHERE t.name = 'approval'"
    assert world.one(votes) == 1


async def test_the_substitute_of_an_absent_approver_votes(world: World) -> None:
    """D7: an absence written down by a form takes open work to the substitute."""
    await stand_at(world, "approving")
    away = manager(world)
    other = {"maria": "mikhail", "mikhail": "maria"}[away]
    written = await world.run(
        "flows.acts.register_absence",
        "RegisterAbsenceRequest",
        who="viktor",
        person=away,
        substitute=other,
        first_day="2026-11-17",
        last_day="2026-11-18",
        kind="sick",
    )
    assert written.counts["absences"] == 1
    await world.go_on()
    assert {who for (who,) in world.rows(_ASKED)} == {"daria", other}
    assert world.last(away, wording="work_withdrawn")
    for who in ("daria", other):
        world.answer(world.last(who, wording="work_approval"), "да")
    await world.go_on()
    assert world.stage == "scheduled"
