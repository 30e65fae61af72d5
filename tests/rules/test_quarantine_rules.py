"""What may be decided about a row in quarantine."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tasks.rules.errors import UsageError
from tasks.rules.mail_correction import Correction
from tasks.rules.quarantine import Decision, HeldRow, check_form, refusal, state_after

NOW = datetime(2026, 11, 17, 9, tzinfo=UTC)
MAIL = HeldRow(1, "mail", "intake:7", "spam", "", NOW, "held")
LINE = HeldRow(2, "pbx", "Master.csv:3", "x", "x", NOW, "held")
FIXED = Correction("a@example.com")


@pytest.mark.parametrize(
    ("decision", "rows", "who", "correction", "note", "says"),
    [
        ("release", (), "olga", Correction(), "", "which rows"),
        ("release", (1,), " ", Correction(), "", "who decides"),
        ("release", (1,), "olga", FIXED, "", "belong to the decision fix"),
        ("fix", (1,), "olga", Correction(), "x", "what is corrected"),
        ("reject", (1,), "olga", Correction(), " ", "give a note"),
    ],
)
def test_a_form_that_says_too_little(
    decision: Decision, rows: tuple[int, ...], who: str, correction: Correction, note: str, says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        check_form(decision, rows, who, correction, note)


def test_forms_that_say_enough() -> None:
    check_form("release", (1,), "olga", Correction(), "")
    check_form("fix", (1,), "olga", FIXED, "")
    check_form("reject", (1,), "olga", Correction(), "an advertisement")


@pytest.mark.parametrize(
    ("row", "decision", "is_refused"),
    [
        (MAIL, "release", False),
        (MAIL, "fix", False),
        (MAIL, "reject", False),
        (LINE, "release", False),
        (LINE, "fix", True),
        (replace(LINE, source="process", row_key="lead:1"), "release", False),
        (replace(LINE, source="process", row_key="lead:1"), "reject", True),
        (replace(LINE, source="outbox"), "release", True),
        (replace(LINE, source="outbox"), "reject", False),
        (replace(MAIL, state="released", decided_by="person:1"), "reject", True),
    ],
)
def test_what_each_kind_of_row_allows(row: HeldRow, decision: Decision, is_refused: bool) -> None:
    assert bool(refusal(row, decision)) == is_refused


def test_ends_and_mail_ids() -> None:
    assert [state_after(one) for one in ("release", "fix", "reject")] == ["released", "released", "rejected"]
    assert (MAIL.intake_id, LINE.intake_id, replace(MAIL, row_key="intake:x").intake_id) == (7, 0, 0)
