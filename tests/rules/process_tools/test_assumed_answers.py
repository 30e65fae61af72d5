"""A file of assumed answers: by work or role; every mistake is one line that says where."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.rules.errors import UsageError
from tasks.rules.process_tools.assumed import read_assumed
from tasks.rules.process_tools.backtest import Usual
from tests.rules.process_tools.office_processes import definition, raw


def test_answers_by_work_and_by_role() -> None:
    said = {"answers": {"approval": {"answer": "approve", "after": "30m"}, "head": {"answer": "done", "after": "1d"}}}
    found = read_assumed(said, definition(raw("service")))
    assert found == {"work:approval": Usual("approve", 1800), "task:head": Usual("done", 86_400)}


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        (None, "holds `answers:`"),
        ({"aproval": {"answer": "approve", "after": "1h"}}, "did you mean 'approval'"),
        ({"approval": "approve"}, "answers.approval: write"),
        ({"approval": {"answer": "aprove", "after": "1h"}}, "did you mean 'approve'"),
        ({"approval": {"answer": "approve", "after": "soon"}}, "answers.approval.after"),
    ],
)
def test_mistakes_are_told(answers: Any, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        read_assumed({"answers": answers}, definition(raw("service")))
