"""`./callout bench corpus [--folder F]`: what the mail rules make of real mail whose meaning is known, in one table.

The corpus is not part of the project: F holds messages of other projects' test suites and `expectations.jsonl`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from deployments.settings import PROJECT
from tests.bench import corpus_messages, corpus_replies
from tests.bench.corpus_messages import Row

_DEFAULT_FOLDER = PROJECT.parent / "shared" / "corpus" / "mail"


def main() -> int:
    """Measure and print; 0 when measured, 2 when there is no corpus."""
    parser = argparse.ArgumentParser(prog="./callout bench corpus", description=__doc__)
    parser.add_argument("--folder", type=Path, default=_DEFAULT_FOLDER, help="where the corpus lies")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--misses", action="store_true", help="name what is not right, file by file")
    arguments = parser.parse_args()
    if not (arguments.folder / "expectations.jsonl").is_file():
        print(
            f"no corpus: {arguments.folder} has no expectations.jsonl; name its folder with --folder", file=sys.stderr
        )
        return 2
    rows = corpus_messages.rows(arguments.folder) + corpus_replies.rows(arguments.folder)
    print(_as_json(rows) if arguments.json else _table(rows))
    if arguments.misses:
        _print_misses(arguments.folder)
    return 0


def _as_json(rows: Sequence[Row]) -> str:
    figures = [
        {"measure": measure, "right": right, "total": total, "share": _share(right, total), "aim": aim}
        for measure, right, total, aim in rows
    ]
    return json.dumps(figures, ensure_ascii=False, indent=2)


def _table(rows: Sequence[Row]) -> str:
    width = max(len(measure) for measure, *_ in rows)
    lines = [f"{'measure':{width}}  right  total       %    aim"]
    for measure, right, total, aim in rows:
        share = _share(right, total)
        aimed = f"{100 * aim:5.1f}{'' if share >= aim else '  below'}" if aim else "    –"
        lines.append(f"{measure:{width}}  {right:5}  {total:5}  {100 * share:6.2f}  {aimed}")
    return "\n".join(lines)


def _share(right: int, total: int) -> float:
    return right / total if total else 0.0


def _print_misses(folder: Path) -> None:
    for one in corpus_messages.judged_mails(folder):
        wrong = [measure for measure, is_right in corpus_messages.measures(one) if not is_right]
        if wrong:
            said = one.error or (f"{one.verdict.kind}: {one.verdict.reason}" if one.verdict else "unreadable")
            print(f"{one.file}: {', '.join(wrong)} ({said})")


if __name__ == "__main__":
    raise SystemExit(main())
