"""The command line: reads the words, runs the command, and turns what a user can get wrong into one line and a code."""

from __future__ import annotations

import sys

from deployments.cli.output import report_error
from deployments.cli.parser import build_parser
from tasks.rules.errors import CalloutError

INTERRUPTED_EXIT = 130


def main(words: list[str] | None = None) -> int:
    """Run one command; returns its exit code (0 done, 2 usage, 3 office, 4 outside, 5 credentials, 6 store, 7 port)."""
    arguments = build_parser().parse_args(words)
    try:
        return int(arguments.run(arguments))
    except CalloutError as error:
        return report_error(error, as_json=getattr(arguments, "json", False))
    except KeyboardInterrupt:
        return INTERRUPTED_EXIT


if __name__ == "__main__":
    sys.exit(main())
