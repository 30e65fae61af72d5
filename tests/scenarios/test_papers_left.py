"""C10, what is left lying: papers that nobody files, originals that nobody brings, papers nobody needs any more."""

from __future__ import annotations

from tests.scenarios.items import command, commanded
from tests.scenarios.orders import manager, stand_at
from tests.scenarios.world import World

PAPERS = "D-000001/collect_documents"
_KINDS = "акт, счёт, договор"
_STAGE = "SELECT stage FROM process_item WHERE process = 'collect_documents'"


async def test_papers_that_nobody_files_are_told_to_the_head(world: World) -> None:
    await stand_at(world, "won")
    await commanded(world, PAPERS, "changed", manager(world), originals=_KINDS)
    world.answer(world.last(manager(world), "Сдать оригиналы", "work_asked"), "готово")
    await world.go_on()
    assert world.one(_STAGE) == "filing"
    task = world.last("anna", "Подшить", "work_asked")
    await world.go_to("2026-11-20 13:00")
    for who in ("anna", "viktor"):
        assert len(world.letters(who, "Подшить", "work_overdue")) == 1
    await commanded(world, PAPERS, "changed", "anna", copies=_KINDS)
    world.answer(task, "готово")
    await world.go_on()
    assert world.one(_STAGE) == "filed"


async def test_missing_originals_are_asked_for_three_times_and_reassigned(world: World) -> None:
    await stand_at(world, "won")
    for count, day in enumerate(("2026-11-24", "2026-12-01", "2026-12-08", "2026-12-15"), start=1):
        await world.go_to(f"{day} 13:00")
        assert len(world.letters(manager(world), "Где оригиналы")) == min(count, 3)
    await world.go_to("2027-01-15 13:00")
    assert world.one(_STAGE) == "stuck"
    assert world.last("viktor", "списать или переназначить")
    assert (await command(world, PAPERS, "reassign", "anna")).counts.get("accepted") is None
    await commanded(world, PAPERS, "reassign", "viktor", closer="anna")
    await world.go_on()
    assert world.one(_STAGE) == "collecting"
    assert world.last("anna", "Сдать оригиналы", "work_asked")


async def test_only_the_head_cancels_the_collecting(world: World) -> None:
    await stand_at(world, "won")
    for who, reason in (("anna", "не нужны"), ("viktor", "")):
        refused = await command(world, PAPERS, "cancel", who, **({"reason": reason} if reason else {}))
        assert refused.counts.get("accepted") is None
    await commanded(world, PAPERS, "cancel", "viktor", reason="не нужны")
    await world.go_on()
    assert world.one(_STAGE) == "waived"
    assert world.open_work("hand_in") == []
