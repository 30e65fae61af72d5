"""`python -m deployments.kept_process PID_FILE COMMAND…`: become COMMAND, known by PID_FILE and ending with the parent.

The keeper of our processes can be killed too: then the kernel ends what it started, and what did not listen is found
by its pid file at the next start.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from deployments.processes import die_with_parent, write_pid


def main() -> None:
    """Never returns: the command takes this process over, with its number and start time."""
    pid_file, *argv = sys.argv[1:]
    if sys.platform == "linux":
        die_with_parent()
    write_pid(Path(pid_file), os.getpid())
    os.execv(argv[0], argv)  # noqa: S606 - our own commands, no shell


if __name__ == "__main__":
    main()
