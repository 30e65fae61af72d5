"""What must be in order before a worker polls: our deployments on the server, and no run left open by a dead machine.

A process of its own (`python -m deployments.prepare TIME_ZONE`), so that the supervisor need not carry Prefect.
"""

from __future__ import annotations

import json
import os
import sys

from deployments.apply import apply_deployments
from deployments.reconcile import reconcile_at_start
from tasks.rules.errors import CalloutError


def prepare(time_zone: str) -> dict[str, object]:
    """Apply prefect.yaml and close left-overs on the server of PREFECT_API_URL; what was done, by name."""
    applied = apply_deployments(os.environ, time_zone)
    return {"deployments": len(applied.deployments), "removed": applied.removed, **reconcile_at_start()}


def main() -> int:
    """One JSON line and 0, or one line of what is wrong and its exit code."""
    try:
        print(json.dumps(prepare(sys.argv[1])))
    except CalloutError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
