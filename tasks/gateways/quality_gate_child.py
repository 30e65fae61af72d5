"""The child of tasks.gateways.quality_gate, `FD IDLE_SECONDS`: a suite's name and rows are asked, findings answered."""

from __future__ import annotations

import json
import sys
from dataclasses import astuple
from datetime import datetime
from importlib import import_module
from typing import Any

from tasks.gateways.late_imports import load_late
from tasks.gateways.quality_gate import MOMENT
from tasks.gateways.working_child import serve
from tasks.rules.gate import QualityError


def _answer(frame: bytes) -> bytes:
    question = json.loads(frame, object_hook=_with_moments)
    answer: dict[str, Any]
    try:
        answer = {"findings": _findings(question["suite"], question["rows"])}
    except QualityError as error:
        answer = {"refused": str(error)}
    except Exception as error:  # a value nobody foresaw: the batch is refused, and its text stays out of the log
        answer = {"refused": f"the batch cannot be judged ({type(error).__name__})"}
    return json.dumps(answer).encode()


def _findings(suite: str, rows: list[dict[str, Any]]) -> list[Any]:
    from tasks.gateways.quality_suites import GATES
    from tasks.gateways.quality_validation import validate_rows

    if suite not in GATES:
        raise QualityError(f"there is no suite {suite!r}: use one of {', '.join(GATES)}")
    return [astuple(finding) for finding in validate_rows(GATES[suite], rows).findings]


def _with_moments(found: dict[str, Any]) -> Any:
    return datetime.fromisoformat(found[MOMENT]) if found.keys() == {MOMENT} else found


if __name__ == "__main__":
    load_late("altair", "scipy.stats")
    import_module("tasks.gateways.quality_validation")  # before it says that it is ready
    serve(_answer, float(sys.argv[2]) or None)
