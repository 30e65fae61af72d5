"""Every expectation catches its bad row and no other row, whatever else is in the batch."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tasks.gateways.quality_expectations import Suite
from tasks.gateways.quality_gate import gate_rows
from tasks.gateways.quality_suites import CALL_LEGS, GATES, MAIL
from tasks.gateways.quality_tables import TABLES
from tasks.gateways.quality_validation import validate_rows
from tasks.quality import gate_batch
from tasks.rules.gate import GateResult, QualityError, judge_batch
from tests.samples.quality_rows import BREAKS, GOOD, NOON

SUITES = (*GATES.values(), *TABLES)


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
def test_each_expectation_catches_its_row_and_no_other(suite: Suite) -> None:
    good, breaks = GOOD[suite.name], BREAKS[suite.name]
    rows = [good, *(good | change for _, change in breaks), good]
    verdict = judge_batch(rows, validate_rows(suite, rows).findings)
    assert verdict.good == (0, len(rows) - 1)
    for position, (reason, _) in enumerate(breaks, start=1):
        assert any(found.startswith(reason) for found in verdict.bad[position]), verdict.bad[position]


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
def test_no_expectation_is_without_its_bad_row(suite: Suite) -> None:
    promises = [f"{(e.meta or {})['field']} must {(e.meta or {})['must']}" for e in suite.expectations]
    untried = [p for p in promises if not any(p.startswith(reason) for reason, _ in BREAKS[suite.name])]
    assert untried == []


def test_a_row_keeps_all_its_reasons_and_no_values() -> None:
    rows = [GOOD["mail"] | {"from_address": "secret person", "size_bytes": 0}]
    assert gate_rows("mail", rows).bad == {
        0: (
            "from_address must be one mail address unless the mail is a bounce; found text of 13 characters",
            "size_bytes must be 1 or more; found zero",
        )
    }


def test_a_bounce_may_be_signed_by_a_program() -> None:
    assert gate_rows("mail", [GOOD["mail"] | {"verdict": "bounce", "from_address": "MAILER-DAEMON"}]).bad == {}


def test_limits_are_inclusive() -> None:
    rows: list[dict[str, Any]] = [
        GOOD["call_legs"] | {"talk_seconds": 3601},
        GOOD["call_legs"] | {"duration_seconds": 86_400, "talk_seconds": 86_400},
        GOOD["call_legs"]
        | {"disposition": "no_answer", "talk_seconds": 0, "ended_at": GOOD["call_legs"]["started_at"]},
    ]
    assert gate_rows("call_legs", rows).bad == {}
    assert gate_rows("mail", [GOOD["mail"] | {"received_at": NOON + timedelta(days=1), "subject": "я" * 998}]).bad == {}


def test_a_missing_column_refuses_the_whole_batch() -> None:
    row = {name: value for name, value in GOOD["mail"].items() if name != "verdict"}
    with pytest.raises(QualityError, match="'verdict'"):
        gate_rows("mail", [GOOD["mail"], row])


def test_an_unknown_suite_is_refused() -> None:
    with pytest.raises(QualityError, match="no suite 'fax'"):
        gate_rows("fax", [{}])


def test_an_expectation_that_fails_to_run_refuses_the_whole_batch() -> None:
    broken = Suite("mail", dict(MAIL.columns) | {"size_bytes": MAIL.columns["subject"]}, MAIL.expectations, MAIL.derive)
    with pytest.raises(QualityError, match="could not be run"):
        validate_rows(broken, [GOOD["mail"]])


def test_five_thousand_rows_give_the_exact_bad_ones() -> None:
    bad = {7: {"linked_id": ""}, 2_500: {"direction": "up"}, 4_999: {"talk_seconds": -5}}
    rows = [GOOD["call_legs"] | bad.get(position, {}) for position in range(5_000)]
    verdict = gate_rows(CALL_LEGS.name, rows)
    assert set(verdict.bad) == set(bad)
    assert len(verdict.good) == 4_997


def test_a_batch_is_judged_by_itself_not_by_the_one_before() -> None:
    assert gate_rows("mail", [GOOD["mail"] | {"size_bytes": 0}]).bad.keys() == {0}
    assert gate_batch.fn("mail", [GOOD["mail"], GOOD["mail"]], "office") == GateResult((0, 1))
