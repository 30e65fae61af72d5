"""What a person or a script reads from a command."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from tasks.rules.errors import CalloutError, OfficeError
from tasks.rules.summary import RunSummary


def print_summary(summary: RunSummary, *, as_json: bool) -> None:
    """A run's counts, remarks and files: one JSON object, or lines for people."""
    if as_json:
        print(json.dumps(asdict(summary), ensure_ascii=False))
        return
    print(f"{summary.flow}: {describe_counts(summary.counts)}")
    for note in summary.notes:
        print(f"  ! {note}")
    for file in summary.files:
        print(f"  → {file}")


def describe_counts(counts: dict[str, int]) -> str:
    """'3 leads, 12 activities'; 'nothing to do' when every count is nought."""
    said = [f"{count} {name.replace('_', ' ')}" for name, count in counts.items() if count]
    return ", ".join(said) or "nothing to do"


def report_error(error: CalloutError, *, as_json: bool) -> int:
    """Say what is wrong and return the exit code; an office folder's problems are all listed."""
    problems = error.problems if isinstance(error, OfficeError) else [str(error)]
    if as_json:
        print(json.dumps({"error": str(error), "problems": problems, "exit_code": error.exit_code}, ensure_ascii=False))
    for problem in problems:
        print(f"callout: {problem}", file=sys.stderr)
    return error.exit_code
