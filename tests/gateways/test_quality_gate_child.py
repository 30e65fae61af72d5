"""The gate works in a process of its own: it says what the library says here, and its failure refuses the batch."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from tasks.gateways import quality_gate
from tasks.gateways.quality_gate import Gate, gate_rows
from tasks.gateways.quality_suites import GATES
from tasks.gateways.quality_validation import validate_rows
from tasks.rules.gate import QualityError, judge_batch
from tests.samples.quality_rows import BREAKS, GOOD, NOON

MAIL = GOOD["mail"]
ODD_VALUES: tuple[Any, ...] = (
    None, "", "7", "\udc80\x00", True, float("nan"), float("inf"), Decimal("1.5"), 10**30, -1, b"x",
    NOON.replace(tzinfo=None), NOON.replace(microsecond=5), "2026-11-17", "nonsense",
)  # fmt: skip


@pytest.fixture
def make_gate() -> Iterator[Callable[..., Gate]]:
    made: list[Gate] = []

    def make(**limits: float) -> Gate:
        made.append(Gate(**limits))
        return made[-1]

    yield make
    for gate in made:
        gate.close()


@pytest.mark.parametrize("name", GATES)
def test_the_child_finds_what_the_library_finds_here(name: str) -> None:
    rows = [GOOD[name], *(GOOD[name] | change for _, change in BREAKS[name])]
    rows += [GOOD[name] | {column: odd} for column in GOOD[name] for odd in ODD_VALUES]
    assert gate_rows(name, rows) == judge_batch(rows, validate_rows(GATES[name], rows).findings)


def test_a_value_of_no_known_type_is_one_bad_row() -> None:
    verdict = gate_rows("mail", [MAIL, MAIL | {"received_at": object()}, MAIL])
    assert verdict.good == (0, 2)
    assert verdict.bad.keys() == {1}


def test_what_the_library_cannot_take_refuses_the_batch_without_telling_it() -> None:
    with pytest.raises(QualityError, match=r"^the batch cannot be judged \(TypeError\)$"):
        gate_rows("mail", [MAIL] * 60 + [MAIL | {"received_at": ["secret"]}])


def test_an_intake_imports_no_library_of_tables() -> None:
    code = (
        "import sys, flows.intake, flows.calls; from tasks.quality import gate_batch;"
        "from tasks.gateways.quality_gate import GATE; from tasks.rules.gate import GateResult;"
        "assert gate_batch.fn('mail', [], 'office') == GateResult(); assert GATE.child_pid is None;"
        "assert not {'great_expectations', 'pandas', 'numpy', 'sklearn'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_child_killed_between_batches_is_replaced() -> None:
    bad = MAIL | {"size_bytes": 0}
    assert gate_rows("mail", [bad, MAIL]).good == (1,)
    os.kill(quality_gate.GATE.child_pid or 0, signal.SIGKILL)
    assert gate_rows("mail", [bad, MAIL]).good == (1,)


def test_a_child_that_says_nothing_refuses_the_batch(make_gate: Callable[..., Gate]) -> None:
    gate = make_gate(seconds_per_batch=0.2)
    with pytest.raises(QualityError, match=r"takes more than 0\.2 s"):
        gate.judge("mail", [MAIL] * 50_000)
    assert gate.child_pid is None


@pytest.mark.parametrize(
    ("module", "reason"),
    [("tests.samples.no_such_module", "does not start"), ("tests.samples.mortal_child", "ended over a batch")],
)
def test_a_child_that_cannot_work_refuses_the_batch(
    monkeypatch: pytest.MonkeyPatch, make_gate: Callable[..., Gate], module: str, reason: str
) -> None:
    monkeypatch.setattr(quality_gate, "_MODULE", module)
    with pytest.raises(QualityError, match=reason):
        make_gate().judge("mail", [MAIL])
