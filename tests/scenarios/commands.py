"""The command line, as an administrator types it in another window."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from deployments.settings import PROJECT


def callout(*words: str) -> Any:
    """What `./callout WORDS --json` prints; it must end well."""
    command = [sys.executable, "-m", "deployments.cli", *words, "--json"]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT, check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)
